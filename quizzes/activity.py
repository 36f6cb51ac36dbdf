"""A quiz as an activity of a course: the only file that knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.orm import Session

from courses.enrolment.models import Enrolment
from courses.enrolment.services import must_be_enrolled
from courses.hooks import ActivityType
from courses.outline import PRETEST
from courses.outline.models import Activity, Course, Module
from lms.database.statements import BuiltOnce, built_once
from lms.errors import N_, AskerChanged, NotFound
from lms.text.localised import Text
from lms.values import quick_dataclass
from quizzes.bank import definitions
from quizzes.bank import services as bank
from quizzes.bank.models import Quiz
from quizzes.bank.services import ReadQuiz
from quizzes.kinds import types
from quizzes.paper import paper

KIND = "quiz"
KINDS = (KIND, PRETEST)
"""The kinds of activities that are a quiz in the bank; only the first has the pages of a quiz."""


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class QuizPlace:
    """Where a quiz stands, and whether the person who asks takes its course."""

    activity_id: int
    activity_slug: str
    module_slug: str
    module_title: Text
    course_id: int
    course_slug: str
    course_title: Text
    course_revision: int
    published: bool
    enrolled: bool

    @property
    def is_pretest(self) -> bool:
        """Say whether it is the pre-test of its course, which stands in no module that people see."""
        return self.module_slug == PRETEST


def place_columns() -> tuple[ColumnElement[Any], ...]:
    """Columns that `place_of` reads, for a statement joined by `joined_to_place`."""
    return (
        Activity.id.label("activity_id"),
        Activity.slug.label("activity_slug"),
        Module.slug.label("module_slug"),
        Module.title.label("module_title"),
        Course.id.label("course_id"),
        Course.slug.label("course_slug"),
        Course.short_title.label("course_title"),
        Course.revision.label("course_revision"),
        Course.published_at.is_not(None).label("published"),
        Enrolment.id.is_not(None).label("enrolled"),
    )


def joined_to_place(statement: Any, *, person_id: Any) -> Any:
    """Join a select over `Quiz` to the quiz's place and a person's enrolment: one statement in place of three.

    ``person_id`` is a number, or a `bindparam` in a statement that is built once.
    """
    return (
        statement.join(Activity, Activity.id == Quiz.activity_id)
        .join(Module, Module.id == Activity.module_id)
        .join(Course, Course.id == Module.course_id)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == person_id))
    )


def place_of(row: Any) -> QuizPlace:
    """Read the columns of `place_columns`."""
    return QuizPlace(
        activity_id=row.activity_id,
        activity_slug=row.activity_slug,
        module_slug=row.module_slug,
        module_title=row.module_title,
        course_id=row.course_id,
        course_slug=row.course_slug,
        course_title=row.course_title,
        course_revision=row.course_revision,
        published=bool(row.published),
        enrolled=bool(row.enrolled),
    )


def quiz_at(
    session: Session, *, person_id: int, course_slug: str, module_slug: str, activity_slug: str
) -> tuple[ReadQuiz, QuizPlace]:
    """Return the quiz at this address; raises NotFound where the course or the quiz is not open to anybody."""
    values = {"person_id": person_id, "course": course_slug, "module": module_slug, "activity": activity_slug}
    return quiz_in(session, _quiz_at, values)


def pretest_of(session: Session, *, person_id: int, course_slug: str) -> tuple[ReadQuiz, QuizPlace]:
    """Return the pre-test of a course; raises NotFound where the course has none or is not open to anybody."""
    return quiz_in(session, _pretest_of, {"person_id": person_id, "course": course_slug})


def quiz_in(session: Session, statement: BuiltOnce, values: Mapping[str, object]) -> tuple[Any, QuizPlace]:
    """Return what a statement made of `open_quizzes` finds; raises NotFound, and AskerChanged where it makes sure."""
    rows = statement.rows(session.connection(), values)
    if not rows:
        raise NotFound
    (row,) = rows
    if "stands" in row._fields and not row.stands:
        raise AskerChanged
    return row, place_of(row)


def open_quizzes(*where: ColumnElement[bool]) -> Any:
    """Return a statement for quizzes that are open to people, with their place: its parameters are person_id, course.

    It has the columns of `Quiz` and of `place_columns`.
    """
    columns = [getattr(Quiz, column.key) for column in Quiz.__table__.columns if column.key != "activity_id"]
    return joined_to_place(select(*columns, *place_columns()), person_id=bindparam("person_id")).where(
        Course.slug == bindparam("course"),
        *where,
        Activity.retired_at.is_(None),
        Course.published_at.is_not(None),
        Module.ready,
    )


AT_ADDRESS = (Module.slug == bindparam("module"), Activity.slug == bindparam("activity"), Activity.kind == KIND)
"""What makes `open_quizzes` one quiz: its parameters are module and activity."""

# Built once: putting a statement together anew costs more than running it.
_quiz_at = built_once(open_quizzes(*AT_ADDRESS))
_pretest_of = built_once(open_quizzes(Module.slug == PRETEST, Activity.kind == PRETEST))
_held_enrolment = built_once(
    select(Enrolment.id)
    .where(Enrolment.course_id == bindparam("course_id"), Enrolment.person_id == bindparam("person_id"))
    .with_for_update()
)


def take_turns(session: Session, *, person_id: int, course_id: int, enrolled: bool = False) -> None:
    """Make whoever else acts for this person in this course wait; raises Refused for who does not take the course.

    ``enrolled``: this transaction has read that they do.
    """
    if enrolled and session.connection().dialect.name == "sqlite":  # there all others wait from the beginning
        return
    held = session.connection().scalar(_held_enrolment, {"course_id": course_id, "person_id": person_id})
    if held is None:
        must_be_enrolled(session, person_id=person_id, course_id=course_id)


class QuizChecker:
    """What a quiz says about its file beside the envelope of its questions: its rules, kinds and specs."""

    def check(
        self, definition: Mapping[str, object], *, lessons: Mapping[str, frozenset[str]]
    ) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        """Give each fault as (path, message id, values)."""
        del lessons  # where a question is explained is part of the envelope
        if definition.get("pass_mark") is None:
            yield "", N_("A quiz says its pass mark, for example pass_mark: 0.7."), {}
        yield from definitions.faults(definition)
        yield from spec_faults(definition)


def spec_faults(definition: Mapping[str, object]) -> Iterator[definitions.Fault]:
    """Give each fault of what the questions of a definition ask, and of their kinds."""
    known = types()
    questions = definition.get("questions")
    for number, question in enumerate(questions if isinstance(questions, list | tuple) else ()):
        if isinstance(question, Mapping):  # another thing is the envelope's fault
            kind = question.get("kind")
            if not isinstance(kind, str) or kind not in known:
                path, message = f"questions.{number}.kind", N_("This site knows no questions of kind “%(kind)s”.")
                yield path, message, {"kind": kind}
                continue
            for problem in known[kind].check(question.get("spec") or {}):
                yield f"questions.{number}.spec.{problem.path}".rstrip("."), problem.message, problem.values


PLACES = ("objective", "explains")


def install(
    session: Session,
    *,
    activity_id: int,
    definition: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    now: datetime,
) -> str | None:
    """Write a package's quiz to the bank; a line on what changed.

    Where a trainer moved a question to another objective or paragraph it stays there, until the package moves it.
    """
    definition = _with_places_kept(session, activity_id, definition, before or {})
    return bank.install_quiz(session, activity_id=activity_id, definition=definition, types=types(), now=now)


def _with_places_kept(
    session: Session, activity_id: int, definition: Mapping[str, Any], before: Mapping[str, Any]
) -> Mapping[str, Any]:
    said = {one["id"]: one for one in before.get("questions", ())}
    if not said:
        return definition
    quiz = bank.quiz_of(session, activity_id=activity_id)
    here = {one.uid: one for one in bank.questions_of(session, quiz_id=quiz.id)}
    questions = [
        {
            **one,
            **{
                name: getattr(here[one["id"]], name)
                for name in PLACES
                if one["id"] in here and one["id"] in said and said[one["id"]].get(name) == one.get(name)
            },
        }
        for one in definition["questions"]
    ]
    return {**definition, "questions": questions}


def definition_of(session: Session, *, activity_id: int) -> Mapping[str, Any]:
    """Give a quiz as its package writes it."""
    return bank.definition_of(session, activity_id=activity_id)


quiz_activity = ActivityType(
    kind=KIND,
    label=N_("Quiz"),
    endpoint="quizzes.attempts.intro",
    trainer_endpoint="quizzes.authoring.bank",
    checker=QuizChecker(),
    install=install,
    definition_of=definition_of,
    paper=paper,
)
