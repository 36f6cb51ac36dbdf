"""The rules by which a quiz is drawn and an attempt adds up. Pure: the same input gives the same result, for ever."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from quizzes.question_types.base import Mark
from quizzes.question_types.seeds import keyed_hash

_Id = TypeVar("_Id")

# Thirds and tenths are not exact in a float; nobody fails for the last of sixteen digits.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt amounts to. ``score`` runs from 0 to 1; ``right`` counts the fully right of ``of`` questions.

    While it is ``provisional`` a trainer has still something to mark, and the score can only rise.
    """

    score: float
    passed: bool
    provisional: bool
    right: int
    of: int


def outcome(marks: Sequence[Mark | None], *, pass_mark: float) -> Outcome:
    """Add up the marks of one attempt.

    ``marks`` has one item per drawn question; each weighs the same. An unmarked question (None) counts 0 and makes the
    outcome provisional. ``pass_mark`` runs from 0 to 1; an attempt without questions is never passed.
    """
    of = len(marks)
    score = min(1.0, math.fsum(mark.score for mark in marks if mark is not None) / of) if of else 0.0
    return Outcome(
        score=score,
        passed=of > 0 and score + _ROUNDING >= pass_mark,
        provisional=None in marks,
        right=sum(mark is not None and mark.score + _ROUNDING >= 1 for mark in marks),
        of=of,
    )


def draw(question_ids: Sequence[_Id], *, count: int | None, rng_seed: int) -> list[_Id]:
    """Draw ``count`` questions in a drawn order, each at most once and each as likely; None, or too many, draws all.

    Which ones depends on the seed and on the ids (by their ``str``), not on the order in which they are given.
    """
    ordered = sorted(question_ids, key=lambda question: keyed_hash(rng_seed, "draw", str(question)))
    return ordered if count is None else ordered[: max(0, count)]


def less_for_hint(mark: Mark, *, cost: float) -> Mark:
    """Return a mark less the share (0 to 1) that asking for the hint of its question costs."""
    return Mark(mark.score * (1 - cost), mark.reason) if cost else mark


def counted(scores: Sequence[_Id], *, counts: str, by: Callable[[_Id], float]) -> _Id | None:
    """Return the try that counts of all that are marked, in their order; None if there is none yet.

    ``counts``: "best" (of equal ones the first), "last" or "first".
    """
    if not scores:
        return None
    if counts == "last":
        return scores[-1]
    return scores[0] if counts == "first" else max(scores, key=by)


def first_end(
    opened_at: datetime,
    *,
    limit: timedelta | None,
    closes_at: datetime | None,
    factor: float = 1.0,
    minutes: int = 0,
) -> tuple[datetime | None, timedelta]:
    """Return when an attempt ends (None: never) and how much of that is the person's extra time.

    It ends after its limit or when the quiz closes, whichever comes first, and later by the extra time: ``minutes``,
    and the limit times what ``factor`` is above 1.
    """
    ends = [moment for moment in (opened_at + limit if limit else None, closes_at) if moment is not None]
    if not ends:
        return None, timedelta()
    extra = (limit or timedelta()) * (factor - 1) + timedelta(minutes=minutes)
    return min(ends) + extra, extra


def later_by_outages(end: datetime, *, opened_at: datetime, gaps: Iterable[tuple[datetime, datetime]]) -> datetime:
    """Return an end moved by the gaps (began, ended) that overlap the time from ``opened_at`` to the moved end."""
    for began, ended in sorted(gaps):
        began = max(began, opened_at)
        if began < end and ended > began:
            end += ended - began
    return end


def best(scores: Iterable[float | None]) -> float | None:
    """Return the highest score of several attempts; None (still being marked) is passed over, None if there is none."""
    return max((score for score in scores if score is not None), default=None)
