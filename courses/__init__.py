"""Courses and lessons: outline, content packages, enrolment, learning and progress."""
