"""The form of a question that is true or false."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField

from lms.errors import N_
from lms.web.forms import choices
from lms.web.languages import lazy
from quizzes.authoring.forms.base import QuestionForm, text_in, with_text, words_field
from quizzes.question_types.base import JSON, Spec

_WHY = ("why_true", "why_false")


class TrueFalseForm(QuestionForm):
    """One statement, what it is, and a sentence for each choice."""

    answer = RadioField(
        lazy(N_("The statement is")),
        choices=choices([("true", lazy(N_("True"))), ("false", lazy(N_("False")))]),
        validate_choice=False,  # none chosen is a problem of the question, not of the form
    )
    why_true = words_field(N_("What you say to somebody who chooses “True”"))
    why_false = words_field(N_("What you say to somebody who chooses “False”"))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        answer = spec.get("answer")
        return {
            **super().from_spec(spec, language=language),
            "answer": {True: "true", False: "false"}.get(answer) if isinstance(answer, bool) else None,
            **{name: text_in(spec.get(name), language) for name in _WHY},
        }

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        made = super().spec(before, language=language)
        made.pop("answer", None)
        if self.answer.data in ("true", "false"):
            made["answer"] = self.answer.data == "true"
        for name in _WHY:
            made[name] = with_text(before.get(name), language, self[name].data)
        return made
