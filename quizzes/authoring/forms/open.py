"""The form of a question that is answered in one's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, StringField, TextAreaField

from lms.errors import N_
from lms.web.languages import lazy
from quizzes.authoring.forms.base import (
    QuestionForm,
    RowForm,
    Rows,
    objects_in,
    short_enough,
    text_in,
    tidy,
    tidy_line,
    with_blank_rows,
    with_text,
    words_field,
)
from quizzes.authoring.forms.options import new_option_id, usable_id
from quizzes.question_types.base import JSON, Spec
from quizzes.question_types.open import MOST_CRITERIA

_LEVEL = re.compile(r"([0-9]{1,4})[:.)]?(?:\s+(.*))?\Z", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,4}\Z", re.ASCII)


class CriterionRow(RowForm):
    """One thing that a trainer looks for."""

    id = HiddenField(filters=[usable_id])
    text = words_field(N_("What a trainer looks for"))
    points = StringField(lazy(N_("Points at most")), filters=[tidy_line], validators=[short_enough])
    levels = TextAreaField(
        lazy(N_("What earns how many points, one on each line, from 0 to the most")),
        filters=[tidy],
        validators=[short_enough],
    )

    @property
    def is_blank(self) -> bool:
        return not self.text.data and not self.points.data and not self.levels.data


class OpenAnswerForm(QuestionForm):
    """How long an answer should be, by what it is marked, and a model for afterwards."""

    template = "quizzes/authoring/open.html"

    least = StringField(lazy(N_("Fewest words")), filters=[tidy_line], validators=[short_enough])
    most = StringField(lazy(N_("Most words")), filters=[tidy_line], validators=[short_enough])
    rubric = Rows(
        CriterionRow,
        N_("How it is marked"),
        most=MOST_CRITERIA,
        hint=N_(
            "Participants read what you look for and its points, not the levels. A level begins with its points: "
            "“2 Names two ways”."
        ),
    )
    model = words_field(N_("A model answer"), N_("Participants read it once their answer is marked."))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        words = spec.get("words")
        words = words if isinstance(words, Mapping) else {}
        rows = [
            {
                "id": line.get("id"),
                "text": text_in(line.get("text"), language),
                "points": _shown(line.get("points")),
                "levels": "\n".join(
                    f"{_shown(level.get('points'))} {_one_line(text_in(level.get('text'), language))}".strip()
                    for level in objects_in(line, "levels")
                ),
            }
            for line in objects_in(spec, "rubric")[:MOST_CRITERIA]
        ]
        return {
            **super().from_spec(spec, language=language),
            "least": _shown(words.get("least")),
            "most": _shown(words.get("most")),
            "rubric": with_blank_rows(rows, _blank, most=MOST_CRITERIA),
            "model": text_in(spec.get("model"), language),
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        words = {name: _number(self[name].data) for name in ("least", "most") if self[name].data}
        if words:
            made["words"] = words
        else:
            made.pop("words", None)
        known = {line.get("id"): line for line in objects_in(before, "rubric")}
        rubric: list[JSON] = []
        seen: set[str] = set()
        for _, row in self.rubric.written():
            if row.id.data in seen:
                row.id.data = new_option_id()
            seen.add(row.id.data)
            was = known.get(row.id.data, {})
            rubric.append(
                {
                    **was,
                    "id": row.id.data,
                    "text": with_text(was.get("text"), language, row.text.data),
                    "points": _number(row.points.data),
                    "levels": _levels(row.levels.data or "", was, language),
                }
            )
        made["rubric"] = rubric
        made["model"] = with_text(before.get("model"), language, self.model.data)
        return made

    def field_at(self, path: Sequence[str]) -> Any:
        if path and path[0] == "words":
            return self.most if path[1:2] == ["most"] else self.least
        return super().field_at(path)

    def label_at(self, path: Sequence[str]) -> str:
        if path and path[0] == "words":
            return str(self.field_at(path).label.text)
        return super().label_at(path)

    def blank_row(self, name: str) -> dict[str, Any]:
        del name
        return _blank()


def _blank() -> dict[str, Any]:
    return {"id": new_option_id()}


def _shown(value: object) -> str:
    return "" if value is None or isinstance(value, Mapping | list | tuple) else str(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _number(typed: str | None) -> JSON:
    """The number as a spec holds it; anything else stays as it was typed, for `check` to complain about."""
    if not typed:
        return None
    return int(typed) if _NUMBER.match(typed) else typed


def _levels(typed: str, was: Mapping[str, JSON], language: str) -> list[JSON]:
    """Read one level a line; its other languages are those of the level with the same points."""
    known = {level.get("points"): level for level in objects_in(was, "levels")}
    levels: list[JSON] = []
    for line in filter(None, (_one_line(line) for line in typed.split("\n"))):
        match = _LEVEL.match(line)
        points: JSON = int(match[1]) if match else None
        words = (match[2] or "") if match else line
        before = known.get(points, {})
        text = before.get("text")
        if _one_line(text_in(text, language)) != words:
            text = with_text(text, language, words)
        levels.append({**before, "points": points, "text": text or {}})
    return levels
