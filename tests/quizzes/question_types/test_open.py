"""Answers in one's own words: read as written, counted in words, marked by nobody but a trainer."""

from __future__ import annotations

from typing import Any

import pytest

from quizzes.question_types import OpenAnswer
from quizzes.question_types.base import BadAnswer
from quizzes.question_types.open import MOST_LETTERS, count_words
from tests.quizzes.question_types.samples import OPEN, changed

LINE = OPEN["rubric"][0]
LEVELS = LINE["levels"]


def read(text: str) -> Any:
    return OpenAnswer().read(OPEN, {"answer": [text]}, seed=1, locale="en")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\n\r\n  two  \r\n", "one\n\n  two"),
        ("B\0us\ud800 \u202ego\u202c", "Bus go"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * MOST_LETTERS, "x" * MOST_LETTERS),
    ],
    ids=["lines", "hidden signs", "one form", "joiners", "the longest"],
)
def test_an_answer_is_kept_as_it_was_written_without_hidden_signs(typed: str, kept: str) -> None:
    """Security case 20."""
    assert read(typed) == {"text": kept}


@pytest.mark.parametrize("typed", ["", " \r\n ", "\0", "\ud800", "\u202e"], ids=ascii)
def test_nothing_written_is_no_answer(typed: str) -> None:
    assert read(typed) is None


def test_no_answer_counts_nothing_and_any_other_is_for_a_trainer_to_mark() -> None:
    mark = OpenAnswer().mark(OPEN, None)

    assert mark is not None
    assert (mark.score, mark.reason) == (0, "Not answered.")
    assert OpenAnswer().mark(OPEN, {"text": "no"}) is None


@pytest.mark.parametrize("letters", [MOST_LETTERS + 1, 10_000_000])
def test_more_letters_than_fit_are_refused(letters: int) -> None:
    """Security case 20."""
    with pytest.raises(BadAnswer, match="longer than 5000 letters"):
        read("x" * letters)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("one – two, three.", 3),
        ("don't e-mail 24/7", 3),
        ("हिन्दी भाषा", 2),
        ("电子商务", 4),
        ("我用 WeChat 付款", 5),
        ("... !!! —", 0),
        ("الدفع مقدما", 2),
    ],
)
def test_words_are_counted_as_people_count_them(text: str, number: int) -> None:
    assert count_words(text) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("By bus.", "Your answer is saved. It has 2 words; at least 4 are asked for."),
        ("By bus at night.", None),
        ("a b c d e f g h i", "Your answer is saved. It has 9 words; at most 8 are asked for."),
    ],
)
def test_too_few_or_too_many_words_are_told_and_kept(text: str, said: str | None) -> None:
    advice = OpenAnswer().advice(OPEN, {"text": text})

    assert (advice and advice.message % advice.values) == said
    assert read(text) == {"text": text}


def test_without_bounds_there_is_nothing_to_say() -> None:
    assert OpenAnswer().advice(changed(OPEN, words=None), {"text": "x"}) is None


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (changed(OPEN, words={"least": 9, "most": 8}), ["words.most: This is fewer than the least."]),
        (changed(OPEN, words={"least": "9"}), ["words.least: This is a whole number from 1 to 1000."]),
        (changed(OPEN, words={"least": True}), ["words.least: This is a whole number from 1 to 1000."]),
        (changed(OPEN, words={}), []),
        (changed(OPEN, rubric=[]), ["rubric: This list has 0 items. It needs at least 1 and at most 10."]),
        (changed(OPEN, model=None), ["model: This field is missing."]),
        (
            changed(OPEN, rubric=[{**LINE, "points": 3}]),
            ["rubric.0.levels: The levels rise from 0 to the points of the line, which here are 3."],
        ),
        (
            changed(OPEN, rubric=[{**LINE, "levels": LEVELS[::-1]}]),
            ["rubric.0.levels: The levels rise from 0 to the points of the line, which here are 2."],
        ),
        (
            changed(OPEN, rubric=[{**LINE, "levels": [LEVELS[0], {"points": 2}]}]),
            ["rubric.0.levels.1.text: This field is missing."],
        ),
        (
            changed(OPEN, rubric=[{**LINE, "points": 0.5}]),
            ["rubric.0.points: This is a whole number from 1 to 100."],
        ),
    ],
)
def test_check_says_what_is_wrong_with_an_open_question(spec: dict[str, Any], found: list[str]) -> None:
    assert [str(problem) for problem in OpenAnswer().check(spec)] == found
