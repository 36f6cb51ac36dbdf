"""Rows of options, for single and multiple choice. An option keeps its id for ever; a new one draws its own."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField

from lms.errors import N_
from lms.web.languages import lazy, translate
from quizzes.authoring.forms.base import (
    QuestionForm,
    RowForm,
    Rows,
    objects_in,
    text_in,
    with_blank_rows,
    with_text,
    words_field,
)
from quizzes.question_types.base import JSON, Spec
from quizzes.question_types.choices import MOST_OPTIONS

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z", re.ASCII)


def new_option_id() -> str:
    """Draw the id of a new option: 8 letters and digits (40 random bits), which say nothing about it."""
    return base64.b32encode(secrets.token_bytes(5)).decode("ascii").lower()


def usable_id(value: object) -> str:
    """A WTForms filter: the id that was sent, or a new one where it is none."""
    return value if isinstance(value, str) and _ID.match(value) else new_option_id()


class OptionRow(RowForm):
    """One option. Its id is drawn when the row is first shown, so that sending a form twice makes one option."""

    id = HiddenField(filters=[usable_id])
    text = words_field(N_("Option"))
    why = words_field(N_("Why it is right, or why somebody chooses it"))
    right = BooleanField(lazy(N_("Right")))

    @property
    def is_blank(self) -> bool:
        return not self.text.data and not self.why.data


class OptionsForm(QuestionForm):
    """What the two kinds with written options share; each says how its right ones are marked."""

    template = "quizzes/authoring/options.html"

    options = Rows(
        OptionRow,
        N_("Options"),
        most=MOST_OPTIONS,
        hint=N_(
            "Say for each option why it is right, or why somebody chooses it: the participant reads this afterwards. "
            "Clear both fields of an option to take it away."
        ),
    )
    shuffle = BooleanField(lazy(N_("Each participant sees the options in an order of their own.")))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        rows = [
            {
                "id": option.get("id"),
                "text": text_in(option.get("text"), language),
                "why": text_in(option.get("why"), language),
                "right": option.get("right") is True,
            }
            for option in objects_in(spec, "options")[:MOST_OPTIONS]
        ]
        return {
            **super().from_spec(spec, language=language),
            "options": with_blank_rows(rows, _blank, most=MOST_OPTIONS),
            "shuffle": spec.get("shuffle") is not False,
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        known: Mapping[object, Mapping[str, JSON]] = {
            option.get("id"): option for option in objects_in(before, "options")
        }
        options: list[JSON] = []
        seen: set[str] = set()
        for _, row in self.options.written():
            if row.id.data in seen:
                row.id.data = new_option_id()
            seen.add(row.id.data)
            was = known.get(row.id.data, {})
            options.append(
                {
                    **was,
                    "id": row.id.data,
                    "text": with_text(was.get("text"), language, row.text.data),
                    "right": self.is_right(row),
                    "why": with_text(was.get("why"), language, row.why.data),
                }
            )
        made = {**super().spec(before, language=language), "options": options}
        if not self.shuffle.data:
            made["shuffle"] = False
        elif "shuffle" in made:
            made["shuffle"] = True
        return made

    def label_at(self, path: Sequence[str]) -> str:
        field = self.field_at(path)
        if field is None or field is self.options or path[0] != "options":
            return super().label_at(path)
        number = self.options.written()[int(path[1])][0] + 1
        name = N_("Option %(number)s, feedback") if field.short_name == "why" else N_("Option %(number)s")
        return translate(name, number=number)

    def is_right(self, row: OptionRow) -> bool:
        """Say whether the row is marked as right."""
        return bool(row.right.data)

    def blank_row(self, name: str) -> dict[str, Any]:
        del name
        return _blank()


def _blank() -> dict[str, Any]:
    return {"id": new_option_id()}
