"""Countries and territories of ISO 3166-1, with their names in a language."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """The officially assigned elements of ISO 3166-1 alpha-2, as the time zone database lists them."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line[:2] for line in table.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=32)
def names(language: str) -> tuple[tuple[str, str], ...]:
    """Every code with its name in ``language`` (BCP 47; English where there is none), in the order of the names."""
    territories = _locale(language).territories
    english = Locale.parse("en").territories
    named = ((code, str(territories.get(code) or english.get(code) or code)) for code in codes())
    return tuple(sorted(named, key=lambda pair: _order(pair[1])))


def name(code: str | None, language: str) -> str:
    """The name of one country in ``language``; empty for None, the code itself for one that is not in the standard."""
    return dict(names(language)).get(code, code) if code else ""


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


def _order(text: str) -> str:
    # "Åland" stands beside "Albania", where a person looks for it.
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).casefold()
