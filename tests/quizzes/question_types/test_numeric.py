"""Reading numbers as people write them, and marking within a tolerance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.question_types import Numeric
from quizzes.question_types.base import BadAnswer
from quizzes.question_types.written_numbers import MAX_DIGITS, canonical, from_canonical, read_number, write_number
from tests.quizzes.question_types.samples import NUMERIC, changed

LOCALES = ("en", "de", "fr", "de-CH", "ar", "ar-DZ", "fa", "hi", "sv", "pt-BR", "xx")


@pytest.mark.parametrize(
    ("written", "locale", "number"),
    [
        ("41", "en", "41"),
        ("-41", "en", "-41"),
        ("\u221241", "sv", "-41"),
        ("+ 41", "en", "41"),
        ("3.5", "en", "3.5"),
        ("3,5", "de", "3.5"),
        ("3,5", "en", "3.5"),  # no group has one digit
        ("3.5", "de", "3.5"),
        (".5", "en", "0.5"),
        ("5.", "en", "5"),
        ("0,125", "en", "0.125"),  # no group begins with 0
        ("1,234", "en", "1234"),
        ("1,234", "de", "1.234"),
        ("1.234", "de", "1234"),
        ("1.234", "en", "1.234"),
        ("1,234.5", "en", "1234.5"),
        ("1,234.5", "de", "1234.5"),
        ("1.234,5", "de", "1234.5"),
        ("1.234,5", "en", "1234.5"),
        ("1,234,567", "de", "1234567"),
        ("12,34,567", "hi", "1234567"),
        ("1 234,5", "fr", "1234.5"),
        ("1\u202f234\u00a0567", "fr", "1234567"),
        ("1 234,567", "en", "1234.567"),
        ("1’234.5", "de-CH", "1234.5"),
        ("1'234", "en", "1234"),
        ("٣٫٥", "ar", "3.5"),
        ("٣٫٥", "en", "3.5"),
        ("١٬٢٣٤٫٥", "ar", "1234.5"),
        ("۳٫۵", "fa", "3.5"),
        ("१२३", "hi", "123"),
        ("１２．５", "en", "12.5"),
        ("1e3", "en", "1000"),
        ("1.5E-3", "en", "0.0015"),
        ("1e0000000000030", "en", "1e30"),
        ("-0", "en", "0"),
        ("0" * 1000 + "7", "en", "7"),
        ("9" * 40, "en", "9" * 40),
    ],
)
def test_numbers_are_read_as_people_write_them(written: str, locale: str, number: str) -> None:
    """Security case 20: numerals of other scripts are normalised."""
    read = read_number(written, locale=locale)

    assert read == Decimal(number)
    assert not read.is_signed() or read < 0


@pytest.mark.parametrize(
    ("written", "locale", "message"),
    [
        ("NaN", "en", "for example 12.5"),
        ("sNaN", "de", "for example 12,5"),
        ("Infinity", "en", "as a number"),
        ("∞", "en", "as a number"),
        ("1e999", "en", "too large"),
        ("1e-31", "en", "too large"),
        ("1e" + "9" * 1900, "en", "too large"),
        ("9" * 41, "en", "too long"),
        ("0." + "9" * 41, "en", "too long"),
        ("1.234", "fr", "two ways"),
        ("1,234", "de-CH", "two ways"),
        ("10²", "en", "as a number"),
        ("½", "en", "as a number"),
        ("①", "en", "as a number"),
        ("0x10", "en", "as a number"),
        ("1_000", "en", "as a number"),
        ("1,2,3", "en", "as a number"),
        ("1,23,45", "en", "as a number"),
        ("1.2.3,4", "en", "as a number"),
        ("1 23", "en", "as a number"),
        ("1,234 567", "en", "as a number"),
        ("1٫5٫5", "ar", "as a number"),
        ("0,123,456", "en", "as a number"),
        ("1 e3", "en", "as a number"),
        ("--1", "en", "as a number"),
        ("1-", "en", "as a number"),
        (".", "en", "as a number"),
        ("e5", "en", "as a number"),
        ("", "en", "as a number"),
        ("forty", "en", "as a number"),
    ],
)
def test_what_is_no_number_is_refused_in_a_sentence(written: str, locale: str, message: str) -> None:
    """Security case 20: 1e999, NaN, Infinity and endless digits."""
    with pytest.raises(BadAnswer, match=message):
        read_number(written, locale=locale)


@given(st.text(st.characters(codec=None)) | st.text("0123456789.,'+-eE ٣٫٬", max_size=60), st.sampled_from(LOCALES))
def test_any_text_is_a_number_within_limits_or_refused(text: str, locale: str) -> None:
    """Security case 20."""
    try:
        number = read_number(text, locale=locale)
    except BadAnswer:
        return

    assert number.is_finite()
    assert len(number.as_tuple().digits) <= MAX_DIGITS
    assert from_canonical(canonical(number)) == number


@given(
    st.integers(-(10**40) + 1, 10**40 - 1),
    st.integers(0, 40),
    st.integers(-30, 30),
    st.sampled_from(LOCALES),
)
def test_a_number_written_for_a_language_is_read_as_the_same_number_there(
    digits: int, places: int, exponent: int, locale: str
) -> None:
    number = Decimal(digits).as_tuple()
    exact = Decimal((number.sign, number.digits, exponent - places))

    assert from_canonical(canonical(exact)) == exact
    assert read_number(write_number(exact, locale=locale), locale=locale) == exact


@given(st.dictionaries(st.sampled_from(["answer", "x"]), st.lists(st.text(st.characters(codec=None)), max_size=2)))
def test_whatever_is_sent_is_read_or_refused(form: dict[str, list[str]]) -> None:
    """Security case 20."""
    question = Numeric()
    try:
        response = question.read(NUMERIC, form, seed=1, locale="ar")
    except BadAnswer:
        return

    assert response is None or question.mark(NUMERIC, response).reason in ("Right.", "Wrong.")


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("41.5 %", {"en": "%"}),
        ("٤١٫٥٪", {"en": "%"}),
        ("41.5 Million USD", {"en": "million USD", "fr": "millions USD"}),
        ("$41.5", {"en": "$"}),
        ("41.5", {"en": "t"}),
    ],
)
def test_a_unit_may_stand_with_the_number(typed: str, unit: dict[str, str]) -> None:
    response = Numeric().read(changed(NUMERIC, unit=unit), {"answer": [typed]}, seed=1, locale="en")

    assert response == {"number": "41.5", "typed": typed}


def test_a_unit_alone_is_no_number() -> None:
    with pytest.raises(BadAnswer, match="as a number"):
        Numeric().read(NUMERIC, {"answer": ["%"]}, seed=1, locale="en")


def test_an_answer_shown_again_in_another_language_keeps_its_number() -> None:
    question = Numeric()
    response = question.read(NUMERIC, {"answer": ["1,234"]}, seed=1, locale="en")

    assert question.fill(NUMERIC, response, seed=1, locale="en") == {"answer": ["1,234"]}
    assert question.fill(NUMERIC, response, seed=1, locale="de") == {"answer": ["1234"]}


@pytest.mark.parametrize(
    ("number", "score"),
    [
        ("41.5", 1),
        ("42.25", 1),
        ("40.75", 1),
        ("42.2500000000000000000000000000000000001", 0),
        ("40.7", 0),
        ("-41.5", 0),
    ],
)
def test_the_ends_of_an_absolute_tolerance_count(number: str, score: float) -> None:
    assert Numeric().mark(NUMERIC, {"number": number}).score == score


@pytest.mark.parametrize(
    ("value", "number", "score"),
    [("200", "210", 1), ("200", "190", 1), ("200", "210.01", 0), ("-200", "-210", 1), ("-200", "210", 0)],
)
def test_a_relative_tolerance_is_a_part_of_the_value(value: str, number: str, score: float) -> None:
    spec = changed(NUMERIC, value=value, tolerance={"kind": "relative", "amount": "0.05"})

    assert Numeric().mark(spec, {"number": number}).score == score


def test_no_tolerance_means_exactly() -> None:
    spec = changed(NUMERIC, value="0.3", tolerance={"kind": "absolute", "amount": "0"})

    assert Numeric().mark(spec, {"number": "0.30"}).score == 1
    assert Numeric().mark(spec, {"number": "0.3000000000000000000000000000000000001"}).score == 0
    assert Numeric().mark(spec, None).reason == "Not answered."


def test_the_solution_is_written_for_the_language() -> None:
    texts = [Numeric().solution(NUMERIC, languages=languages)[0].text for languages in (["en"], ["de"], [])]

    assert texts == ["41.5\u00a0%", "41,5\u00a0%", "41.5\u00a0%"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"value": "41,5"}, ['value: A number is written in quotes with a decimal point, for example "12.5".']),
        ({"value": 41.5}, ['value: A number is written in quotes with a decimal point, for example "12.5".']),
        ({"value": "1e999"}, ['value: A number is written in quotes with a decimal point, for example "12.5".']),
        ({"value": None}, ["value: This field is missing."]),
        ({"tolerance": {"kind": "absolute", "amount": "-1"}}, ["tolerance.amount: A tolerance is 0 or more."]),
        ({"tolerance": {"kind": "about", "amount": "1"}}, ["tolerance.kind: This is one of: absolute, relative."]),
        (
            {"tolerance": {"kind": "relative", "amount": "5"}},
            ["tolerance.amount: A relative tolerance is below 1; 0.05 means five percent."],
        ),
        (
            {"value": "0", "tolerance": {"kind": "relative", "amount": "0.1"}},
            ["tolerance.kind: A part of 0 is 0: this value needs an absolute tolerance."],
        ),
        (
            {"tolerance": "1"},
            [
                "tolerance: This is a set of named fields.",
            ],
        ),
        ({"unit": {"en": " "}}, ["unit.en: This text is empty."]),
        ({"unit": None}, []),
    ],
)
def test_check_names_what_an_author_must_mend(fields: dict[str, Any], found: list[str]) -> None:
    assert [str(problem) for problem in Numeric().check(changed(NUMERIC, **fields))] == found
