"""Marking: from marks to an outcome, by pure functions in `rules`."""
