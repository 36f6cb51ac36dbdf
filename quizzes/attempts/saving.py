"""Saving one answer: the moment when most people wait for the server at once.

What never changes of an attempt (its questions, its seed) is read once and kept by the process. Then an answer that a
device has numbered is one statement: it is written if nothing speaks against it. Where something does, and for pages
without script, `journal.save` looks closer, while nobody else writes to the attempt.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Integer, and_, bindparam, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Course, Module
from lms.accounts.asking import KnownAsker, still_asks
from lms.database.statements import BuiltOnce, built_once
from lms.errors import N_, LmsError, NotFound, Refused
from quizzes.attempts import journal
from quizzes.attempts.ends import end_in, gap_columns, joined_to_gaps
from quizzes.attempts.journal import DrawnForAnswer, FromDevice, FromPage, Saved
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion, HasAnEnd
from quizzes.attempts.receipts import receipt
from quizzes.bank.models import Question, QuestionVersion, Quiz

LEFT_THE_COURSE = N_("Enrol in the course again to go on with this try. Your answers are kept.")


class Database(Protocol):
    """The ways to the database that saving takes."""

    def reading(self) -> Connection:
        """Give a connection that only reads."""

    def write_at_once(self, statement: BuiltOnce, values: Mapping[str, Any], /) -> Sequence[Any]:
        """Run one statement that is committed by itself; its rows."""

    def together(self) -> AbstractContextManager[Connection]:
        """Give a connection whose statements commit together at the end of the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAttempt:
    """What never changes of an attempt, by position of its questions."""

    person_id: int
    questions: Mapping[int, DrawnForAnswer]


