"""What an attempt came to: the result row, or what the journal comes to where the row is still to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from courses.outline.services import links_in, outline_at
from lms.accounts.asking import KnownAsker
from lms.text.localised import Text
from quizzes.attempts import journal
from quizzes.attempts import services as attempts
from quizzes.attempts.journal import Journal
from quizzes.attempts.models import Attempt, OpenAnswer
from quizzes.attempts.services import DrawnQuestion, ReadResult, Standing, Submitted, Types
from quizzes.marking.rules import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedAttempt:
    """An attempt that is over. ``marks``: score by position, None where a trainer must; ``links`` by lesson slug.

    ``objectives``: HTML by language, by the objective's id.
    """

    standing: Standing
    score: float
    passed: bool
    marks: Mapping[int, float | None]
    questions: tuple[DrawnQuestion, ...]
    answers: Journal
    marks_shown: bool  # the score and whether it passed
    review: str  # "open": all is explained; why not: "after_close", "never", "after_tries"
    links: Mapping[str, tuple[Text, str]]
    objectives: Mapping[str, Text]
    open_answers: Mapping[int, OpenAnswer]  # what a trainer marked or will, by the id of the answer

    @property
    def provisional(self) -> bool:
        """Say whether a trainer has still something to mark."""
        return None in self.marks.values()


def marked_attempt(
    session: Session, *, attempt_id: int, person_id: int, types: Types, now: datetime, asker: KnownAsker | None = None
) -> MarkedAttempt | None:
    """Return a person's attempt with all that explains it; None while it is open. Raises NotFound, AskerChanged.

    One whose time ran out, and that nobody has closed yet, is marked for the page; the job writes the same.
    """
    found, result = attempts.standing_and_result(
        session, attempt_id=attempt_id, person_id=person_id, now=now, asker=asker
    )
    if found.is_open(now):
        return None
    questions = attempts.questions_of(session, attempt_id=attempt_id)
    answers = journal.answers_of(session, attempt_id=attempt_id)
    if result is None:
        came_to = attempts.outcome_of(found.attempt, questions, answers, types=types)
        marks = attempts.written(questions, attempts.marks_of(questions, answers, types=types))
        return _with_what_explains_it(session, found, came_to, marks, questions, answers, now=now)
    return _with_what_explains_it(session, found, result, result.marks, questions, answers, now=now)


def marked_just_now(session: Session, submitted: Submitted, *, now: datetime) -> MarkedAttempt | None:
    """Return the same of an attempt that was submitted in this transaction; None if it had been closed before."""
    marked = submitted.marked
    if marked is None:
        return None
    found, result = submitted.standing, submitted.result
    return _with_what_explains_it(session, found, result, result.marks, marked.questions, marked.answers, now=now)


def _with_what_explains_it(
    session: Session,
    found: Standing,
    came_to: Outcome | ReadResult,
    written: Sequence[Mapping[str, Any]],
    questions: Sequence[DrawnQuestion],
    answers: Journal,
    *,
    now: datetime,
) -> MarkedAttempt:
    """Add what the page needs beside the marks, ``written`` as a result row holds them."""
    by_trainers = any(mark["score"] is None or mark["reason"] == attempts.BY_A_TRAINER for mark in written)
    open_answers: dict[int, OpenAnswer] = {}
    if by_trainers:
        rows = session.scalars(_open_answers, {"attempt_id": found.attempt.id})
        open_answers = {one.event_id: one for one in rows}
    place = found.place
    outline = outline_at(session.connection(), course_id=place.course_id, revision=place.course_revision)
    rules = found.rules
    shown = attempts.marks_are_open(
        session, quiz_id=rules.quiz_id, review=rules.review, closes_at=rules.closes_at, now=now
    )
    return MarkedAttempt(
        standing=found,
        marks_shown=shown,
        review="open" if shown and _is_explained(session, found) else rules.review,
        score=came_to.score,
        passed=came_to.passed,
        marks={mark["position"]: mark["score"] for mark in written},
        questions=tuple(questions),
        answers=answers,
        links=links_in(outline, place.module_slug),
        objectives=outline.objectives_of(place.module_slug),
        open_answers=open_answers,
    )


_open_answers = select(OpenAnswer).where(OpenAnswer.attempt_id == bindparam("attempt_id"), OpenAnswer.counts)


def _is_explained(session: Session, found: Standing) -> bool:
    """Say whether right answers may be shown to this person, where marks may."""
    if found.rules.review != attempts.AFTER_TRIES:
        return found.rules.review != attempts.NEVER
    own = (Attempt.quiz_id == found.rules.quiz_id, Attempt.person_id == found.attempt.person_id)
    closed = session.scalar(select(func.count()).where(*own, Attempt.closed_at.is_not(None))) or 0
    return found.tries is not None and closed >= found.tries
