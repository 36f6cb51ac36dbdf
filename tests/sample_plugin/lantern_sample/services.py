"""What can be done with thanks: a session and plain values, no request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lantern_sample.models import Thanks
from lms import clock
from lms.accounts.models import Person
from lms.errors import N_, Invalid

KEPT = timedelta(days=365)
LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the wall."""

    name: str
    words: str
    written_at: datetime


def thank(session: Session, *, person_id: int, words: str, now: datetime) -> None:
    """Write a line on the wall. Raises Invalid without words."""
    if not words:
        raise Invalid(N_("Write a few words."), field="words")
    session.add(Thanks(person_id=person_id, words=words, written_at=now))


def thank_for_first_lesson(session: Session, *, person_id: int, now: datetime) -> None:
    """Write the wall's own line for somebody who has none."""
    if session.scalar(select(Thanks.id).where(Thanks.person_id == person_id).limit(1)) is None:
        thank(session, person_id=person_id, words="finished a first lesson.", now=now)


def wall(session: Session) -> tuple[Line, ...]:
    """The newest lines, in one statement."""
    rows = session.execute(
        select(Person.name, Thanks.words, Thanks.written_at)
        .join(Person, Person.id == Thanks.person_id)
        .order_by(Thanks.id.desc())
        .limit(LINES)
    )
    return tuple(Line(**row._mapping) for row in rows)


def clear_away(session: Session, _payload: Mapping[str, Any]) -> None:
    """Take lines down after a year."""
    session.execute(delete(Thanks).where(Thanks.written_at < clock.now() - KEPT))
