"""Input of learning's pages."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from lms.errors import N_
from lms.web.forms import Form, line
from lms.web.languages import lazy


class CertificateNameForm(Form):
    """How the person's name will be printed."""

    name = StringField(
        lazy(N_("Your name as it will be printed")),
        description=lazy(N_("Write it as on your passport or other papers. It cannot be changed on the paper later.")),
        filters=[line(300)],
        validators=[InputRequired(lazy(N_("Write your name.")))],
    )
