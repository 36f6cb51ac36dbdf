"""Receipts: a short code for each stored answer, which only we can make and which fits only that answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache

from quizzes.attempts.models import RECEIPT_LETTERS

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # https://www.crockford.com/base32.html: no I, L, O, U
_BITS = 5 * RECEIPT_LETTERS
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@lru_cache(maxsize=8)
def receipt_key(secret: str) -> bytes:
    """Return the key for receipts; what signs cookies signs nothing else."""
    return hmac.new(secret.encode(), b"lantern answer receipts, version 1", hashlib.sha256).digest()


def receipt(
    key: bytes, *, attempt_id: int, position: int, client: str, counter: int, answer: Mapping[str, object]
) -> str:
    """Return the receipt of one answer: the first 40 bits of its HMAC-SHA256 in Crockford's base 32."""
    event = _write([attempt_id, position, client, counter, answer])
    digest = hmac.digest(key, event.encode(), "sha256")
    bits = int.from_bytes(digest[: _BITS // 8], "big")
    return "".join(_CROCKFORD[bits >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def shown(receipt: str) -> str:
    """Return a receipt as people read it: 7KQ4-M2XX."""
    return f"{receipt[:4]}-{receipt[4:]}"


def typed(text: str) -> str:
    """Return the receipt that somebody meant who typed it: no hyphens, no blanks, no letters that look like digits."""
    plain = text.upper().translate(str.maketrans("OIL", "011", "- \t"))
    return plain[:RECEIPT_LETTERS]
