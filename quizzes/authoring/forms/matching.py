"""The form of a question in which things are matched."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from lms.errors import N_
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
from quizzes.authoring.forms.options import new_option_id, usable_id
from quizzes.question_types.base import JSON, Spec
from quizzes.question_types.matching import MOST_EXTRA, MOST_PAIRS


class PairRow(RowForm):
    """A thing and the answer that belongs to it."""

    id = HiddenField(filters=[usable_id])
    left = words_field(N_("This"))
    right = words_field(N_("The answer that belongs to it"))
    why = words_field(N_("Why they belong together"))

    @property
    def is_blank(self) -> bool:
        return not self.left.data and not self.right.data and not self.why.data


class ExtraRow(RowForm):
    """An answer that belongs to nothing."""

    id = HiddenField(filters=[usable_id])
    text = words_field(N_("An answer that belongs to nothing"))
    why = words_field(N_("Why it belongs to nothing here"))

    @property
    def is_blank(self) -> bool:
        return not self.text.data and not self.why.data


class MatchingForm(QuestionForm):
    """Pairs, and answers that are left over."""

    template = "quizzes/authoring/matching.html"

    pairs = Rows(
        PairRow,
        N_("What belongs together"),
        most=MOST_PAIRS,
        hint=N_(
            "Three to six pairs; participants see both sides in an order of their own. Clear a row to take it away."
        ),
    )
    extra = Rows(
        ExtraRow,
        N_("Answers that are left over"),
        most=MOST_EXTRA,
        hint=N_("None is needed. They keep the last pair from being found by leaving out."),
    )

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        filled = super().from_spec(spec, language=language)
        for name, texts, most in (
            ("pairs", ("left", "right", "why"), MOST_PAIRS),
            ("extra", ("text", "why"), MOST_EXTRA),
        ):
            rows = [
                {"id": item.get("id"), **{text: text_in(item.get(text), language) for text in texts}}
                for item in objects_in(spec, name)[:most]
            ]
            filled[name] = with_blank_rows(rows, _blank, most=most)
        return filled

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        seen: set[str] = set()
        made["pairs"] = self._rows("pairs", before, language, seen)
        extra = self._rows("extra", before, language, seen)
        if extra or "extra" in before:
            made["extra"] = extra
        return made

    def _rows(self, name: str, before: Spec, language: str, seen: set[str]) -> list[JSON]:
        known = {item.get("id"): item for item in objects_in(before, name)}
        made: list[JSON] = []
        for _, row in self._fields[name].written():
            if row.id.data in seen:
                row.id.data = new_option_id()
            seen.add(row.id.data)
            was = known.get(row.id.data, {})
            texts = {
                field.short_name: with_text(was.get(field.short_name), language, field.data)
                for field in row
                if field.short_name != "id"
            }
            made.append({**was, "id": row.id.data, **texts})
        return made

    def blank_row(self, name: str) -> dict[str, Any]:
        del name
        return _blank()


def _blank() -> dict[str, Any]:
    return {"id": new_option_id()}
