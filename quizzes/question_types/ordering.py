"""Ordering: several items to put into their right order, by giving each its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.text.markdown import words_only
from quizzes.question_types.base import (
    CHOSEN,
    Advice,
    BadAnswer,
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
    chosen_by_part,
    fields_of_parts,
    mark_of,
    one_offered,
    one_sent,
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
from quizzes.question_types.typed_answers import clean_line

FEWEST_ITEMS = 3
MOST_ITEMS = 7


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    text: Text


class Ordering:
    """The author writes the items in the right order; a response is ``{"chosen": ["a:1", …]}``: item and place."""

    kind = "ordering"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "items", "why"))
        check.text(check.spec.get("prompt"), "prompt")
        check.text(check.spec.get("why"), "why")
        ids: set[str] = set()
        texts: set[tuple[str, str]] = set()
        items = check.items(check.spec.get("items"), "items", fewest=FEWEST_ITEMS, most=MOST_ITEMS)
        for number, value in enumerate(items):
            path = under("items", number)
            item = check.fields(value, path, required=("id", "text"))
            check.id(item.get("id"), under(path, "id"), ids)
            check.distinct(check.text(item.get("text"), under(path, "text")), under(path, "text"), texts)
        return check.problems

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the items in a drawn order, each with the places from 1."""
        items = _items(spec)
        places = tuple(PresentedOption(number, Localised(number, "")) for number in _places(items))
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="parts",
            instruction=Localised(N_("Give each line its place; 1 comes first."), "en", message=True),
            hint=hint_in(spec, languages),
            parts=tuple(
                PresentedPart(drawn_id(seed, item.id), pick(item.text, languages), places, input="place")
                for item in sorted(items, key=lambda item: place(seed, item.id))
            ),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the places; some may be missing. Raises BadAnswer for a place that is given twice or is none."""
        del locale
        items = _items(spec)
        offered = {number: number for number in _places(items)}
        chosen: list[str] = []
        taken: dict[str, list[str]] = {}
        for item, field in fields_of_parts(given, (item.id for item in items), seed=seed).items():
            sent = one_sent(given, field)
            number = one_offered({field: [_plain_digits(sent)]}, field, offered) if sent is not None else None
            if number is not None:
                chosen.append(f"{item}:{number}")
                taken.setdefault(number, []).append(field)
        for number, fields in taken.items():
            if len(fields) > 1:
                raise BadAnswer(
                    N_("Place %(place)s is given more than once. Each line has a place of its own."),
                    fields=fields,
                    place=number,
                )
        return {CHOSEN: chosen} if chosen else None

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the places."""
        del locale
        return {part_name(seed, item): [number] for item, number in _placed(spec, response).items()}

    def advice(self, spec: Spec, response: Response) -> Advice | None:
        """Say where only some of the items are answered."""
        return advice_on_open_parts(len(_placed(spec, response)), len(_items(spec)))

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Take an equal part away for each item that would have to move; all but one moved earn nothing."""
        placed = _placed(spec, response)
        kept = len(_kept(_items(spec), placed))
        return mark_of(kept - 1, len(_items(spec)) - 1, answered=bool(placed))

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """List the items in the right order, each with the place that it was given; right: it need not move."""
        items = _items(spec)
        placed = _placed(spec, response)
        kept = _kept(items, placed)
        return Feedback(
            text=pick(field_text(spec, "why"), languages),
            parts=tuple(
                PartFeedback(
                    id=item.id,
                    label=pick(item.text, languages),
                    given=Localised(placed[item.id], "") if item.id in placed else None,
                    solution=Localised(str(number), ""),
                    right=item.id in kept,
                )
                for number, item in enumerate(items, start=1)
            ),
        )

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List the items in the right order."""
        return tuple(pick(item.text, languages) for item in _items(spec))

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List every place of every item, so that one sees which item is put where."""
        items = _items(spec)
        return [
            Choice(f"{item.id}:{number}", {tag: f"{words} → {number}" for tag, words in item.text.items()}, at == right)
            for right, item in enumerate(items)
            for at, number in enumerate(_places(items))
        ]

    def summarise(self, spec: Spec, response: Response) -> str:
        """List the items by the places that they were given, in the source language."""
        texts = {item.id: item.text for item in _items(spec)}
        placed = sorted((number, item) for item, number in _placed(spec, response).items())
        return shortened("; ".join(f"{number}. {words_only(pick(texts[item], ()).text)}" for number, item in placed))


def _items(spec: Spec) -> tuple[_Item, ...]:
    """The items in the right order; raises BadSpec."""
    items = tuple(_Item(field_string(item, "id"), field_text(item, "text")) for item in field_objects(spec, "items"))
    if not items or len(items) > MOST_ITEMS or len({item.id for item in items}) != len(items):
        raise unusable("items")
    return items


def _places(items: Sequence[_Item]) -> list[str]:
    return [str(number) for number in range(1, len(items) + 1)]


def _placed(spec: Spec, response: Response | None) -> dict[str, str]:
    """The place that each item was given, by the item's id; of two items at one place the first in order counts."""
    items = _items(spec)
    offered = {f"{item.id}:{number}": (item.id, number) for item in items for number in _places(items)}
    placed: dict[str, str] = {}
    for item, number in chosen_by_part(response, offered).items():
        if number not in placed.values():
            placed[item] = number
    return placed


def _kept(items: Sequence[_Item], placed: Mapping[str, str]) -> frozenset[str]:
    """The most items that stand in the right order among themselves: the rest would have to move.

    Of several such groups the one that comes first in the right order, so that the same answer is explained alike.
    """
    order = [item.id for item in items if item.id in placed]
    for size in range(len(order), 1, -1):
        for group in combinations(order, size):
            places = [placed[item] for item in group]
            if places == sorted(places):
                return frozenset(group)
    return frozenset(order[:1])


def _plain_digits(text: str) -> str:
    """Write the decimal digits of any script as 0–9; whatever else is there stays."""
    line = clean_line(text[:40])
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in line)
