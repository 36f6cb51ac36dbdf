"""Self-checks: the questions that stand in lessons, for practice, and what people answered to them."""
