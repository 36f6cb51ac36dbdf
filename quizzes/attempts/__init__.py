"""Attempts: what was drawn, the journal of answers with its receipts, and the marks at the close."""
