"""Trainers and their courses."""
