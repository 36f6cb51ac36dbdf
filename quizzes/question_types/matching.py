"""Matching: to each of several things belongs one of several answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.text.markdown import words_only
from quizzes.question_types.base import (
    CHOSEN,
    Advice,
    Choice,
    Feedback,
    Given,
    Mark,
    PartFeedback,
    Presentation,
    PresentedOption,
    PresentedPart,
    Problem,
    Response,
    Spec,
    must_know_version,
)
from quizzes.question_types.choices import shortened
from quizzes.question_types.parts import (
    advice_on_open_parts,
    answer_id,
    chosen_by_part,
    fields_of_parts,
    mark_of,
    one_offered,
    part_name,
)
from quizzes.question_types.seeds import drawn_id, place
from quizzes.question_types.specs import (
    SpecCheck,
    field_objects,
    field_string,
    field_text,
    hint_in,
    under,
    unusable,
)

FEWEST_PAIRS = 3
MOST_PAIRS = 6
MOST_EXTRA = 2


@dataclass(frozen=True, slots=True)
class _Pair:
    id: str
    left: Text
    why: Text


@dataclass(frozen=True, slots=True)
class _Answer:
    id: str  # that of its pair, or of the extra answer
    text: Text
    why: Text | None  # of an extra answer: why it belongs to nobody

    @property
    def words(self) -> str:
        """What the answer says, as one string: it is the same whichever pair the answer belongs to."""
        return json.dumps(self.text, sort_keys=True)


class Matching:
    """A response is ``{"chosen": ["a:b", …]}``: the pair ``a`` was given the answer that belongs to ``b``."""

    kind = "matching"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "pairs"), optional=("extra",))
        check.text(check.spec.get("prompt"), "prompt")
        ids: set[str] = set()
        lefts: set[tuple[str, str]] = set()
        answers: set[tuple[str, str]] = set()
        pairs = check.items(check.spec.get("pairs"), "pairs", fewest=FEWEST_PAIRS, most=MOST_PAIRS)
        for number, value in enumerate(pairs):
            path = under("pairs", number)
            pair = check.fields(value, path, required=("id", "left", "right", "why"))
            check.id(pair.get("id"), under(path, "id"), ids)
            check.distinct(check.text(pair.get("left"), under(path, "left")), under(path, "left"), lefts)
            check.distinct(check.text(pair.get("right"), under(path, "right")), under(path, "right"), answers)
            check.text(pair.get("why"), under(path, "why"))
        for number, value in enumerate(check.items(check.spec.get("extra"), "extra", fewest=0, most=MOST_EXTRA)):
            path = under("extra", number)
            extra = check.fields(value, path, required=("id", "text", "why"))
            check.id(extra.get("id"), under(path, "id"), ids)
            check.distinct(check.text(extra.get("text"), under(path, "text")), under(path, "text"), answers)
            check.text(extra.get("why"), under(path, "why"))
        return check.problems

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show both sides, each in an order of its own; all answers are offered for each pair."""
        answers = sorted(_answers(spec), key=lambda answer: place(seed, answer.words))
        options = tuple(
            PresentedOption(answer_id(seed, answer.words), pick(answer.text, languages)) for answer in answers
        )
        pairs = sorted(_pairs(spec), key=lambda pair: place(seed, pair.id))
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="parts",
            instruction=Localised(N_("Choose for each the answer that belongs to it."), "en", message=True),
            hint=hint_in(spec, languages),
            parts=tuple(PresentedPart(drawn_id(seed, pair.id), pick(pair.left, languages), options) for pair in pairs),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the chosen answers; some may be missing, and one may be chosen twice. Raises BadAnswer."""
        del locale
        offered = {answer_id(seed, answer.words): answer.id for answer in _answers(spec)}
        chosen: list[str] = []
        for pair, field in fields_of_parts(given, (pair.id for pair in _pairs(spec)), seed=seed).items():
            answer = one_offered(given, field, offered)
            if answer is not None:
                chosen.append(f"{pair}:{answer}")
        return {CHOSEN: chosen} if chosen else None

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the chosen answers with the ids that the participant sees."""
        del locale
        drawn = {answer.id: answer_id(seed, answer.words) for answer in _answers(spec)}
        return {part_name(seed, pair): [drawn[answer]] for pair, answer in _chosen(spec, response).items()}

    def advice(self, spec: Spec, response: Response) -> Advice | None:
        """Say where only some of the pairs are answered."""
        return advice_on_open_parts(len(_chosen(spec, response)), len(_pairs(spec)))

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give the right pairs / all pairs; a wrong one costs nothing."""
        chosen = _chosen(spec, response)
        right = sum(pair == answer for pair, answer in chosen.items())
        return mark_of(right, len(_pairs(spec)), answered=bool(chosen))

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Say of each pair what was chosen, what belongs there, and why."""
        chosen = _chosen(spec, response)
        answers = {answer.id: answer for answer in _answers(spec)}
        rows: list[PartFeedback] = []
        for pair in _pairs(spec):
            given = answers.get(chosen.get(pair.id, ""))
            rows.append(
                PartFeedback(
                    id=pair.id,
                    label=pick(pair.left, languages),
                    given=None if given is None else pick(given.text, languages),
                    solution=pick(answers[pair.id].text, languages),
                    right=given is not None and given.id == pair.id,
                    why=pick(pair.why, languages),
                    why_given=None if given is None or given.why is None else pick(given.why, languages),
                )
            )
        return Feedback(parts=tuple(rows))

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List the pairs."""
        answers = {answer.id: answer for answer in _answers(spec)}
        solutions = []
        for pair in _pairs(spec):
            left, right = pick(pair.left, languages), pick(answers[pair.id].text, languages)
            solutions.append(Localised(f"{left.text} → {right.text}", left.language))
        return tuple(solutions)

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List every answer to every pair, so that one sees what is confused with what."""
        return [
            Choice(f"{pair.id}:{answer.id}", _joined(pair.left, answer.text), pair.id == answer.id)
            for pair in _pairs(spec)
            for answer in _answers(spec)
        ]

    def summarise(self, spec: Spec, response: Response) -> str:
        """List what was matched with what, in the source language."""
        lefts = {pair.id: pair.left for pair in _pairs(spec)}
        answers = {answer.id: answer.text for answer in _answers(spec)}
        pairs = (_joined(lefts[pair], answers[answer]) for pair, answer in _chosen(spec, response).items())
        return shortened("; ".join(words_only(pick(text, ()).text) for text in pairs))


