"""Figures about the questions of a quiz, from facts that are kept up to date, with words of advice."""
