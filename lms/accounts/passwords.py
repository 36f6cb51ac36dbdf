"""Passwords: what may be one, how it is stored, and how it is checked without telling whether the account exists."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from lms.errors import N_, Invalid

SHORTEST = 8
LONGEST = 200
COMMON = Path(__file__).with_name("common-passwords.txt")

# "full" is the OWASP Password Storage Cheat Sheet's setting for little memory: two web processes on a small server must
# hold it beside everything else. "test" is for test suites only.
_HASHERS = {
    "full": PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1),
    "test": PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1234567890", "abcdefghijklmnopqrstuvwxyz")


class Passwords:
    """Argon2id at one cost."""

    def __init__(self, cost: str) -> None:
        self._hasher = _HASHERS[cost]
        # Checked where there is no account, so that the answer takes as long as where there is one.
        self._nobodys = self._hasher.hash(b"the password of nobody")

    def hash(self, password: str) -> str:
        """What is stored of ``password``."""
        return self._hasher.hash(_as_bytes(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether ``stored`` was made of ``password``; as slow for None or a foreign form as for a hash."""
        is_ours = stored is not None and stored.startswith("$argon2id$")
        try:
            self._hasher.verify(stored if is_ours and stored else self._nobodys, _as_bytes(password[: 4 * LONGEST]))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return is_ours and len(password) <= LONGEST

    def is_outdated(self, stored: str) -> bool:
        """Whether ``stored`` was made at another cost and is to be made anew while the password is at hand."""
        return self._hasher.check_needs_rehash(stored)


@lru_cache(maxsize=4)
def passwords_at(cost: str) -> Passwords:
    """The `Passwords` of ``config.password_cost``."""
    return Passwords(cost)


def check_new(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raise Invalid where ``password`` is too short, too long, known to everybody or the person's own name or address.

    Any sign may stand in it and none must; how rare it is counts, not of what kinds its signs are (NIST SP 800-63B).
    """
    if len(password) < SHORTEST:
        raise Invalid(N_("The password needs at least %(shortest)s characters."), field=field, shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid(N_("The password can have at most %(longest)s characters."), field=field, longest=LONGEST)
    if is_common(password):
        raise Invalid(N_("Many people use this password, so it is easy to guess. Choose another one."), field=field)
    if _is_of_the_person(password, email=email, name=name):
        raise Invalid(N_("This password is your name or your e-mail address. Choose another one."), field=field)


def is_common(password: str) -> bool:
    """Whether ``password`` is among those that are tried first: on the list, one repeated part, or a row of keys."""
    plain = unicodedata.normalize("NFC", password).casefold()
    return plain in common_passwords() or _repeats(plain) or _is_a_row(plain)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The list that is shipped, in lower case."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))


def _repeats(plain: str) -> bool:
    """One part of at most four signs over and over: "aaaaaaaa", "abcabcabc"."""
    for size in range(1, 5):
        part = plain[:size]
        if len(plain) > size and (part * (len(plain) // size + 1))[: len(plain)] == plain:
            return True
    return False


def _is_a_row(plain: str) -> bool:
    return any(plain in row * 3 or plain in row[::-1] * 3 for row in _ROWS)


def _is_of_the_person(password: str, *, email: str, name: str) -> bool:
    plain = unicodedata.normalize("NFC", password).casefold()
    local, _, domain = email.casefold().partition("@")
    own = {email.casefold(), local, domain, domain.partition(".")[0]}
    words = unicodedata.normalize("NFC", name).casefold().split()
    own |= {" ".join(words), "".join(words), "".join(reversed(words)), *words}
    core = plain.strip("0123456789!?.,;:_-+*#@$%& ")
    return any(len(word) > 2 and word in (plain, core) for word in own)


def _as_bytes(password: str) -> bytes:
    # One spelling of a letter on every keyboard; a lone surrogate is odd and still somebody's password.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
