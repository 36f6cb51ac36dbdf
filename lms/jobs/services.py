"""Put work into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from lms.database.session import after_commit
from lms.jobs.models import Job


def enqueue(
    session: Session, kind: str, payload: Mapping[str, object], *, now: datetime, at: datetime | None = None
) -> Job:
    """Write a job in the caller's transaction, to be run now or at a moment.

    The worker is woken after the commit and sweeps each minute anyway.
    """
    job = Job(kind=kind, payload=dict(payload), state="waiting", tries=0, created_at=now, run_after=at or now)
    session.add(job)
    session.flush()
    wake = session.info.get("wake")
    if wake is not None:
        after_commit(session, partial(wake, job.id))
    return job
