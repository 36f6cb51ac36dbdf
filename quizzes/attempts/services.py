"""Begin an attempt, answer, submit; and close what ran out of time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.learning.services import record_result
from lms.errors import N_, NotFound, Refused
from lms.jobs.services import enqueue
from lms.plugins.events import tell
from lms.text.localised import Text
from quizzes import activity
from quizzes.activity import QuizPlace
from quizzes.asking import current_spec
from quizzes.attempts import journal
from quizzes.attempts.journal import Journal
from quizzes.attempts.models import Attempt, AttemptQuestion, Result
from quizzes.attempts.saving import LEFT_THE_COURSE
from quizzes.bank import services as bank
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.hooks import AttemptSubmitted
from quizzes.marking.rules import Outcome, draw, outcome
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Mark, Response
from quizzes.question_types.seeds import new_seed

log = logging.getLogger(__name__)

Types = Mapping[str, QuestionType]

CLOSE_JOB = "quizzes.close_attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An attempt of the person who asks, with its quiz and its place."""

    attempt: Attempt
    title: Text
    tries: int | None
    activity_id: int
    place: QuizPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnQuestion:
    """One question of an attempt in the version that was drawn."""

    position: int
    uid: str
    kind: str
    objective: str | None
    explains: str | None
    spec: Mapping[str, Any]
    spec_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizOverview:
    """What a person sees before they begin; ``attempts`` are theirs, the newest first, each with its newest result."""

    quiz: Quiz
    place: QuizPlace
    questions: int  # in one attempt
    attempts: tuple[tuple[Attempt, Result | None], ...]

    def open_attempt(self, now: datetime) -> Attempt | None:
        """Return the attempt that can be continued."""
        return next((attempt for attempt, _ in self.attempts if attempt.is_open(now)), None)

    @property
    def tries_left(self) -> int | None:
        """Count the attempts that may still begin; None: as many as wanted."""
        return None if self.quiz.tries is None else max(0, self.quiz.tries - len(self.attempts))


def overview(
    session: Session, *, person_id: int, course_slug: str, module_slug: str, activity_slug: str
) -> QuizOverview:
    """Return a quiz as a person sees it who may begin it; raises NotFound."""
    quiz, place = activity.quiz_at(
        session, person_id=person_id, course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug
    )
    number = bank.count_of_questions(session, quiz_id=quiz.id)
    rows = session.execute(
        select(Attempt, Result)
        .outerjoin(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.quiz_id == quiz.id, Attempt.person_id == person_id)
        .order_by(Attempt.number.desc(), Result.number)
    )
    attempts: dict[Attempt, Result | None] = {}
    for attempt, result in rows:
        attempts[attempt] = result  # the newest result of an attempt comes last
    return QuizOverview(
        quiz=quiz,
        place=place,
        questions=number if quiz.draw is None else min(quiz.draw, number),
        attempts=tuple(attempts.items()),
    )


def start(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    types: Types,
    now: datetime,
) -> Attempt:
    """Begin an attempt, or continue the one that is open: its questions and its end are written before one is shown.

    Raises NotFound; Refused for who does not take the course, has no try left, or where there is nothing to answer yet.
    """
    quiz, place = activity.quiz_at(
        session, person_id=person_id, course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug
    )
    activity.take_turns(session, person_id=person_id, course_id=place.course_id)
    last = session.scalar(
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.person_id == person_id)
        .order_by(Attempt.number.desc())
        .limit(1)
        .with_for_update()
    )
    if last is not None and last.is_open(now):
        return last
    if last is not None and last.closed_at is None:
        _close(session, last, activity_id=place.activity_id, types=types, submitted_at=None, now=now)
    if quiz.tries is not None and last is not None and last.number >= quiz.tries:
        raise Refused(N_("You have used all your tries. Your best one counts."))
    questions = {question.question_id: question for question in bank.current_versions(session, quiz_id=quiz.id)}
    if not questions:
        raise Refused(N_("This quiz has no questions yet."))
    seed = new_seed()
    attempt = Attempt(
        quiz_id=quiz.id,
        person_id=person_id,
        number=1 if last is None else last.number + 1,
        seed=seed,
        pass_mark=quiz.pass_mark,
        opened_at=now,
        deadline=None if quiz.time_limit_seconds is None else now + timedelta(seconds=quiz.time_limit_seconds),
    )
    session.add(attempt)
    session.flush()
    drawn = draw(list(questions), count=quiz.draw, rng_seed=seed)
    session.add_all(
        AttemptQuestion(attempt_id=attempt.id, position=position, question_version_id=questions[question_id].version_id)
        for position, question_id in enumerate(drawn, start=1)
    )
    if attempt.deadline is not None:
        job = enqueue(session, CLOSE_JOB, {"attempt_id": attempt.id}, now=now)
        job.run_after = attempt.deadline
    session.flush()
    return attempt


