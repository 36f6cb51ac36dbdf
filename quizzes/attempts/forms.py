"""What a participant writes beside answers."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import DataRequired

from lms.errors import N_
from lms.web.forms import Form, text
from lms.web.languages import lazy


class MoreTimeForm(Form):
    """Why somebody needs more time, in their words."""

    words = TextAreaField(
        lazy(N_("Why you need more time")),
        description=lazy(N_("The trainers of the course read this. A sentence is enough.")),
        filters=[text(1_000)],
        validators=[DataRequired(lazy(N_("Write a sentence, so that a trainer can decide.")))],
    )
