"""Matching, ordering and gaps: what earns what, what is explained, and what an author must mend."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from quizzes.question_types import GapText, Matching, Ordering, QuestionType
from quizzes.question_types.base import BadAnswer, BadSpec, as_presented
from quizzes.question_types.parts import answer_id, part_name
from tests.quizzes.question_types.samples import GAP_TEXT, MATCHING, ORDERING, changed, with_gap

SEED = 77
INVOICE, LIST, PROOF = "stable-invoice", "stable-list", "stable-proof"
WAY = ("stable-pack", "stable-fetch", "stable-clear", "stable-bring")


def matched(**pairs: str) -> dict[str, Any]:
    return {"chosen": [f"stable-{pair}:stable-{answer}" for pair, answer in pairs.items()]}


def placed(*places: int | None) -> dict[str, Any]:
    """A response that gives the items, in their right order, these places."""
    return {"chosen": [f"{item}:{place}" for item, place in zip(WAY, places, strict=True) if place]}


def problems(question_type: QuestionType, spec: Any) -> list[str]:
    return [str(problem) for problem in question_type.check(spec)]


# --- matching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "score", "reason"),
    [
        (None, 0, "Not answered."),
        ({"chosen": []}, 0, "Not answered."),
        (matched(invoice="invoice", list="list", proof="proof"), 1, "Right."),
        (matched(invoice="invoice"), 1 / 3, "Partly right."),
        (matched(invoice="invoice", list="proof", proof="weather"), 1 / 3, "Partly right."),
        (matched(invoice="proof", list="proof", proof="proof"), 1 / 3, "Partly right."),
        (matched(invoice="list", list="invoice"), 0, "Wrong."),
        ({"chosen": ["stable-invoice:stable-list", "stable-invoice:stable-invoice"]}, 0, "Wrong."),
        ({"chosen": ["stable-weather:stable-weather"]}, 0, "Not answered."),
    ],
)
def test_matching_gives_right_pairs_of_all_pairs(response: Any, score: float, reason: str) -> None:
    mark = Matching().mark(MATCHING, response)

    assert (mark.score, mark.reason) == (pytest.approx(score), reason)


def test_the_id_of_an_answer_follows_from_its_words_and_not_from_its_pair() -> None:
    """Security case 12: else the id that a pair and its answer share would be the key."""
    shown = Matching().present(MATCHING, seed=SEED, languages=["en"])

    ids = {option.text.text: option.id for option in shown.parts[0].options}
    assert ids["names the price"] == answer_id(SEED, '{"en": "names the price", "fr": "indique le prix"}')
    assert {part.name for part in shown.parts} == {part_name(SEED, pair) for pair in (INVOICE, LIST, PROOF)}
    assert all(part.options == shown.parts[0].options for part in shown.parts)


def test_an_extra_answer_says_why_it_belongs_nowhere() -> None:
    rows = Matching().feedback(MATCHING, matched(list="weather"), languages=["en"]).parts

    row = next(row for row in rows if row.id == LIST)
    assert row.given is not None
    assert row.why_given is not None
    assert row.why is not None
    assert [row.given.text, row.solution.text, row.why_given.text, row.why.text, row.right] == [
        "names the weather",
        "names each *box*",
        "WHY-WEATHER: no paper does.",
        "WHY-LIST: a box is opened with it.",
        False,
    ]


def test_matching_counts_every_answer_to_every_pair() -> None:
    choices = Matching().choices_for_statistics(MATCHING)

    assert len(choices) == 3 * 4
    assert [choice.id for choice in choices if choice.right] == [f"{pair}:{pair}" for pair in (INVOICE, LIST, PROOF)]
    assert choices[0].label == {"en": "The invoice → names the price", "fr": "La facture → indique le prix"}
    assert Matching().summarise(MATCHING, matched(list="list")) == "The packing list → names each box"


def test_parts_are_explained_in_the_order_in_which_they_were_seen() -> None:
    for seed in range(12):
        shown = Matching().present(MATCHING, seed=seed, languages=["en"])

        rows = as_presented(Matching().feedback(MATCHING, None, languages=["en"]), presentation=shown, seed=seed).parts

        assert [(row.id, row.label) for row in rows] == [(part.id, part.label) for part in shown.parts]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (
            changed(MATCHING, pairs=MATCHING["pairs"][:2]),
            ["pairs: This list has 2 items. It needs at least 3 and at most 6."],
        ),
        (
            changed(MATCHING, extra=[{**MATCHING["extra"][0], "id": INVOICE}]),
            ["extra.0.id: Another option has the same id."],
        ),
        (
            changed(MATCHING, extra=[{**MATCHING["extra"][0], "text": {"en": "Names the  PRICE"}}]),
            ["extra.0.text.en: Another option has the same text."],
        ),
        (
            changed(MATCHING, pairs=[*MATCHING["pairs"][:2], {**MATCHING["pairs"][2], "left": {"en": "the invoice"}}]),
            ["pairs.2.left.en: Another option has the same text."],
        ),
        (changed(MATCHING, extra=None), []),
        (changed(MATCHING, hint={"en": ""}), ["hint.en: This text is empty."]),
        (changed(MATCHING, shuffle=True), ["shuffle: This field is not known here."]),
    ],
)
def test_check_says_what_is_wrong_with_a_matching_question(spec: dict[str, Any], found: list[str]) -> None:
    assert problems(Matching(), spec) == found


# --- ordering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "score", "moved"),
    [
        ((1, 2, 3, 4), 1, []),
        ((1, 2, 4, 3), 2 / 3, [3]),
        ((4, 1, 2, 3), 2 / 3, [0]),  # one line too far down moves all others up, and costs once
        ((2, 3, 4, 1), 2 / 3, [3]),
        ((2, 1, 4, 3), 1 / 3, [1, 3]),
        ((4, 2, 3, 1), 1 / 3, [0, 3]),
        ((4, 3, 2, 1), 0, [1, 2, 3]),
        ((1, 2, None, None), 1 / 3, [2, 3]),
        ((3, None, None, None), 0, [1, 2, 3]),
    ],
)
def test_each_item_that_would_have_to_move_costs_an_equal_part(
    places: tuple[int | None, ...], score: float, moved: list[int]
) -> None:
    response = placed(*places)

    assert Ordering().mark(ORDERING, response).score == pytest.approx(score)
    rows = Ordering().feedback(ORDERING, response, languages=["en"]).parts
    assert [number for number, row in enumerate(rows) if not row.right] == moved
    assert [row.solution.text for row in rows] == ["1", "2", "3", "4"]


def test_the_mark_is_what_the_rows_say_whatever_the_order() -> None:
    for places in permutations((1, 2, 3, 4)):
        response = placed(*places)
        rows = Ordering().feedback(ORDERING, response, languages=["en"]).parts

        assert Ordering().mark(ORDERING, response).score == pytest.approx(1 - sum(not row.right for row in rows) / 3)


@pytest.mark.parametrize(
    ("sent", "kept"), [("2", "2"), (" 2 ", "2"), ("٢", "2"), ("२", "2"), ("２", "2"), ("2\0", "2")], ids=ascii
)
def test_a_place_is_read_in_digits_of_any_script(sent: str, kept: str) -> None:
    """Security case 20."""
    form = {part_name(SEED, "stable-clear"): [sent]}

    assert Ordering().read(ORDERING, form, seed=SEED, locale="ar") == {"chosen": [f"stable-clear:{kept}"]}


def test_a_place_given_twice_names_both_fields() -> None:
    fields = [part_name(SEED, item) for item in WAY]

    with pytest.raises(BadAnswer, match="Place 2 is given more than once") as refusal:
        Ordering().read(ORDERING, {field: ["2"] for field in fields[1:3]}, seed=SEED, locale="en")

    assert refusal.value.fields == tuple(fields[1:3])


def test_a_response_with_a_place_twice_counts_the_first() -> None:
    assert Ordering().mark(ORDERING, placed(1, 1, 1, 1)).score == 0
    assert Ordering().summarise(ORDERING, placed(4, 2, None, None)) == "2. It is fetched.; 4. It is packed."


def test_ordering_counts_every_place_of_every_item() -> None:
    choices = Ordering().choices_for_statistics(ORDERING)

    assert len(choices) == 16
    assert [choice.id for choice in choices if choice.right] == [f"{item}:{at}" for at, item in enumerate(WAY, start=1)]
    assert choices[0].label == {"en": "It is packed. → 1", "fr": "Il est emballé. → 1"}


# --- gaps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "chosen", "score", "reason"),
    [
        ("", "", 0, "Not answered."),
        ("In advance.", "a", 1, "Right."),
        ("beforehand", "", 0.5, "Partly right."),
        ("before", "a", 0.5, "Partly right."),
        ("before", "b", 0, "Wrong."),
    ],
)
def test_gaps_give_right_gaps_of_all_gaps(typed: str, chosen: str, score: float, reason: str) -> None:
    fields = {}
    if typed:
        fields[part_name(SEED, "stable-when")] = [typed]
    if chosen:
        fields[part_name(SEED, "stable-whom")] = [answer_id(SEED, f"stable-whom:stable-{chosen}")]

    response = GapText().read(GAP_TEXT, fields, seed=SEED, locale="en")

    mark = GapText().mark(GAP_TEXT, response)
    assert (mark.score, mark.reason) == (score, reason)


def test_a_near_answer_in_a_gap_has_its_own_explanation() -> None:
    rows = GapText().feedback(GAP_TEXT, {"typed": {"stable-when": "Before"}}, languages=["en"]).parts

    assert rows[0].why_given is not None
    assert (rows[0].right, rows[0].solution.text, rows[0].why_given.text) == (
        False,
        "in advance",
        "WHY-BEFORE: say how.",
    )
    assert rows[1].given is None


def test_gaps_stand_in_the_order_of_the_text_that_a_person_reads() -> None:
    english = GapText().present(GAP_TEXT, seed=SEED, languages=["en"])
    french = GapText().present(GAP_TEXT, seed=SEED, languages=["fr"])

    assert [part.input for part in english.parts] == ["text", "one"]
    assert [part.input for part in french.parts] == ["one", "text"]
    assert [part.label.text for part in french.parts] == ["1", "2"]
    assert [piece.text for piece in french.around] == ["Ceci protège le ", " : on paie ", "."]
    assert {part.id for part in french.parts} == {part.id for part in english.parts}


@pytest.mark.parametrize("text", ["x" * 201, "x" * 10_000_000, "\ufdfa" * 200], ids=["201", "10 MB", "grows"])
def test_what_is_typed_into_a_gap_has_at_most_200_letters(text: str) -> None:
    with pytest.raises(BadAnswer, match="longer than 200 letters"):
        GapText().read(GAP_TEXT, {part_name(SEED, "stable-when"): [text]}, seed=SEED, locale="en")


GAP = GAP_TEXT["gaps"][0]
OVER = "Emphasis, code or a link goes over a gap. It must end before the gap."


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (
            changed(GAP_TEXT, text={"en": "{{stable-when}} {{ stable-whom }} {{more}}"}),
            ["text.en: The text has a gap {{more}} that is not described."],
        ),
        (
            changed(GAP_TEXT, text={"en": "{{stable-when}} {{stable-when}} {{stable-whom}}"}),
            ["text.en: The gap {{stable-when}} stands more than once in the text."],
        ),
        (
            changed(GAP_TEXT, text={**GAP_TEXT["text"], "fr": "{{stable-when}}"}),
            ["text.fr: The gap {{stable-whom}} does not stand in the text."],
        ),
        (changed(GAP_TEXT, text={"en": "*before {{stable-when}} behind* {{stable-whom}}"}), [f"text.en: {OVER}"]),
        (
            changed(GAP_TEXT, text={"en": "[{{stable-when}}](https://example.org) `{{stable-whom}}`"}),
            [f"text.en: {OVER}"],
        ),
        (
            changed(GAP_TEXT, text={"en": "{{7*7}} *a* {{stable-when}} {{config}}{{stable-whom}}"}),
            ["text.en: The text has a gap {{config}} that is not described."],
        ),
        (with_gap(GAP_TEXT, 1, accepted=["seller"]), ["gaps.1.accepted: A gap is either typed or chosen."]),
        (
            changed(GAP_TEXT, gaps=[{"id": "stable-when"}, GAP_TEXT["gaps"][1]]),
            ["gaps.0.accepted: This field is missing.", "gaps.0.why: This field is missing."],
        ),
        (
            with_gap(GAP_TEXT, 0, near=[{"text": "in advance", "why": {"en": "x"}}]),
            ["gaps.0.near.0.text: Another answer is the same when the two are compared."],
        ),
        (
            with_gap(GAP_TEXT, 1, options=[{**option, "right": False} for option in GAP_TEXT["gaps"][1]["options"]]),
            ["gaps.1.options: Exactly one option is right; here it is 0."],
        ),
        (
            changed(GAP_TEXT, gaps=[GAP] * 2),
            [
                "gaps.1.id: Another option has the same id.",
                "text.en: The text has a gap {{stable-whom}} that is not described.",
                "text.fr: The text has a gap {{stable-whom}} that is not described.",
            ],
        ),
    ],
)
def test_check_says_what_is_wrong_with_a_text_with_gaps(spec: dict[str, Any], found: list[str]) -> None:
    assert problems(GapText(), spec) == found


def test_a_gap_that_is_not_in_the_text_makes_no_page() -> None:
    with pytest.raises(BadSpec, match="at text"):
        GapText().present(changed(GAP_TEXT, text={"en": "no gap"}), seed=1, languages=["en"])
