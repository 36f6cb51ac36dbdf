"""Record completions and ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.database.writing import insert_if_new
from lms.plugins.events import CourseCompleted, tell
from lms.records.models import Completion


def complete(
    session: Session, *, person_id: int, subject: str, facts: Mapping[str, object], now: datetime
) -> Completion:
    """Record that a person completed ``subject``; a second time changes nothing and gives the first row."""
    row = {"subject": subject, "person_id": person_id, "completed_at": now, "facts": dict(facts)}
    if insert_if_new(session, Completion, row, unique=("subject", "person_id")):
        tell(session, CourseCompleted(person_id=person_id, subject=subject, at=now))
    completion = of_person(session, person_id=person_id, subject=subject)
    assert completion is not None
    return completion


def of_person(session: Session, *, person_id: int, subject: str) -> Completion | None:
    """The person's completion of ``subject``, if there is one."""
    return session.scalar(select(Completion).where(Completion.person_id == person_id, Completion.subject == subject))
