"""The web's edge: who asks, in which language, what they may open, and how pages, forms and errors are made."""
