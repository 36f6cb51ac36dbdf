"""The journal of answers: every answer that reaches us is a row with a receipt; which one counts follows from the rows.

Devices that run our script number their answers with a Lamport clock: a counter that is higher than every one they
have seen. So resending and reordering change nothing, and of two answers that did not know of each other the same one
counts wherever it is asked. A page without script carries the highest counter that it knew (``seen``); the number is
then ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, and_, bindparam, case, false, func, insert, not_, or_, select
from sqlalchemy.orm import Session, aliased

from lms.database.statements import built_once
from lms.errors import N_, Invalid, LmsError, Refused
from lms.values import quick_dataclass
from quizzes.asking import current_spec
from quizzes.attempts.models import CLIENT_LETTERS, AnswerEvent, LateDecision
from quizzes.attempts.receipts import receipt
from quizzes.question_types.base import BadAnswer, Given, QuestionType, Response
from quizzes.question_types.seeds import question_seed

WEB = "web"
FARTHEST_LEAP = 100_000  # counters beyond the highest known one: more than anybody answers without a network
MOST_EVENTS = 5_000  # in one attempt
FLOOD_EVENTS, FLOOD_WINDOW = 20, timedelta(seconds=2)

_write_answer = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
_CLIENT = re.compile(rf"[A-Za-z0-9_-]{{1,{CLIENT_LETTERS}}}\Z")


class AnsweredDifferently(Refused):
    """A device sent another answer under a number that it has used; ``receipt`` is that of the one we hold."""

    def __init__(self, receipt: str) -> None:
        super().__init__(N_("This device has sent another answer under the same number."))
        self.receipt = receipt


class TooFastError(LmsError):
    """More answers in a moment than a person can give; the device sends them again after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many answers arrive at once. What is not saved can be sent again."))
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class FromPage:
    """An answer from a page without script; ``seen`` is the highest counter when the page was made, None if lost."""

    seen: int | None


@quick_dataclass(frozen=True, slots=True)
class FromDevice:
    """An answer that a device numbered. Raises Invalid for names and numbers that no device of ours sends."""

    client: str
    counter: int

    def __post_init__(self) -> None:
        if self.client == WEB or not _CLIENT.match(self.client):
            raise Invalid(N_("A device has a name of 1 to 32 letters, digits, hyphens or underscores."), field="client")
        if self.counter < 1:
            raise Invalid(N_("Answers are numbered from 1."), field="counter")


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of an answer. ``counts`` is False for one that is late or that a newer one has replaced.

    ``receipt`` is None where there was nothing to save; ``highest`` is the highest counter of the attempt now.
    """

    receipt: str | None
    late: bool
    counts: bool
    highest: int


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class DrawnForAnswer:
    """A drawn question of an attempt, as an answer to it is read; nothing of it ever changes."""

    attempt_id: int
    position: int
    seed: int
    course_id: int
    kind: str
    spec: Mapping[str, Any]
    spec_version: int


def save(
    connection: Connection,
    held: DrawnForAnswer,
    *,
    answer: Mapping[str, Any],
    origin: FromPage | FromDevice,
    late: bool,
    key: bytes,
    now: datetime,
) -> Saved:
    """Store one answer to a question; the same answer again is the same row. Two statements.

    ``answer`` is what `read_answer` gave. The caller's transaction keeps others from writing to this attempt. Raises
    AnsweredDifferently, TooFastError, and Refused where the journal is full.
    """
    before = _before(connection, held, origin, now)
    counted, highest = before.counted, before.highest
    known = _known(counted, before.same, origin, held.position, answer)
    if known is not None:
        return Saved(
            receipt=known.receipt,
            late=known.late,
            counts=counted is not None and known.id == counted.id,
            highest=highest,
        )
    if isinstance(origin, FromPage) and not answer and not (counted and counted.answer):
        return Saved(receipt=None, late=False, counts=False, highest=highest)
    if before.recent >= FLOOD_EVENTS:
        raise TooFastError(int(FLOOD_WINDOW.total_seconds()))
    if before.number >= MOST_EVENTS:
        raise Refused(N_("This try holds %(most)s answers; more do not fit. Submit it."), most=MOST_EVENTS)
    client, counter = (WEB, highest + 1) if isinstance(origin, FromPage) else (origin.client, origin.counter)
    if counter > highest + FARTHEST_LEAP:
        raise Invalid(N_("This number is too far from the last one."), field="counter")
    code = receipt(
        key, attempt_id=held.attempt_id, position=held.position, client=client, counter=counter, answer=answer
    )
    connection.execute(
        _write,
        {
            "attempt_id": held.attempt_id,
            "question_position": held.position,
            "client": client,
            "counter": counter,
            "seen": origin.seen if isinstance(origin, FromPage) else None,
            "answer": answer,
            "made_at": now,
            "late": late,
            "receipt": code,
        },
    )
    return Saved(
        receipt=code,
        late=late,
        counts=not late and (counted is None or (counted.counter, counted.client) < (counter, client)),
        highest=max(highest, counter),
    )


def read_answer(
    held: DrawnForAnswer, given: Given, *, types: Mapping[str, QuestionType], locale: str
) -> Mapping[str, Any]:
    """The answer as it is stored: plain JSON that both databases hold; ``{}`` for none.

    Raises BadAnswer for what cannot be read, and Refused where the question cannot be answered on this site.
    """
    of_kind = types.get(held.kind)
    if of_kind is None:
        raise Refused(N_("Questions of kind %(kind)s cannot be answered on this site now."), kind=held.kind)
    spec = current_spec(of_kind, held.spec, held.spec_version)
    response = of_kind.read(spec, given, seed=question_seed(held.seed, held.position), locale=locale)
    try:
        written = _write_answer(response or {})
        written.encode()
    except ValueError:
        raise BadAnswer(N_("This answer cannot be read.")) from None
    if "\\u0000" in written:
        raise BadAnswer(N_("This answer cannot be read."))
    answer: Mapping[str, Any] = json.loads(written)
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The journal before an answer: what counts, what was sent under the same number, and how full it is."""

    counted: Any
    same: Any
    highest: int
    number: int
    recent: int


