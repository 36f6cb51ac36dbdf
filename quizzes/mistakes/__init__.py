"""Mistakes: the questions of a course that a person missed, asked again when they are about to be forgotten."""
