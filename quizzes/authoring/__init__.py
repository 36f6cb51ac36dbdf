"""The trainer's room for quizzes: see the questions of a quiz, edit one, preview it, publish it, retire it."""
