"""End an attempt: submitted or out of time, it is marked, its result written and told to the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from courses.learning.services import record_result
from lms.accounts.asking import KnownAsker
from lms.database.statements import built_once
from lms.errors import NotFound
from lms.heartbeat.services import LONGEST_PAUSE
from lms.jobs.services import enqueue
from lms.plugins.events import tell
from quizzes.attempts import counting
from quizzes.attempts.ends import end_of, is_settled
from quizzes.attempts.models import Attempt, AttemptShare, Result
from quizzes.attempts.services.marking import Marked, Types, marked_now, written
from quizzes.attempts.services.reading import (
    ReadAttempt,
    ReadResult,
    Rules,
    Standing,
    marks_are_open,
    must_take_part,
    standing,
)
from quizzes.bank.models import Quiz
from quizzes.facts import services as facts
from quizzes.facts.services import Sums
from quizzes.hooks import AttemptSubmitted
from quizzes.marking.rules import counted

CLOSE_JOB = "quizzes.close_attempt"
RECORD_JOB = "quizzes.record_counted"
LOOK_AGAIN = timedelta(minutes=5)
BEST = "best"


def close_later(session: Session, attempt_id: int, *, at: datetime, now: datetime) -> None:
    """Leave a job that closes an attempt if it is over then."""
    enqueue(session, CLOSE_JOB, {"attempt_id": attempt_id}, now=now, at=at)


@dataclass(frozen=True, slots=True)
class Submitted:
    """An attempt that is closed, with the result that stands; ``marked`` is None where it had been closed before."""

    standing: Standing
    result: ReadResult
    marked: Marked | None


def submit(
    session: Session, *, attempt_id: int, person_id: int, types: Types, now: datetime, asker: KnownAsker | None = None
) -> Submitted:
    """Close an attempt and mark it; once it is closed the same result is given again.

    After the deadline it is closed as it stood then. Raises NotFound, Refused for who no longer takes the course, and
    AskerChanged.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True, asker=asker)
    if found.attempt.closed_at is not None:
        return Submitted(found, newest_result(session, attempt_id=attempt_id), None)
    must_take_part(found)
    closed, result, marked = close(
        session,
        found.attempt,
        rules=found.rules,
        types=types,
        ends_at=found.ends_at,
        submitted_at=None if found.is_over(now) else now,
        now=now,
    )
    return Submitted(replace(found, attempt=closed), result, marked)


def close_if_over(session: Session, *, attempt_id: int, types: Types, now: datetime) -> ReadResult | None:
    """Close an attempt whose time ran out, with what was saved by then; None if there is nothing to do.

    Where an outage or more time has moved its end, it is closed then; never before a beat has shown that the site was
    there at its end.
    """
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.closed_at is not None:
        return None
    ends_at = end_of(session, attempt, now=now)
    if ends_at is None:
        return None
    if now < ends_at:
        if attempt.deadline is not None and now >= attempt.deadline:
            close_later(session, attempt_id, at=max(ends_at, now + LONGEST_PAUSE), now=now)
        return None
    if not is_settled(session, ends_at):
        close_later(session, attempt_id, at=now + LONGEST_PAUSE, now=now)
        return None
    rules = Rules.of(session.get_one(Quiz, attempt.quiz_id))
    _, result, _ = close(session, attempt, rules=rules, types=types, ends_at=ends_at, submitted_at=None, now=now)
    return result


def newest_result(session: Session, *, attempt_id: int) -> ReadResult:
    """Return the result that stands: the last regrade, or the first. Raises NotFound while the attempt is open."""
    results = _newest_result.rows(session.connection(), {"attempt_id": attempt_id})
    if not results:
        raise NotFound
    newest: ReadResult = results[0]
    return newest


_newest_result = built_once(
    select(Result.__table__).where(Result.attempt_id == bindparam("attempt_id")).order_by(Result.number.desc()).limit(1)
)
_new_result = built_once(
    insert(Result).returning(*(getattr(Result, column.key) for column in Result.__table__.columns))
)
_newest_number = select(func.max(Result.number)).where(Result.attempt_id == bindparam("attempt_id"))


_end_attempt = built_once(
    update(Attempt)
    .where(Attempt.id == bindparam("attempt_id"))
    .values(submitted_at=bindparam("submitted"), closed_at=bindparam("closed"))
    .returning(*(getattr(Attempt, column.key) for column in Attempt.__table__.columns))
)


