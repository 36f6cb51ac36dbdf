"""Reading and comparing typed words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quizzes.question_types import ShortText
from quizzes.question_types.base import BadAnswer
from quizzes.question_types.typed_answers import clean_line, comparable, normalise
from tests.quizzes.question_types.samples import SHORT_TEXT, changed

ANY_TEXT = st.text(st.characters(codec=None))  # lone surrogates included


def read(text: str) -> Any:
    return ShortText().read(SHORT_TEXT, {"answer": [text]}, seed=1, locale="en")


def score(text: str, **fields: Any) -> float:
    return ShortText().mark(changed(SHORT_TEXT, **fields), {"text": text}).score


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Buenos\r\n\tAires  ", "Buenos Aires"),
        ("B\0APA\x07", "BAPA"),
        ("BA\ud800PA", "BAPA"),
        ("\u202eAPAB\u202c\u2066\u200f", "APAB"),
        ("ＢＡＰＡ", "BAPA"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("BA\u00adPA\ufeff", "BAPA"),
    ],
)
def test_typed_words_are_kept_clean(typed: str, kept: str) -> None:
    """Security case 20: NUL, lone surrogates and bidi controls are normalised away."""
    assert read(typed) == {"text": kept}


@pytest.mark.parametrize("typed", ["", "   ", "\0", "\ud800", "\u202e", "\u200d", "\n\t\u3000"])
def test_nothing_typed_is_no_answer(typed: str) -> None:
    assert read(typed) is None


@pytest.mark.parametrize("typed", ["x" * 2001, "x" * 10_000_000, "\ufdfa" * 2000], ids=["2001", "10 MB", "grows"])
def test_an_answer_that_is_too_long_is_refused(typed: str) -> None:
    """Security case 20: the length is looked at before and after normalising."""
    with pytest.raises(BadAnswer, match="longer than 2000 letters"):
        read(typed)


def test_two_typed_answers_are_refused() -> None:
    with pytest.raises(BadAnswer, match="Only one answer"):
        ShortText().read(SHORT_TEXT, {"answer": ["a", "b"]}, seed=1, locale="en")


@given(form=st.dictionaries(st.sampled_from(["answer", "choice", "x"]) | ANY_TEXT, st.lists(ANY_TEXT, max_size=2)))
@example(form={"answer": ["a\u200b\u0301"]})
def test_whatever_is_typed_is_kept_storable_and_reads_the_same_again(form: dict[str, list[str]]) -> None:
    """Security case 20."""
    question = ShortText()
    try:
        response = question.read(SHORT_TEXT, form, seed=1, locale="en")
    except BadAnswer:
        return

    if response is not None:
        text = str(response["text"])
        text.encode("utf-8")
        assert text.isprintable() or set(text) & {"\u200c", "\u200d"} or not text.isascii()
        assert question.read(SHORT_TEXT, {"answer": [text]}, seed=1, locale="en") == response


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert normalise(normalise(text)) == normalise(text)
    assert not any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in clean_line(text))


@given(ANY_TEXT, st.booleans(), st.booleans())
def test_what_is_kept_compares_like_what_was_typed(text: str, ignore_case: bool, ignore_accents: bool) -> None:
    kept = comparable(normalise(text), ignore_case=ignore_case, ignore_accents=ignore_accents)

    assert kept == comparable(text, ignore_case=ignore_case, ignore_accents=ignore_accents)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("buenos aires plan OF action", "Buenos Aires Plan of Action"),
        ("Sao Tome e Principe", "São Tomé e Príncipe"),
        ("strasse", "Straße"),
        ("Lodz", "Łódź"),
        ("don't", "don’t"),
        ("North–South", "North-South"),
        ("الامارات", "الإمارات"),
        ("ISTANBUL", "İstanbul"),
        ("BAPA.", "BAPA"),
        ("通道", "通道。"),
    ],
)
def test_case_accents_and_typographic_signs_do_not_count(typed: str, accepted: str) -> None:
    assert score(typed, accepted=[accepted]) == 1


@pytest.mark.parametrize(
    ("typed", "accepted", "fields"),
    [
        ("bapa", "BAPA", {"case": "exact"}),
        ("cafe", "café", {"accents": "exact"}),
        ("की", "का", {}),  # vowel signs of Indian scripts are letters, not accents
        ("は", "ば", {}),
        ("Buenos", "Buenos Aires", {}),
    ],
)
def test_what_counts_makes_another_answer(typed: str, accepted: str, fields: dict[str, Any]) -> None:
    assert score(typed, accepted=[accepted], **fields) == 0
    assert score(accepted, accepted=[accepted], **fields) == 1


def test_a_near_answer_is_wrong_and_gets_its_own_explanation() -> None:
    question = ShortText()
    near = {"text": "bapa+40"}

    assert question.mark(SHORT_TEXT, near).reason == "Near, but not right."
    assert question.mark(SHORT_TEXT, near).score == 0
    explained = [
        question.feedback(SHORT_TEXT, response, languages=["en"]).text for response in (near, {"text": "x"}, None)
    ]
    assert [text.text if text else "" for text in explained] == [
        "WHY-NEAR: that is of 2019.",
        "WHY-PLAN: 138 states adopted it.",
        "WHY-PLAN: 138 states adopted it.",
    ]


def test_a_summary_is_short() -> None:
    assert ShortText().summarise(SHORT_TEXT, {"text": "BAPA"}) == "BAPA"
    assert len(ShortText().summarise(SHORT_TEXT, {"text": "x" * 2000})) == 120


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"accepted": []}, ["accepted: This list has 0 items. It needs at least 1 and at most 50."]),
        ({"accepted": ["BAPA", " "]}, ["accepted.1: This text is empty."]),
        ({"accepted": ["BAPA", "\u200d."]}, ["accepted.1: Nobody can type this answer: nothing of it counts."]),
        ({"accepted": ["Café", "cafe."]}, ["accepted.1: Another answer is the same when the two are compared."]),
        ({"accepted": ["Café", "cafe"], "accents": "exact", "case": "exact"}, []),
        ({"accepted": ["BAPA+40"]}, ["near.0.text: Another answer is the same when the two are compared."]),
        ({"near": [{"text": "x"}]}, ["near.0.why: This field is missing."]),
        ({"accepted": [1978]}, ["accepted.0: This is text, in quotes if it looks like a number."]),
        ({"case": "lower"}, ["case: This is one of: ignore, exact."]),
        ({"why": {"en": ""}}, ["why.en: This text is empty."]),
        ({"why": {"en": "a\0b"}}, ["why.en: This text holds a character that cannot be stored."]),
        ({"why": {"en": "x" * 5001}}, ["why.en: This text is longer than 5000 letters."]),
        ({"why": {"en": "x", "no tag": "y"}}, ["why.'no tag': This is not a language tag."]),
    ],
)
def test_check_names_what_an_author_must_mend(fields: dict[str, Any], found: list[str]) -> None:
    assert [str(problem) for problem in ShortText().check(changed(SHORT_TEXT, **fields))] == found
