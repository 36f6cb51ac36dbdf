"""From a bank to a list of questions (`drawing`), from marks to an outcome (`rules`), and when a question comes again
(`spacing`): pure functions."""
