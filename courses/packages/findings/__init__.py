"""What a course that can be read could do better, by family: `lms course check` prints it with file and line."""
