"""The form of a text with gaps. Each gap has lists of its own: foreseen wrong answers, or options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from lms.errors import N_
from lms.web.languages import lazy, translate
from quizzes.authoring.forms.base import (
    QuestionForm,
    RowForm,
    Rows,
    objects_in,
    short_enough,
    text_in,
    tidy,
    tidy_line,
    with_text,
    words_field,
)
from quizzes.authoring.forms.options import OptionRow, new_option_id
from quizzes.authoring.forms.short_text import NearRow
from quizzes.question_types.accepted import MOST_NEAR
from quizzes.question_types.base import JSON, Spec
from quizzes.question_types.choices import MOST_OPTIONS
from quizzes.question_types.gap_text import MOST_GAPS


class GapRow(RowForm):
    """One gap; ``was`` finds its other languages again when its name changes."""

    was = HiddenField()
    id = StringField(lazy(N_("Name of the gap")), filters=[tidy_line], validators=[short_enough])
    accepted = TextAreaField(
        lazy(N_("If it is typed: answers that are right, one on each line")), filters=[tidy], validators=[short_enough]
    )
    case = BooleanField(lazy(N_("Capital and small letters must be as written here.")))
    accents = BooleanField(lazy(N_("Accents must be as written here.")))
    why = words_field(N_("Why this is the answer"))
    near = Rows(NearRow, N_("Answers that come near"), most=MOST_NEAR)
    options = Rows(OptionRow, N_("If it is chosen: its options, one of them right"), most=MOST_OPTIONS)

    @property
    def is_blank(self) -> bool:
        return not (
            self.id.data or self.accepted.data or self.why.data or self.near.written() or self.options.written()
        )


class GapTextForm(QuestionForm):
    """A text in which ``{{name}}`` marks a gap, and what belongs into each."""

    template = "quizzes/authoring/gap_text.html"

    text = words_field(N_("Text"), N_("Write {{name}} where a gap is, with a name of your own for each gap."))
    gaps = Rows(
        GapRow,
        N_("Gaps"),
        most=MOST_GAPS,
        hint=N_("A gap is typed or chosen. Clear all fields of a gap to take it away."),
    )

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        gaps = objects_in(spec, "gaps")[:MOST_GAPS]
        rows = [_filled(gap, language) for gap in gaps]
        if len(rows) < MOST_GAPS:
            rows.append(_blank())
        return {
            **super().from_spec(spec, language=language),
            "text": text_in(spec.get("text"), language),
            "gaps": rows,
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        made["text"] = with_text(before.get("text"), language, self.text.data)
        known = {gap.get("id"): gap for gap in objects_in(before, "gaps")}
        gaps: list[JSON] = []
        for _, row in self.gaps.written():
            gaps.append(_made(row, known.get(row.was.data, {}), language))
        made["gaps"] = gaps
        return made

    def label_at(self, path: Sequence[str]) -> str:
        field = self.field_at(path)
        if field is None or field is self.gaps or path[0] != "gaps":
            return super().label_at(path)
        number = self.gaps.written()[int(path[1])][0] + 1
        return translate(N_("Gap %(number)s, %(field)s"), number=number, field=str(field.label.text))

    def blank_row(self, name: str) -> dict[str, Any]:
        return _blank() if name == "gaps" else {"id": new_option_id()} if name == "options" else {}


def _blank() -> dict[str, Any]:
    return {"near": [{}], "options": [{"id": new_option_id()} for _ in range(2)]}


def _filled(gap: Mapping[str, JSON], language: str) -> dict[str, Any]:
    accepted = gap.get("accepted")
    lines = [line for line in accepted if isinstance(line, str)] if isinstance(accepted, list | tuple) else []
    near = [
        {"was": one.get("text"), "text": one.get("text"), "why": text_in(one.get("why"), language)}
        for one in objects_in(gap, "near")[:MOST_NEAR]
    ]
    options = [
        {
            "id": option.get("id"),
            "text": text_in(option.get("text"), language),
            "why": text_in(option.get("why"), language),
            "right": option.get("right") is True,
        }
        for option in objects_in(gap, "options")[:MOST_OPTIONS]
    ]
    blank = _blank()
    return {
        "was": gap.get("id"),
        "id": gap.get("id"),
        "accepted": "\n".join(" ".join(line.split()) for line in lines),
        "case": gap.get("case") == "exact",
        "accents": gap.get("accents") == "exact",
        "why": text_in(gap.get("why"), language),
        "near": near or ([] if options else blank["near"]),
        "options": options or ([] if lines else blank["options"]),
    }


def _made(row: Any, was: Mapping[str, JSON], language: str) -> dict[str, JSON]:
    """The gap of a spec; one that has both answers and options is for `check` to complain about."""
    made: dict[str, JSON] = {"id": row.id.data or ""}
    options = _options(row, was, language)
    accepted = [line.strip() for line in (row.accepted.data or "").split("\n") if line.strip()]
    if options:
        made["options"] = options
    if accepted or not options:
        made["accepted"] = accepted
    if options:
        return made
    for name in ("case", "accents"):
        if row[name].data:
            made[name] = "exact"
        elif name in was:
            made[name] = "ignore"
    made["why"] = with_text(was.get("why"), language, row.why.data)
    known = {near.get("text"): near for near in objects_in(was, "near")}
    near: list[JSON] = []
    for _, one in row.near.written():
        before = known.get(one.was.data, {})
        near.append(
            {**before, "text": one.text.data or "", "why": with_text(before.get("why"), language, one.why.data)}
        )
    if near or "near" in was:
        made["near"] = near
    return made


def _options(row: Any, was: Mapping[str, JSON], language: str) -> list[JSON]:
    known = {option.get("id"): option for option in objects_in(was, "options")}
    options: list[JSON] = []
    seen: set[str] = set()
    for _, one in row.options.written():
        if one.id.data in seen:
            one.id.data = new_option_id()
        seen.add(one.id.data)
        before = known.get(one.id.data, {})
        options.append(
            {
                **before,
                "id": one.id.data,
                "text": with_text(before.get("text"), language, one.text.data),
                "right": bool(one.right.data),
                "why": with_text(before.get("why"), language, one.why.data),
            }
        )
    return options
