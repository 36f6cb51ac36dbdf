"""Write and read the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from lms.audit.models import AuditEntry


def record(
    session: Session,
    *,
    actor_id: int | None,
    act: str,
    about: str,
    now: datetime,
    reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Add one entry in the caller's transaction, so that no act stands without its entry."""
    session.add(AuditEntry(at=now, actor_id=actor_id, act=act, about=about, reason=reason, facts=dict(facts or {})))
