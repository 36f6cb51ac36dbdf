"""Change a key for answers that were given already: see what follows, then apply it or leave it."""
