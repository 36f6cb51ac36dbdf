"""How a name is printed: confirmed by the person, or taken on an admin's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.certificates.design import LONGEST_NAME, must_print
from lms.errors import N_, Invalid
from lms.text.plain import clean_line


def printable_name(name: str) -> str:
    """A name as it will be printed: one clean line. Raises Invalid (field ``name``), Refused for missing glyphs."""
    try:
        cleaned = clean_line(name, longest=LONGEST_NAME)
    except Invalid as error:
        raise Invalid(error.message, field="name", **error.values) from None
    if not any(sign.isalpha() for sign in cleaned):
        raise Invalid(N_("Write your name in letters, as it is to be printed."), field="name")
    must_print(cleaned)
    return cleaned


def confirm_name(session: Session, *, person_id: int, name: str, now: datetime) -> None:
    """Note how a person wants their name printed on the certificates to come; issued ones stay as they are.

    Raises NotFound, Invalid (field ``name``) for a name that is too long or none, Refused for one that the fonts
    cannot print, with advice.
    """
    accounts.confirm_certificate_name(session, person_id=person_id, name=printable_name(name), now=now)


def attest_name(
    session: Session, *, person_id: int, name: str, actor_id: int | None, reason: str, now: datetime
) -> None:
    """The same on an admin's word, audited with its reason. Raises NotFound, Refused, Invalid (``name, reason``)."""
    accounts.attest_certificate_name(
        session, person_id=person_id, name=printable_name(name), actor_id=actor_id, reason=reason, now=now
    )
