"""When a missed question comes again: sooner if it was missed again, later the better it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.marking.spacing import Memory, Recall, after_answer

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def days(*recalls: Recall) -> list[int]:
    """The days between a question's practices, each answered on the day that it is due."""
    memory: Memory | None = None
    now = MONDAY
    waits = []
    for recall in recalls:
        memory = after_answer(memory, recall, now=now)
        waits.append(round((memory.due_at - now) / DAY))
        now = memory.due_at
    return waits


@pytest.mark.parametrize(
    ("recalls", "expected"),
    [
        (("right", "right", "right", "right"), [2, 11, 46, 163]),
        (("wrong", "right", "right", "right"), [1, 2, 6, 17]),
        (("right", "right", "wrong", "right"), [2, 11, 2, 5]),
        (("partly", "partly", "partly"), [1, 3, 7]),
    ],
    ids=["known", "missed first", "forgotten", "half known"],
)
def test_the_waits_are_those_of_the_published_model(recalls: tuple[Recall, ...], expected: list[int]) -> None:
    assert days(*recalls) == expected


def test_nothing_is_left_to_chance() -> None:
    recalls: tuple[Recall, ...] = ("right",) * 6

    assert {tuple(days(*recalls)) for _ in range(20)} == {tuple(days(*recalls))}


RECALLS = st.lists(
    st.tuples(st.sampled_from(["right", "partly", "wrong"]), st.floats(-2, 400)), min_size=1, max_size=30
)


@settings(max_examples=300)
@given(RECALLS)
def test_whatever_is_answered_whenever_it_comes_again_a_day_to_a_year_later(
    answers: list[tuple[Recall, float]],
) -> None:
    memory: Memory | None = None
    now = MONDAY
    for recall, later in answers:
        now += later * DAY  # late, early, and with a clock that was set back
        memory = after_answer(memory, recall, now=now)

        assert DAY <= memory.due_at - now <= 365 * DAY
        assert memory.seen_at == now
        assert memory.stability > 0
        assert 1 <= memory.difficulty <= 10
