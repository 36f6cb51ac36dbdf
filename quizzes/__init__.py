"""Questions, attempts and marks.

`question_types` and `marking` are values in, values out; `bank` keeps questions and their versions; `attempts` keeps
what people answered and what it came to; `results` explains it to them. `activity` ties a quiz to its place in a
course.
"""
