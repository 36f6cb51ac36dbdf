"""What a course is made of: parts, modules, lessons and activities, in their order."""

PRETEST = "pretest"
"""The id of a course's pre-test, its kind of activity, and the slug of the module of no part that holds it."""
