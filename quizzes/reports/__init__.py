"""Results for trainers: of each person, of each objective, each try as it was seen, and everything as a file."""
