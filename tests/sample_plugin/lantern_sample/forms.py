"""The sample's forms."""

from __future__ import annotations

from wtforms import StringField

from lms.errors import N_
from lms.web.forms import Form, line
from lms.web.languages import lazy
from quizzes.authoring.forms import TrueFalseForm


class ThanksForm(Form):
    """One line of thanks."""

    words = StringField(lazy(N_("What do you want to say?")), filters=[line(200)])


class SurenessForm(TrueFalseForm):
    """A trainer writes what a question of true or false has; the degrees are the kind's own."""
