"""The booklet as an e-book: `write` gives the bytes of an EPUB 3.3 file."""

from courses.booklet.epub.writing import write

__all__ = ["write"]
