"""Answers in one's own words: trainers mark them one after the other, without knowing whose they are."""