def standing(session: Session, *, attempt_id: int, person_id: int, writing: bool = False) -> Standing:
    """Return an attempt of this person in one statement; with ``writing`` others wait until the transaction ends.

    Raises NotFound for somebody else's attempt exactly as for an unknown one, and where the course is not published.
    """
    statement = activity.joined_to_place(
        select(Attempt, Quiz.title, Quiz.tries, *activity.place_columns()).join(Quiz, Quiz.id == Attempt.quiz_id),
        person_id=person_id,
    ).where(Attempt.id == attempt_id, Attempt.person_id == person_id)
    if writing:
        statement = statement.with_for_update(of=Attempt)
    row = session.execute(statement).one_or_none()
    if row is None or not row.published:
        raise NotFound
    return Standing(
        attempt=row.Attempt,
        title=row.title,
        tries=row.tries,
        activity_id=row.activity_id,
        place=activity.place_of(row),
    )


def must_take_part(found: Standing) -> None:
    """Raise Refused for a person who no longer takes the course."""
    if not found.place.enrolled:
        raise Refused(LEFT_THE_COURSE)


def questions_of(session: Session, *, attempt_id: int) -> list[DrawnQuestion]:
    """List an attempt's questions in their order."""
    return [DrawnQuestion(**row._mapping) for row in session.execute(_questions(attempt_id))]


def question_at(session: Session, *, attempt_id: int, position: int) -> tuple[DrawnQuestion, int]:
    """Return one question of an attempt and the number of all; raises NotFound."""
    all_questions = (
        select(func.count())
        .where(AttemptQuestion.attempt_id == attempt_id)
        .select_from(AttemptQuestion)
        .correlate(None)
    )
    row = session.execute(
        _questions(attempt_id)
        .add_columns(all_questions.scalar_subquery().label("of"))
        .where(AttemptQuestion.position == position)
    ).one_or_none()
    if row is None:
        raise NotFound
    values = dict(row._mapping)
    of = values.pop("of")
    return DrawnQuestion(**values), of


def positions_of(session: Session, *, attempt_id: int) -> list[int]:
    """List the positions of an attempt."""
    return list(
        session.scalars(
            select(AttemptQuestion.position)
            .where(AttemptQuestion.attempt_id == attempt_id)
            .order_by(AttemptQuestion.position)
        )
    )


def first_open_position(session: Session, *, attempt_id: int) -> int:
    """Return the first question without an answer, else the first."""
    answers = journal.answers_of(session, attempt_id=attempt_id)
    positions = positions_of(session, attempt_id=attempt_id)
    return next((position for position in positions if answers.at(position).response is None), 1)


def _questions(attempt_id: int) -> Any:
    return (
        select(
            AttemptQuestion.position,
            Question.uid,
            Question.kind,
            Question.objective,
            Question.explains,
            QuestionVersion.spec,
            QuestionVersion.spec_version,
        )
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(AttemptQuestion.attempt_id == attempt_id)
        .order_by(AttemptQuestion.position)
    )


