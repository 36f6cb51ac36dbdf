"""What a trainer does with the questions of a quiz, and what they see of them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from courses.authoring.services import must_be_trainer
from courses.outline.models import Activity, Course, Lesson, LessonText, Module
from lms.accounts.models import Person
from lms.audit.services import record
from lms.errors import N_, NotFound, Refused
from lms.text.localised import Text
from lms.text.slugs import slug
from quizzes.activity import KINDS
from quizzes.attempts.models import Attempt, AttemptQuestion
from quizzes.bank import services as bank
from quizzes.bank.models import DRAFT, PUBLISHED, Question, QuestionVersion, Quiz, has_state
from quizzes.bank.services import BankQuestion, NotReady, Types
from quizzes.question_types.base import Problem, Spec

PAGE_ROWS = 50
MOST_COUNTED = 1_000
STATES = ("published", "draft", "new", "retired")


class ChangedSince(Refused):
    """Somebody saved the question after the trainer opened it; what they saved stands."""

    def __init__(self) -> None:
        super().__init__(N_("Somebody saved this question after you opened it."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The quiz that a trainer works on, and where it stands. ``objectives``: plain text by language, by id."""

    quiz_id: int
    title: Text
    draw: int | None
    activity_slug: str
    module_id: int
    module_slug: str
    module_title: Text
    course_id: int
    course_slug: str
    course_title: Text
    language: str  # the source language of the course: the one in which questions are written here
    objectives: Mapping[str, Text]

    @property
    def address(self) -> dict[str, str]:
        """The values that every address below the quiz needs."""
        return {
            "course_slug": self.course_slug,
            "module_slug": self.module_slug,
            "activity_slug": self.activity_slug,
        }

    def facts(self, uid: str) -> dict[str, object]:
        """Say in the audit log which of its questions is meant: ids alone are hard to read."""
        return {"course": self.course_slug, "quiz": f"{self.module_slug}/{self.activity_slug}", "question": uid}


