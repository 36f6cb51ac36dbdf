"""The form of a multiple choice question."""

from __future__ import annotations

from quizzes.authoring.forms.options import OptionsForm


class MultipleChoiceForm(OptionsForm):
    """Options of which any may be right, each marked in its row."""

    one_right = False  # the template draws boxes to tick
