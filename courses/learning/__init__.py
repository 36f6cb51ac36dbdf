"""Reading, marking as done, progress, and why a certificate is or is not yet there."""
