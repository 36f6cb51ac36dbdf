"""Figures from sums: against a published example, against a simulation, and by hand."""

from __future__ import annotations

import math
import random

import pytest

from quizzes.analysis.figures import (
    Advice,
    ChoiceSums,
    ItemSums,
    advice,
    alpha,
    discrimination,
    facility,
    mean_seconds,
)
from quizzes.facts.services import WHOLE, Item, Share, Sums

# Answers of 1,000 people to five questions of the Law School Admission Test, section 6: how often each pattern, from
# 00000 to 11111, was seen. R. D. Bock and M. Lieberman, Fitting a response model for n dichotomously scored items,
# Psychometrika 35 (1970), 179-197; also the data set LSAT of the R package ltm.
LSAT_6 = (
    3,
    6,
    2,
    11,
    1,
    1,
    3,
    4,
    1,
    8,
    0,
    16,
    0,
    3,
    2,
    15,
    10,
    29,
    14,
    81,
    3,
    28,
    15,
    80,
    16,
    56,
    21,
    173,
    11,
    61,
    28,
    298,
)
# What ltm's descript(LSAT) prints for it: proportions of 1, point-biserial correlations with the score without the
# item, and alpha. D. Rizopoulos, ltm: An R package for latent variable modeling and item response theory analyses,
# Journal of Statistical Software 17(5), 2006.
LTM_PROPORTIONS = (0.924, 0.709, 0.553, 0.763, 0.870)
LTM_EXCLUDED = (0.1128, 0.1532, 0.1728, 0.1444, 0.1216)
LTM_ALPHA = 0.2950


def sums_of(marks: list[list[float]]) -> list[ItemSums]:
    """The sums of attempts, each a list of marks from 0 to 1, as they are kept."""
    sums = Sums()
    for row in marks:
        items = tuple(Item(place, round(mark * WHOLE), True, (), None) for place, mark in enumerate(row))
        sums.add(Share(passed=False, score=0, items=items))
    return [ItemSums(**sums.items[place]) for place in sorted(sums.items)]


def test_the_figures_of_a_published_example_come_out() -> None:
    patterns = [[float(bit) for bit in f"{number:05b}"] for number in range(32)]
    marks = [pattern for pattern, times in zip(patterns, LSAT_6, strict=True) for _ in range(times)]

    items = sums_of(marks)

    assert len(marks) == 1_000
    assert [facility(one) for one in items] == pytest.approx(LTM_PROPORTIONS, abs=5e-4)
    assert [discrimination(one) for one in items] == pytest.approx(LTM_EXCLUDED, abs=5e-5)
    assert alpha(items, attempts=1_000, drawn=False) == pytest.approx(LTM_ALPHA, abs=5e-5)


def test_the_figures_find_the_parameters_of_a_simulation() -> None:
    """Parallel items with a known reliability: mark = 0.5 + talent + noise, each with its own share of the variance."""
    dice = random.Random(20220325)
    k, people, talent, noise = 10, 20_000, 0.06, 0.08
    marks = []
    for _ in range(people):
        level = dice.gauss(0.5, talent)
        marks.append([min(1.0, max(0.0, dice.gauss(level, noise))) for _ in range(k)])

    items = sums_of(marks)

    t, e = talent**2, noise**2
    expected = t / math.sqrt((t + e) * (t + e / (k - 1)))  # of a mark with the mean of nine others
    assert [facility(one) for one in items] == pytest.approx([0.5] * k, abs=0.005)
    assert [discrimination(one) for one in items] == pytest.approx([expected] * k, abs=0.02)
    assert alpha(items, attempts=people, drawn=False) == pytest.approx(k * t / (k * t + e), abs=0.01)


def test_an_item_with_the_wrong_key_has_the_discrimination_turned_round() -> None:
    dice = random.Random(7)
    marks = []
    for _ in range(5_000):
        talent = dice.random()
        row = [float(dice.random() < talent) for _ in range(8)]
        marks.append([1 - row[0], *row[1:]])

    items = sums_of(marks)

    first, *others = [discrimination(one) or 0.0 for one in items]
    assert first < -0.3
    assert min(others) > 0.15
    assert Advice("negative") in advice(items[0], {}, {})


