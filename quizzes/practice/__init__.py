"""Practice: the same questions without a mark, one by one, each explained at once."""
