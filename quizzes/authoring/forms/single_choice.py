"""The form of a single choice question."""

from __future__ import annotations

from typing import Any

from wtforms import StringField

from quizzes.authoring.forms.base import objects_in
from quizzes.authoring.forms.options import OptionRow, OptionsForm
from quizzes.question_types.base import Spec


class SingleChoiceForm(OptionsForm):
    """Options of which one is right: ``right`` holds its id."""

    one_right = True  # the template draws round buttons

    right = StringField()

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        right = [option.get("id") for option in objects_in(spec, "options") if option.get("right") is True]
        return {**super().from_spec(spec, language=language), "right": right[0] if right else ""}

    def is_right(self, row: OptionRow) -> bool:
        return bool(row.id.data == self.right.data)
