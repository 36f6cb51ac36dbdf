"""Drawing questions and adding up marks."""

from __future__ import annotations

from collections import Counter

import pytest

from quizzes.marking.rules import Outcome, best, draw, outcome
from quizzes.question_types.base import Mark


def marks(*scores: float | None) -> list[Mark | None]:
    return [None if score is None else Mark(score, "") for score in scores]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((1, 1, 1, 1), Outcome(1, passed=True, provisional=False, right=4, of=4)),
        ((1, 1, 0.5, 0), Outcome(0.625, passed=False, provisional=False, right=2, of=4)),
        ((1, 1, 1, None), Outcome(0.75, passed=True, provisional=True, right=3, of=4)),
        ((None, None), Outcome(0, passed=False, provisional=True, right=0, of=2)),
        ((), Outcome(0, passed=False, provisional=False, right=0, of=0)),
    ],
)
def test_marks_add_up_to_an_outcome(scores: tuple[float | None, ...], expected: Outcome) -> None:
    assert outcome(marks(*scores), pass_mark=0.7) == expected


@pytest.mark.parametrize("of", range(1, 41))
def test_a_score_that_is_exactly_the_pass_mark_passes(of: int) -> None:
    for right in range(of + 1):
        result = outcome(marks(*[1.0] * right, *[0.0] * (of - right)), pass_mark=right / of)

        assert result.passed
        assert not outcome(marks(*[1.0] * right, *[0.0] * (of - right)), pass_mark=right / of + 0.001).passed


def test_three_thirds_make_a_whole() -> None:
    result = outcome(marks(*[1 / 3] * 3, *[2 / 3] * 3), pass_mark=0.5)

    assert result.passed


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_mark_outside_its_range_cannot_be_made(score: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Mark(score, "")


def test_one_seed_draws_one_list_however_the_questions_are_given() -> None:
    """Security case 13: the list that an attempt begins with can be drawn again."""
    questions = [f"q{number}" for number in range(20)]

    drawn = draw(questions, count=10, rng_seed=42)

    assert len(set(drawn)) == 10
    assert set(drawn) <= set(questions)
    assert draw(questions, count=10, rng_seed=42) == drawn
    assert draw(questions[::-1], count=10, rng_seed=42) == drawn
    assert draw(questions, count=10, rng_seed=43) != drawn


@pytest.mark.parametrize(("count", "length"), [(None, 5), (99, 5), (5, 5), (0, 0), (-1, 0)])
def test_a_draw_gives_no_more_than_there_is(count: int | None, length: int) -> None:
    drawn = draw([1, 2, 3, 4, 5], count=count, rng_seed=1)

    assert len(drawn) == length
    assert set(drawn) <= {1, 2, 3, 4, 5}


def test_over_10_000_draws_every_question_every_beginning_and_every_set_is_as_likely() -> None:
    """Security case 23: chi-squared over 10,000 draws of 4 from 8; the limits are those of one chance in 10,000.

    The draws are those of seeds 0 to 9,999, always the same, so that the test never fails by bad luck.
    """
    questions = range(8)
    draws = [draw(questions, count=4, rng_seed=seed) for seed in range(10_000)]

    chosen = Counter(question for drawn in draws for question in drawn)
    first = Counter(drawn[0] for drawn in draws)
    sets = Counter(frozenset(drawn) for drawn in draws)

    assert chi_squared(chosen, cells=8, total=40_000) < 29.9  # 7 degrees of freedom
    assert chi_squared(first, cells=8, total=10_000) < 29.9
    assert chi_squared(sets, cells=70, total=10_000) < 119.0  # 69 degrees of freedom


def chi_squared(counts: Counter[object], *, cells: int, total: int) -> float:
    assert len(counts) == cells
    expected = total / cells
    return sum((count - expected) ** 2 / expected for count in counts.values())


@pytest.mark.parametrize(
    ("scores", "expected"), [([], None), ([None], None), ([0.4, None, 0.9, 0.7], 0.9), ([0.0, None], 0.0)]
)
def test_the_best_attempt_counts(scores: list[float | None], expected: float | None) -> None:
    assert best(scores) == expected
