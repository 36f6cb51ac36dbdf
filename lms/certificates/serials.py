"""Serials of certificates: 128 random bits, written so that people can read them out and type them in."""

from __future__ import annotations

import re
import secrets
import unicodedata

# Crockford's base32 (https://www.crockford.com/base32.html): no I, L, O, U; read without regard to case.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26  # 26 × 5 bits hold 128, so the first character is at most 7

_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-_.\u00ad\u2010-\u2015\u2212]+")
_SERIAL = re.compile(f"[0-7][{ALPHABET}]{{{LENGTH - 1}}}")
_LONGEST_INPUT = 200


def new_serial() -> str:
    """A new serial of 26 characters, drawn from the system's generator and from nothing else."""
    return _written(secrets.randbits(128))


def grouped(serial: str) -> str:
    """A serial as people read it: ``4XQ2-81GZ-…``, groups of four and a last one of two."""
    return "-".join(serial[start : start + 4] for start in range(0, len(serial), 4))


def read_serial(text: str) -> str | None:
    """The serial that somebody typed, as it is stored; None if it cannot be one.

    Spaces, dashes, small and full-width letters do not matter, nor O for 0, I or L for 1.
    """
    if len(text) > _LONGEST_INPUT:
        return None
    typed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_LOOK_ALIKES)
    return typed if _SERIAL.fullmatch(typed) else None


def _written(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
