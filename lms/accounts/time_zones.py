"""Time zones to choose from: those of the IANA list that have a place, in groups as people look for them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

UTC = "UTC"


@lru_cache(maxsize=1)
def by_region() -> dict[str, tuple[tuple[str, str], ...]]:
    """Region ("Africa") → its zones as (name, place): ("Africa/Nairobi", "Nairobi"); UTC stands first, for itself."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(names() - {UTC}):
        region, _, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return {UTC: ((UTC, UTC),), **{region: tuple(zones) for region, zones in sorted(regions.items())}}


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """The names of all zones that can be chosen."""
    # zone.tab has one line a zone that people live in, and none of the old names that only mean another one.
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return frozenset({UTC, *(fields[2] for fields in lines)})