def submit(session: Session, *, attempt_id: int, person_id: int, types: Types, now: datetime) -> Result:
    """Close an attempt and mark it; once it is closed the same result is given again.

    After the deadline it is closed as it stood then. Raises NotFound, Refused for who no longer takes the course.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, writing=True)
    if found.attempt.closed_at is not None:
        return newest_result(session, attempt_id=attempt_id)
    must_take_part(found)
    submitted_at = None if found.attempt.is_over(now) else now
    return _close(
        session, found.attempt, activity_id=found.activity_id, types=types, submitted_at=submitted_at, now=now
    )


def close_if_over(session: Session, *, attempt_id: int, types: Types, now: datetime) -> Result | None:
    """Close an attempt whose time ran out, with what was saved by then; None if there is nothing to do."""
    row = session.execute(
        select(Attempt, Quiz.activity_id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.id == attempt_id)
        .with_for_update(of=Attempt)
    ).one_or_none()
    if row is None or row.Attempt.closed_at is not None or not row.Attempt.is_over(now):
        return None
    return _close(session, row.Attempt, activity_id=row.activity_id, types=types, submitted_at=None, now=now)


def newest_result(session: Session, *, attempt_id: int) -> Result:
    """Return the result that stands: the last regrade, or the first. Raises NotFound while the attempt is open."""
    result = session.scalar(
        select(Result).where(Result.attempt_id == attempt_id).order_by(Result.number.desc()).limit(1)
    )
    if result is None:
        raise NotFound
    return result


def marks_of(questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types) -> list[Mark | None]:
    """Mark an attempt from its journal: one item a question, None where a trainer must."""
    return [_mark(question, answers.at(question.position).response, types.get(question.kind)) for question in questions]


def outcome_of(attempt: Attempt, questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types) -> Outcome:
    """Say what an attempt comes to by its journal, without writing anything."""
    return outcome(marks_of(questions, answers, types=types), pass_mark=attempt.pass_mark)


def written(questions: Sequence[DrawnQuestion], marks: Sequence[Mark | None]) -> list[dict[str, Any]]:
    """Return marks as a result row holds them."""
    return [
        {"position": question.position, "score": mark and mark.score, "reason": mark and mark.reason}
        for question, mark in zip(questions, marks, strict=True)
    ]


def _mark(question: DrawnQuestion, response: Response | None, of_kind: QuestionType | None) -> Mark | None:
    if of_kind is None:
        return None
    try:
        return of_kind.mark(current_spec(of_kind, question.spec, question.spec_version), response)
    except Exception:  # a faulty kind must not keep a person from submitting
        log.exception("kind %s failed to mark question %s", question.kind, question.uid)
        return None


def _close(
    session: Session,
    attempt: Attempt,
    *,
    activity_id: int,
    types: Types,
    submitted_at: datetime | None,
    now: datetime,
) -> Result:
    questions = questions_of(session, attempt_id=attempt.id)
    marks = marks_of(questions, journal.answers_of(session, attempt_id=attempt.id), types=types)
    came_to = outcome(marks, pass_mark=attempt.pass_mark)
    attempt.submitted_at = submitted_at
    attempt.closed_at = submitted_at or attempt.deadline or now
    result = Result(
        attempt_id=attempt.id,
        number=1,
        score=came_to.score,
        passed=came_to.passed,
        marks=written(questions, marks),
        made_at=now,
    )
    session.add(result)
    session.flush()
    record_result(
        session,
        person_id=attempt.person_id,
        activity_id=activity_id,
        score=came_to.score,
        passed=came_to.passed,
        now=now,
    )
    tell(
        session,
        AttemptSubmitted(
            attempt_id=attempt.id,
            quiz_id=attempt.quiz_id,
            activity_id=activity_id,
            person_id=attempt.person_id,
            score=came_to.score,
            passed=came_to.passed,
            provisional=came_to.provisional,
            at=now,
        ),
    )
    return result
