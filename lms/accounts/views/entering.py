"""Registering, signing in and signing out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import addresses, carrying, services
from lms.accounts.carrying import HOME, Carried, local_path
from lms.accounts.forms import RegisterForm, SignInForm
from lms.accounts.passwords import Passwords, passwords_at
from lms.accounts.services import SignedIn
from lms.accounts.views.pages import bp
from lms.accounts.writing import write_letter
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid, Refused
from lms.web import caching, guests
from lms.web.current import CurrentPerson, forget, remember, signed_in
from lms.web.errors import answer
from lms.web.languages import language, translate
from lms.web.limits import count, forgive
from lms.web.permissions import requires
from lms.web.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The sign-in page; ``next`` is where it leads, ``carried`` what waits to be sent."""

    form: SignInForm
    next: str | None = None
    carried: Carried | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The registration page; ``next`` is where the sign-in after it leads."""

    form: RegisterForm
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DonePage:
    """What is said after registering, to everybody alike."""

    next: str | None


@bp.record_once
def _offer_to_sign_in_again(state: BlueprintSetupState) -> None:
    state.app.extensions["lms.sign_in_again"] = sign_in_again
    state.app.extensions["lms.send_again"] = send_again


@bp.route("/sign-in", methods=["GET", "POST"])
@requires("lms.anyone")
def sign_in() -> Response:
    """Sign in, and go where the person wanted to go or send what they had sent."""
    destination = local_path(request.values.get("next"))
    carried = carrying.read_back(request.form)
    form = SignInForm()
    if request.method == "GET":
        if signed_in() is not None:
            return redirect(destination or HOME, code=303)
        return render("lms/accounts/sign_in.html", page=SignInPage(form=form, next=destination))
    page = SignInPage(form=form, next=destination, carried=carried)
    if not form.accepted():
        return render("lms/accounts/sign_in.html", page=page, status=422)
    email = addresses.normalise_or_none(form.email.data)
    account = email or form.email.data.strip().lower()
    count("sign-in", account=account)
    try:
        entered = _check_and_sign_in(email, form.password.data)
    except Invalid as error:
        form.blame(error, otherwise="password")
        return render("lms/accounts/sign_in.html", page=page, status=422)
    except Refused as error:
        form.blame(Invalid(error.message), otherwise="email")
        return render("lms/accounts/sign_in.html", page=page, status=422)
    forgive("sign-in", account=account)
    come_in(entered)
    if carried is not None:
        caching.no_store()
        return render("lms/accounts/send_again.html", page=carried)
    return redirect(destination or HOME, code=303)


@bp.post("/sign-out")
@requires("lms.anyone")
def sign_out() -> Response:
    """End this device's sign-in, on the server too."""
    person = signed_in()
    if person is not None:
        with transaction() as session:
            services.sign_out(session, token=person.token)
        forget()
        flash(translate(N_("You are signed out on this device. What you have done stays saved.")), "good")
    return redirect(url_for("lms.accounts.sign_in"), code=303)


@bp.route("/register", methods=["GET", "POST"])
@requires("lms.anyone")
def register() -> Response:
    """Make an account. A known address gets the same answer; its owner gets a mail."""
    destination = local_path(request.values.get("next"))
    if signed_in() is not None:
        return redirect(destination or HOME, code=303)
    form = RegisterForm(language=language())
    page = RegisterPage(form=form, next=destination)
    if request.method == "GET":
        return render("lms/accounts/register.html", page=page)
    if not form.accepted():
        return render("lms/accounts/register.html", page=page, status=422)
    try:
        email = addresses.normalise(form.email.data)
        count("register", account=email)
        _register(form, email)
    except Invalid as error:
        form.blame(error, otherwise="name")
        return render("lms/accounts/register.html", page=page, status=422)
    return redirect(url_for("lms.accounts.registered", next=destination), code=303)


@bp.get("/register/done")
@requires("lms.anyone")
def registered() -> Response:
    """The next step after registering, the same for a new and for a known address."""
    return render("lms/accounts/registered.html", page=DonePage(next=local_path(request.args.get("next"))))


def sign_in_again() -> Response:
    """The sign-in page for somebody whose session was over when they sent a form; it keeps what they sent."""
    carried = carrying.carry(request.full_path.rstrip("?"), request.form.items(multi=True))
    if carried is None:
        return answer(
            401,
            text=translate(
                N_("What you sent is too large for us to keep here. Sign in in another tab, go back and send it again.")
            ),
        )
    caching.no_store()
    # Not the fields of the form that was sent: one of them may be called like ours.
    page = SignInPage(form=SignInForm(formdata=None), carried=carried)
    response = render("lms/accounts/sign_in.html", page=page, status=401)
    response.headers["WWW-Authenticate"] = "Form"
    return response


def send_again() -> Response:
    """What somebody sent from a page of an earlier session, to be sent once more with the token of this one."""
    carried = carrying.carry(request.full_path.rstrip("?"), request.form.items(multi=True))
    if carried is None:
        return answer(400)
    caching.no_store()
    return render("lms/accounts/send_again.html", page=carried, status=400)


def hashing() -> Passwords:
    """How this site hashes passwords."""
    return passwords_at(current_app.extensions["lms.config"].password_cost)


def come_in(entered: SignedIn) -> None:
    """Give this browser the new sign-in; the one that it had is over, whosever it was."""
    before = signed_in()
    if before is not None:
        with transaction() as session:
            services.sign_out(session, token=before.token)
    person = entered.person
    if before is None:
        guests.carry_over(person_id=person.id)
    remember(
        CurrentPerson(
            id=person.id,
            name=person.name,
            email=person.email,
            role=person.role,
            language=person.language,
            time_zone=person.time_zone,
            email_verified_at=person.email_verified_at,
            token=entered.token,
        )
    )


def _check_and_sign_in(email: str | None, password: str) -> SignedIn:
    with reading() as session:
        found = services.credentials_of(session, email=email)
    credentials = services.check_password(found, password, hashing=hashing())
    is_outdated = hashing().is_outdated(credentials.password_hash)
    rehashed = hashing().hash(password) if is_outdated else None
    with transaction() as session:
        return services.sign_in(session, credentials=credentials, rehashed=rehashed, now=clock.now())


def _register(form: RegisterForm, email: str) -> None:
    password_hash = hashing().hash(form.password.data)
    with transaction() as session:
        services.register(
            session,
            email=email,
            name=form.name.data,
            country=form.country.data,
            time_zone=form.time_zone.data,
            language=form.language.data,
            password_hash=password_hash,
            write=write_letter,
            now=clock.now(),
        )
