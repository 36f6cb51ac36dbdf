"""Links in mails: verifying an address, and choosing a new password. Opening one changes nothing; its button does."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import addresses, passwords, services
from lms.accounts.forms import ForgottenForm, NewPasswordForm
from lms.accounts.services import EmailLink
from lms.accounts.views.entering import hashing
from lms.accounts.views.pages import bp
from lms.accounts.writing import RESET_JOB, write_letter
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid, Refused
from lms.jobs.services import enqueue
from lms.web import caching
from lms.web.current import current_person, forget, signed_in
from lms.web.languages import translate
from lms.web.limits import count, limited
from lms.web.permissions import requires
from lms.web.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPage:
    """How to verify an address: ``verified`` says that it is done."""

    email: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """A link that works: its address and what its button does."""

    link: EmailLink


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLinkPage:
    """A link that does not work any more, and where a new one is to be had."""

    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenPage:
    """Ask for a link to a new password."""

    form: ForgottenForm


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasswordPage:
    """Choose a new password for the account with this address."""

    form: NewPasswordForm
    email: str


@bp.get("/verify")
@requires("lms.signed_in")
def verify() -> Response:
    """Why and how to verify one's address, with a button for a new mail."""
    person = current_person()
    page = VerifyPage(email=person.email, verified=person.email_verified_at is not None)
    return render("lms/accounts/verify.html", page=page)


@bp.post("/verify")
@requires("lms.signed_in")
@limited("verify")
def send_verification() -> Response:
    """Send the verifying mail again."""
    with transaction() as session:
        sent = services.ask_verification(session, person_id=current_person().id, write=write_letter, now=clock.now())
    if sent:
        flash(translate(N_("A new mail is on its way. The link in an earlier one does not work any more.")), "good")
    return redirect(url_for("lms.accounts.verify"), code=303)


@bp.route("/verify/<token>", methods=["GET", "POST"])
@requires("lms.anyone")
@limited("link")
def link(token: str) -> Response:
    """Verify an address, or confirm a new one, by the button on this page."""
    caching.no_store()
    if request.method == "POST":
        try:
            with transaction() as session:
                services.follow_link(session, token=token, write=write_letter, now=clock.now())
        except Refused as error:
            flash(translate(error.message, **error.values), "bad")
            return redirect(url_for("lms.accounts.link", token=token), code=303)
        flash(translate(N_("Your e-mail address is verified.")), "good")
        return redirect(_after_a_link(), code=303)
    with reading() as session:
        found = services.open_link(session, token=token, purposes=("verify", "change"), now=clock.now())
    if found is None:
        return _dead(url_for("lms.accounts.verify"))
    return render("lms/accounts/link.html", page=LinkPage(link=found))


@bp.route("/reset", methods=["GET", "POST"])
@requires("lms.anyone")
def forgotten() -> Response:
    """Ask for a link to a new password; known and unknown addresses are answered alike."""
    form = ForgottenForm()
    page = ForgottenPage(form=form)
    if request.method == "GET":
        return render("lms/accounts/forgotten.html", page=page)
    if not form.accepted():
        return render("lms/accounts/forgotten.html", page=page, status=422)
    try:
        email = addresses.normalise(form.email.data)
    except Invalid as error:
        form.blame(error, otherwise="email")
        return render("lms/accounts/forgotten.html", page=page, status=422)
    count("reset", account=email)
    with reading() as session:
        person_id = services.person_to_reset(session, email=email)
    with transaction() as session:
        enqueue(session, RESET_JOB, {"person": person_id}, now=clock.now())
    return redirect(url_for("lms.accounts.link_sent"), code=303)


@bp.get("/reset/sent")
@requires("lms.anyone")
def link_sent() -> Response:
    """What happens after asking for a new password, the same for everybody."""
    return render("lms/accounts/link_sent.html")


@bp.route("/reset/<token>", methods=["GET", "POST"])
@requires("lms.anyone")
@limited("link")
def new_password(token: str) -> Response:
    """Choose a new password; it signs out every device."""
    caching.no_store()
    with reading() as session:
        found = services.open_link(session, token=token, purposes=("reset",), now=clock.now())
    if found is None:
        return _dead(url_for("lms.accounts.forgotten"))
    form = NewPasswordForm()
    page = NewPasswordPage(form=form, email=found.email)
    if request.method == "GET":
        return render("lms/accounts/new_password.html", page=page)
    if not form.accepted():
        return render("lms/accounts/new_password.html", page=page, status=422)
    try:
        passwords.check_new(form.password.data, email=found.email, name=found.name)
        _reset(token, form.password.data)
    except Invalid as error:
        form.blame(error, otherwise="password")
        return render("lms/accounts/new_password.html", page=page, status=422)
    except Refused:
        return _dead(url_for("lms.accounts.forgotten"))
    forget()
    flash(translate(N_("Your new password is saved. Sign in with it.")), "good")
    return redirect(url_for("lms.accounts.sign_in"), code=303)


def _reset(token: str, password: str) -> None:
    password_hash = hashing().hash(password)
    with transaction() as session:
        services.reset_password(session, token=token, password_hash=password_hash, write=write_letter, now=clock.now())


def _dead(href: str) -> Response:
    return render("lms/accounts/dead_link.html", page=DeadLinkPage(href=href), status=404)


def _after_a_link() -> str:
    return url_for("lms.accounts.account" if signed_in() else "lms.accounts.sign_in")