class KeptAttempts:
    """The attempts that one process keeps; the one longest out of use goes first. Versions are held once for all."""

    MOST = 2_000

    def __init__(self) -> None:
        self._attempts: OrderedDict[int, KeptAttempt] = OrderedDict()
        self._specs: OrderedDict[int, Mapping[str, Any]] = OrderedDict()  # by question version

    def get(self, attempt_id: int) -> KeptAttempt | None:
        found = self._attempts.get(attempt_id)
        if found is not None:
            with suppress(KeyError):  # under a server with threads another one may have thrown it out by now
                self._attempts.move_to_end(attempt_id)
        return found

    def read(self, connection: Connection, attempt_id: int, *, now: datetime) -> tuple[KeptAttempt, bool]:
        """Read an attempt in one statement and keep it; also say whether it is open. Raises NotFound."""
        rows = connection.execute(_drawn, {"attempt_id": attempt_id}).all()
        if not rows:
            raise NotFound
        made = KeptAttempt(
            person_id=rows[0].person_id,
            questions={
                row.position: DrawnForAnswer(
                    attempt_id=attempt_id,
                    position=row.position,
                    seed=row.seed,
                    course_id=row.course_id,
                    kind=row.kind,
                    spec=self._held_once(row.version_id, row.spec),
                    spec_version=row.spec_version,
                )
                for row in rows
            },
        )
        self._put(attempt_id, made)
        return made, _Times(rows[0].closed_at, rows[0].deadline).is_open(now)

    def put(self, attempt: Any, questions: Iterable[Any], *, course_id: int) -> None:
        """Keep an attempt that was read for a page, with its `quizzes.attempts.services.DrawnQuestion`."""
        made = {
            one.position: DrawnForAnswer(
                attempt_id=attempt.id,
                position=one.position,
                seed=attempt.seed,
                course_id=course_id,
                kind=one.kind,
                spec=self._held_once(one.version_id, one.spec),
                spec_version=one.spec_version,
            )
            for one in questions
        }
        self._put(attempt.id, KeptAttempt(person_id=attempt.person_id, questions=made))

    def _held_once(self, version_id: int, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        held = self._specs.get(version_id)
        if held is spec or held == spec:
            return held
        self._specs[version_id] = spec  # the number of a version that was deleted has become another's
        return spec

    def _put(self, attempt_id: int, made: KeptAttempt) -> None:
        self._attempts[attempt_id] = made
        for kept in (self._attempts, self._specs):
            while len(kept) > self.MOST:
                kept.popitem(last=False)


def save_at_once(
    kept: KeptAttempts,
    database: Database,
    *,
    attempt_id: int,
    asker: KnownAsker,
    position: int,
    read: Reader,
    origin: FromDevice,
    key: bytes,
    now: datetime,
) -> Saved | None:
    """Store one answer and make sure of who sent it in one statement; None where `save` must look closer."""
    attempt = kept.get(attempt_id)
    drawn = attempt.questions.get(position) if attempt is not None else None
    if attempt is None or drawn is None or attempt.person_id != asker.person_id:
        return None
    try:
        answer = read(drawn)
    except LmsError:
        return None  # what is wrong is for its sender alone
    return _write_at_once(database, drawn, asker, answer=answer, origin=origin, key=key, now=now)


def save(
    kept: KeptAttempts,
    database: Database,
    *,
    attempt_id: int,
    person_id: int,
    position: int,
    read: Reader,
    origin: FromPage | FromDevice,
    key: bytes,
    now: datetime,
    at_once: bool = True,
) -> Saved:
    """Store one answer: in one statement where the attempt is kept, in at most four otherwise.

    Without ``at_once`` that one statement is left out, as it has been tried.

    ``read`` makes of a question what was answered to it.

    Raises NotFound for somebody else's attempt exactly as for an unknown one, Refused for who left the course, and
    what ``read`` and `quizzes.attempts.journal.save` raise.
    """
    attempt, may_be_open = kept.get(attempt_id), True
    if attempt is None or attempt.person_id != person_id:  # SQLite gives the number of an erased one to the next
        attempt, may_be_open = kept.read(database.reading(), attempt_id, now=now)
    drawn = attempt.questions.get(position)
    if attempt.person_id != person_id or drawn is None:
        raise NotFound
    answer = read(drawn)
    if at_once and may_be_open and isinstance(origin, FromDevice):
        saved = _write_at_once(database, drawn, person_id, answer=answer, origin=origin, key=key, now=now)
        if saved is not None:
            return saved
    with database.together() as connection:
        rows = connection.execute(_held, {"attempt_id": attempt_id, "person_id": person_id}).all()
        if not rows:
            raise NotFound
        row = rows[0]
        if row.enrolment_id is None:
            raise Refused(LEFT_THE_COURSE)
        ends_at = end_in(rows, deadline=row.deadline, opened_at=row.opened_at, now=now)
        late = not _Times(row.closed_at, ends_at).is_open(now)
        return journal.save(connection, drawn, answer=answer, origin=origin, late=late, key=key, now=now)


class Reader(Protocol):
    """Read what was sent as an answer to a question; raises BadAnswer."""

    def __call__(self, drawn: DrawnForAnswer, /) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Times(HasAnEnd):
    closed_at: datetime | None
    deadline: datetime | None


def _write_at_once(
    database: Database,
    drawn: DrawnForAnswer,
    asker: KnownAsker | int,
    *,
    answer: Mapping[str, Any],
    origin: FromDevice,
    key: bytes,
    now: datetime,
) -> Saved | None:
    """Write an answer in time to an open attempt; None where it is known already or anything else must be weighed."""
    code = receipt(
        key,
        attempt_id=drawn.attempt_id,
        position=drawn.position,
        client=origin.client,
        counter=origin.counter,
        answer=answer,
    )
    known = isinstance(asker, KnownAsker)
    rows = database.write_at_once(
        (_at_once_if_still_asks if known else _at_once)[database.reading().dialect.name],
        {
            **(asker.values() if isinstance(asker, KnownAsker) else {"person_id": asker}),
            "attempt_id": drawn.attempt_id,
            "course_id": drawn.course_id,
            "question_position": drawn.position,
            "client": origin.client,
            "counter": origin.counter,
            "answer": answer,
            "receipt": code,
            "now": now,
            "since": now - journal.FLOOD_WINDOW,
            "most_events": journal.MOST_EVENTS,
            "flood_events": journal.FLOOD_EVENTS,
            "farthest_leap": journal.FARTHEST_LEAP,
        },
    )
    if not rows:
        return None
    row = rows[0]
    return Saved(receipt=code, late=False, counts=not row.is_older, highest=max(row.highest or 0, origin.counter))


# All built once: putting a statement together anew for each answer cost more than running it.
_drawn = (
    select(
        Attempt.person_id,
        Attempt.closed_at,
        Attempt.deadline,
        Attempt.seed,
        Module.course_id,
        AttemptQuestion.position,
        Question.kind,
        QuestionVersion.id.label("version_id"),
        QuestionVersion.spec,
        QuestionVersion.spec_version,
    )
    .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
    .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
    .join(Question, Question.id == QuestionVersion.question_id)
    .join(Quiz, Quiz.id == Attempt.quiz_id)
    .join(Activity, Activity.id == Quiz.activity_id)
    .join(Module, Module.id == Activity.module_id)
    .where(Attempt.id == bindparam("attempt_id"))
)

# Whoever else writes to the attempt waits: on SQLite for the transaction, on PostgreSQL for this row.
_held = joined_to_gaps(
    select(
        Attempt.opened_at,
        Attempt.closed_at,
        Attempt.deadline,
        Enrolment.id.label("enrolment_id"),
        *gap_columns(),
    )
    .join(Quiz, Quiz.id == Attempt.quiz_id)
    .join(Activity, Activity.id == Quiz.activity_id)
    .join(Module, Module.id == Activity.module_id)
    .join(Course, Course.id == Module.course_id)
    .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == Attempt.person_id))
    .where(
        Attempt.id == bindparam("attempt_id"),
        Attempt.person_id == bindparam("person_id"),
        Course.published_at.is_not(None),
    )
    .with_for_update(of=Attempt)
)


