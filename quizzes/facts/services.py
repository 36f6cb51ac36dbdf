"""Add an attempt to the facts, take it away again, and read the sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.database.statements import built_once
from lms.values import quick_dataclass
from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact

WHOLE = 1_000
"""The mark of a question that is wholly right."""

_ITEM_SUMS = ("n", "answered", "x", "xx", "t", "tt", "xt", "timed", "seconds")
_QUIZ_SUMS = ("attempts", "passed", "score")
_CHOICE_SUMS = ("n", "t")


@quick_dataclass(frozen=True, slots=True)
class Item:
    """What one question of one attempt adds: its mark in thousandths, the ids that were chosen, the seconds it took."""

    version_id: int
    mark: int
    answered: bool
    chosen: tuple[str, ...]
    seconds: int | None  # None: nobody knows


@quick_dataclass(frozen=True, slots=True)
class Share:
    """What one finished and marked attempt adds to the facts of its quiz."""

    passed: bool
    score: int  # thousandths
    items: tuple[Item, ...]

    def written(self) -> list[Any]:
        """Return it as JSON: the first row is the attempt, each other one a question."""
        return [
            [self.passed, self.score],
            *([one.version_id, one.mark, one.answered, list(one.chosen), one.seconds] for one in self.items),
        ]

    @classmethod
    def read(cls, rows: Sequence[Any]) -> Share:
        """Read what `written` gave."""
        (passed, score), *items = rows
        return cls(
            passed,
            score,
            tuple(
                Item(version, mark, answered, tuple(chosen), seconds)
                for version, mark, answered, chosen, seconds in items
            ),
        )


@dataclass(slots=True)
class Sums:
    """Changes of one quiz's facts, added up before they are written at once."""

    quiz: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_QUIZ_SUMS, 0))
    items: dict[int, dict[str, int]] = field(default_factory=dict)
    choices: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)

    def add(self, share: Share, *, sign: int = 1) -> None:
        """Add an attempt; with ``sign`` -1 take one away."""
        _plus(self.quiz, sign, attempts=1, passed=int(share.passed), score=share.score)
        total = sum(item.mark for item in share.items)
        for item in share.items:
            x, t = item.mark, total - item.mark
            _plus(
                self.items.setdefault(item.version_id, dict.fromkeys(_ITEM_SUMS, 0)),
                sign,
                n=1,
                answered=int(item.answered),
                x=x,
                xx=x * x,
                t=t,
                tt=t * t,
                xt=x * t,
                timed=int(item.seconds is not None),
                seconds=item.seconds or 0,
            )
            for choice in item.chosen:
                sums = self.choices.setdefault((item.version_id, choice), dict.fromkeys(_CHOICE_SUMS, 0))
                _plus(sums, sign, n=1, t=t)


def _plus(sums: dict[str, int], sign: int, **more: int) -> None:
    for name, value in more.items():
        sums[name] += sign * value


def write(session: Session, quiz_id: int, changes: Sums) -> None:
    """Add changes to a quiz's facts in at most three statements.

    The quiz's row comes first: who writes to the facts of one quiz waits there for the other, and nobody in a circle.
    """
    session.flush()
    _upsert(session, QuizFact, ("quiz_id",), _QUIZ_SUMS, [{"quiz_id": quiz_id, **changes.quiz}])
    _upsert(
        session,
        ItemFact,
        ("version_id",),
        _ITEM_SUMS,
        [
            {"version_id": version, "quiz_id": quiz_id, **sums}
            for version, sums in sorted(changes.items.items())
            if any(sums.values())
        ],
    )
    _upsert(
        session,
        ChoiceFact,
        ("version_id", "choice"),
        _CHOICE_SUMS,
        [
            {"version_id": version, "choice": choice, "quiz_id": quiz_id, **sums}
            for (version, choice), sums in sorted(changes.choices.items())
            if any(sums.values())
        ],
    )


def _upsert(
    session: Session, model: Any, key: Sequence[str], sums: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    if not rows:
        return
    connection = session.connection()
    name = (model.__tablename__, connection.dialect.name)
    statement = _statements.get(name)
    if statement is None:
        table: Table = model.__table__
        insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
        statement = _statements[name] = built_once(
            insert.on_conflict_do_update(
                index_elements=list(key), set_={sum_: table.c[sum_] + insert.excluded[sum_] for sum_ in sums}
            )
        )
    connection.execute(statement, list(rows))


_statements: dict[tuple[str, str], Any] = {}  # built once: making one anew costs more than running it


def hold(session: Session, quiz_id: int) -> None:
    """Make everybody wait who would add to a quiz's facts, until the transaction ends."""
    _upsert(session, QuizFact, ("quiz_id",), _QUIZ_SUMS, [{"quiz_id": quiz_id, **dict.fromkeys(_QUIZ_SUMS, 0)}])


def begin_anew(session: Session, quiz_id: int, shares: Iterable[Share]) -> None:
    """Replace a quiz's facts by what these attempts add; who calls it `hold`s them."""
    sums = Sums()
    for share in shares:
        sums.add(share)
    for model in (ItemFact, ChoiceFact, QuizFact):
        session.execute(delete(model).where(model.quiz_id == quiz_id))
    write(session, quiz_id, sums)


def all_of(session: Session, quiz_id: int) -> list[tuple[Any, ...]]:
    """List every fact of a quiz that is not empty, in a fixed order: to compare with."""
    found: list[tuple[Any, ...]] = []
    for model, sums in ((QuizFact, _QUIZ_SUMS), (ItemFact, _ITEM_SUMS), (ChoiceFact, _CHOICE_SUMS)):
        table: Any = model.__table__
        keys = list(table.primary_key.columns)
        rows = session.execute(select(*keys, *(table.c[name] for name in sums)).where(table.c.quiz_id == quiz_id))
        found += sorted((table.name, *row) for row in rows if any(row[len(keys) :]))
    return found