def test_a_million_answers_lose_no_digit() -> None:
    few = sums_of([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    many = [ItemSums(**{name: getattr(one, name) * 250_000 for name in ItemSums.__slots__}) for one in few]

    assert [discrimination(one) for one in many] == pytest.approx([discrimination(one) for one in few], abs=1e-12)


def test_there_is_no_figure_where_nothing_differs() -> None:
    same, other = sums_of([[1.0, 0.0]] * 5)

    assert (facility(same), discrimination(same), mean_seconds(same)) == (1.0, None, None)
    assert discrimination(other) is None
    assert (facility(ItemSums()), discrimination(ItemSums())) == (None, None)


def test_alpha_says_why_there_is_none() -> None:
    items = sums_of([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] * 10)

    assert alpha(items, attempts=30, drawn=True) == "drawn"
    assert alpha(items, attempts=31, drawn=False) == "changed"
    assert alpha(sums_of([[1.0, 0.0]] * 10), attempts=10, drawn=False) == "few"
    assert alpha(sums_of([[1.0]] * 30), attempts=30, drawn=False) == "few"
    assert alpha(sums_of([[1.0, 0.0]] * 30), attempts=30, drawn=False) == "same"


def item(n: int, *, right: int, answered: int | None = None) -> ItemSums:
    """A question that ``right`` of ``n`` people got right; totals elsewhere spread by one question around four."""
    t = n * 4 * WHOLE
    return ItemSums(
        n=n,
        answered=n if answered is None else answered,
        x=right * WHOLE,
        xx=right * WHOLE * WHOLE,
        t=t,
        tt=n * 17 * WHOLE * WHOLE,
        xt=right * 4 * WHOLE * WHOLE + n * WHOLE * WHOLE // 4,
    )


KEY = {"a": True, "b": False, "c": False}


def test_no_advice_under_twenty_answers() -> None:
    assert advice(item(19, right=0), {}, KEY) == []
    assert advice(item(20, right=0, answered=0), {}, {}) == [Advice("too_hard"), Advice("left_out")]


def test_advice_names_what_nobody_chose_and_what_the_strongest_chose() -> None:
    choices = {"a": ChoiceSums(20, 20 * 3_000), "b": ChoiceSums(10, 10 * 5_000)}

    assert advice(item(30, right=20), choices, KEY) == [Advice("strongest_chose", "b"), Advice("nobody_chose", "c")]


def test_few_choosers_say_nothing_of_the_strongest() -> None:
    choices = {"a": ChoiceSums(25, 25 * 3_000), "b": ChoiceSums(4, 4 * 5_000), "c": ChoiceSums(5, 0)}

    assert advice(item(34, right=25), choices, KEY) == []


def test_a_difference_that_chance_can_make_is_not_told() -> None:
    choices = {"a": ChoiceSums(20, 20 * 4_000), "b": ChoiceSums(10, 10 * 4_600), "c": ChoiceSums(2, 0)}

    assert advice(item(32, right=20), choices, KEY) == []
    assert advice(item(3_200, right=2_000), {one: times(of, 100) for one, of in choices.items()}, KEY) == [
        Advice("strongest_chose", "b")
    ]


def times(sums: ChoiceSums, factor: int) -> ChoiceSums:
    return ChoiceSums(sums.n * factor, sums.t * factor)


def test_what_cannot_be_taken_away_is_not_told_to_go() -> None:
    choices = {"a": ChoiceSums(30, 30 * 4_000)}

    assert [one.kind for one in advice(item(34, right=28), choices, KEY)] == ["nobody_chose"] * 2
    assert advice(item(34, right=28), choices, KEY, removable=False) == []


def test_more_choosers_than_the_key_are_told() -> None:
    choices = {"a": ChoiceSums(8, 8 * 5_000), "b": ChoiceSums(20, 20 * 3_000), "c": ChoiceSums(2, 0)}

    assert advice(item(30, right=8), choices, KEY) == [Advice("chosen_more", "b")]


def test_very_easy_questions_are_told() -> None:
    assert advice(item(100, right=96), {}, {}) == [Advice("too_easy")]
