"""Coming in and going out: registering, signing in and out, changing a password.

Hashing takes tens of milliseconds, and SQLite has one writer: callers look up, hash, and only then open a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms.accounts.letters import LetterWriter
from lms.accounts.models import EmailToken, Person, SignIn
from lms.accounts.passwords import Passwords
from lms.accounts.services.email_links import send_verification
from lms.accounts.services.people import by_id, clean_name, end_sign_ins, insert_if_new
from lms.accounts.tokens import hash_of, new_token
from lms.errors import N_, Invalid, Refused
from lms.mail import services as mail

SIGNED_IN_FOR = timedelta(days=30)
WRONG = N_("This e-mail address and this password do not belong together.")
WRONG_PASSWORD = N_("This is not your present password.")
SUSPENDED = N_("This account is closed. Ask the people who run this site.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is needed to check a password."""

    person_id: int
    email: str
    name: str
    password_hash: str
    is_suspended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new sign-in: the person, and the token for the cookie (kept nowhere else)."""

    person: Person
    token: str


def credentials_of(session: Session, *, email: str | None) -> Credentials | None:
    """The credentials of the account with this (normalised) address, if there is one."""
    return _credentials(session.scalar(select(Person).where(Person.email == email))) if email else None


def credentials_of_person(session: Session, *, person_id: int) -> Credentials | None:
    """The credentials of one person."""
    return _credentials(session.get(Person, person_id))


def check_password(found: Credentials | None, password: str, *, hashing: Passwords, wrong: str = WRONG) -> Credentials:
    """The credentials if ``password`` is theirs; as slow where there is no account.

    Raises Invalid with ``wrong``, the same for an unknown address and a wrong password; Refused if the password is
    right and the account is closed.
    """
    if not hashing.matches(found.password_hash if found else None, password) or found is None:
        raise Invalid(wrong, field="password")
    if found.is_suspended:
        raise Refused(SUSPENDED)
    return found


def sign_in(session: Session, *, credentials: Credentials, rehashed: str | None, now: datetime) -> SignedIn:
    """Begin a sign-in for somebody whose password was checked; ``rehashed`` replaces a hash of an older cost.

    Raises Invalid if the password or the account changed since the check.
    """
    person = by_id(session, credentials.person_id)
    if person.password_hash != credentials.password_hash or person.suspended_at is not None:
        raise Invalid(WRONG, field="password")
    if rehashed is not None:
        person.password_hash = rehashed
    session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.expires_at <= now))
    return SignedIn(person=person, token=_new_sign_in(session, person.id, now=now))


def sign_out(session: Session, *, token: str) -> None:
    """End the sign-in with this token."""
    session.execute(delete(SignIn).where(SignIn.token_hash == hash_of(token)))


def sign_out_everywhere(session: Session, *, person_id: int) -> None:
    """End every sign-in of a person."""
    end_sign_ins(session, person_id)


def register(
    session: Session,
    *,
    email: str,
    name: str,
    country: str,
    time_zone: str,
    language: str,
    password_hash: str,
    write: LetterWriter,
    now: datetime,
) -> None:
    """Make an account and send the link that verifies its address; or tell the owner of a known address by mail.

    ``email`` is normalised. Neither the answer nor the time shows the caller which of the two happened.
    """
    person = Person(
        email=email,
        name=clean_name(name),
        country=country,
        time_zone=time_zone,
        language=language,
        password_hash=password_hash,
        role="participant",
        registered_at=now,
        consented_at=now,
    )
    if insert_if_new(session, person):
        send_verification(session, person, write=write, now=now)
        return
    owner = session.scalars(select(Person).where(Person.email == email)).one()
    letter = write("known_address", language=owner.language, name=owner.name)
    mail.write(session, to=owner.email, subject=letter.subject, body=letter.body, now=now, person_id=owner.id)


def change_password(
    session: Session, *, credentials: Credentials, password_hash: str, write: LetterWriter, now: datetime
) -> SignedIn:
    """Give somebody whose present password was checked a new one: every device is signed out, links to a new password
    or address are dead, the address is told, and the one who asks gets a new sign-in.

    Raises Invalid if the password changed since the check.
    """
    person = by_id(session, credentials.person_id)
    if person.password_hash != credentials.password_hash or person.suspended_at is not None:
        raise Invalid(WRONG_PASSWORD, field="present")
    person.password_hash = password_hash
    end_sign_ins(session, person.id)
    session.execute(delete(EmailToken).where(EmailToken.person_id == person.id, EmailToken.purpose != "verify"))
    letter = write("password_changed", language=person.language, name=person.name)
    mail.write(session, to=person.email, subject=letter.subject, body=letter.body, now=now, person_id=person.id)
    return SignedIn(person=person, token=_new_sign_in(session, person.id, now=now))


def _new_sign_in(session: Session, person_id: int, *, now: datetime) -> str:
    token = new_token()
    session.add(SignIn(token_hash=hash_of(token), person_id=person_id, begun_at=now, expires_at=now + SIGNED_IN_FOR))
    session.flush()
    return token


def _credentials(person: Person | None) -> Credentials | None:
    if person is None:
        return None
    return Credentials(
        person_id=person.id,
        email=person.email,
        name=person.name,
        password_hash=person.password_hash,
        is_suspended=person.suspended_at is not None,
    )
