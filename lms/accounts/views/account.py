"""A person's own account: what is known of them, and how they change it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import addresses, passwords, services
from lms.accounts.forms import EmailForm, NameForm, PasswordForm, PlaceForm, language_name
from lms.accounts.services.entering import WRONG_PASSWORD
from lms.accounts.views.entering import come_in, hashing
from lms.accounts.views.pages import bp
from lms.accounts.writing import write_letter
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid
from lms.text import countries
from lms.web.current import current_person, forget
from lms.web.forms import Form
from lms.web.languages import language, ngettext, translate
from lms.web.limits import count
from lms.web.permissions import requires
from lms.web.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """What a person sees of their account."""

    profile: services.Profile
    country: str
    language: str
    devices: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """One thing to change; ``present`` is what it is now, in words."""

    form: Form
    present: str = ""


@bp.get("/account")
@requires("lms.signed_in")
def account() -> Response:
    """What is known of the person who asks."""
    with reading() as session:
        profile = services.profile_of(session, person_id=current_person().id, now=clock.now())
    page = AccountPage(
        profile=profile,
        country=countries.name(profile.country, language()),
        language=language_name(profile.language),
        devices=ngettext("%(num)d device", "%(num)d devices", profile.devices) % {"num": profile.devices},
    )
    return render("lms/accounts/account.html", page=page)


@bp.route("/account/name", methods=["GET", "POST"])
@requires("lms.signed_in")
def change_name() -> Response:
    """Change how one is called on the site."""
    person = current_person()
    form = NameForm(name=person.name)
    page = ChangePage(form=form)
    if request.method == "GET":
        return render("lms/accounts/change_name.html", page=page)
    if not form.accepted():
        return render("lms/accounts/change_name.html", page=page, status=422)
    try:
        with transaction() as session:
            services.change_name(session, person_id=person.id, name=form.name.data)
    except Invalid as error:
        form.blame(error, otherwise="name")
        return render("lms/accounts/change_name.html", page=page, status=422)
    return _saved()


@bp.route("/account/email", methods=["GET", "POST"])
@requires("lms.signed_in")
def change_email() -> Response:
    """Ask for another address: it is the account's once the link that is sent there is opened."""
    person = current_person()
    form = EmailForm()
    page = ChangePage(form=form, present=person.email)
    if request.method == "GET":
        return render("lms/accounts/change_email.html", page=page)
    if not form.accepted():
        return render("lms/accounts/change_email.html", page=page, status=422)
    try:
        new_email = addresses.normalise(form.email.data)
        credentials = _checked(form.password.data, field="password")
        count("email", account=person.id)
        with transaction() as session:
            services.ask_email_change(
                session,
                person_id=person.id,
                password_hash=credentials.password_hash,
                new_email=new_email,
                write=write_letter,
                now=clock.now(),
            )
    except Invalid as error:
        form.blame(error, otherwise="email")
        return render("lms/accounts/change_email.html", page=page, status=422)
    flash(translate(N_("Open the link in the mail to your new address. Until then the present one stays.")), "note")
    return redirect(url_for("lms.accounts.account"), code=303)


@bp.route("/account/password", methods=["GET", "POST"])
@requires("lms.signed_in")
def change_password() -> Response:
    """Change the password; every other device is signed out."""
    person = current_person()
    form = PasswordForm()
    page = ChangePage(form=form, present=person.email)
    if request.method == "GET":
        return render("lms/accounts/change_password.html", page=page)
    if not form.accepted():
        return render("lms/accounts/change_password.html", page=page, status=422)
    try:
        credentials = _checked(form.present.data, field="present")
        passwords.check_new(form.password.data, email=person.email, name=person.name)
        password_hash = hashing().hash(form.password.data)
        with transaction() as session:
            entered = services.change_password(
                session, credentials=credentials, password_hash=password_hash, write=write_letter, now=clock.now()
            )
    except Invalid as error:
        form.blame(error, otherwise="password")
        return render("lms/accounts/change_password.html", page=page, status=422)
    come_in(entered)
    flash(translate(N_("Your password is changed. Every other device is signed out.")), "good")
    return redirect(url_for("lms.accounts.account"), code=303)


@bp.route("/account/preferences", methods=["GET", "POST"])
@requires("lms.signed_in")
def change_preferences() -> Response:
    """Change country, time zone and language."""
    person = current_person()
    with reading() as session:
        profile = services.profile_of(session, person_id=person.id, now=clock.now())
    form = PlaceForm(country=profile.country or "", time_zone=profile.time_zone, language=profile.language)
    page = ChangePage(form=form)
    if request.method == "GET":
        return render("lms/accounts/change_preferences.html", page=page)
    if not form.accepted():
        return render("lms/accounts/change_preferences.html", page=page, status=422)
    with transaction() as session:
        services.change_preferences(
            session,
            person_id=person.id,
            country=form.country.data,
            time_zone=form.time_zone.data,
            language=form.language.data,
        )
    return _saved()


@bp.post("/account/sign-out-everywhere")
@requires("lms.signed_in")
def sign_out_everywhere() -> Response:
    """End every sign-in of the person who asks, this one too."""
    with transaction() as session:
        services.sign_out_everywhere(session, person_id=current_person().id)
    forget()
    flash(translate(N_("You are signed out on every device. What you have done stays saved.")), "good")
    return redirect(url_for("lms.accounts.sign_in"), code=303)


def _checked(password: str, *, field: str) -> services.Credentials:
    """The asking person's credentials if ``password`` is theirs. Raises Invalid at ``field``."""
    person = current_person()
    count("password", account=person.id)
    with reading() as session:
        found = services.credentials_of_person(session, person_id=person.id)
    try:
        return services.check_password(found, password, hashing=hashing(), wrong=WRONG_PASSWORD)
    except Invalid as error:
        raise Invalid(error.message, field=field) from None


def _saved() -> Response:
    flash(translate(N_("Your change is saved.")), "good")
    return redirect(url_for("lms.accounts.account"), code=303)
