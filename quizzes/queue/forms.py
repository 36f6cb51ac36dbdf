"""The form in which an answer is marked: a line of the rubric each, and a comment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from lms.errors import N_
from lms.web.forms import Form, choices, text
from lms.web.languages import lazy, translate
from quizzes.marking.rubric import Line

LONGEST_COMMENT = 4_000


class MarkForm(Form):
    """A comment; `form_for` puts a line of the rubric before it for each."""

    comment = TextAreaField(
        lazy(N_("Comment for the person")),
        description=lazy(N_("They read it with their result. It may be empty.")),
        filters=[text(LONGEST_COMMENT)],
    )

    def points(self, lines: Sequence[Line]) -> dict[str, int]:
        """Give what was chosen by the id of the line, once it is accepted."""
        return {line.id: int(self[f"line{place}"].data) for place, line in enumerate(lines)}


def form_for(lines: Sequence[Line], said: Callable[[Any, bool], str]) -> MarkForm:
    """Make the form of a rubric; ``said`` turns a text (and whether it is a message id) into words."""
    fields = {
        f"line{place}": RadioField(
            said(line.text, line.message),
            choices=choices(
                (str(level.points), f"{level.points}: {said(level.text, level.message)}") for level in line.levels
            ),
            validators=[InputRequired(translate(N_("Choose a level: %(line)s"), line=said(line.text, line.message)))],
        )
        for place, line in enumerate(lines)
    }
    of_rubric = type("MarkByRubric", (MarkForm,), fields)
    form: MarkForm = of_rubric()
    return form
