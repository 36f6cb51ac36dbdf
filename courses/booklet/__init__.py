"""The booklet: a whole course as a PDF to print and an EPUB to carry, from the same package as its pages."""

from __future__ import annotations

from collections.abc import Mapping

FORMATS: Mapping[str, str] = {"pdf": "application/pdf", "epub": "application/epub+zip"}
"""Each format with its media type."""

MAKING = 2
"""Raise this when the same package gives another booklet than before; who keeps booklets then makes them anew."""
