"""Note a beat, and ask when the site was away.

The beat comes from the web processes and writes to the database that answers are written to: what keeps people from
saving (no web process, no database, a database that nobody can write to) is what keeps the beat from being noted. The
worker's beat would say nothing of that. A stop in good order is an outage like any other: nobody can save in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.database.session import Engines
from lms.database.statements import built_once
from lms.heartbeat.models import Heartbeat, Outage

EVERY = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=15)
"""A longer time between two beats is an outage."""
THE_ONE = 1

_FRESH = timedelta(seconds=4)  # another process has just noted the beat for all of us
_last = select(Heartbeat.at).where(Heartbeat.id == THE_ONE)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the site was away."""

    began_at: datetime
    ended_at: datetime


def note_beat(engines: Engines, *, now: datetime) -> bool:
    """Note that the site is here, unless another process has just done so; whether this one did.

    A gap before the beat becomes an outage in the same transaction; of several processes one writes it. A clock that
    was set back begins anew from where it is.
    """
    with engines.read.connect() as connection:
        last = connection.scalar(_last)
    if last is not None and last <= now < last + _FRESH:
        return False
    try:
        with engines.writing() as connection:
            return _write(connection, last, now)
    except IntegrityError:  # the first beat of all, and another process was first
        return False


def _write(connection: Connection, last: datetime | None, now: datetime) -> bool:
    if last is None:
        connection.execute(insert(Heartbeat).values(id=THE_ONE, at=now))
        return True
    moved = connection.execute(
        update(Heartbeat).where(Heartbeat.id == THE_ONE, Heartbeat.at == last).values(at=now)
    ).rowcount
    if not moved:
        return False
    if now - last > LONGEST_PAUSE:
        connection.execute(insert(Outage).values(began_at=last, ended_at=now))
    return True


def gap_until(beat: datetime | None, now: datetime) -> Gap | None:
    """Return the gap that has not ended yet, or whose end nobody has noted yet, if there is one."""
    return Gap(beat, now) if beat is not None and now - beat > LONGEST_PAUSE else None


_since = built_once(  # built once: putting it together anew costs more than running it
    select(Heartbeat.at, Outage.began_at, Outage.ended_at)
    .select_from(Heartbeat)
    .outerjoin(Outage, Outage.ended_at > bindparam("moment"))
    .where(Heartbeat.id == THE_ONE)
    .order_by(Outage.began_at)
)


def gaps_since(session: Session, moment: datetime, *, now: datetime) -> list[Gap]:
    """List the times since a moment in which the site was away, the one that is ending now included."""
    rows = session.connection().execute(_since, {"moment": moment}).all()
    gaps = [Gap(row.began_at, row.ended_at) for row in rows if row.began_at is not None]
    pending = gap_until(rows[0].at, now) if rows else None
    return gaps if pending is None else [*gaps, pending]
