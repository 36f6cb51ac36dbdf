"""The five kinds keep the contract, and the contract notices kinds that break it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from quizzes.question_types import BUILT_IN, MultipleChoice, Numeric, QuestionType, ShortText, SingleChoice, TrueFalse
from quizzes.question_types.base import Given, Mark, Presentation, PresentedOption, Problem, Response, Spec
from quizzes.question_types.contract import check_contract
from tests.quizzes.question_types.samples import (
    MULTIPLE,
    NUMERIC,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
    changed,
    with_right,
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

    assert kinds == ["single_choice", "multiple_choice", "true_false", "short_text", "numeric"]
    assert kinds == [question_type.kind for question_type, *_ in CASES]


class ShowsTheKey(SingleChoice):
    """Puts the right option first."""

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        shown = super().present(spec, seed=seed, languages=languages)
        right = set(self.solution(spec, languages=languages))
        ordered = sorted(shown.options, key=lambda option: option.text not in right)
        return Presentation(kind=shown.kind, prompt=shown.prompt, options=tuple(ordered))


class ShowsStableIds(SingleChoice):
    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        options = tuple(PresentedOption(option.id, option.shown(languages)) for option in self.options(spec))
        return Presentation(
            kind=self.kind, prompt=super().present(spec, seed=seed, languages=()).prompt, options=options
        )


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