def _statement_at_once(dialect: Any, *makes_sure: Any) -> Any:
    event = AnswerEvent.__table__
    other, later = event.alias("other"), event.alias("later")
    attempt: Any = bindparam("attempt_id")
    counter: Any = bindparam("counter", type_=event.c.counter.type)
    client: Any = bindparam("client", type_=event.c.client.type)
    of_attempt = other.c.attempt_id == attempt
    highest = select(func.max(other.c.counter)).where(of_attempt).scalar_subquery()
    number = select(func.count()).where(of_attempt).select_from(other).scalar_subquery()
    now = bindparam("now", type_=event.c.made_at.type)
    # Not what a clock that was wrong put into the future: nobody waits for a day.
    recent = (
        select(func.count())
        .where(of_attempt, other.c.made_at > bindparam("since", type_=event.c.made_at.type), other.c.made_at <= now)
        .select_from(other)
        .scalar_subquery()
    )
    enrolled = (
        select(Enrolment.id)
        .join(Course, Course.id == Enrolment.course_id)
        .where(
            Course.id == bindparam("course_id"),
            Enrolment.person_id == bindparam("person_id"),
            Course.published_at.is_not(None),
        )
        .exists()
    )
    wanted: dict[str, Any] = {
        "attempt_id": Attempt.id,
        "question_position": bindparam("question_position", type_=event.c.question_position.type),
        "client": client,
        "counter": counter,
        "answer": bindparam("answer", type_=event.c.answer.type),
        "made_at": now,
        "late": literal(False),
        "receipt": bindparam("receipt", type_=event.c.receipt.type),
    }
    if_nothing_speaks_against_it: Any = (
        select(*(column.label(name) for name, column in wanted.items()))
        .where(
            Attempt.id == attempt,
            Attempt.closed_at.is_(None),
            or_(Attempt.deadline.is_(None), Attempt.deadline > now),
            enrolled,
            number < bindparam("most_events", type_=Integer()),
            recent < bindparam("flood_events", type_=Integer()),
            counter <= func.coalesce(highest, 0) + bindparam("farthest_leap", type_=event.c.counter.type),
            *makes_sure,
        )
        .with_for_update(of=Attempt)
    )
    is_older = (
        select(later.c.id)
        .where(
            later.c.attempt_id == attempt,
            later.c.question_position == bindparam("question_position"),
            later.c.late.is_(False),
            later.c.counter >= counter,  # implied by the next line; the index finds only by this one
            or_(later.c.counter > counter, and_(later.c.counter == counter, later.c.client > client)),
        )
        .exists()
    )
    return (
        dialect.insert(event)
        .from_select(list(wanted), if_nothing_speaks_against_it)
        .on_conflict_do_nothing(index_elements=["attempt_id", "counter", "client"])
        .returning(highest.label("highest"), is_older.label("is_older"))
    )


_dialects = {"sqlite": sqlite, "postgresql": postgresql}
_at_once = {name: built_once(_statement_at_once(dialect)) for name, dialect in _dialects.items()}
_at_once_if_still_asks = {
    name: built_once(_statement_at_once(dialect, still_asks())) for name, dialect in _dialects.items()
}
