"""Who asks: found once a request by one SELECT over the sign-in's row and the person's."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask, Request, Response, current_app, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, login_user, logout_user
from itsdangerous import BadSignature
from sqlalchemy import bindparam, select

from lms import clock
from lms.accounts.asking import KnownAsker
from lms.accounts.models import Person, SignIn
from lms.accounts.tokens import hash_of
from lms.database.session import read_connection
from lms.database.statements import built_once
from lms.errors import Forbidden

SIGN_IN_KEY = "_user_id"  # where Flask-Login keeps what get_id() gives


@dataclass(frozen=True)
class CurrentPerson(UserMixin):  # type: ignore[misc]
    """The person who asks, as plain values, in the order of the columns of `_who_asks`."""

    id: int
    name: str
    email: str
    role: str
    language: str
    time_zone: str
    email_verified_at: datetime | None
    token: str

    @cached_property  # a process knows a person for many requests
    def as_known(self) -> KnownAsker:
        """What a statement makes sure of that finds out by itself whether this person still asks."""
        return KnownAsker(hash_of(self.token), self.id, self.language, self.time_zone, self.role)

    def get_id(self) -> str:
        return self.token


_who_asks = built_once(
    select(
        Person.id,
        Person.name,
        Person.email,
        Person.role,
        Person.language,
        Person.time_zone,
        Person.email_verified_at,
    )
    .join(SignIn, SignIn.person_id == Person.id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.expires_at > bindparam("now"),
        Person.suspended_at.is_(None),
    )
)


def install(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # a phone's address changes with each mast
    manager.init_app(app)

    manager.user_loader(_person_with)
    app.session_interface = _Sessions()


class _Sessions(SecureCookieSessionInterface):
    """Flask's own signed cookies; one whose signature was found good is not read again letter by letter."""

    MOST, LONGEST = 5_000, 1_000

    def __init__(self) -> None:
        self._signer: Any = None
        # By all that a browser sent as cookies: good until (seconds), what our own says.
        self._read: dict[str, tuple[float, dict[str, Any]]] = {}

    def get_signing_serializer(self, app: Flask) -> Any:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        sent = request.environ.get("HTTP_COOKIE", "")
        if not sent:
            return self.session_class()
        good_until, says = self._read.get(sent, (0.0, {}))
        if time.time() < good_until:
            return self.session_class(says)
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if not cookie:
            return self.session_class()
        lifetime = app.permanent_session_lifetime.total_seconds()
        try:
            says, signed_at = self.get_signing_serializer(app).loads(cookie, max_age=lifetime, return_timestamp=True)
        except BadSignature:
            return self.session_class()
        # What holds more than plain values could be changed in place; such a cookie is read each time.
        if len(sent) <= self.LONGEST and all(isinstance(value, str | bool | int) for value in says.values()):
            if len(self._read) >= self.MOST:
                self._read.clear()
            self._read[sent] = signed_at.timestamp() + lifetime, dict(says)
        return self.session_class(says)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed and "Cookie" not in (vary := response.headers.get("Vary", "")):
            response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"


MOST_KNOWN = 5_000
_NOT_ASKED: Any = object()


def _person_with(token: str) -> CurrentPerson | None:
    row = read_connection().execute(_who_asks, {"token_hash": hash_of(token), "now": clock.now()}).one_or_none()
    known = _known()
    if row is None:
        known.pop(token, None)
        return None
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[token] = person = CurrentPerson(*row, token)
    return person


def _known() -> dict[str, CurrentPerson]:
    """Who asked with a token when this process last looked."""
    known: dict[str, CurrentPerson] = current_app.extensions.setdefault("lms.known_askers", {})
    return known


def signed_in() -> CurrentPerson | None:
    """The person who asks, or None for a guest. A request without a cookie costs no statement."""
    found: CurrentPerson | None = g.get("asker", _NOT_ASKED)
    if found is _NOT_ASKED:
        token = session.get(SIGN_IN_KEY)
        g.asker = found = _person_with(token) if token else None
    return found


def probably_signed_in() -> CurrentPerson | None:
    """The person who asks as this process knows them already; else as `signed_in`.

    They may be signed out by now, suspended or changed. The view finds out with a statement that it makes anyway
    (`lms.accounts.asking.still_asks`), or calls `make_sure`.
    """
    found: CurrentPerson | None = g.get("asker", _NOT_ASKED)
    if found is not _NOT_ASKED:
        return found
    token = session.get(SIGN_IN_KEY)
    known = _known().get(token) if token else None
    g.asker_is_only_known = known is not None
    g.asker = found = known or (_person_with(token) if token else None)
    return found


def to_make_sure_of() -> KnownAsker | None:
    """Who asks, if this process only knows them from before, for a statement that finds out; else None."""
    person = signed_in()
    return person.as_known if person is not None and g.get("asker_is_only_known", False) else None


def make_sure() -> CurrentPerson | None:
    """Look up who asks, whatever this process knew of them."""
    g.pop("asker", None)
    g.asker_is_only_known = False
    return signed_in()


def current_person() -> CurrentPerson:
    """The person who asks; for views that `requires` lets only signed-in people into."""
    person = signed_in()
    if person is None:
        raise Forbidden
    return person


def remember(person: CurrentPerson) -> None:
    """Begin a new cookie for ``person``; whatever an older or planted one held is gone."""
    session.clear()
    session.permanent = True
    login_user(person)
    g.asker = person


def forget() -> None:
    """End the cookie."""
    logout_user()
    session.clear()
    g.asker = None
