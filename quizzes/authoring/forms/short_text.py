"""The form of a question that is answered with a few typed words."""

from __future__ import annotations

from collections.abc import Sequence
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
    with_blank_rows,
    with_text,
    words_field,
)
from quizzes.question_types.accepted import MOST_NEAR
from quizzes.question_types.base import JSON, Response, Spec
from quizzes.question_types.typed_answers import normalise


class NearRow(RowForm):
    """An answer that is foreseen and not right; ``was`` finds the row's other languages again."""

    was = HiddenField()
    text = StringField(lazy(N_("Answer that is near")), filters=[tidy_line], validators=[short_enough])
    why = words_field(N_("What is wrong with it"))

    @property
    def is_blank(self) -> bool:
        return not self.text.data and not self.why.data


class ShortTextForm(QuestionForm):
    """What is accepted, one answer a line, and what is said to those who come near."""

    template = "quizzes/authoring/short_text.html"

    accepted = TextAreaField(
        lazy(N_("Answers that are right")),
        description=lazy(N_("One on each line. The first is the one that participants are shown.")),
        filters=[tidy],
        validators=[short_enough],
    )
    case = BooleanField(lazy(N_("Capital and small letters must be as written here.")))
    accents = BooleanField(lazy(N_("Accents must be as written here.")))
    why = words_field(N_("Why this is the answer"))
    near = Rows(
        NearRow,
        N_("Answers that come near"),
        most=MOST_NEAR,
        hint=N_("Wrong answers that you expect, each with a sentence that helps. Clear both fields to take one away."),
    )

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        accepted = spec.get("accepted")
        lines = [line for line in accepted if isinstance(line, str)] if isinstance(accepted, list | tuple) else []
        rows = [
            {"was": near.get("text"), "text": near.get("text"), "why": text_in(near.get("why"), language)}
            for near in objects_in(spec, "near")[:MOST_NEAR]
        ]
        return {
            **super().from_spec(spec, language=language),
            "accepted": "\n".join(" ".join(line.split()) for line in lines),
            "case": spec.get("case") == "exact",
            "accents": spec.get("accents") == "exact",
            "why": text_in(spec.get("why"), language),
            "near": with_blank_rows(rows, dict, most=MOST_NEAR),
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        made["accepted"] = [line.strip() for line in (self.accepted.data or "").split("\n") if line.strip()]
        for name, field in (("case", self.case), ("accents", self.accents)):
            if field.data:
                made[name] = "exact"
            elif name in made:
                made[name] = "ignore"
        made["why"] = with_text(before.get("why"), language, self.why.data)
        known = {near.get("text"): near for near in objects_in(before, "near")}
        near: list[JSON] = []
        for _, row in self.near.written():
            was = known.get(row.was.data, {})
            near.append({**was, "text": row.text.data or "", "why": with_text(was.get("why"), language, row.why.data)})
        if near:
            made["near"] = near
        else:
            made.pop("near", None)
        return made

    @classmethod
    def samples(cls, spec: Spec) -> Sequence[tuple[str, Response]]:
        texts = [near.get("text") for near in objects_in(spec, "near")]
        return [(text, {"text": normalise(text)}) for text in texts if isinstance(text, str)]

    def label_at(self, path: Sequence[str]) -> str:
        if len(path) > 1 and path[0] == "accepted" and path[1].isdecimal():
            return translate(
                N_("%(field)s, line %(number)s"), field=str(self.accepted.label.text), number=int(path[1]) + 1
            )
        return super().label_at(path)
