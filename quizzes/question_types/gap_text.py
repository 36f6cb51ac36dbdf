"""Gap text: a text with gaps, each to be typed or chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.text.markdown import inline, words_only
from quizzes.question_types.accepted import accepted_in, check_accepted, is_accepted, near_to
from quizzes.question_types.base import (
    CHOSEN,
    JSON,
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
from quizzes.question_types.choices import FEWEST_OPTIONS, MOST_OPTIONS, Option, authored_options, shortened
from quizzes.question_types.parts import (
    advice_on_open_parts,
    answer_id,
    chosen_ids,
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
from quizzes.question_types.typed_answers import limited, normalise, read_typed

MOST_GAPS = 12
MOST_TYPED = 200  # letters in one gap
_MARK = re.compile(r"\{\{[ \t]*([A-Za-z0-9][A-Za-z0-9_-]{0,39})[ \t]*\}\}")
_TAG = re.compile(r"</?[a-z]+")


@dataclass(frozen=True, slots=True)
class _Gap:
    id: str
    fields: Mapping[str, object]
    options: tuple[Option, ...]  # () where the gap is typed

    def answer(self, option: Option) -> str:
        return f"{self.id}:{option.id}"


class GapText:
    """``{{id}}`` marks a gap; a response is ``{"chosen": ["gap:option", …], "typed": {gap: text}}`` in NFKC."""

    kind = "gap_text"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "text", "gaps"))
        check.text(check.spec.get("prompt"), "prompt")
        text = check.text(check.spec.get("text"), "text")
        ids: set[str] = set()
        for number, value in enumerate(check.items(check.spec.get("gaps"), "gaps", fewest=1, most=MOST_GAPS)):
            _check_gap(check, value, under("gaps", number), ids)
        for tag, words in text.items():
            _check_marks(check, words, under("text", tag), ids)
        return check.problems

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the text, cut at its gaps; the options of each gap stand in a drawn order."""
        text, gaps = _in_order(spec, languages)
        pieces = _MARK.split(text.text)[::2]
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="parts",
            instruction=Localised(N_("Fill each gap."), "en", message=True),
            hint=hint_in(spec, languages),
            parts=tuple(_part(gap, number, seed, languages) for number, gap in enumerate(gaps, start=1)),
            around=tuple(Localised(piece, text.language) for piece in pieces),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read what was typed and chosen; gaps may stay empty. Raises BadAnswer."""
        del locale
        gaps = _gaps(spec)
        fields = fields_of_parts(given, gaps, seed=seed)
        chosen: list[JSON] = []
        typed: dict[str, JSON] = {}
        for gap in gaps.values():
            field = fields[gap.id]
            if gap.options:
                offered = {answer_id(seed, gap.answer(option)): gap.answer(option) for option in gap.options}
                answer = one_offered(given, field, offered)
                if answer is not None:
                    chosen.append(answer)
            elif (sent := read_typed(given, field, most=MOST_TYPED)) is not None:
                # NFKC may write one letter as eighteen, hence the second look at the length.
                text = limited(normalise(sent), field, most=MOST_TYPED)
                if text:
                    typed[gap.id] = text
        response: dict[str, JSON] = {}
        if chosen:
            response[CHOSEN] = chosen
        if typed:
            response["typed"] = typed
        return response or None

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give what stands in the gaps, options with the ids that the participant sees."""
        del locale
        filled: dict[str, list[str]] = {}
        for gap in _gaps(spec).values():
            option, text = _option(gap, response), _text(gap, response)
            if option is not None:
                filled[part_name(seed, gap.id)] = [answer_id(seed, gap.answer(option))]
            elif text:
                filled[part_name(seed, gap.id)] = [text]
        return filled

    def advice(self, spec: Spec, response: Response) -> Advice | None:
        """Say where only some of the gaps are answered."""
        return advice_on_open_parts(sum(_is_filled(gap, response) for gap in _gaps(spec).values()), len(_gaps(spec)))

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give the right gaps / all gaps; a wrong one costs nothing."""
        gaps = _gaps(spec).values()
        answered = any(_is_filled(gap, response) for gap in gaps)
        return mark_of(sum(_is_right(gap, response) for gap in gaps), len(gaps), answered=answered)

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Say of each gap what stood there, what belongs there, and why."""
        _, gaps = _in_order(spec, languages)
        return Feedback(
            parts=tuple(_explained(gap, number, response, languages) for number, gap in enumerate(gaps, start=1))
        )

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List what belongs into the gaps, in the order of the text."""
        return tuple(_solution(gap, languages) for gap in _in_order(spec, languages)[1])

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List the options of the gaps that are chosen; a typed gap has none."""
        numbers = {gap.id: number for number, gap in enumerate(_gaps(spec).values(), start=1)}
        return [
            Choice(
                gap.answer(option),
                {tag: f"{numbers[gap.id]}: {words}" for tag, words in option.text.items()},
                option.right,
            )
            for gap in _gaps(spec).values()
            for option in gap.options
        ]

    def summarise(self, spec: Spec, response: Response) -> str:
        """List what stands in the gaps in the order of the spec, options in the source language."""
        answers: list[str] = []
        for gap in _gaps(spec).values():
            option = _option(gap, response)
            answers.append(words_only(option.shown(()).text) if option is not None else _text(gap, response) or "…")
        return shortened("; ".join(answers))


