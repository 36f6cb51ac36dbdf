"""The built-in kinds keep the contract, and the contract notices kinds that break it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from quizzes.question_types import (
    BUILT_IN,
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
from quizzes.question_types.base import Given, Mark, Presentation, PresentedOption, Problem, Response, Spec
from quizzes.question_types.contract import check_contract
from quizzes.question_types.parts import answer_id
from quizzes.question_types.seeds import drawn_id
from quizzes.question_types.specs import field_objects, field_string, field_text
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
    with_gap,
    with_right,
    with_rights,
)

CASES: list[tuple[QuestionType, list[Spec], list[tuple[Spec, Spec]], list[Given]]] = [
    (
        SingleChoice(),
        [SINGLE, changed(SINGLE, shuffle=False)],
        [(SINGLE, with_right(SINGLE, False, True, False)), (SINGLE, with_right(SINGLE, False, False, True))],
        [],
    ),
    (
        MultipleChoice(),
        [MULTIPLE],
        [
            (MULTIPLE, with_right(MULTIPLE, True, False, False, False)),
            (MULTIPLE, with_right(MULTIPLE, False, True, True, True)),
        ],
        [],
    ),
    (TrueFalse(), [TRUE_FALSE], [(TRUE_FALSE, changed(TRUE_FALSE, answer=False, why_true={"en": "x"}))], []),
    (
        ShortText(),
        [SHORT_TEXT, changed(SHORT_TEXT, case="exact", accents="exact")],
        [(SHORT_TEXT, changed(SHORT_TEXT, accepted=["Nairobi"], near=[], why={"en": "x"}, case="exact"))],
        [
            {"answer": [text]}
            for text in ("BAPA", " bapa. ", "BAPA+40", "通\u3000道", "می\u200cخواهم", "ﬁne\n\tday", "´a")
        ],
    ),
    (
        Numeric(),
        [NUMERIC, changed(NUMERIC, unit=None), changed(NUMERIC, tolerance={"kind": "relative", "amount": "0.01"})],
        [(NUMERIC, changed(NUMERIC, value="7", tolerance={"kind": "relative", "amount": "0.5"}, why={"en": "x"}))],
        [
            {"answer": [text]}
            for text in ("41.5", "-0", "1,234.5", "٤١٫٥", "1e30", ".5", f"{'9' * 40}e30", f".{'9' * 40}e-30", "1,234")
        ],
    ),
    (
        Matching(),
        [MATCHING, changed(MATCHING, extra=[])],
        [
            (MATCHING, with_rights(MATCHING, "stable-list", "stable-invoice", "stable-proof", "stable-weather")),
            (MATCHING, with_rights(MATCHING, "stable-weather", "stable-list", "stable-invoice", "stable-proof")),
        ],
        [],
    ),
    (
        Ordering(),
        [ORDERING],
        [
            (ORDERING, changed(ORDERING, items=ORDERING["items"][::-1], why={"en": "x"})),
            (ORDERING, changed(ORDERING, items=[*ORDERING["items"][2:], *ORDERING["items"][:2]])),
        ],
        [],
    ),
    (
        GapText(),
        [GAP_TEXT, with_gap(GAP_TEXT, 0, case="exact", accents="exact")],
        [
            (GAP_TEXT, with_gap(GAP_TEXT, 0, accepted=["x"], near=[], why={"en": "x"}, case="exact")),
            (
                GAP_TEXT,
                with_gap(GAP_TEXT, 1, options=with_right(GAP_TEXT["gaps"][1], False, False, True)["options"]),
            ),
        ],
        [],
    ),
    (
        OpenAnswer(),
        [OPEN, changed(OPEN, words=None), changed(OPEN, words={"most": 2})],
        [(OPEN, changed(OPEN, model={"en": "x"}))],
        [{"answer": [text]} for text in ("By bus.", " two\r\n\r\nlines ", "通道", "x" * 5000, "می\u200cخواهم")],
    ),
]


@pytest.mark.parametrize(
    ("question_type", "samples", "alike", "answers"), CASES, ids=[question_type.kind for question_type, *_ in CASES]
)
def test_a_built_in_kind_keeps_the_contract(
    question_type: QuestionType, samples: list[Spec], alike: list[tuple[Spec, Spec]], answers: list[Given]
) -> None:
    """Security cases 11, 12 and 20: alike presentations, ids per seed, nonsense refused or normalised."""
    check_contract(question_type, samples, alike=alike, answers=answers)


def test_every_built_in_kind_has_a_case() -> None:
    kinds = [question_type.kind for question_type in BUILT_IN]

    assert kinds == [
        *("single_choice", "multiple_choice", "true_false", "short_text", "numeric"),
        *("matching", "ordering", "gap_text", "open"),
    ]
    assert kinds == [question_type.kind for question_type, *_ in CASES]


class ShowsTheKey(SingleChoice):
    """Puts the right option first."""

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        shown = super().present(spec, seed=seed, languages=languages)
        right = set(self.solution(spec, languages=languages))
        ordered = sorted(shown.options, key=lambda option: option.text not in right)
        return replace(shown, options=tuple(ordered))


class ShowsStableIds(SingleChoice):
    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        options = tuple(PresentedOption(option.id, option.shown(languages)) for option in self.options(spec))
        return replace(super().present(spec, seed=seed, languages=languages), options=options)


class HidesTheHint(SingleChoice):
    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        return replace(super().present(spec, seed=seed, languages=languages), hint=None)


class NamesAnswersLikeParts(Matching):
    """The answer that belongs to a part has the part's id."""

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        shown = super().present(spec, seed=seed, languages=languages)
        right = {
            answer_id(seed, json.dumps(field_text(pair, "right"), sort_keys=True)): field_string(pair, "id")
            for pair in field_objects(spec, "pairs")
        }
        options = tuple(
            replace(option, id=drawn_id(seed, right.get(option.id, option.id))) for option in shown.parts[0].options
        )
        return replace(shown, parts=tuple(replace(part, options=options) for part in shown.parts))


