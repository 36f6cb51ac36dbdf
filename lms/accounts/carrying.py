"""What survives a sign-in: where the person wanted to go, and what they had sent when their session was over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from werkzeug.datastructures import MultiDict

HOME = "/"
LONGEST_PATH = 2000
LARGEST_BYTES = 100_000
PATH_FIELD = "sent-to"
PREFIX = "sent:"
NEVER_CARRIED = frozenset({"csrf_token", "password", "present"})

# The reserved and unreserved signs of RFC 3986 (and "%" of what is quoted already).
_KEPT_SIGNS = "/?%&=+:;,@!$'()*~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A form that was sent and not yet taken: its address on this site and its fields, in order."""

    path: str
    fields: tuple[tuple[str, str], ...]


def local_path(text: str | None) -> str | None:
    """``text`` if it is an address on this site, percent-encoded; None for everything else.

    A browser reads "//host", "/\\host", a tab or a line break after the slash, and "https:host" as another site; what
    is not plainly a path is refused.
    """
    if not text or len(text) > LONGEST_PATH or not text.startswith("/"):
        return None
    if "\\" in text or any(sign.isspace() or not sign.isprintable() for sign in text):
        return None
    if "//" in text.partition("?")[0]:
        return None
    try:
        return quote(text, safe=_KEPT_SIGNS)
    except UnicodeEncodeError:  # a lone surrogate
        return None


def carry(path: str, fields: Iterable[tuple[str, str]]) -> Carried | None:
    """What was sent, without tokens and passwords; None if it is too large or its address is not ours."""
    kept = tuple((name, value) for name, value in fields if name not in NEVER_CARRIED)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in kept)
    address = local_path(path)
    return Carried(path=address, fields=kept) if address and size <= LARGEST_BYTES else None


def read_back(form: MultiDict[str, str]) -> Carried | None:
    """What the sign-in page carried in its hidden fields, if it carried anything."""
    if PATH_FIELD not in form:
        return None
    fields = ((name.removeprefix(PREFIX), value) for name, value in form.items(multi=True) if name.startswith(PREFIX))
    return carry(form[PATH_FIELD], fields)
