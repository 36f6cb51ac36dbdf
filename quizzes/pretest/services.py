"""Which of the two times is open to a person, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlalchemy.orm import Session

from courses.learning.services import MAIN_PAPER, Progress, course_and_progress, rules_of
from courses.outline.services import Outline
from lms.database.writing import insert_if_new
from lms.errors import N_, NotFound, Refused
from lms.text.localised import Text
from quizzes import activity
from quizzes.attempts import services as attempts
from quizzes.attempts.models import Attempt, AttemptQuestion, Result
from quizzes.attempts.services import ReadAttempt, Types
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.pretest.models import PretestDeclined
from quizzes.question_types.base import NOT_ANSWERED

Stage = Literal["first", "first_open", "late", "between", "second", "second_open", "done"]
"""Where a person stands: the first time can begin or is begun; it is too late for it; it is over and the end of the
course is not reached; the second time can begin or is begun; both are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """One of the two times. ``marks``: the mark of each module, None where the question was left open; by its id."""

    attempt_id: int
    closed_at: datetime | None
    marks: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretest:
    """A course's pre-test as a person sees it. ``asked``: questions at a time. ``modules``: titles as HTML, by id."""

    outline: Outline
    enrolled: bool
    stage: Stage
    asked: int
    intro: Text
    modules: Mapping[str, Text]
    before: Time | None
    after: Time | None


def is_under_way(outline: Outline, progress: Progress) -> bool:
    """Say whether it is too late for a first time: a module is read, or something of one handed in."""
    return any(
        progress.done_in(module) == len(module.lessons) or any(one.id in progress.results for one in module.activities)
        for module in outline.ready
    )


def is_at_the_end(outline: Outline, progress: Progress) -> bool:
    """Say whether every lesson is read, or every rule of the course's paper met."""
    if outline.lessons and all(lesson.id in progress.done for _, lesson in outline.lessons):
        return True
    papers = [paper for paper in outline.papers if paper["id"] == MAIN_PAPER] or list(outline.papers)
    rules = [rule for paper in papers for rule in rules_of(outline, progress, paper)]
    return bool(rules) and all(rule.met for rule in rules)


def stage_of(outline: Outline, progress: Progress, closed: Mapping[int, bool]) -> Stage:
    """Say where a person stands; ``closed`` says of each time that was begun, 1 and 2, whether it is over."""
    if 2 in closed:
        return "done" if closed[2] else "second_open"
    if 1 not in closed:
        return "late" if is_under_way(outline, progress) else "first"
    if is_at_the_end(outline, progress):
        return "second"
    return "between" if closed[1] else "first_open"


_person: Any = bindparam("person_id")
_tries = (  # built once: the page of a course is read often
    select(Attempt.number, Attempt.closed_at, PretestDeclined.declined_at)
    .select_from(Quiz)
    .outerjoin(Attempt, and_(Attempt.quiz_id == Quiz.id, Attempt.person_id == _person))
    .outerjoin(PretestDeclined, and_(PretestDeclined.quiz_id == Quiz.id, PretestDeclined.person_id == _person))
    .where(Quiz.activity_id == bindparam("activity_id"))
)


def offered(connection: Connection, outline: Outline, progress: Progress, *, person_id: int) -> Stage | None:
    """Say what the page of a course offers to who takes it, in one statement at most; None: nothing now."""
    if outline.pretest is None or not (not is_under_way(outline, progress) or is_at_the_end(outline, progress)):
        return None
    activity_id = outline.pretest.activities[0].id
    rows = connection.execute(_tries, {"activity_id": activity_id, "person_id": person_id}).all()
    stage = stage_of(outline, progress, {row.number: row.closed_at is not None for row in rows if row.number})
    if stage in ("late", "between") or (stage == "first" and any(row.declined_at for row in rows)):
        return None
    return stage


def pretest_of(connection: Connection, *, person_id: int, course_slug: str) -> Pretest:
    """Return a course's pre-test with what a person did in it; raises NotFound."""
    outline, progress = course_and_progress(connection, slug=course_slug, person_id=person_id)
    if outline.pretest is None:
        raise NotFound
    times = _times(connection, outline.pretest.activities[0].id, person_id)
    about = outline.pretest.about
    return Pretest(
        outline=outline,
        enrolled=progress.enrolled,
        stage=stage_of(outline, progress, {number: time.closed_at is not None for number, time in times.items()}),
        asked=about.get("asked", 0),
        intro=about.get("intro", {}),
        modules=outline.objectives_of(outline.pretest.slug),
        before=times.get(1),
        after=times.get(2),
    )


def _times(connection: Connection, activity_id: int, person_id: int) -> dict[int, Time]:
    newest = select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    rows = connection.execute(
        select(
            Attempt.number, Attempt.id, Attempt.closed_at, Result.marks, AttemptQuestion.position, Question.objective
        )
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(Result, and_(Result.attempt_id == Attempt.id, Result.number == newest))
        .where(Quiz.activity_id == activity_id, Attempt.person_id == person_id)
    ).all()
    return {
        number: Time(
            attempt_id=next(row.id for row in rows if row.number == number),
            closed_at=next(row.closed_at for row in rows if row.number == number),
            marks={row.objective: _mark(row) for row in rows if row.number == number},
        )
        for number in {row.number for row in rows}
    }


def _mark(row: Any) -> float | None:
    mark = next((one for one in row.marks or () if one["position"] == row.position), None)
    if mark is None or mark["reason"] == NOT_ANSWERED:
        return None
    score: float | None = mark["score"]
    return score


def begin(session: Session, *, person_id: int, course_slug: str, types: Types, now: datetime) -> ReadAttempt:
    """Begin the time that is open to a person, or continue it; the second asks no question of the first.

    A first time that was never handed in is closed as it stands when the second begins. Raises NotFound, and Refused
    for who does not take the course and where neither time is open.
    """
    quiz, place = activity.pretest_of(session, person_id=person_id, course_slug=course_slug)
    activity.take_turns(session, person_id=person_id, course_id=place.course_id)
    found = pretest_of(session.connection(), person_id=person_id, course_slug=course_slug)
    if found.stage in ("late", "between", "done"):
        raise Refused(_NOT_NOW[found.stage])
    if found.stage == "second" and found.before is not None and found.before.closed_at is None:
        attempts.submit(session, attempt_id=found.before.attempt_id, person_id=person_id, types=types, now=now)
    return attempts.begin(session, quiz, place, person_id=person_id, types=types, now=now, fresh=True)


_NOT_NOW = {
    "late": N_("The first time is before the course, and you are well under way."),
    "between": N_("The second time comes at the end of the course."),
    "done": N_("You have answered both times."),
}


def decline(session: Session, *, person_id: int, course_slug: str, now: datetime) -> None:
    """Offer a person the pre-test no more on the page of the course; twice is the same as once. Raises NotFound."""
    quiz, _ = activity.pretest_of(session, person_id=person_id, course_slug=course_slug)
    row = {"quiz_id": quiz.id, "person_id": person_id, "declined_at": now}
    insert_if_new(session, PretestDeclined, row, unique=("quiz_id", "person_id"))
