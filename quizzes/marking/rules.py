"""The rules by which a quiz is drawn and an attempt adds up. Pure: the same input gives the same result, for ever."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


def best(scores: Iterable[float | None]) -> float | None:
    """Return the highest score of several attempts; None (still being marked) is passed over, None if there is none."""
    return max((score for score in scores if score is not None), default=None)
