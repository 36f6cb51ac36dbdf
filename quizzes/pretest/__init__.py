"""The pre-test: a question for each module before the course and again at its end, to see what one gained."""