class OrdersItemsAsWritten(Ordering):
    """Shows the items in the right order."""

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        shown = super().present(spec, seed=seed, languages=languages)
        order = [text.text for text in self.solution(spec, languages=languages)]
        return replace(shown, parts=tuple(sorted(shown.parts, key=lambda part: order.index(part.label.text))))


class TrustsPlaces(Ordering):
    """Takes any number for a place."""

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        parts = self.present(spec, seed=seed, languages=()).parts
        sent = [(part.id, "".join(given.get(part.name, ()))) for part in parts]
        chosen = [f"{part}:{int(number)}" for part, number in sent if number]
        return {"chosen": chosen} if chosen else None


class TrustsForms(ShortText):
    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        return {"text": given["answer"][0]} if given.get("answer") else None


class MarksByTurns(ShortText):
    def __init__(self) -> None:
        self.turns = 0

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        self.turns += 1
        return Mark(self.turns % 2, "By turns.")


class BelievesSpecs(TrueFalse):
    def check(self, spec: Any) -> list[Any]:
        return [Problem("prompt", "Empty.")] if not spec["prompt"]["en"] else []


@pytest.mark.parametrize(
    ("question_type", "spec", "alike", "broken"),
    [
        (ShowsTheKey(), SINGLE, (SINGLE, with_right(SINGLE, False, True, False)), "shows what is right"),
        (ShowsStableIds(), SINGLE, None, "stable ids"),
        (HidesTheHint(), SINGLE, None, "hint is not presented"),
        (NamesAnswersLikeParts(), MATCHING, None, "to which part it belongs"),
        (
            OrdersItemsAsWritten(),
            ORDERING,
            (ORDERING, changed(ORDERING, items=ORDERING["items"][::-1])),
            "what is right",
        ),
        (TrustsPlaces(), ORDERING, None, "not BadAnswer|read as no answer|no summary"),
        (TrustsForms(), SHORT_TEXT, None, "read as an answer|not BadAnswer"),
        (MarksByTurns(), SHORT_TEXT, None, "another mark"),
        (BelievesSpecs(), TRUE_FALSE, None, "A hostile spec raises"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "kind") else "",
)
def test_the_contract_notices_a_kind_that_breaks_it(
    question_type: QuestionType, spec: Spec, alike: tuple[Spec, Spec] | None, broken: str
) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_contract(question_type, [spec], alike=[alike] if alike else [])