def enter(session: Session, *, person_id: int, course_slug: str, module_slug: str, activity_slug: str) -> Room:
    """Return the quiz at this address to a trainer of its course (or an admin); raises NotFound for everybody else."""
    row = session.execute(
        select(
            Quiz.id.label("quiz_id"),
            Quiz.title,
            Quiz.draw,
            Module.id.label("module_id"),
            Module.title.label("module_title"),
            Module.about,
            Course.id.label("course_id"),
            Course.short_title.label("course_title"),
            Course.source_language,
        )
        .join(Activity, Activity.id == Quiz.activity_id)
        .join(Module, Module.id == Activity.module_id)
        .join(Course, Course.id == Module.course_id)
        .where(
            Course.slug == course_slug,
            Module.slug == module_slug,
            Activity.slug == activity_slug,
            Activity.kind.in_(KINDS),
            Activity.retired_at.is_(None),
            Module.ready,
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    must_be_trainer(session, person_id=person_id, course_id=row.course_id)
    return Room(
        quiz_id=row.quiz_id,
        title=row.title,
        draw=row.draw,
        activity_slug=activity_slug,
        module_id=row.module_id,
        module_slug=module_slug,
        module_title=row.module_title,
        course_id=row.course_id,
        course_slug=course_slug,
        course_title=row.course_title,
        language=row.source_language,
        objectives={
            objective["id"]: {tag: Markup(html).striptags() for tag, html in objective["text"].items()}  # noqa: S704
            for objective in row.about.get("objectives", ())
        },
    )


# --- the bank --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which questions of a quiz to list; "" stands for all of them. ``state`` is one of STATES."""

    kind: str = ""
    objective: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedQuestion:
    """A question as the bank lists it. ``prompt``: of the draft, or without one of what is published."""

    uid: str
    kind: str
    objective: str | None
    prompt: Text
    published: int | None  # the number of the version
    draft: int | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page of the bank begins: behind a question, or ``back`` before it; (position, id) say which."""

    position: int
    question_id: int
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the bank. ``of``: how many questions were wanted, None for more than MOST_COUNTED.

    ``is_first``: nothing stands before it, even where another page was asked for.
    """

    rows: tuple[ListedQuestion, ...]
    is_first: bool
    previous: Turn | None
    next: Turn | None
    of: int | None


def listing(session: Session, room: Room, *, wanted: Wanted, turn: Turn | None = None) -> Listing:
    """List the questions of a quiz, a page at a time: in two statements that cost the same however many there are.

    Where nothing stands at ``turn`` any more, it is the first page.
    """
    conditions = _conditions(room, wanted)
    some = select(Question.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    of = session.scalar(select(func.count()).select_from(some)) or 0
    rows = _rows(session, conditions, turn)
    is_short = len(rows) <= PAGE_ROWS
    if turn is not None and (is_short if turn.back else not rows):  # pages are filled from the first one on
        turn, rows = None, _rows(session, conditions, None)
        is_short = len(rows) <= PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    is_first, is_last = turn is None, is_short
    if turn is not None and turn.back:
        rows, is_last = rows[::-1], False
    return Listing(
        rows=tuple(
            ListedQuestion(
                uid=row.uid,
                kind=row.kind,
                objective=row.objective,
                prompt=_texts(row.draft_spec if row.draft is not None else row.published_spec),
                published=row.published,
                draft=row.draft,
                retired=row.retired_at is not None,
            )
            for row in rows
        ),
        is_first=is_first,
        previous=None if is_first else Turn(rows[0].position, rows[0].id, back=True),
        next=None if is_last else Turn(rows[-1].position, rows[-1].id),
        of=of if of <= MOST_COUNTED else None,
    )


def _rows(session: Session, conditions: Sequence[ColumnElement[bool]], turn: Turn | None) -> Sequence[Any]:
    """A page of rows and one more, if there is one; those before a question begin with its neighbour."""
    place, published, draft = tuple_(Question.position, Question.id), aliased(QuestionVersion), aliased(QuestionVersion)
    statement = (
        select(
            Question.id,
            Question.position,
            Question.uid,
            Question.kind,
            Question.objective,
            Question.retired_at,
            published.number.label("published"),
            draft.number.label("draft"),
            published.spec.label("published_spec"),
            draft.spec.label("draft_spec"),
        )
        .select_from(Question)
        .outerjoin(published, and_(published.question_id == Question.id, has_state(published, PUBLISHED)))
        .outerjoin(draft, and_(draft.question_id == Question.id, has_state(draft, DRAFT)))
        .where(*conditions)
        .limit(PAGE_ROWS + 1)
    )
    if turn is not None:
        at = tuple_(turn.position, turn.question_id)
        statement = statement.where(place < at if turn.back else place > at)
    if turn is not None and turn.back:
        statement = statement.order_by(Question.position.desc(), Question.id.desc())
    else:
        statement = statement.order_by(Question.position, Question.id)
    return session.execute(statement).all()


def _conditions(room: Room, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Question.quiz_id == room.quiz_id,
        Question.retired_at.is_not(None) if wanted.state == "retired" else Question.retired_at.is_(None),
    ]
    if wanted.state == "published":
        conditions.append(_has_version(PUBLISHED))
    if wanted.state == "draft":  # few have one: these are looked up, not every question
        drafts = select(QuestionVersion.question_id).where(has_state(QuestionVersion, DRAFT))
        conditions.append(Question.id.in_(drafts))
    if wanted.state == "new":
        conditions.append(~_has_version(PUBLISHED))
    if wanted.kind:
        conditions.append(Question.kind == wanted.kind)
    if wanted.objective:
        conditions.append(Question.objective == wanted.objective)
    return conditions


def _has_version(state: str) -> ColumnElement[bool]:
    return exists().where(QuestionVersion.question_id == Question.id, has_state(QuestionVersion, state))


def _texts(spec: Mapping[str, Any] | None) -> Text:
    prompt = spec.get("prompt") if spec else None
    if not isinstance(prompt, Mapping):
        return {}
    return {tag: words for tag, words in prompt.items() if isinstance(words, str)}


# --- one question ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A lesson that can explain a question, with its headings as (anchor, title)."""

    slug: str
    title: str
    headings: tuple[tuple[str, str], ...]


def explanations(session: Session, room: Room) -> tuple[Explanation, ...]:
    """List the lessons of the quiz's module in their order, with their headings in the source language."""
    rows = session.execute(
        select(Lesson.slug, LessonText.title, LessonText.headings)
        .join(LessonText, and_(LessonText.lesson_id == Lesson.id, LessonText.language == room.language))
        .where(Lesson.module_id == room.module_id, Lesson.retired_at.is_(None))
        .order_by(Lesson.position)
    )
    return tuple(
        Explanation(
            slug=row.slug,
            title=row.title,
            headings=tuple((heading["id"], heading["title"]) for heading in row.headings),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """How many people are in the middle of an attempt that has one version of a question."""

    people: int
    version: int


def in_the_middle(session: Session, *, question_id: int, now: datetime) -> tuple[Holding, ...]:
    """Count the open attempts that hold a question, by version: they keep it, whatever is published."""
    rows = session.execute(
        select(QuestionVersion.number, func.count())
        .select_from(QuestionVersion)
        .join(AttemptQuestion, AttemptQuestion.question_version_id == QuestionVersion.id)
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .where(
            QuestionVersion.question_id == question_id,
            Attempt.closed_at.is_(None),
            or_(Attempt.deadline.is_(None), Attempt.deadline > now),
        )
        .group_by(QuestionVersion.number)
        .order_by(QuestionVersion.number)
    )
    return tuple(Holding(people=row[1], version=row[0]) for row in rows)


def name_of(session: Session, *, person_id: int | None) -> str | None:
    """Return the name of who saved a version; None for a package."""
    return None if person_id is None else session.scalar(select(Person.name).where(Person.id == person_id))


def mark_of(question: BankQuestion) -> str:
    """Return what tells one saved state of a question from every other: 32 hexadecimal digits for a form to carry."""
    newest = question.newest
    state = [question.objective, question.explains, None if newest is None else [newest.number, newest.hash]]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]


def hold(session: Session, room: Room, *, uid: str) -> BankQuestion:
    """Return a question of this quiz, so that whoever else saves it waits; raises NotFound."""
    session.scalar(select(Question.id).where(Question.quiz_id == room.quiz_id, Question.uid == uid).with_for_update())
    return bank.question_in(session, quiz_id=room.quiz_id, uid=uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a trainer wrote. ``began_from``: the `mark_of` the question when they opened it."""

    spec: Spec
    objective: str | None
    explains: str | None
    began_from: str


def save(
    session: Session,
    room: Room,
    question: BankQuestion,
    written: Written,
    *,
    person_id: int,
    types: Types,
    now: datetime,
) -> BankQuestion:
    """Keep what a trainer wrote to a question that the caller holds, as its draft; the same text again is no new draft.

    Where a question is explained, and its objective, have no versions: they change at once. Raises ChangedSince if what
    is saved is neither what the trainer began from nor what they send.
    """
    newest = question.newest
    is_same = newest is not None and newest.hash == bank.hash_of(written.spec)
    is_placed = (question.objective, question.explains) == (written.objective, written.explains)
    if not (is_same and is_placed) and written.began_from != mark_of(question):
        raise ChangedSince
    if not is_same:
        bank.save_draft(
            session, question_id=question.question_id, spec=written.spec, person_id=person_id, types=types, now=now
        )
    if not is_placed:
        row = session.get_one(Question, question.question_id)
        with bank.blueprint_kept(session, quiz_id=room.quiz_id):
            row.objective, row.explains = written.objective, written.explains
            session.flush()
    return bank.question_in(session, quiz_id=room.quiz_id, uid=question.uid)


def must_be_seen(question: BankQuestion, *, began_from: str) -> None:
    """Raise ChangedSince unless the question is as the trainer saw it."""
    if began_from != mark_of(question):
        raise ChangedSince


def publish(
    session: Session, room: Room, question: BankQuestion, *, person_id: int, types: Types, now: datetime
) -> Sequence[Problem]:
    """Publish a question's draft and note it in the audit log; gives the problems in the way, none if it is published.

    Without a draft nothing changes.
    """
    if question.draft is None:
        return ()
    try:
        version = bank.publish(session, version_id=question.draft.id, person_id=person_id, types=types, now=now)
    except NotReady as refusal:
        return refusal.problems
    record(
        session,
        actor_id=person_id,
        act="question.published",
        about=f"question:{question.question_id}",
        now=now,
        facts={**room.facts(question.uid), "version": version.number, "sha256": version.hash},
    )
    return ()


def add(session: Session, room: Room, *, kind: str, person_id: int, types: Types, now: datetime) -> str:
    """Add an empty question of a kind and return its id; raises Refused for a kind that is not in use."""
    taken = select(func.count()).select_from(Question).where(Question.quiz_id == room.quiz_id)
    uid = new_uid(kind)
    while session.scalar(taken.where(Question.uid == uid)):
        uid = new_uid(kind)
    return bank.add_question(
        session, quiz_id=room.quiz_id, uid=uid, kind=kind, person_id=person_id, types=types, now=now
    ).uid


def new_uid(kind: str) -> str:
    """Draw the id of a new question: its kind and 5 letters and digits (25 random bits)."""
    letters = base64.b32encode(secrets.token_bytes(5)).decode("ascii").lower()[:5]
    return f"{slug(kind)[:60].strip('-') or 'question'}-{letters}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """What follows if a question is retired: what is left to draw from, and who keeps it."""

    question: BankQuestion
    left: int
    holdings: tuple[Holding, ...]


def retirement(session: Session, room: Room, *, uid: str, now: datetime) -> Retirement:
    """Work out what follows if a question is retired; raises NotFound."""
    question = bank.question_in(session, quiz_id=room.quiz_id, uid=uid)
    return Retirement(
        question=question,
        left=bank.count_of_questions(session, quiz_id=room.quiz_id) - (question.published is not None),
        holdings=in_the_middle(session, question_id=question.question_id, now=now),
    )


def retire(session: Session, room: Room, *, uid: str, person_id: int, now: datetime) -> None:
    """Draw a question for no new attempt, and note it in the audit log; twice is the same as once. Raises NotFound."""
    question_id = _any_question(session, room, uid)
    if bank.set_retired(session, question_id=question_id, retired_at=now):
        _note(session, room, "question.retired", question_id, uid, person_id, now)


def bring_back(session: Session, room: Room, *, uid: str, person_id: int, now: datetime) -> None:
    """Draw a retired question again, and note it in the audit log; twice is the same as once. Raises NotFound."""
    question_id = _any_question(session, room, uid)
    if bank.set_retired(session, question_id=question_id, retired_at=None):
        _note(session, room, "question.brought_back", question_id, uid, person_id, now)


def _note(session: Session, room: Room, act: str, question_id: int, uid: str, person_id: int, now: datetime) -> None:
    about = f"question:{question_id}"
    record(session, actor_id=person_id, act=act, about=about, now=now, facts=room.facts(uid))


def _any_question(session: Session, room: Room, uid: str) -> int:
    """The id of a question of this quiz, retired or not."""
    found = session.scalar(select(Question.id).where(Question.quiz_id == room.quiz_id, Question.uid == uid))
    if found is None:
        raise NotFound
    return found
