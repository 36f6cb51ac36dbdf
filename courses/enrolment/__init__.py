"""Who takes a course."""
