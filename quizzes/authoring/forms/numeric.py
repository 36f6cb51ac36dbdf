"""The form of a question that is answered with a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectField, StringField

from lms.errors import N_
from lms.web.forms import choices
from lms.web.languages import language as page_language
from lms.web.languages import lazy
from quizzes.authoring.forms.base import QuestionForm, short_enough, text_in, tidy_line, with_text, words_field
from quizzes.question_types.base import JSON, BadAnswer, Spec
from quizzes.question_types.written_numbers import canonical, from_canonical, read_number, write_number

_FIELDS = {"kind": "tolerance_kind", "amount": "tolerance_amount"}


class NumericForm(QuestionForm):
    """The value, how far from it an answer may be, and the unit. Numbers are written as in the page's language."""

    value = StringField(lazy(N_("Right number")), filters=[tidy_line], validators=[short_enough])
    tolerance_kind = SelectField(
        lazy(N_("How far from it an answer may be")),
        choices=choices(
            [
                ("absolute", lazy(N_("by a fixed number, in the same unit"))),
                ("relative", lazy(N_("by a part of the right number"))),
            ]
        ),
        validate_choice=False,
        default="absolute",
    )
    tolerance_amount = StringField(
        lazy(N_("Largest difference")),
        description=lazy(N_("0 takes the exact number only. For a part of the number, 0.05 means five percent.")),
        filters=[tidy_line],
        validators=[short_enough],
    )
    unit = StringField(
        lazy(N_("Unit, if there is one")),
        description=lazy(N_("It stands beside the field. A participant need not type it.")),
        filters=[tidy_line],
        validators=[short_enough],
    )
    why = words_field(N_("Why this is the answer"))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        tolerance = spec.get("tolerance")
        tolerance = tolerance if isinstance(tolerance, Mapping) else {}
        return {
            **super().from_spec(spec, language=language),
            "value": _shown(spec.get("value")),
            "tolerance_kind": tolerance.get("kind") or "absolute",
            "tolerance_amount": _shown(tolerance.get("amount", "0")),
            "unit": text_in(spec.get("unit"), language),
            "why": text_in(spec.get("why"), language),
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        made["value"] = _number(self.value.data, before.get("value"))
        was = before.get("tolerance")
        was = was if isinstance(was, Mapping) else {}
        made["tolerance"] = {
            "kind": self.tolerance_kind.data or "absolute",
            "amount": _number(self.tolerance_amount.data, was.get("amount")),
        }
        made.pop("unit", None)
        if self.unit.data:
            made["unit"] = with_text(before.get("unit"), language, self.unit.data)
        made["why"] = with_text(before.get("why"), language, self.why.data)
        return made

    def field_at(self, path: Sequence[str]) -> Any:
        if path and path[0] == "tolerance":
            return self._fields[_FIELDS.get(path[1] if len(path) > 1 else "", "tolerance_amount")]
        return super().field_at(path)

    def label_at(self, path: Sequence[str]) -> str:
        field = self.field_at(path)
        return "" if field is None else str(field.label.text)


def _shown(value: JSON) -> str:
    number = from_canonical(value)
    if number is None:
        return value if isinstance(value, str) else ""
    return write_number(number, locale=page_language())


def _number(typed: str | None, before: JSON) -> str:
    """The number as a spec holds it; what cannot be read stays as it was typed, for `check` to complain about."""
    if not typed:
        return ""
    try:
        number = read_number(typed, locale=page_language())
    except BadAnswer:
        return typed
    was = from_canonical(before)
    return before if isinstance(before, str) and was == number else canonical(number)