def _pairs(spec: Spec) -> tuple[_Pair, ...]:
    """The pairs in the author's order; raises BadSpec."""
    pairs = tuple(
        _Pair(field_string(pair, "id"), field_text(pair, "left"), field_text(pair, "why"))
        for pair in field_objects(spec, "pairs")
    )
    if not pairs or len(pairs) > MOST_PAIRS or len({pair.id for pair in pairs}) != len(pairs):
        raise unusable("pairs")
    return pairs


def _answers(spec: Spec) -> tuple[_Answer, ...]:
    """What can be chosen: the right sides, then the extra answers; raises BadSpec."""
    answers = [
        _Answer(field_string(pair, "id"), field_text(pair, "right"), None) for pair in field_objects(spec, "pairs")
    ]
    if spec.get("extra") is not None:
        answers += [
            _Answer(field_string(extra, "id"), field_text(extra, "text"), field_text(extra, "why"))
            for extra in field_objects(spec, "extra")
        ]
    if len(answers) > MOST_PAIRS + MOST_EXTRA or len({answer.id for answer in answers}) != len(answers):
        raise unusable("extra")
    return tuple(answers)


def _chosen(spec: Spec, response: Response | None) -> dict[str, str]:
    """The id of the answer that each pair was given, by the pair's id."""
    offered = {f"{pair.id}:{answer.id}": (pair.id, answer.id) for pair in _pairs(spec) for answer in _answers(spec)}
    return chosen_by_part(response, offered)


def _joined(left: Text, right: Text) -> Text:
    return {tag: f"{words} → {pick(right, (tag,)).text}" for tag, words in left.items()}
