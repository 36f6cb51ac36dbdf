"""Forms of accounts. What they accept is checked again by the services; here a person reads what to change."""

from __future__ import annotations

from typing import Any

from babel import Locale
from wtforms import BooleanField, EmailField, Field, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from lms.accounts import addresses, passwords, time_zones
from lms.errors import N_
from lms.text import countries
from lms.text.languages import PERSON_LANGUAGES
from lms.web.forms import Form, choices, complaints_at_the_field
from lms.web.languages import language, lazy

EMAIL_MISSING = lazy(N_("Write your e-mail address."))
PASSWORD_MISSING = lazy(N_("Write your password."))
NEW_PASSWORD_MISSING = lazy(N_("Choose a password."))


class Choice(SelectField):  # type: ignore[misc]
    """One of a list; what is not on it is answered in our own words."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(lazy(N_("Choose one from the list."))) from None


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField(lazy(N_("E-mail")), validators=[DataRequired(EMAIL_MISSING)])
    password = PasswordField(lazy(N_("Password")), validators=[InputRequired(PASSWORD_MISSING)])


class NewcomerForm(Form):
    """Who somebody is; before `PlaceForm`, as fields stand in the order in which they are written."""

    name = StringField(lazy(N_("Name")), validators=[DataRequired(lazy(N_("Write your name.")))])
    email = EmailField(lazy(N_("E-mail")), validators=[DataRequired(EMAIL_MISSING)])
    password = PasswordField(lazy(N_("Password")), validators=[InputRequired(NEW_PASSWORD_MISSING)])

    def validate_email(self, field: Field) -> None:
        """Whether it can be an address."""
        with complaints_at_the_field():
            addresses.normalise(field.data)

    def validate_password(self, field: Field) -> None:
        """Whether it is hard enough to guess."""
        with complaints_at_the_field():
            passwords.check_new(field.data, email=self.email.data or "", name=self.name.data or "")


class PlaceForm(Form):
    """Where a person lives, and how moments and pages are written for them."""

    country = Choice(
        lazy(N_("Country or territory")), validators=[DataRequired(lazy(N_("Choose your country or territory.")))]
    )
    time_zone = Choice(lazy(N_("Time zone")), default=time_zones.UTC)
    language = Choice(lazy(N_("Language")), default="en")

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.country.choices = choices([("", lazy(N_("Choose one"))), *countries.names(language())])
        self.time_zone.choices = [
            choice for region, zones in time_zones.by_region().items() for choice in choices(zones, group=region)
        ]
        self.language.choices = choices((tag, language_name(tag)) for tag in PERSON_LANGUAGES)


class RegisterForm(NewcomerForm, PlaceForm):
    """A new account."""

    consent = BooleanField(
        lazy(N_("I have read what this site keeps of me, and I agree.")),
        validators=[
            InputRequired(lazy(N_("An account needs your agreement. You can read the first lesson without one.")))
        ],
    )


class NameForm(Form):
    """How a person is called."""

    name = StringField(lazy(N_("Name")), validators=[DataRequired(lazy(N_("Write your name.")))])


class EmailForm(Form):
    """A new address, and the password as proof."""

    email = EmailField(lazy(N_("New e-mail address")), validators=[DataRequired(EMAIL_MISSING)])
    password = PasswordField(lazy(N_("Your password")), validators=[InputRequired(PASSWORD_MISSING)])


class PasswordForm(Form):
    """A new password, and the present one as proof."""

    present = PasswordField(lazy(N_("Your present password")), validators=[InputRequired(PASSWORD_MISSING)])
    password = PasswordField(lazy(N_("New password")), validators=[InputRequired(NEW_PASSWORD_MISSING)])


class ForgottenForm(Form):
    """The address to which a link goes."""

    email = EmailField(lazy(N_("E-mail")), validators=[DataRequired(EMAIL_MISSING)])


class NewPasswordForm(Form):
    """A new password, behind a link."""

    password = PasswordField(lazy(N_("New password")), validators=[InputRequired(NEW_PASSWORD_MISSING)])


def language_name(tag: str) -> str:
    """The name of a language in itself: who looks for it can read it."""
    name = Locale.parse(tag, sep="-").get_display_name(tag) or tag
    return name[:1].upper() + name[1:]
