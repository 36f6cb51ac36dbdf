"""Questions and quizzes on paper, for the booklet: what the kind itself presents, and its own solution as the key.

Whatever a kind presents has a place on paper, so third-party kinds are printed as the built-in ones are. A kind that
fails at it cannot be on paper, and the booklet says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from courses.hooks import Boxes, Gaps, KeyLine, Lines, Paper, PaperCriterion, PaperItem, PaperPart, Tick
from lms.errors import N_
from lms.text.localised import SOURCE_LANGUAGE, Localised, pick
from quizzes.bank import definitions
from quizzes.kinds import types
from quizzes.marking.drawing import Candidate
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Feedback, Presentation, Spec, as_presented
from quizzes.question_types.seeds import question_seed

log = logging.getLogger(__name__)

SEED = 1
"""Which questions are drawn for paper, and in what order they and their options stand: the same for everybody."""
LINES_FOR_AN_OPEN_ANSWER = 8

Translate = Callable[..., str]


def paper(definition: Mapping[str, Any], *, languages: Sequence[str], translate: Translate) -> Paper:
    """One attempt at a quiz as its blueprint draws it; the questions of a case stand below what is told."""
    bank, rules = definition["questions"], definitions.rules_of(definition)
    counting = [
        Candidate(id=number, objective=one.get("objective"), difficulty=one.get("difficulty"), case=one.get("case"))
        for number, one in enumerate(bank)
        if one.get("practice_only") is not True
    ]
    drawn = definitions.draw(counting, blueprint=rules["blueprint"], count=rules["draw"], rng_seed=SEED)
    stems = {case["id"]: pick(case["stem"], languages) for case in definition.get("cases") or ()}
    parts = [
        PaperPart(
            items=tuple(_question(bank[number], languages, translate) for number in together),
            text=stems.get(case) if case else None,
        )
        for case, together in groupby(drawn, key=lambda number: bank[number].get("case"))
    ]
    intro = _ours(
        N_("%(drawn)s of the %(all)s questions of this quiz. On the web each try has others. %(share)s%% are enough."),
        languages,
        translate,
        drawn=len(drawn),
        all=len(bank),
        share=round(rules["pass_mark"] * 100),
    )
    return Paper(parts=tuple(parts), numbered=True, intro=intro)


def _ours(message: str, languages: Sequence[str], translate: Translate, **values: object) -> Localised:
    """Words of the interface, in English where they are not translated."""
    is_translated = translate(message) != message
    return Localised(translate(message, **values), languages[0] if is_translated else SOURCE_LANGUAGE)


def _question(question: Mapping[str, Any], languages: Sequence[str], translate: Translate) -> PaperItem:
    found = item(question["kind"], question["spec"], name=question["id"], languages=languages, translate=translate)
    if found is not None:
        return found
    words = _ours(N_("This question cannot be put on paper."), languages, translate)
    return PaperItem(prompt=words, space=Lines(count=0))


def item(kind: str, spec: Spec, *, name: str, languages: Sequence[str], translate: Translate) -> PaperItem | None:
    """A question with room for the answer and its key; None where its kind is not here or cannot show it."""
    of_kind = types().get(kind)
    if of_kind is None:
        return None
    try:
        return _item(of_kind, spec, seed=question_seed(SEED, name), languages=languages, translate=translate)
    except Exception:  # a faulty kind must not take the booklet away
        log.exception("a question of kind %s cannot be put on paper", kind)
        return None


def _item(of_kind: QuestionType, spec: Spec, *, seed: int, languages: Sequence[str], translate: Translate) -> PaperItem:
    def said(text: Localised) -> Localised:
        return _ours(text.text, languages, translate) if text.message else text

    shown = of_kind.present(spec, seed=seed, languages=languages)
    feedback = as_presented(of_kind.feedback(spec, None, languages=languages), presentation=shown, seed=seed)
    key = _key(shown, feedback, said) or tuple(
        KeyLine(answer=said(answer)) for answer in of_kind.solution(spec, languages=languages)[:1]
    )
    return PaperItem(
        prompt=shown.prompt,
        space=_space(shown, said),
        instruction=said(shown.instruction) if shown.instruction is not None else None,
        criteria=tuple(PaperCriterion(text=one.text, points=one.points) for one in shown.rubric),
        key=key,
        why=said(feedback.text) if feedback.text is not None else None,
    )


Said = Callable[[Localised], Localised]


def _space(shown: Presentation, said: Said) -> Tick | Lines | Boxes | Gaps:
    match shown.input:
        case "one" | "many":
            return Tick(options=tuple(said(one.text) for one in shown.options), many=shown.input == "many")
        case "long":
            return Lines(count=LINES_FOR_AN_OPEN_ANSWER)
        case "text" | "number":
            return Lines(unit=shown.unit)
    choices = tuple(tuple(said(option.text) for option in part.options) for part in shown.parts)
    if shown.around:
        return Gaps(pieces=shown.around, choices=choices)
    if any(part.input == "text" for part in shown.parts):
        return Gaps(pieces=(*(said(part.label) for part in shown.parts), Localised("", "")), choices=choices)
    labels = tuple(said(part.label) for part in shown.parts)
    return Boxes(labels=labels, options=() if shown.parts[0].input == "place" else _offered(shown, said))


def _offered(shown: Presentation, said: Said) -> tuple[Localised, ...]:
    """The answers that the parts can be given, each once."""
    return tuple(dict.fromkeys(said(option.text) for part in shown.parts for option in part.options))


def _key(shown: Presentation, feedback: Feedback, said: Said) -> tuple[KeyLine, ...]:
    if feedback.options:
        return tuple(
            KeyLine(answer=said(row.text), right=row.right, option=number, why=said(row.why))
            for number, row in enumerate(feedback.options)
        )
    letters = [] if shown.around else [text.text for text in _offered(shown, said)]
    placed = any(part.input == "place" for part in shown.parts)
    return tuple(
        KeyLine(
            label=said(row.label),
            answer=said(row.solution),
            option=None if placed or row.solution.text not in letters else letters.index(row.solution.text),
            why=said(row.why) if row.why is not None else None,
        )
        for row in feedback.parts
    )