def _check_gap(check: SpecCheck, value: object, path: str, ids: set[str]) -> None:
    is_chosen = isinstance(value, Mapping) and value.get("options") is not None
    if is_chosen:
        gap = check.fields(value, path, required=("id", "options"), optional=("accepted",))
        if "accepted" in gap:
            check.add(under(path, "accepted"), N_("A gap is either typed or chosen."))
    else:
        gap = check.fields(value, path, required=("id", "accepted", "why"), optional=("case", "accents", "near"))
    check.id(gap.get("id"), under(path, "id"), ids)
    if not is_chosen:
        check.text(gap.get("why"), under(path, "why"))
        check_accepted(check, gap, path)
        return
    at = under(path, "options")
    rights: list[bool | None] = []
    option_ids: set[str] = set()
    texts: set[tuple[str, str]] = set()
    for number, item in enumerate(check.items(gap.get("options"), at, fewest=FEWEST_OPTIONS, most=MOST_OPTIONS)):
        place_of = under(at, number)
        option = check.fields(item, place_of, required=("id", "text", "right", "why"))
        check.id(option.get("id"), under(place_of, "id"), option_ids)
        check.distinct(check.text(option.get("text"), under(place_of, "text")), under(place_of, "text"), texts)
        check.text(option.get("why"), under(place_of, "why"))
        rights.append(check.boolean(option.get("right"), under(place_of, "right")))
    if rights and None not in rights and rights.count(True) != 1:
        check.add(at, N_("Exactly one option is right; here it is %(found)s."), found=rights.count(True))


def _check_marks(check: SpecCheck, words: str, path: str, ids: set[str]) -> None:
    """Each gap stands once in the text of each language, and no emphasis, code or link goes over one."""
    marks = _MARK.findall(words)
    for mark in sorted(set(marks)):
        if mark not in ids:
            check.add(path, N_("The text has a gap {{%(gap)s}} that is not described."), gap=mark)
        if marks.count(mark) > 1:
            check.add(path, N_("The gap {{%(gap)s}} stands more than once in the text."), gap=mark)
    for gap in sorted(ids.difference(marks)):
        check.add(path, N_("The gap {{%(gap)s}} does not stand in the text."), gap=gap)
    whole = _TAG.findall(inline(_MARK.sub("gap", words)))
    cut = [tag for piece in _MARK.split(words)[::2] for tag in _TAG.findall(inline(piece))]
    if whole != cut:
        check.add(path, N_("Emphasis, code or a link goes over a gap. It must end before the gap."))


def _gaps(spec: Spec) -> dict[str, _Gap]:
    """The gaps by id, in the author's order; raises BadSpec."""
    gaps: dict[str, _Gap] = {}
    for fields in field_objects(spec, "gaps"):
        gap = _Gap(
            id=field_string(fields, "id"),
            fields=fields,
            options=() if fields.get("options") is None else authored_options(fields),
        )
        if not gap.options:
            accepted_in(fields)
        if gap.id in gaps:
            raise unusable("gaps")
        gaps[gap.id] = gap
    if not 1 <= len(gaps) <= MOST_GAPS:
        raise unusable("gaps")
    return gaps


def _in_order(spec: Spec, languages: Sequence[str]) -> tuple[Localised, list[_Gap]]:
    """The text that a person reads, and the gaps in its order; raises BadSpec."""
    text: Text = field_text(spec, "text")
    shown = pick(text, languages)
    gaps = _gaps(spec)
    marks = _MARK.findall(shown.text)
    if sorted(marks) != sorted(gaps):
        raise unusable("text")
    return shown, [gaps[mark] for mark in marks]


def _part(gap: _Gap, number: int, seed: int, languages: Sequence[str]) -> PresentedPart:
    options = sorted(gap.options, key=lambda option: place(seed, gap.answer(option)))
    return PresentedPart(
        id=drawn_id(seed, gap.id),
        label=Localised(str(number), ""),
        options=tuple(
            PresentedOption(answer_id(seed, gap.answer(option)), option.shown(languages)) for option in options
        ),
        input="one" if gap.options else "text",
    )


def _option(gap: _Gap, response: Response | None) -> Option | None:
    """The chosen option of a gap; None if there is none, or the gap is typed."""
    chosen = chosen_ids(response)
    return next((option for option in gap.options if gap.answer(option) in chosen), None)


def _text(gap: _Gap, response: Response | None) -> str:
    """What was typed into a gap."""
    typed = response.get("typed") if response is not None else None
    text = typed.get(gap.id) if isinstance(typed, Mapping) else None
    return text if isinstance(text, str) and not gap.options else ""


def _is_filled(gap: _Gap, response: Response | None) -> bool:
    return _option(gap, response) is not None or bool(_text(gap, response))


def _is_right(gap: _Gap, response: Response | None) -> bool:
    if gap.options:
        option = _option(gap, response)
        return option is not None and option.right
    text = _text(gap, response)
    return bool(text) and is_accepted(gap.fields, text)


def _solution(gap: _Gap, languages: Sequence[str]) -> Localised:
    for option in gap.options:
        if option.right:
            return option.shown(languages)
    return Localised(accepted_in(gap.fields)[0], "") if not gap.options else Localised("", "")


def _explained(gap: _Gap, number: int, response: Response | None, languages: Sequence[str]) -> PartFeedback:
    option, text = _option(gap, response), _text(gap, response)
    right = _is_right(gap, response)
    why_given: Text | None = None
    if option is not None and not option.right:
        why_given = option.why
    elif text and not right and (near := near_to(gap.fields, text)) is not None:
        why_given = field_text(near, "why")
    if gap.options:
        why: Text = next((one.why for one in gap.options if one.right), {})
    else:
        why = field_text(gap.fields, "why")
    given = Localised(text, "") if text else None
    return PartFeedback(
        id=gap.id,
        label=Localised(str(number), ""),
        given=option.shown(languages) if option is not None else given,
        solution=_solution(gap, languages),
        right=right,
        why=pick(why, languages),
        why_given=None if why_given is None else pick(why_given, languages),
    )
