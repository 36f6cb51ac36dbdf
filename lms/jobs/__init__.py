"""Jobs: work is a row written in the same transaction as its cause; Huey only wakes the worker."""
