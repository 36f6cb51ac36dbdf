"""When a question that somebody missed comes again: FSRS, a published model of forgetting, with whole days between.

Pure: the same input gives the same day. Nothing is left to chance, and no question comes twice a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fsrs import Scheduler

Recall = Literal["right", "partly", "wrong"]

_LONGEST = 365  # days; what was known for a year is asked once more
_RATINGS = {"right": "Good", "partly": "Hard", "wrong": "Again"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the model knows of one person and one question; ``stability`` in days, ``difficulty`` 1 to 10."""

    stability: float
    difficulty: float
    seen_at: datetime
    due_at: datetime


def after_answer(memory: Memory | None, recall: Recall, *, now: datetime) -> Memory:
    """Return what is known after an answer, and when the question comes again: at least a day later.

    ``memory`` is None for a question that comes for the first time.
    """
    from fsrs import Card, Rating, State

    # The number of a card means nothing here; without one the package would wait a moment to make it unique.
    card = Card(card_id=0, due=now)
    if memory is not None:
        card.state, card.step = State.Review, None
        card.stability, card.difficulty = memory.stability, memory.difficulty
        card.last_review = min(memory.seen_at, now)  # a clock that was set back
    card, _ = _scheduler().review_card(card, Rating[_RATINGS[recall]], review_datetime=now)
    assert card.stability is not None  # it has been answered
    assert card.difficulty is not None
    due = max(card.due, now + timedelta(days=1))
    return Memory(stability=card.stability, difficulty=card.difficulty, seen_at=now, due_at=due)


@lru_cache(maxsize=1)
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False, maximum_interval=_LONGEST)
