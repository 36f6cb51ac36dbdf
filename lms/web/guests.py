"""What a guest does before they have an account: kept under a random key in their cookie, theirs once they sign in."""

from __future__ import annotations

import hashlib
import logging
import secrets

from flask import current_app, session

from lms import clock
from lms.database.session import transaction
from lms.plugins.contributions import GuestKeeping

log = logging.getLogger("lms.guests")

_KEY = "guest"


def guest_key() -> str | None:
    """The hash (hexadecimal) of this guest's key, under which rows are kept; None for who has none yet."""
    key = session.get(_KEY)
    return hashlib.sha256(str(key).encode()).hexdigest() if key else None


def guest_key_or_new() -> str:
    """As `guest_key`; a guest who has none gets one, and with it a cookie."""
    if not session.get(_KEY):
        session[_KEY] = secrets.token_urlsafe(16)
        session.permanent = True
    key = guest_key()
    assert key is not None
    return key


def carry_over(*, person_id: int) -> None:
    """Give what this guest did to the person who signs in. What fails is logged: nobody is kept out for it."""
    guest = guest_key()
    if guest is None:
        return
    keepings: list[GuestKeeping] = current_app.extensions["lms.plugins"].collect("lms_guests")
    for one in keepings:
        try:
            with transaction() as rows:
                one.carry(rows, guest=guest, person_id=person_id, now=clock.now())
        except Exception:
            log.exception("%s could not carry over what a guest did", one.name)
