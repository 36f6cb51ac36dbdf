"""What is no longer good is not kept: sign-ins and links in mails that have run out."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.models import EmailToken, SignIn
from lms.plugins.contributions import Payload


def forget_expired(session: Session, _payload: Payload) -> None:
    """Delete sign-ins and mailed links whose time is over."""
    now = clock.now()
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    session.execute(delete(EmailToken).where(EmailToken.expires_at <= now))
