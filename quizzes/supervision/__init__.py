"""What a trainer does while people answer, and after: more time and tries, receipts, answers that came late."""
