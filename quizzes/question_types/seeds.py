"""Chance that can be repeated: everything drawn for a participant follows from a seed and a keyed hash.

A keyed hash and not ``random``: its values are the same under every Python, so that a page opened before an upgrade can
be answered after it; and nobody who sees drawn ids can work out the seed or the stable ids.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from functools import lru_cache

DRAWN_ID_LETTERS = 10  # 50 bits


def new_seed() -> int:
    """Draw a seed from the system's generator: 63 random bits, so that it fits a signed 64-bit column."""
    return secrets.randbits(63)


def keyed_hash(seed: int, purpose: str, value: str) -> bytes:
    """Return 32 bytes (HMAC-SHA256) that look random and depend on all three; purposes never share values."""
    message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
    return hmac.digest(str(int(seed)).encode("ascii"), message, "sha256")


@lru_cache(maxsize=8192)  # for its page, for each of its answers and for its result
def question_seed(attempt_seed: int, question: int | str) -> int:
    """Return the seed of one question of an attempt (63 bits); ``question`` is any id that is stable in the attempt.

    Without it all questions of an attempt would shuffle alike, and an option "a" would carry the same id in each.
    """
    return int.from_bytes(keyed_hash(attempt_seed, "question", str(question))[:8], "big") >> 1


def drawn_id(seed: int, stable_id: str) -> str:
    """Return the id under which a participant sees an option: 10 letters and digits (a–z, 2–7)."""
    return base64.b32encode(keyed_hash(seed, "option", stable_id)).decode("ascii").lower()[:DRAWN_ID_LETTERS]


def place(seed: int, stable_id: str) -> bytes:
    """Return a sort key that puts things into the order drawn from the seed."""
    return keyed_hash(seed, "order", stable_id)
