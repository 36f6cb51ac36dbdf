"""Clear away counts whose window is over."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lms import clock
from lms.limiting.models import RateLimit
from lms.plugins.contributions import Payload


def forget_counts(session: Session, _payload: Payload) -> None:
    """Delete the counts that no longer limit anything; the worker does it each hour."""
    session.execute(delete(RateLimit).where(RateLimit.expires_at <= clock.now()))
