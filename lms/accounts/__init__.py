"""People: accounts, signing in and out, e-mail addresses, passwords and roles."""
