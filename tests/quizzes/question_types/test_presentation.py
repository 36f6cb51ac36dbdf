"""What a participant sees before answering tells nothing of the key."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from quizzes.question_types import (
    GapText,
    Matching,
    MultipleChoice,
    Numeric,
    OpenAnswer,
    Ordering,
    QuestionType,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from quizzes.question_types.base import as_presented
from quizzes.question_types.seeds import drawn_id, new_seed, question_seed
from tests.quizzes.question_types.samples import (
    GAP_TEXT,
    MATCHING,
    MULTIPLE,
    NUMERIC,
    OPEN,
    ORDERING,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
    changed,
)

ALL = [
    (SingleChoice(), SINGLE),
    (MultipleChoice(), MULTIPLE),
    (TrueFalse(), TRUE_FALSE),
    (ShortText(), SHORT_TEXT),
    (Numeric(), NUMERIC),
    (Matching(), MATCHING),
    (Ordering(), ORDERING),
    (GapText(), GAP_TEXT),
    (OpenAnswer(), OPEN),
]
KEY_FIELDS = (
    '"right"',
    '"why"',
    '"answer"',
    '"why_true"',
    '"why_false"',
    '"accepted"',
    '"near"',
    '"value"',
    '"levels"',
    '"model"',
)
KEY_WORDS = ("WHY", "stable", "41.5", "0.75", "absolute", "Plan of Action", "BAPA", "in advance")
IDS = [question_type.kind for question_type, _ in ALL]


@pytest.mark.parametrize(("question_type", "spec"), ALL, ids=IDS)
def test_a_presentation_holds_only_the_listed_fields_and_no_text_of_the_key(
    question_type: QuestionType, spec: dict[str, Any]
) -> None:
    """Security case 11: neither flag, explanation, tolerance nor accepted answer; by field names and by search."""
    shown = json.loads(json.dumps(asdict(question_type.present(spec, seed=5, languages=["fr", "en"]))))

    assert set(shown) == {
        *(
            "kind",
            "prompt",
            "options",
            "input",
            "unit",
            "instruction",
            "hint",
            "parts",
            "around",
            "rubric",
            "least",
            "most",
        )
    }
    assert all(set(part) == {"id", "label", "options", "input"} for part in shown["parts"])
    assert all(set(criterion) == {"text", "points"} for criterion in shown["rubric"])
    options = [*shown["options"], *(option for part in shown["parts"] for option in part["options"])]
    assert all(set(option) == {"id", "text"} for option in options)
    assert all(set(option["text"]) == {"text", "language", "message"} for option in options)
    written = json.dumps(shown, ensure_ascii=False)
    secrets = [secret for secret in (*KEY_FIELDS, *KEY_WORDS) if secret in json.dumps(spec, ensure_ascii=False)]
    assert len(secrets) > 1  # else the search would find nothing because there is nothing
    assert [secret for secret in secrets if secret in written] == []


def test_options_have_random_looking_ids_that_differ_per_attempt_and_question() -> None:
    """Security case 12: ids are drawn, not counted in the order of the key."""
    first = question_seed(1234, "q1")
    second = question_seed(1234, "q2")
    other_attempt = question_seed(1235, "q1")

    drawn = [drawn_id(seed, "a") for seed in (first, second, other_attempt)]

    assert len(set(drawn)) == 3
    assert all(len(drawn_by_seed) == 10 and drawn_by_seed.isalnum() for drawn_by_seed in drawn)


def test_every_place_is_as_likely_for_the_right_option() -> None:
    """Security cases 11 and 12: over 3,000 seeds the right option stands first, second and last about equally often."""
    question = SingleChoice()

    places = Counter(
        [option.text.text for option in question.present(SINGLE, seed=seed, languages=()).options].index("Buenos Aires")
        for seed in range(3000)
    )

    assert sorted(places) == [0, 1, 2]
    assert all(880 < times < 1120 for times in places.values())  # 1,000 ± 4.6 standard deviations


def test_seeds_are_random_and_fit_a_database_column() -> None:
    """Security case 23: a seed comes from the system's generator, not from a person or the time."""
    seeds = [new_seed() for _ in range(1000)]

    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert sum(seed >> 62 for seed in seeds) in range(400, 600)


def test_an_author_may_keep_the_order() -> None:
    shown = SingleChoice().present(changed(SINGLE, shuffle=False), seed=3, languages=["en"])

    assert [option.text.text for option in shown.options] == ["Buenos Aires", "Nairobi", "Bandung"]


def test_true_comes_before_false_in_words_of_the_interface() -> None:
    shown = TrueFalse().present(TRUE_FALSE, seed=3, languages=["fr"])

    assert [(option.text.text, option.text.message) for option in shown.options] == [("True", True), ("False", True)]


def test_a_question_is_shown_in_the_language_asked_for() -> None:
    shown = SingleChoice().present(SINGLE, seed=3, languages=["fr-CA", "en"])

    assert (shown.prompt.text, shown.prompt.language) == ("Où le plan de 1978 a-t-il été adopté ?", "fr")
    assert {option.text.language for option in shown.options} == {"fr"}


def test_feedback_can_be_put_into_the_order_and_ids_that_the_participant_saw() -> None:
    question = MultipleChoice()
    for seed in range(20):
        shown = question.present(MULTIPLE, seed=seed, languages=())

        rows = as_presented(question.feedback(MULTIPLE, None, languages=()), presentation=shown, seed=seed).options

        assert [(row.id, row.text) for row in rows] == [(option.id, option.text) for option in shown.options]
