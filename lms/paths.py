"""Where Lantern's own files lie: beside the packages in a checkout, inside ``lms/_bundle`` in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def _shipped(name: str) -> Path:
    # An editable install can leave a stale copy in _bundle, so the checkout goes first.
    beside = CHECKOUT / name
    if (CHECKOUT / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    return PACKAGE / "_bundle" / name


TEMPLATES = _shipped("templates")
MIGRATIONS = _shipped("migrations")
STATIC = PACKAGE / "static"
TRANSLATIONS = PACKAGE / "translations"
