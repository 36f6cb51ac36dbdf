"""When attempts end: the stored deadline, later by the outages that overlap the attempt; worked out when it is read.

Whoever merely closed the tab gets nothing: what moves an end is that the site was away, which is a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from lms.heartbeat.models import Heartbeat, Outage
from lms.heartbeat.services import THE_ONE, Gap, gap_until, gaps_since
from quizzes.attempts.models import Attempt
from quizzes.marking.rules import later_by_outages


def gap_columns() -> tuple[ColumnElement[Any], ...]:
    """Columns that `end_in` reads, for a statement joined by `joined_to_gaps`."""
    return (
        Heartbeat.at.label("beat_at"),
        Outage.began_at.label("gap_began_at"),
        Outage.ended_at.label("gap_ended_at"),
    )


def joined_to_gaps(statement: Any) -> Any:
    """Join a select over `Attempt` to the outages that may move its end: a row for each, one row if there is none."""
    return statement.outerjoin(Heartbeat, Heartbeat.id == THE_ONE).outerjoin(
        Outage,
        and_(
            Attempt.deadline.is_not(None),
            Outage.ended_at > Attempt.opened_at,
            or_(Attempt.closed_at.is_(None), Outage.began_at < Attempt.closed_at),
        ),
    )


def end_in(rows: Sequence[Any], *, deadline: datetime | None, opened_at: datetime, now: datetime) -> datetime | None:
    """Return when an attempt ends, from the rows of such a statement; None: never."""
    if deadline is None:
        return None
    gaps = [Gap(row.gap_began_at, row.gap_ended_at) for row in rows if row.gap_began_at is not None]
    return _end(deadline, opened_at, gaps, rows[0].beat_at, now)


def end_of(session: Session, attempt: Attempt | Any, *, now: datetime) -> datetime | None:
    """Return when an attempt ends, in one statement more; None: never."""
    if attempt.deadline is None:
        return None
    gaps = gaps_since(session, attempt.opened_at, now=now)
    return _end(attempt.deadline, attempt.opened_at, gaps, None, now)


def is_settled(session: Session, ends_at: datetime) -> bool:
    """Say whether an end that is past stays where it is: a site that went away before it is back after it."""
    beat = session.scalar(select(Heartbeat.at).where(Heartbeat.id == THE_ONE))
    return beat is None or beat >= ends_at


def _end(
    deadline: datetime, opened_at: datetime, gaps: Iterable[Gap], beat: datetime | None, now: datetime
) -> datetime:
    pending = gap_until(beat, now)
    all_gaps = [*gaps, pending] if pending is not None else list(gaps)
    if not all_gaps:
        return deadline
    return later_by_outages(deadline, opened_at=opened_at, gaps=[(gap.began_at, gap.ended_at) for gap in all_gaps])
