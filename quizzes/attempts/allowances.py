"""What a trainer gives one person more of: time and tries in a quiz, and time in a running try that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Module
from lms.accounts.models import Person
from lms.audit.services import record
from lms.errors import N_, NotFound, Refused
from quizzes.attempts.ends import end_of
from quizzes.attempts.models import Allowance, Attempt, TimeRequest
from quizzes.attempts.services import GRANTED, OPEN, REFUSED, close_later
from quizzes.bank.models import Quiz


class SetSince(Refused):
    """Somebody set the allowance after the page was opened; what they set stands."""

    def __init__(self) -> None:
        super().__init__(N_("Somebody set this after you opened the page. Open it again to change it."))


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What one person gets more of: time as a ``factor`` of the limit (1: none) and in minutes, and tries."""

    factor: float
    minutes: int
    tries: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAllowance:
    """An allowance with the name of its person."""

    person_id: int
    name: str
    allowance: Allowance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """An open request for more time with the name of who asks, and when their try ends."""

    request: TimeRequest
    name: str
    ends_at: datetime | None


def allowances_of(session: Session, *, quiz_id: int) -> list[SetAllowance]:
    """List the allowances of a quiz by name."""
    rows = session.execute(
        select(Allowance, Person.name)
        .join(Person, Person.id == Allowance.person_id)
        .where(Allowance.quiz_id == quiz_id)
        .order_by(Person.name, Person.id)
    )
    return [SetAllowance(person_id=row.Allowance.person_id, name=row.name, allowance=row.Allowance) for row in rows]


def participant(session: Session, *, course_id: int, email: str) -> int | None:
    """Return the number of who takes the course under an address; None for nobody."""
    return session.scalar(
        select(Person.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, Person.email == email.strip().lower())
    )


