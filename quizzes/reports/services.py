"""Who took a quiz and what it came to; each try with all that belongs to it; each objective; and rows for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, distinct, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.errors import NotFound
from quizzes.attempts import journal
from quizzes.attempts import services as attempts
from quizzes.attempts.journal import Journal
from quizzes.attempts.models import (
    AnswerEvent,
    Attempt,
    AttemptQuestion,
    HintAsked,
    LateDecision,
    OpenAnswer,
    Result,
)
from quizzes.attempts.services import DrawnQuestion
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.facts.models import ItemFact, QuizFact
from quizzes.facts.services import WHOLE
from quizzes.marking.rules import counted

PAGE_ROWS = 50
BATCH = 200  # attempts that an export reads at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try with its newest result; ``waits``: a trainer has still something to mark in it."""

    attempt_id: int
    number: int
    opened_at: datetime
    closed_at: datetime | None
    deadline: datetime | None
    score: float | None  # None: not closed yet
    passed: bool
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Somebody who took a quiz, with all their tries; ``counted`` is the one that counts."""

    person_id: int
    name: str
    email: str
    tries: tuple[Try, ...]
    counted: Try | None
    ever_passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Takers:
    """One page of them. ``number`` counts pages from 1, ``of`` all people who were wanted."""

    rows: tuple[Taker, ...]
    number: int
    of: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.of // PAGE_ROWS))


def takers(session: Session, *, quiz_id: int, counts: str, search: str, number: int) -> Takers:
    """List who took a quiz by name, a page at a time, with their tries.

    One statement however many there are; three where a page beyond the last is asked for, which gives the last.
    """
    sat = select(Attempt.person_id).where(Attempt.quiz_id == quiz_id).group_by(Attempt.person_id).subquery()
    wanted = select(Person.id).join(sat, sat.c.person_id == Person.id)
    if search:
        wanted = wanted.where(
            or_(Person.name.icontains(search, autoescape=True), Person.email.icontains(search, autoescape=True))
        )

    def rows_of(place: int) -> Sequence[Any]:
        page = (
            wanted.with_only_columns(
                Person.id,
                Person.name,
                Person.email,
                func.lower(Person.name).label("sorted_by"),
                func.count().over().label("of"),
            )
            .order_by(func.lower(Person.name), Person.id)
            .limit(PAGE_ROWS)
            .offset((place - 1) * PAGE_ROWS)
            .subquery()
        )
        return session.execute(
            select(page.c.id, page.c.name, page.c.email, page.c.of, *_TRY)
            .select_from(page)
            .join(Attempt, and_(Attempt.person_id == page.c.id, Attempt.quiz_id == quiz_id))
            .outerjoin(Result, and_(Result.attempt_id == Attempt.id, Result.number == _newest()))
            .order_by(page.c.sorted_by, page.c.id, Attempt.number)
        ).all()

    number = max(1, number)
    rows = rows_of(number)
    if not rows and number > 1:
        of = session.scalar(wanted.with_only_columns(func.count())) or 0
        number = max(1, -(-of // PAGE_ROWS))
        rows = rows_of(number)
    people: dict[int, list[Any]] = {}
    for row in rows:
        people.setdefault(row.id, []).append(row)
    return Takers(
        rows=tuple(_taker(of_person[0], [_try(row) for row in of_person], counts) for of_person in people.values()),
        number=number,
        of=rows[0].of if rows else 0,
    )


def taker(session: Session, *, quiz_id: int, counts: str, person_id: int) -> Taker:
    """Return one person's tries at a quiz; raises NotFound for who has none."""
    rows = session.execute(
        select(Person.id, Person.name, Person.email, *_TRY)
        .join(Attempt, and_(Attempt.person_id == Person.id, Attempt.quiz_id == quiz_id))
        .outerjoin(Result, and_(Result.attempt_id == Attempt.id, Result.number == _newest()))
        .where(Person.id == person_id)
        .order_by(Attempt.number)
    ).all()
    if not rows:
        raise NotFound
    return _taker(rows[0], [_try(row) for row in rows], counts)


def _taker(person: Any, tries: Sequence[Try], counts: str) -> Taker:
    marked = [one for one in tries if one.score is not None]
    return Taker(
        person_id=person.id,
        name=person.name,
        email=person.email,
        tries=tuple(tries),
        counted=counted(marked, counts=counts, by=lambda one: one.score or 0.0),
        ever_passed=any(one.passed for one in marked),
    )


def _newest() -> Any:
    return select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()


