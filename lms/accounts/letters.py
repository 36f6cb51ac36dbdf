"""What a mail about an account says: the contract between the services, which decide, and the texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in plain text."""

    subject: str
    body: str


class LetterWriter(Protocol):
    """Writes the letter ``kind`` in ``language``.

    ``kind`` is one of verify, known_address, reset, password_changed, change_asked, change_confirm, change_taken,
    address_changed. ``token`` goes into its link, which always begins with the site's configured address.
    """

    def __call__(self, kind: str, *, language: str, name: str, token: str = "", address: str = "") -> Letter: ...
