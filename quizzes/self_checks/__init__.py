"""Questions of the quizzes' kinds as self-checks in lessons."""
