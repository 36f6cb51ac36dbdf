"""The bank: quizzes, their questions, and the immutable versions of each question."""
