"""Licences as people read them."""

from __future__ import annotations

import re

_CREATIVE_COMMONS = re.compile(r"CC(0|-BY(?:-(?:NC|ND|SA))*)-(\d\.\d)")


def licence_words(licence: str) -> str:
    """The name of a licence in words: “CC BY 4.0” for the SPDX id CC-BY-4.0; another one stands as it is."""
    found = _CREATIVE_COMMONS.fullmatch(licence)
    return f"CC{found[1].replace('-', ' ', 1)} {found[2]}" if found else licence
