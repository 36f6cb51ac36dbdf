"""What a course is made of: parts, modules, lessons and activities, in their order."""
