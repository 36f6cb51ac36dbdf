"""Put work into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lms.database.session import after_commit
from lms.database.statements import built_once
from lms.jobs.models import Job


def enqueue(
    session: Session, kind: str, payload: Mapping[str, object], *, now: datetime, at: datetime | None = None
) -> int:
    """Write a job in the caller's transaction, to be run now or at a moment; gives its id.

    For a job that is due the worker is woken after the commit; it sweeps each minute anyway.
    """
    row = {"kind": kind, "payload": dict(payload), "state": "waiting", "tries": 0, "created_at": now}
    job_id: int = session.connection().execute(_new_job, {**row, "run_after": at or now}).scalar_one()
    wake = session.info.get("wake")
    if wake is not None and (at is None or at <= now):
        after_commit(session, partial(wake, job_id))
    return job_id


_new_job = built_once(insert(Job).returning(Job.id))  # built once: each timed attempt leaves one
