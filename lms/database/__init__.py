"""The database: the model base, column types, and the two ways to open it, `transaction()` and `reading()`."""