def _statement(*, of_device: bool) -> Any:
    """What `_before` reads, built once: putting it together anew for each answer cost more than running it."""
    event, inner = AnswerEvent.__table__, aliased(AnswerEvent.__table__)
    attempt: BindParameter[int] = bindparam("attempt_id")
    position: BindParameter[int] = bindparam("position")
    counted = (
        select(inner.c.id)
        .where(inner.c.attempt_id == attempt, inner.c.question_position == position, inner.c.late.is_(False))
        .order_by(inner.c.counter.desc(), inner.c.client.desc())
        .limit(1)
        .scalar_subquery()
    )
    if of_device:
        same = and_(
            event.c.attempt_id == attempt,
            event.c.client == bindparam("client"),
            event.c.counter == bindparam("counter"),
        )
    else:
        last = (
            select(inner.c.id)
            .where(
                inner.c.attempt_id == attempt,
                inner.c.question_position == position,
                inner.c.client == WEB,
                inner.c.seen.is_not_distinct_from(bindparam("seen", type_=event.c.seen.type)),
            )
            .order_by(inner.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        same = event.c.id == last
    # Not what a clock that was wrong put into the future: nobody waits for a day.
    is_recent = and_(inner.c.made_at > bindparam("since"), inner.c.made_at <= bindparam("now"))
    fullness = (
        select(
            func.coalesce(func.max(inner.c.counter), 0).label("highest"),
            func.count().label("number"),
            func.coalesce(func.sum(case((is_recent, 1), else_=0)), 0).label("recent"),
        )
        .where(inner.c.attempt_id == attempt)
        .subquery()
    )
    columns = (event.c.id, event.c.question_position, event.c.client, event.c.counter, event.c.answer, event.c.late)
    return select(
        *columns,
        event.c.receipt,
        (event.c.id == counted).label("is_counted"),
        same.label("is_same"),
        fullness.c.highest,
        fullness.c.number,
        fullness.c.recent,
    ).select_from(fullness.outerjoin(event, or_(event.c.id == counted, same)))


_before_device, _before_page = _statement(of_device=True), _statement(of_device=False)
_write = insert(AnswerEvent)


def _before(connection: Connection, held: DrawnForAnswer, origin: FromPage | FromDevice, now: datetime) -> _Before:
    values = {"attempt_id": held.attempt_id, "position": held.position, "since": now - FLOOD_WINDOW, "now": now}
    if isinstance(origin, FromDevice):
        statement, values = _before_device, {**values, "client": origin.client, "counter": origin.counter}
    else:
        statement, values = _before_page, {**values, "seen": origin.seen}
    rows = connection.execute(statement, values).all()  # at least one: how full it is
    return _Before(
        counted=next((row for row in rows if row.id is not None and row.is_counted), None),
        same=next((row for row in rows if row.id is not None and row.is_same), None),
        highest=rows[0].highest,
        number=rows[0].number,
        recent=rows[0].recent,
    )


def _known(
    counted: Any,
    same: Any,
    origin: FromPage | FromDevice,
    position: int,
    answer: Mapping[str, Any],
) -> Any:
    """The row that holds this answer already, if one does; raises AnsweredDifferently."""
    if isinstance(origin, FromDevice):
        if same is not None and (same.question_position != position or same.answer != answer):
            raise AnsweredDifferently(same.receipt)
        return same
    # From one page the same answer twice in a row is a resend; A, B, A is a person who thought again.
    return next((event for event in (counted, same) if event is not None and event.answer == answer), None)


StoredEvent: TypeAlias = AnswerEvent | Any
"""An answer of the journal: the columns of `AnswerEvent`, whether read as a model or, for pages, as a named tuple."""


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to one question: what counts, what another device sent beside it, and what came late.

    ``late`` are those that do not count; one that a trainer decided to count stands with those in time.
    """

    counted: StoredEvent | None = None
    elsewhere: tuple[StoredEvent, ...] = ()
    late: tuple[StoredEvent, ...] = ()

    @property
    def response(self) -> Response | None:
        """What is marked; None if the question is not answered."""
        return (self.counted.answer or None) if self.counted is not None else None


NOT_ANSWERED = Answers()


@dataclass(frozen=True, slots=True)
class Journal:
    """All answers of an attempt by position; ``highest`` is the highest counter."""

    by_position: Mapping[int, Answers]
    highest: int

    def at(self, position: int) -> Answers:
        """Return the answers to one question."""
        return self.by_position.get(position, NOT_ANSWERED)


NO_ANSWERS = Journal({}, 0)


@dataclass(frozen=True, slots=True)
class WholeJournal(Journal):
    """A journal with the moment of each answer that came in time, of which question, in their order."""

    moments: Sequence[tuple[int, datetime]]


_is_late = and_(AnswerEvent.late, not_(func.coalesce(LateDecision.counts, false()))).label("is_late")
_columns = [getattr(AnswerEvent, column.key) for column in AnswerEvent.__table__.columns]


def _newest_answers() -> Any:
    """What `answers_of` reads, built once."""
    place = (
        func.row_number()
        .over(
            partition_by=(AnswerEvent.question_position, AnswerEvent.client, _is_late),
            order_by=AnswerEvent.counter.desc(),
        )
        .label("place")
    )
    newest = (
        select(AnswerEvent.id, _is_late, place)
        .outerjoin(LateDecision, LateDecision.event_id == AnswerEvent.id)
        .where(AnswerEvent.attempt_id == bindparam("attempt_id"))
        .subquery()
    )
    return select(*_columns, newest.c.is_late).join(newest, newest.c.id == AnswerEvent.id).where(newest.c.place == 1)


_of_attempt = built_once(_newest_answers())
_all_of_attempt = built_once(
    select(*_columns, _is_late)
    .outerjoin(LateDecision, LateDecision.event_id == AnswerEvent.id)
    .where(AnswerEvent.attempt_id == bindparam("attempt_id"))
)


def answers_of(session: Session, *, attempt_id: int) -> Journal:
    """Read what counts in an attempt, in one statement: of each device its last answer to each question."""
    return Journal(*_answers_in(_of_attempt.rows(session.connection(), {"attempt_id": attempt_id})))


def whole_of(session: Session, *, attempt_id: int) -> WholeJournal:
    """Read what counts in an attempt and when each answer came, in one statement: every row of it."""
    rows = _all_of_attempt.rows(session.connection(), {"attempt_id": attempt_id})
    in_time = sorted((row for row in rows if not row.late), key=lambda row: (row.made_at, row.id))
    return WholeJournal(*_answers_in(rows), [(row.question_position, row.made_at) for row in in_time])


def _answers_in(rows: Iterable[Any]) -> tuple[dict[int, Answers], int]:
    # Sorted here: code points, whatever a database's collation.
    events = sorted(rows, key=lambda event: (event.counter, event.client), reverse=True)
    by_position: dict[int, dict[tuple[str, bool], Any]] = {}
    for event in events:  # the newest of a device comes first
        by_position.setdefault(event.question_position, {}).setdefault((event.client, event.is_late), event)
    answers = {position: _answers(list(newest.values())) for position, newest in by_position.items()}
    return answers, events[0].counter if events else 0


def _answers(events: Sequence[Any]) -> Answers:
    in_time = [event for event in events if not event.is_late]
    counted = in_time[0] if in_time else None
    return Answers(
        counted=counted,
        elsewhere=tuple(event for event in in_time[1:] if counted is not None and event.answer != counted.answer),
        late=tuple(event for event in events if event.is_late),
    )
