"""Worksheets: forms of one or two pages that people fill on the screen or on paper, and hand in."""
