"""Why a key is changed, and why a certificate stands."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import DataRequired

from lms.errors import N_
from lms.web.forms import Form, text
from lms.web.languages import lazy

LONGEST_REASON = 1_000


class ReasonForm(Form):
    """A reason, which the audit log keeps."""

    reason = TextAreaField(
        lazy(N_("Reason")),
        description=lazy(N_("It stands in the log.")),
        filters=[text(LONGEST_REASON)],
        validators=[DataRequired(lazy(N_("Write a reason. It stands in the log.")))],
    )