def allowance_of(session: Session, *, quiz_id: int, course_id: int, person_id: int) -> SetAllowance:
    """Return what a participant has more of; raises NotFound for who does not take the course."""
    row = session.execute(
        select(Person.name, Allowance)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(Allowance, (Allowance.person_id == Person.id) & (Allowance.quiz_id == quiz_id))
        .where(Person.id == person_id, Enrolment.course_id == course_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return SetAllowance(person_id=person_id, name=row.name, allowance=row.Allowance)


def mark_of(allowance: Allowance | None) -> str:
    """Return what tells one setting of an allowance from the next, for a form to carry."""
    return "" if allowance is None else f"{allowance.id}-{allowance.set_at.timestamp():.6f}"


def set_allowance(
    session: Session,
    *,
    quiz_id: int,
    course_id: int,
    person_id: int,
    more: More,
    everywhere: bool,
    began_from: str,
    by_id: int,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    """Set what a participant gets more of, for tries to come and the one that runs; the audit log says so.

    ``everywhere``: in each quiz of the course as it is now. ``began_from`` is the `mark_of` what the trainer saw. A
    running try never gets shorter. Raises NotFound, SetSince.
    """
    asked = select(Quiz).order_by(Quiz.id).with_for_update(of=Quiz)
    if everywhere:
        asked = asked.join(Activity, Activity.id == Quiz.activity_id).join(Module, Module.id == Activity.module_id)
    quizzes = session.scalars(asked.where(Module.course_id == course_id if everywhere else Quiz.id == quiz_id)).all()
    found = allowance_of(session, quiz_id=quiz_id, course_id=course_id, person_id=person_id)
    if mark_of(found.allowance) != began_from:
        raise SetSince
    for quiz in quizzes:
        _set_in(session, quiz, person_id=person_id, more=more, by_id=by_id, now=now)
    record(
        session,
        actor_id=by_id,
        act="allowance.set",
        about=f"person:{person_id}",
        reason=more.reason,
        now=now,
        facts={
            **facts,
            "factor": more.factor,
            "minutes": more.minutes,
            "tries": more.tries,
            **({"everywhere": len(quizzes)} if everywhere else {}),
        },
    )


def _set_in(session: Session, quiz: Quiz, *, person_id: int, more: More, by_id: int, now: datetime) -> None:
    allowance = session.scalar(
        select(Allowance).where(Allowance.quiz_id == quiz.id, Allowance.person_id == person_id)
    ) or Allowance(quiz_id=quiz.id, person_id=person_id)
    session.add(allowance)
    allowance.factor, allowance.minutes, allowance.tries = more.factor, more.minutes, more.tries
    allowance.reason, allowance.set_by_id, allowance.set_at = more.reason, by_id, now
    session.flush()
    limit = quiz.time_limit_seconds or 0
    extra = round(limit * (more.factor - 1)) + more.minutes * 60
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.person_id == person_id, Attempt.closed_at.is_(None))
        .with_for_update()
    )
    if attempt is not None and extra > attempt.extra_seconds and _runs(session, attempt, now):
        _lengthen(session, attempt, timedelta(seconds=extra - attempt.extra_seconds), now)
        attempt.extra_seconds = extra


def open_requests(session: Session, *, quiz_id: int, now: datetime) -> list[AskedFor]:
    """List who asks for more time in a quiz and has no answer yet, the first first."""
    rows = session.execute(
        select(TimeRequest, Attempt, Person.name)
        .join(Attempt, Attempt.id == TimeRequest.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Attempt.quiz_id == quiz_id, TimeRequest.state == OPEN)
        .order_by(TimeRequest.id)
    )
    return [
        AskedFor(request=request, name=name, ends_at=attempt.closed_at or end_of(session, attempt, now=now))
        for request, attempt, name in rows
    ]


def answer_request(
    session: Session,
    *,
    quiz_id: int,
    request_id: int,
    minutes: int | None,
    answer: str,
    by_id: int,
    facts: Mapping[str, object],
    now: datetime,
) -> TimeRequest:
    """Give somebody who asked the minutes more, or with None refuse; the audit log says so.

    Raises NotFound; Refused for a request that is answered, and for minutes in a try that is over.
    """
    row = session.execute(
        select(TimeRequest, Attempt)
        .join(Attempt, Attempt.id == TimeRequest.attempt_id)
        .where(TimeRequest.id == request_id, Attempt.quiz_id == quiz_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    request: TimeRequest = row.TimeRequest
    attempt: Attempt = row.Attempt
    if request.state != OPEN:
        raise Refused(N_("This request is answered already."))
    if minutes is not None:
        if not _runs(session, attempt, now):
            raise Refused(N_("This try is over. Answers that came after its end are under “Late answers”."))
        _lengthen(session, attempt, timedelta(minutes=minutes), now)
    request.state = REFUSED if minutes is None else GRANTED
    request.minutes, request.answer = minutes, answer
    request.answered_by_id, request.answered_at = by_id, now
    session.flush()
    record(
        session,
        actor_id=by_id,
        act="time.refused" if minutes is None else "time.granted",
        about=f"person:{attempt.person_id}",
        reason=answer or None,
        now=now,
        facts={**facts, "attempt": attempt.id, "minutes": minutes or 0},
    )
    return request


def number_of_requests(session: Session, *, quiz_id: int) -> int:
    """Count the requests for more time that nobody has answered."""
    statement = select(func.count()).select_from(TimeRequest).join(Attempt, Attempt.id == TimeRequest.attempt_id)
    return session.scalar(statement.where(Attempt.quiz_id == quiz_id, TimeRequest.state == OPEN)) or 0


def _runs(session: Session, attempt: Attempt, now: datetime) -> bool:
    ends_at = end_of(session, attempt, now=now)
    return attempt.closed_at is None and ends_at is not None and now < ends_at


def _lengthen(session: Session, attempt: Attempt, more: timedelta, now: datetime) -> None:
    assert attempt.deadline is not None  # it runs toward an end
    attempt.deadline += more
    close_later(session, attempt.id, at=attempt.deadline, now=now)
    session.flush()
