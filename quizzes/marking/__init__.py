"""From a bank to a list of questions (`drawing`), and from marks to an outcome (`rules`): pure functions."""
