"""Results: what an attempt came to, explained question by question."""
