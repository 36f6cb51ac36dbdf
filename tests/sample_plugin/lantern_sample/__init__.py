"""A whole plugin for Lantern in small: a wall of thanks, and questions that ask how sure one is."""
