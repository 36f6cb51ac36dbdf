"""Forms of certificates."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired

from lms.errors import N_
from lms.web.forms import Form
from lms.web.languages import lazy


class NumberForm(Form):
    """The number of a certificate, as somebody reads it from a paper. Sent by GET."""

    number = StringField(
        lazy(N_("Certificate number")),
        description=lazy(N_("Six groups of four signs and one of two. Small letters and spaces do not matter.")),
    )


class NameForm(Form):
    """How a person's name is printed."""

    name = StringField(
        lazy(N_("Your name as it will be printed")),
        description=lazy(N_("As it stands in your papers. It cannot be changed on a certificate that is issued.")),
        validators=[DataRequired(lazy(N_("Write your name as it is to be printed.")))],
    )
