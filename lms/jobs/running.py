"""Run jobs, without Huey: claim a row, do its work, note the end. All of it needs an app's context."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lms import clock
from lms.database.session import reading, transaction
from lms.jobs.models import Job
from lms.jobs.services import enqueue
from lms.plugins.contributions import JobKind, Payload

log = logging.getLogger(__name__)

TRIES = 5
BACK_OFF = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
LEASE = timedelta(minutes=10)
"""How long a claimed job is its worker's own. A worker that died with it has used up one try by then."""
KEPT = timedelta(days=30)
"""How long the row of a job that is done can be looked at."""
AT_ONCE = 500


class _Overtaken(Exception):
    """Another worker has taken the job up since: what this one did must not stand."""


def kinds() -> dict[str, JobKind]:
    """The kinds of work that this site knows, by name."""
    found: list[JobKind] = current_app.extensions["lms.plugins"].collect("lms_jobs")
    return {kind.name: kind for kind in found}


def run_job(number: int) -> bool:
    """Run one job if it waits and is due; gives whether it was run and is done.

    Of several workers one claims it. A job that fails waits for its next try (`BACK_OFF`) and is
    "failed" after `TRIES`. A kind that nobody here knows, as its plugin is not installed, waits until it is.
    """
    claimed = _claim(number)
    if claimed is None:
        return False
    kind, payload, tries = claimed
    try:
        if kind.run is not None:
            with transaction() as session:
                kind.run(session, payload)
                _done(session, number, tries)
        elif kind.run_in_steps is not None:
            kind.run_in_steps(payload)
            with transaction() as session:
                _done(session, number, tries)
    except _Overtaken:
        log.warning("job %s (%s) took so long that another worker has taken it up", number, kind.name)
        return False
    except Exception as error:
        log.warning("job %s (%s), try %s, failed", number, kind.name, tries, exc_info=True)
        _failed(number, tries, kind, fault=f"{type(error).__name__}: {error}")
        return False
    return True


def sweep(*, stopping: Callable[[], bool] = lambda: False) -> int:
    """Start what is due by itself, run every job that waits, and clear away old rows; gives how many jobs were done."""
    known = kinds()
    for kind in known.values():
        if kind.every is not None:
            _start(kind)
    with reading() as session:
        waiting = session.scalars(
            select(Job.id)
            .where(Job.state == "waiting", Job.run_after <= clock.now(), Job.kind.in_(known))
            .order_by(Job.run_after, Job.id)
            .limit(AT_ONCE)
        ).all()
    done = 0
    for number in waiting:
        if stopping():
            break
        done += run_job(number)
    return done


def clear_away(session: Session, _payload: Payload) -> None:
    """Delete the rows of jobs that were done `KEPT` ago; failed ones stay for an admin."""
    session.execute(delete(Job).where(Job.state == "done", Job.done_at < clock.now() - KEPT))


def _claim(number: int) -> tuple[JobKind, Payload, int] | None:
    now = clock.now()
    with transaction() as session:
        kind = kinds().get(session.scalar(select(Job.kind).where(Job.id == number)) or "")
        if kind is None:
            return None
        # The claim is committed before the work, so that a worker killed by its job does not try it for ever.
        row = session.execute(
            update(Job)
            .where(Job.id == number, Job.state == "waiting", Job.run_after <= now, Job.tries < TRIES)
            .values(tries=Job.tries + 1, run_after=now + LEASE)
            .returning(Job.payload, Job.tries)
        ).one_or_none()
        if row is not None:
            return kind, row.payload, row.tries
        spent = session.scalar(
            select(Job).where(Job.id == number, Job.state == "waiting", Job.run_after <= now, Job.tries >= TRIES)
        )
        if spent is not None:
            _give_up(session, spent, kind, fault="The worker ended during the last try.")
    return None


def _done(session: Session, number: int, tries: int) -> None:
    noted = session.scalar(
        update(Job)
        .where(Job.id == number, Job.state == "waiting", Job.tries == tries)
        .values(state="done", done_at=clock.now(), fault=None)
        .returning(Job.id)
    )
    if noted is None:
        raise _Overtaken


def _failed(number: int, tries: int, kind: JobKind, *, fault: str) -> None:
    with transaction() as session:
        job = session.scalar(select(Job).where(Job.id == number, Job.state == "waiting", Job.tries == tries))
        if job is None:
            return
        job.fault = fault[:2000]
        if tries < TRIES:
            job.run_after = clock.now() + BACK_OFF[tries - 1]
        else:
            _give_up(session, job, kind, fault=job.fault)


def _give_up(session: Session, job: Job, kind: JobKind, *, fault: str) -> None:
    job.state, job.done_at, job.fault = "failed", clock.now(), fault
    log.error("job %s (%s) failed for the last time: %s", job.id, kind.name, fault)
    session.flush()
    if kind.give_up is not None:
        kind.give_up(session, job.payload, fault)


def _start(kind: JobKind) -> None:
    """Put a kind that runs by the clock into the queue if its time has come; its earlier rows make room."""
    assert kind.every is not None
    now = clock.now()
    with reading() as session:
        last = session.scalar(select(func.max(Job.created_at)).where(Job.kind == kind.name))
    if last is not None and last > now - kind.every:
        return
    with transaction() as session:
        if session.scalar(select(Job.id).where(Job.kind == kind.name, Job.state == "waiting").limit(1)) is None:
            session.execute(delete(Job).where(Job.kind == kind.name, Job.state == "done"))
            enqueue(session, kind.name, {}, now=now)
