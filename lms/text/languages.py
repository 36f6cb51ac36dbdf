"""The languages that a person can name as theirs."""

from __future__ import annotations

# Interface and lessons fall back to English, text by text, where no translation is there; numbers are read and written
# as the language does.
PERSON_LANGUAGES = ("ar", "en", "es", "fr", "pt", "ru", "sw", "zh")
