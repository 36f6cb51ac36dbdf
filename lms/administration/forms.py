"""Forms for admins. What changes something asks for a reason, which the audit log keeps."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from lms.errors import N_
from lms.web.forms import Form, choices, line
from lms.web.languages import lazy

ROLE_NAMES = {
    "participant": lazy(N_("Participant")),
    "trainer": lazy(N_("Trainer")),
    "admin": lazy(N_("Admin")),
}


def _reason(description: str) -> TextAreaField:
    return TextAreaField(
        lazy(N_("Reason")), description=lazy(description), validators=[DataRequired(lazy(N_("Write a reason.")))]
    )


class PeopleFilter(Form):
    """Which people are listed. Sent by GET."""

    words = StringField(lazy(N_("Name or e-mail")))
    role = SelectField(
        lazy(N_("Role")), choices=choices([("", lazy(N_("Every role"))), *ROLE_NAMES.items()]), validate_choice=False
    )


class CertificatesFilter(Form):
    """Which completions are listed. Sent by GET; the choices are what there is."""

    state = SelectField(lazy(N_("Certificate")), validate_choice=False)
    subject = SelectField(lazy(N_("Course")), validate_choice=False)


class LogFilter(Form):
    """Which acts are listed. Sent by GET."""

    act = SelectField(lazy(N_("Act")), validate_choice=False)
    person = StringField(lazy(N_("Person")), description=lazy(N_("The e-mail address, or the number of the account.")))


class RoleForm(Form):
    """A person's role on the site."""

    role = SelectField(lazy(N_("Role")), choices=choices(ROLE_NAMES.items()))


class ScopeForm(Form):
    """The thing for which a role is held."""

    scope = StringField(
        lazy(N_("Short name")),
        description=lazy(N_("The last part of its address: of /courses/first-steps it is first-steps.")),
        filters=[line()],
        validators=[DataRequired(lazy(N_("Write the short name.")))],
    )


class ReasonForm(Form):
    """An act that needs no more than its reason."""

    reason = _reason(N_("Kept in the audit log."))


class NameForm(Form):
    """How somebody's name is printed, on an admin's word."""

    name = StringField(lazy(N_("Name as it will be printed")), validators=[DataRequired(lazy(N_("Write a name.")))])
    reason = _reason(N_("How you know the name. Kept in the audit log."))


class RevokeForm(Form):
    """Why a certificate does not stand any more."""

    reason = _reason(N_("Everybody who checks the certificate reads this. It is also kept in the audit log."))
