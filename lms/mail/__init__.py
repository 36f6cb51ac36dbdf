"""The outbox: a message is a row of the transaction that it tells of, and is sent at most once by itself."""
