"""The form of a question in which items are put in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, StringField

from lms.errors import N_
from lms.web.languages import lazy
from quizzes.authoring.forms.base import (
    QuestionForm,
    RowForm,
    Rows,
    objects_in,
    short_enough,
    text_in,
    tidy_line,
    with_blank_rows,
    with_text,
    words_field,
)
from quizzes.authoring.forms.options import new_option_id, usable_id
from quizzes.question_types.base import JSON, Spec
from quizzes.question_types.ordering import MOST_ITEMS

_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,4})?\Z", re.ASCII)


class ItemRow(RowForm):
    """An item and the number by which the items are sorted."""

    id = HiddenField(filters=[usable_id])
    place = StringField(lazy(N_("Place")), filters=[tidy_line], validators=[short_enough])
    text = words_field(N_("Line"))

    @property
    def is_blank(self) -> bool:
        return not self.text.data

    @property
    def number(self) -> float:
        """The place as a number; a row without one stands behind the others."""
        place = self.place.data or ""
        return float(place.replace(",", ".")) if _NUMBER.match(place) else float("inf")


class OrderingForm(QuestionForm):
    """The items in their right order, which their numbers say."""

    template = "quizzes/authoring/ordering.html"

    items = Rows(
        ItemRow,
        N_("Lines in their right order"),
        most=MOST_ITEMS,
        hint=N_(
            "Three to seven. To move a line, change its number: 1.5 puts it behind 1. Clear a line to take it away."
        ),
    )
    why = words_field(N_("Why this is the order"))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        rows = [
            {"id": item.get("id"), "place": str(number), "text": text_in(item.get("text"), language)}
            for number, item in enumerate(objects_in(spec, "items")[:MOST_ITEMS], start=1)
        ]
        return {
            **super().from_spec(spec, language=language),
            "items": with_blank_rows(rows, _blank, most=MOST_ITEMS),
            "why": text_in(spec.get("why"), language),
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        known = {item.get("id"): item for item in objects_in(before, "items")}
        items: list[JSON] = []
        seen: set[str] = set()
        for row in self.in_order():
            if row.id.data in seen:
                row.id.data = new_option_id()
            seen.add(row.id.data)
            was = known.get(row.id.data, {})
            items.append({**was, "id": row.id.data, "text": with_text(was.get("text"), language, row.text.data)})
        made["items"] = items
        made["why"] = with_text(before.get("why"), language, self.why.data)
        return made

    def in_order(self) -> list[Any]:
        """Give the rows that are written, sorted by their numbers."""
        return sorted((row for _, row in self.items.written()), key=lambda row: row.number)

    def field_at(self, path: Sequence[str]) -> Any:
        if len(path) > 2 and path[0] == "items" and path[1].isdecimal():
            rows = self.in_order()
            if int(path[1]) < len(rows):
                return rows[int(path[1])].text
        return super().field_at(path)

    def label_at(self, path: Sequence[str]) -> str:
        field = self.field_at(path)
        return "" if field is None else str(field.label.text)

    def blank_row(self, name: str) -> dict[str, Any]:
        del name
        return _blank()


def _blank() -> dict[str, Any]:
    return {"id": new_option_id()}
