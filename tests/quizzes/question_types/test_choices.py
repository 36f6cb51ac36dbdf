"""Reading, marking and explaining chosen options."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.question_types import MultipleChoice, QuestionType, SingleChoice, TrueFalse
from quizzes.question_types.base import BadAnswer, BadSpec, Mark
from quizzes.question_types.seeds import drawn_id
from tests.quizzes.question_types.samples import MULTIPLE, SINGLE, TRUE_FALSE, changed, with_option, with_right

SEED = 77


def sent(*stable: str) -> dict[str, list[str]]:
    return {"choice": [drawn_id(SEED, option) for option in stable]}


def test_a_chosen_option_is_read_back_to_its_stable_id() -> None:
    response = SingleChoice().read(SINGLE, sent("stable-two"), seed=SEED, locale="en")

    assert response == {"chosen": ["stable-two"]}


def test_several_options_are_kept_in_the_order_of_the_spec() -> None:
    response = MultipleChoice().read(MULTIPLE, sent("stable-d", "stable-a"), seed=SEED, locale="en")

    assert response == {"chosen": ["stable-a", "stable-d"]}


@pytest.mark.parametrize(
    ("question_type", "spec", "form", "message"),
    [
        (SingleChoice(), SINGLE, {"choice": ["aaaaaaaaaa"]}, "not offered"),
        (SingleChoice(), SINGLE, {"choice": ["stable-one"]}, "not offered"),
        (SingleChoice(), SINGLE, {"choice": [drawn_id(SEED + 1, "stable-one")]}, "not offered"),
        (SingleChoice(), SINGLE, sent("stable-one", "stable-two"), "Only one"),
        (SingleChoice(), SINGLE, sent("stable-one", "stable-one"), "Only one"),
        (MultipleChoice(), MULTIPLE, sent("stable-a", "stable-a"), "more than once"),
        (MultipleChoice(), MULTIPLE, {"choice": [*sent("stable-a")["choice"], "x"]}, "not offered"),
        (TrueFalse(), TRUE_FALSE, {"choice": ["true"]}, "not offered"),
    ],
)
def test_options_that_were_not_offered_or_come_twice_are_refused(
    question_type: QuestionType, spec: dict[str, Any], form: dict[str, list[str]], message: str
) -> None:
    """Security case 20: unknown and duplicate options."""
    with pytest.raises(BadAnswer, match=message):
        question_type.read(spec, form, seed=SEED, locale="en")


@pytest.mark.parametrize("question_type", [SingleChoice(), MultipleChoice()], ids=lambda value: value.kind)
@given(form=st.dictionaries(st.text() | st.just("choice"), st.lists(st.text(st.characters(codec=None)))))
@settings(max_examples=150)
def test_whatever_is_sent_is_read_or_refused(question_type: QuestionType, form: dict[str, list[str]]) -> None:
    """Security case 20."""
    try:
        response = question_type.read(SINGLE, form, seed=SEED, locale="en")
    except BadAnswer:
        return

    assert response is None  # No text that Hypothesis writes is an id drawn from this seed.


@pytest.mark.parametrize(
    ("chosen", "mark"),
    [
        ([], Mark(0, "Not answered.")),
        (["stable-one"], Mark(1, "Right.")),
        (["stable-two"], Mark(0, "Wrong.")),
        (["stable-one", "stable-two"], Mark(0, "Wrong.")),
    ],
)
def test_single_choice_marks_the_one_right_option(chosen: list[str], mark: Mark) -> None:
    assert SingleChoice().mark(SINGLE, {"chosen": chosen}) == mark


@pytest.mark.parametrize(
    ("chosen", "mark"),
    [
        ("", Mark(0, "Not answered.")),
        ("a", Mark(0.5, "Partly right.")),
        ("ab", Mark(1, "Right.")),
        ("abc", Mark(0.5, "Partly right.")),
        ("abcd", Mark(0, "Wrong.")),
        ("ac", Mark(0, "Wrong.")),
        ("cd", Mark(0, "Wrong.")),
    ],
)
def test_multiple_choice_takes_wrong_ones_from_right_ones(chosen: str, mark: Mark) -> None:
    assert MultipleChoice().mark(MULTIPLE, {"chosen": [f"stable-{letter}" for letter in chosen]}) == mark


@pytest.mark.parametrize(("answer", "chosen", "score"), [(True, "true", 1), (True, "false", 0), (False, "false", 1)])
def test_true_false_marks_the_judgement(answer: bool, chosen: str, score: float) -> None:
    assert TrueFalse().mark(changed(TRUE_FALSE, answer=answer), {"chosen": [chosen]}).score == score


def test_feedback_says_of_each_option_whether_it_was_chosen_and_why_it_is_right_or_wrong() -> None:
    feedback = SingleChoice().feedback(SINGLE, {"chosen": ["stable-two"]}, languages=["en"])

    assert [(row.text.text, row.chosen, row.right, row.why.text) for row in feedback.options] == [
        ("Buenos Aires", False, True, "WHY-ONE: the conference met there."),
        ("Nairobi", True, False, "WHY-TWO: that was in 2009."),
        ("Bandung", False, False, "WHY-THREE: that was in 1955."),
    ]


def test_feedback_on_true_false_explains_both_judgements() -> None:
    feedback = TrueFalse().feedback(TRUE_FALSE, {"chosen": ["false"]}, languages=["en"])

    assert [(row.text.text, row.chosen, row.right, row.why.text) for row in feedback.options] == [
        ("True", False, True, "WHY-YES: customs see every parcel."),
        ("False", True, False, "WHY-NO: a parcel without duty is seen too."),
    ]


def test_summary_solution_and_statistics_name_options_by_their_texts() -> None:
    question = MultipleChoice()

    assert question.summarise(MULTIPLE, {"chosen": ["stable-a", "stable-c"]}) == "Payment; Harvest"
    assert [text.text for text in question.solution(MULTIPLE, languages=["en"])] == ["Payment", "Delivery"]
    assert [(choice.id, choice.label["en"], choice.right) for choice in question.choices_for_statistics(MULTIPLE)] == [
        ("stable-a", "Payment", True),
        ("stable-b", "Delivery", True),
        ("stable-c", "Harvest", False),
        ("stable-d", "Mining", False),
    ]


def problems(question_type: QuestionType, spec: Any) -> list[str]:
    return [str(problem) for problem in question_type.check(spec)]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (with_right(SINGLE, False, False, False), ["options: Exactly one option is right; here it is 0."]),
        (with_right(SINGLE, True, True, False), ["options: Exactly one option is right; here it is 2."]),
        (with_option(SINGLE, 1, id="stable-one"), ["options.1.id: Another option has the same id."]),
        (
            with_option(SINGLE, 1, id="no spaces"),
            ["options.1.id: An id has 1 to 40 letters without accents, digits, hyphens or underscores."],
        ),
        (
            with_option(SINGLE, 2, text={"en": " nairobi ", "fr": "Bandoeng"}),
            ["options.2.text.en: Another option has the same text."],
        ),
        (with_option(SINGLE, 0, why={"en": "", "fr": "Oui"}), ["options.0.why.en: This text is empty."]),
        (
            with_option(SINGLE, 0, why={"fr": "Oui"}),
            ["options.0.why.en: This text is missing in the language of the question."],
        ),
        (
            with_option(SINGLE, 0, text="Buenos Aires"),
            ["options.0.text: A text is written per language, for example en: Trade."],
        ),
        (with_option(SINGLE, 0, right="yes"), ["options.0.right: This is either true or false."]),
        (with_option(SINGLE, 0, right=None), ["options.0.right: This field is missing."]),
        (with_option(SINGLE, 0, wy={"en": "x"}), ["options.0.wy: This field is not known here."]),
        (changed(SINGLE, shuffle="no"), ["shuffle: This is either true or false."]),
        (changed(SINGLE, prompt=None), ["prompt: This field is missing."]),
        (changed(SINGLE, options={}), ["options: This is a list."]),
        (
            changed(SINGLE, options=SINGLE["options"][:1]),
            ["options: This list has 1 items. It needs at least 2 and at most 12."],
        ),
    ],
)
def test_check_names_what_an_author_must_mend(spec: dict[str, Any], found: list[str]) -> None:
    assert problems(SingleChoice(), spec) == found


def test_multiple_choice_needs_a_right_and_a_wrong_option() -> None:
    all_right = with_right(MULTIPLE, True, True, True, True)
    none_right = with_right(MULTIPLE, False, False, False, False)

    assert problems(MultipleChoice(), all_right) == ["options: No option is wrong; at least one must be."]
    assert problems(MultipleChoice(), none_right) == ["options: No option is right; at least one must be."]


def test_true_false_needs_an_answer_and_both_explanations() -> None:
    spec = changed(TRUE_FALSE, answer="true", why_true={"en": " "}, why_false=None)

    assert problems(TrueFalse(), spec) == [
        "why_false: This field is missing.",
        "why_true.en: This text is empty.",
        "answer: This is either true or false.",
    ]


@pytest.mark.parametrize("spec", [{}, with_option(SINGLE, 1, id="stable-one"), changed(SINGLE, options=["a"])])
def test_a_spec_with_problems_is_refused_in_one_sentence(spec: dict[str, Any]) -> None:
    with pytest.raises(BadSpec, match="still has problems"):
        SingleChoice().mark(spec, {"chosen": ["a"]})


def test_a_spec_of_a_newer_version_is_refused() -> None:
    with pytest.raises(BadSpec, match=r"kind single_choice has version 2\. This site knows versions up to 1"):
        SingleChoice().upgrade(SINGLE, 2)