def close(
    session: Session,
    attempt: ReadAttempt,
    *,
    rules: Rules,
    types: Types,
    ends_at: datetime | None,
    submitted_at: datetime | None,
    now: datetime,
) -> tuple[ReadAttempt, ReadResult, Marked]:
    """Close an attempt at the moment when it was submitted, or ended, and record what it came to."""
    closed_at = submitted_at or ends_at or now
    values = {"attempt_id": attempt.id, "submitted": submitted_at, "closed": closed_at}
    (closed,) = _end_attempt.rows(session.connection(), values)
    if isinstance(attempt, Attempt):
        session.expire(attempt, ["submitted_at", "closed_at"])
    result, marked = write_result(session, closed, types=types, now=now, is_first=True)
    of_person = [result] if attempt.number == 1 else None  # the only try: it need not be looked for
    record_when_shown(session, rules=rules, person_id=attempt.person_id, now=now, results=of_person)
    tell(
        session,
        AttemptSubmitted(
            attempt_id=attempt.id,
            quiz_id=attempt.quiz_id,
            activity_id=rules.activity_id,
            person_id=attempt.person_id,
            score=marked.came_to.score,
            passed=marked.came_to.passed,
            provisional=marked.came_to.provisional,
            at=now,
        ),
    )
    return closed, result, marked


def write_result(
    session: Session, attempt: ReadAttempt, *, types: Types, now: datetime, is_first: bool = False
) -> tuple[ReadResult, Marked]:
    """Mark a closed attempt from its journal into a new result row; those before it stay, the facts follow.

    ``is_first``: it has none yet, as it was open until now.
    """
    sums = Sums()
    marked = marked_now(session, attempt, types=types)
    result = add_result(session, attempt, marked, sums, types=types, now=now, is_first=is_first)
    facts.write(session, attempt.quiz_id, sums)
    return result, marked


def take_out_of_facts(session: Session, person_id: int) -> None:
    """Take what a person's tries have added out of the facts about questions: their rows are about to go."""
    rows = session.execute(
        select(Attempt.quiz_id, AttemptShare.items)
        .join(AttemptShare, AttemptShare.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id)
        .with_for_update(of=Attempt)
    )
    changes: dict[int, Sums] = {}
    for quiz_id, items in rows:
        changes.setdefault(quiz_id, Sums()).add(facts.Share.read(items), sign=-1)
    for quiz_id, sums in sorted(changes.items()):
        facts.write(session, quiz_id, sums)


def add_result(
    session: Session,
    attempt: ReadAttempt,
    marked: Marked,
    sums: Sums,
    *,
    types: Types,
    now: datetime,
    is_first: bool = False,
) -> ReadResult:
    """Write what a closed attempt comes to as its newest result; what changes in the facts is added to ``sums``."""
    before = None if is_first else session.connection().scalar(_newest_number, {"attempt_id": attempt.id})
    values = {
        "attempt_id": attempt.id,
        "number": (before or 0) + 1,
        "score": marked.came_to.score,
        "passed": marked.came_to.passed,
        "marks": written(marked.questions, marked.marks),
        "made_at": now,
    }
    (result,) = _new_result.rows(session.connection(), values)
    counting.keep_open_answers(session, attempt, marked, types=types, is_first=before is None, now=now)
    share = counting.share_of(attempt, result, marked.questions, marked.answers, types=types)
    counting.count(session, attempt, share, sums, is_first=before is None)
    return result


def record_when_shown(
    session: Session, *, rules: Rules, person_id: int, now: datetime, results: Sequence[ReadResult] | None = None
) -> None:
    """Tell the course what counts of a person's tries, or leave that to a job for when marks may be shown.

    ``results``: the newest of each try, in their order, where the caller has them.
    """
    if marks_are_open(session, quiz_id=rules.quiz_id, review=rules.review, closes_at=rules.closes_at, now=now):
        record_counted(session, rules=rules, person_id=person_id, now=now, results=results)
        return
    # After the close others may still have time: then it looks again.
    at = max(rules.closes_at or now, now + LOOK_AGAIN)
    enqueue(session, RECORD_JOB, {"quiz_id": rules.quiz_id, "person_id": person_id}, now=now, at=at)


def _results_of_person() -> Any:
    newest = select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return (
        select(Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Attempt.quiz_id == bindparam("quiz_id"),
            Attempt.person_id == bindparam("person_id"),
            Result.number == newest,
        )
        .order_by(Attempt.number)
    )


_newest_results = _results_of_person()


def record_counted(
    session: Session, *, rules: Rules, person_id: int, now: datetime, results: Sequence[ReadResult] | None = None
) -> None:
    """Tell the course what counts of a person's tries by the quiz's rule; what was passed once stays passed."""
    if results is None:
        results = session.scalars(_newest_results, {"quiz_id": rules.quiz_id, "person_id": person_id}).all()
    result = counted(results, counts=rules.counts, by=lambda one: one.score)
    if result is None:
        return
    record_result(
        session,
        person_id=person_id,
        activity_id=rules.activity_id,
        score=result.score,
        passed=any(one.passed for one in results) if rules.counts == BEST else result.passed,
        keep_best=False,
        now=now,
    )
