"""Keep answers to self-checks, of people and of guests, and hand a guest's over when they sign in."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select
from sqlalchemy.orm import Session

from courses.checks.models import CheckAnswer
from courses.outline.services import LessonCheck
from lms import clock
from lms.database.writing import insert_if_new
from lms.errors import N_, Refused

ORDERS = 16
"""How many orders of options there are: enough that neighbours differ, few enough that rendered forms can be kept."""
KEPT = timedelta(days=30)
"""How long a guest's answer is kept."""
MOST_OF_A_GUEST = 300


@dataclass(frozen=True, slots=True)
class Asker:
    """Who answers: a person, a guest under a key, or (neither) a guest who has not answered yet."""

    person_id: int | None = None
    guest: str | None = None

    @property
    def order(self) -> int:
        """The order of options that they see, from 0; all guests see the same, so that reading needs no key."""
        return 0 if self.person_id is None else 1 + self.person_id % (ORDERS - 1)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The last answer to a self-check, and what it was worth."""

    answer: Mapping[str, Any]
    score: float


def seed_of(check: LessonCheck, order: int) -> int:
    """The seed of a self-check for those who see its options in this order: 63 bits, the same for ever."""
    return int.from_bytes(hashlib.sha256(f"{check.seed} {order}".encode()).digest()[:8], "big") >> 1


ANSWER = (CheckAnswer.check_id, CheckAnswer.answer, CheckAnswer.score, CheckAnswer.hash)
"""The columns of an answer, for a statement that reads more than answers (`answered_by`, `answers_in`)."""
_checks = CheckAnswer.check_id.in_(bindparam("checks", expanding=True))
_of_person = select(*ANSWER).where(_checks, CheckAnswer.person_id == bindparam("who"))
_of_guest = select(*ANSWER).where(_checks, CheckAnswer.guest == bindparam("who"))


def answers_of(connection: Connection, checks: Collection[LessonCheck], asker: Asker) -> dict[str, KeptAnswer]:
    """The answers to these self-checks, by slug, in one statement; none for a lesson without any or a new guest."""
    who = asker.person_id if asker.person_id is not None else asker.guest
    if not checks or who is None:
        return {}
    statement = _of_person if asker.person_id is not None else _of_guest
    return answers_in(
        connection.execute(statement, {"checks": sorted(check.id for check in checks), "who": who}), checks
    )


def answered_by(person_id: str, checks: Sequence[ColumnElement[int]]) -> ColumnElement[bool]:
    """That an answer is one to ``checks`` by the person whose id is the parameter of that name."""
    return and_(CheckAnswer.check_id.in_(checks), CheckAnswer.person_id == bindparam(person_id))


def answers_in(rows: Iterable[Any], checks: Collection[LessonCheck]) -> dict[str, KeptAnswer]:
    """The answers to these self-checks among ``rows``, by slug; not those to an older text of a question."""
    by_id = {check.id: check for check in checks}
    return {
        by_id[row.check_id].slug: KeptAnswer(row.answer, row.score)
        for row in rows
        if row.check_id in by_id and row.hash == by_id[row.check_id].hash
    }


def keep(
    session: Session, check: LessonCheck, asker: Asker, *, answer: Mapping[str, Any], score: float, now: datetime
) -> None:
    """Keep an answer in place of the one before. Raises Refused for a guest who has kept very many."""
    column, who = _column(asker)
    fresh = {"answer": dict(answer), "score": score, "hash": check.hash, "answered_at": now}
    values = {"check_id": check.id, "person_id": asker.person_id, "guest": None, **fresh}
    if asker.person_id is None:
        values["guest"] = asker.guest
        number = session.scalar(select(func.count()).where(CheckAnswer.guest == asker.guest)) or 0
        if number >= MOST_OF_A_GUEST:
            raise Refused(N_("You have answered many questions as a guest. Create an account to go on."))
    if not insert_if_new(session, CheckAnswer, values, unique=(column, "check_id")):
        kept = session.scalars(select(CheckAnswer).where(CheckAnswer.check_id == check.id, who)).one()
        for name, value in fresh.items():
            setattr(kept, name, value)
        session.flush()


def _column(asker: Asker) -> tuple[str, ColumnElement[bool]]:
    if asker.person_id is not None:
        return "person_id", CheckAnswer.person_id == asker.person_id
    return "guest", CheckAnswer.guest == asker.guest


def carry_over(session: Session, *, guest: str, person_id: int, now: datetime) -> None:
    """Give a guest's answers to the person who signs in; of two to one question the newer one stays."""
    del now
    own = {row.check_id: row for row in session.scalars(select(CheckAnswer).where(CheckAnswer.person_id == person_id))}
    for row in session.scalars(select(CheckAnswer).where(CheckAnswer.guest == guest)):
        before = own.get(row.check_id)
        if before is not None and before.answered_at >= row.answered_at:
            session.delete(row)
            continue
        if before is not None:
            session.delete(before)
            session.flush()  # before the other takes its place
        row.person_id, row.guest = person_id, None
    session.flush()


def forget_guests(session: Session, _payload: Mapping[str, Any]) -> None:
    """Delete what guests answered `KEPT` ago and did not take into an account."""
    session.execute(
        delete(CheckAnswer).where(CheckAnswer.guest.is_not(None), CheckAnswer.answered_at < clock.now() - KEPT)
    )