_TRY = (
    Attempt,
    Result.score,
    Result.passed,
    select(OpenAnswer.event_id)
    .where(OpenAnswer.attempt_id == Attempt.id, OpenAnswer.counts, OpenAnswer.score.is_(None))
    .correlate(Attempt)
    .exists()
    .label("waits"),
)


def _try(row: Any) -> Try:
    attempt: Attempt = row.Attempt
    return Try(
        attempt_id=attempt.id,
        number=attempt.number,
        opened_at=attempt.opened_at,
        closed_at=attempt.closed_at,
        deadline=attempt.deadline,
        score=row.score,
        passed=bool(row.passed),
        waits=bool(row.waits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeQuiz:
    """The rules that a page of results tells, and what all finished and marked tries come to."""

    counts: str
    pass_mark: float
    attempts: int
    passed: int
    mean: float | None  # of the scores


def whole_quiz(session: Session, *, quiz_id: int) -> WholeQuiz:
    """Return a quiz in figures, in one statement."""
    row = session.execute(
        select(Quiz.counts, Quiz.pass_mark, QuizFact.attempts, QuizFact.passed, QuizFact.score)
        .outerjoin(QuizFact, QuizFact.quiz_id == Quiz.id)
        .where(Quiz.id == quiz_id)
    ).one()
    return WholeQuiz(
        counts=row.counts,
        pass_mark=row.pass_mark,
        attempts=row.attempts or 0,
        passed=row.passed or 0,
        mean=row.score / row.attempts / WHOLE if row.attempts else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveFigures:
    """How the questions of one objective went: ``answers`` marks were given, ``share`` is their mean, 0 to 1."""

    objective: str | None
    questions: int
    answers: int
    share: float


def objectives(session: Session, *, quiz_id: int) -> dict[str | None, ObjectiveFigures]:
    """Return the figures of each objective by its id, None for questions without one, in one statement."""
    rows = session.execute(
        select(
            Question.objective,
            func.count(distinct(Question.id)).label("questions"),
            func.sum(ItemFact.n).label("n"),
            func.sum(ItemFact.x).label("x"),
        )
        .join(QuestionVersion, QuestionVersion.id == ItemFact.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(ItemFact.quiz_id == quiz_id, ItemFact.n > 0)
        .group_by(Question.objective)
    )
    return {
        row.objective: ObjectiveFigures(
            objective=row.objective,
            questions=row.questions,
            answers=int(row.n),
            share=float(row.x) / int(row.n) / WHOLE,
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTry:
    """A try with all that belongs to it. ``results``: every one that there was, the first first."""

    attempt: Attempt
    person_id: int
    name: str
    email: str
    results: tuple[Result, ...]
    questions: tuple[DrawnQuestion, ...]
    answers: Journal
    events: tuple[tuple[AnswerEvent, LateDecision | None], ...]  # as they came
    open_answers: Mapping[int, OpenAnswer]  # by the id of the answer

    @property
    def marks(self) -> Mapping[int, float | None]:
        """The marks that stand by position; None: a trainer must; empty while the try is open."""
        return {mark["position"]: mark["score"] for mark in self.results[-1].marks} if self.results else {}


def whole_try(session: Session, *, quiz_id: int, attempt_id: int) -> WholeTry:
    """Return a try of a quiz with its journal, in six statements; raises NotFound for a try of another quiz."""
    row = session.execute(
        select(Attempt, Person.name, Person.email)
        .join(Person, Person.id == Attempt.person_id)
        .where(Attempt.id == attempt_id, Attempt.quiz_id == quiz_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    attempt: Attempt = row.Attempt
    results = session.scalars(select(Result).where(Result.attempt_id == attempt_id).order_by(Result.number))
    events = session.execute(
        select(AnswerEvent, LateDecision)
        .outerjoin(LateDecision, LateDecision.event_id == AnswerEvent.id)
        .where(AnswerEvent.attempt_id == attempt_id)
        .order_by(AnswerEvent.id)
    )
    open_answers = session.scalars(select(OpenAnswer).where(OpenAnswer.attempt_id == attempt_id))
    return WholeTry(
        attempt=attempt,
        person_id=attempt.person_id,
        name=row.name,
        email=row.email,
        results=tuple(results),
        questions=tuple(attempts.questions_of(session, attempt_id=attempt_id)),
        answers=journal.answers_of(session, attempt_id=attempt_id),
        events=tuple((event, decision) for event, decision in events),
        open_answers={one.event_id: one for one in open_answers},
    )


# --- for a file ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAnswer:
    """One answer that reached us, or (``event`` None) a question that nobody answered."""

    position: int
    version_id: int
    event: AnswerEvent | None
    counts: bool
    hint: bool
    mark: float | None  # of the answer that counts, or of none


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTry:
    """One try with everything that was answered in it."""

    attempt: Attempt
    name: str
    email: str
    result: Result | None
    answers: tuple[ExportedAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedVersion:
    """A question in one version."""

    uid: str
    kind: str
    number: int
    spec: Mapping[str, Any]
    spec_version: int
    objective: str | None


def exported_tries(session: Session, *, quiz_id: int, after: int, answers: bool) -> list[ExportedTry]:
    """Return the next tries of a quiz behind the try ``after``, with what was answered in them or without."""
    rows = session.execute(
        select(Attempt, Person.name, Person.email, Result)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(Result, and_(Result.attempt_id == Attempt.id, Result.number == _newest()))
        .where(Attempt.quiz_id == quiz_id, Attempt.id > after)
        .order_by(Attempt.id)
        .limit(BATCH)
    ).all()
    of_attempt = _exported_answers(session, {row.Attempt.id: row.Result for row in rows}) if answers and rows else {}
    return [
        ExportedTry(
            attempt=row.Attempt,
            name=row.name,
            email=row.email,
            result=row.Result,
            answers=tuple(of_attempt.get(row.Attempt.id, ())),
        )
        for row in rows
    ]


def _exported_answers(session: Session, results: Mapping[int, Result | None]) -> dict[int, list[ExportedAnswer]]:
    drawn = session.execute(
        select(AttemptQuestion, HintAsked.position.is_not(None).label("hint"))
        .outerjoin(
            HintAsked,
            and_(HintAsked.attempt_id == AttemptQuestion.attempt_id, HintAsked.position == AttemptQuestion.position),
        )
        .where(AttemptQuestion.attempt_id.in_(results))
        .order_by(AttemptQuestion.attempt_id, AttemptQuestion.position)
    ).all()
    events: dict[tuple[int, int], list[tuple[AnswerEvent, bool]]] = {}
    for event, admitted in session.execute(
        select(AnswerEvent, func.coalesce(LateDecision.counts, False))
        .outerjoin(LateDecision, LateDecision.event_id == AnswerEvent.id)
        .where(AnswerEvent.attempt_id.in_(results))
        .order_by(AnswerEvent.id)
    ):
        events.setdefault((event.attempt_id, event.question_position), []).append((event, bool(admitted)))
    found: dict[int, list[ExportedAnswer]] = {}
    for question, hint in drawn:
        result = results[question.attempt_id]
        marks = {mark["position"]: mark["score"] for mark in result.marks} if result is not None else {}
        mark = marks.get(question.position)
        of_question = events.get((question.attempt_id, question.position), [])
        in_time = [event for event, admitted in of_question if admitted or not event.late]
        counting = max(in_time, key=lambda event: (event.counter, event.client), default=None)

        def row(event: AnswerEvent | None, *, counts: bool, at: Any = question, hint: bool = hint) -> ExportedAnswer:
            return ExportedAnswer(
                position=at.position,
                version_id=at.question_version_id,
                event=event,
                counts=counts,
                hint=bool(hint),
                mark=mark if counts else None,  # noqa: B023 - called in this turn of the loop
            )

        rows = [row(event, counts=event is counting) for event, _ in of_question]
        found.setdefault(question.attempt_id, []).extend(rows or [row(None, counts=True)])
    return found


def exported_versions(session: Session, *, quiz_id: int) -> dict[int, ExportedVersion]:
    """Return every version of a quiz's questions by its id, in one statement."""
    rows = session.execute(
        select(
            QuestionVersion.id,
            Question.uid,
            Question.kind,
            Question.objective,
            QuestionVersion.number,
            QuestionVersion.spec,
            QuestionVersion.spec_version,
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.quiz_id == quiz_id)
    )
    return {
        row.id: ExportedVersion(
            uid=row.uid,
            kind=row.kind,
            number=row.number,
            spec=row.spec,
            spec_version=row.spec_version,
            objective=row.objective,
        )
        for row in rows
    }


def number_of_answers(session: Session, *, quiz_id: int) -> int:
    """Count the answers that reached us in a quiz."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AnswerEvent)
            .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
            .where(Attempt.quiz_id == quiz_id)
        )
        or 0
    )


def number_of_tries(session: Session, *, quiz_id: int) -> int:
    """Count the tries of a quiz."""
    return session.scalar(select(func.count()).select_from(Attempt).where(Attempt.quiz_id == quiz_id)) or 0


def batches(read: Any) -> Iterator[ExportedTry]:
    """Give every try, one batch after the other; ``read(after)`` reads the next one."""
    after = 0
    while found := read(after):
        yield from found
        after = found[-1].attempt.id
