"""People: adding them, their roles and names, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import addresses, passwords, time_zones
from lms.accounts.models import ROLES, EmailToken, Person, SignIn
from lms.accounts.passwords import Passwords
from lms.audit import services as audit
from lms.errors import N_, Invalid, NotFound, Refused
from lms.text import countries
from lms.text.languages import PERSON_LANGUAGES
from lms.text.plain import clean_line, clean_text

LONGEST_NAME = 200
PEOPLE_PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person's own account page shows."""

    name: str
    email: str
    email_verified: bool
    waiting_email: str | None  # a new address whose link was not opened yet
    country: str | None
    time_zone: str
    language: str
    certificate_name: str | None
    name_confirmed_at: datetime | None
    registered_at: datetime
    devices: int  # how many are signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person in a list for admins."""

    id: int
    name: str
    email: str
    role: str
    country: str | None
    email_verified_at: datetime | None
    certificate_name: str | None
    name_confirmed_at: datetime | None
    registered_at: datetime
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """One page of a list; ``number`` and ``pages`` count from 1, ``first`` and ``last`` are positions in the whole."""

    people: tuple[PersonLine, ...]
    total: int
    number: int
    pages: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PEOPLE_PER_PAGE + 1 if self.people else 0

    @property
    def last(self) -> int:
        return self.first + len(self.people) - 1 if self.people else 0


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    hashing: Passwords,
    now: datetime,
    role: str = "participant",
    language: str = "en",
    time_zone: str = "UTC",
    country: str | None = None,
    email_verified: bool = False,
    actor_id: int | None = None,
) -> Person:
    """Add somebody with a password that they are told; for commands and admins (people themselves `register`).

    Raises Invalid (with ``field``) where a value cannot be one, Refused where the address has an account.
    """
    email = addresses.normalise(email)
    name = clean_name(name)
    if role not in ROLES:
        raise Invalid(N_("There is no role %(role)s."), field="role", role=role)
    if time_zone not in time_zones.names():
        raise Invalid(N_("There is no time zone %(zone)s."), field="time_zone", zone=time_zone)
    if language not in PERSON_LANGUAGES:
        raise Invalid(
            N_("There is no language %(language)s here. There are %(all)s."),
            field="language",
            language=language,
            all=", ".join(PERSON_LANGUAGES),
        )
    if country is not None and country not in countries.codes():
        raise Invalid(N_("There is no country %(country)s."), field="country", country=country)
    passwords.check_new(password, email=email, name=name)
    person = Person(
        email=email,
        name=name,
        country=country,
        time_zone=time_zone,
        language=language,
        password_hash=hashing.hash(password),
        role=role,
        email_verified_at=now if email_verified else None,
        registered_at=now,
    )
    if not insert_if_new(session, person):
        raise Refused(N_("The address %(email)s has an account already."), email=email)
    audit.record(session, actor_id=actor_id, act="person.added", about=about(person.id), now=now, facts={"role": role})
    return person


def change_role(session: Session, *, person_id: int, role: str, actor_id: int | None, now: datetime) -> None:
    """Give a person another role and end their sign-ins; the role that they have already changes nothing.

    Raises NotFound, Invalid for an unknown role, Refused where nobody would be admin any more.
    """
    if role not in ROLES:
        raise Invalid(N_("There is no role %(role)s."), field="role", role=role)
    person = by_id(session, person_id)
    if person.role == role:
        return
    before = person.role
    if before == "admin":
        _must_not_be_the_last_admin(session, person_id)
    person.role = role
    end_sign_ins(session, person_id)
    facts = {"from": before, "to": role}
    audit.record(session, actor_id=actor_id, act="person.role_changed", about=about(person_id), now=now, facts=facts)


def suspend(session: Session, *, person_id: int, actor_id: int | None, reason: str, now: datetime) -> None:
    """Close an account: its devices are signed out at once and no sign-in works. Raises NotFound, Refused, Invalid."""
    reason = _reason(reason)
    person = by_id(session, person_id)
    if person.suspended_at is not None:
        return
    if person.role == "admin":
        _must_not_be_the_last_admin(session, person_id)
    person.suspended_at = now
    end_sign_ins(session, person_id)
    session.execute(delete(EmailToken).where(EmailToken.person_id == person_id))
    audit.record(session, actor_id=actor_id, act="person.suspended", about=about(person_id), now=now, reason=reason)


def reinstate(session: Session, *, person_id: int, actor_id: int | None, reason: str, now: datetime) -> None:
    """Open a suspended account again. Raises NotFound, Invalid."""
    reason = _reason(reason)
    person = by_id(session, person_id)
    if person.suspended_at is None:
        return
    person.suspended_at = None
    audit.record(session, actor_id=actor_id, act="person.reinstated", about=about(person_id), now=now, reason=reason)


def attest_email(session: Session, *, person_id: int, actor_id: int | None, reason: str, now: datetime) -> None:
    """Take an admin's word that the address is the person's own. Raises NotFound, Invalid without a reason."""
    reason = _reason(reason)
    person = by_id(session, person_id)
    if person.email_verified_at is not None:
        return
    person.email_verified_at = now
    audit.record(
        session, actor_id=actor_id, act="person.email_attested", about=about(person_id), now=now, reason=reason
    )


def confirm_certificate_name(session: Session, *, person_id: int, name: str, now: datetime) -> None:
    """Note how a person wants their name printed. Raises NotFound, Invalid (field ``name``)."""
    person = by_id(session, person_id)
    person.certificate_name = clean_name(name)
    person.name_confirmed_at = now


def attest_certificate_name(
    session: Session, *, person_id: int, name: str, actor_id: int | None, reason: str, now: datetime
) -> None:
    """Take an admin's word for how the name is printed. Raises NotFound, Invalid (field ``name`` or ``reason``)."""
    reason = _reason(reason)
    person = by_id(session, person_id)
    facts = {"from": person.certificate_name, "to": clean_name(name)}
    person.certificate_name = clean_name(name)
    person.name_confirmed_at = now
    audit.record(
        session,
        actor_id=actor_id,
        act="person.name_attested",
        about=about(person_id),
        now=now,
        reason=reason,
        facts=facts,
    )


def change_name(session: Session, *, person_id: int, name: str) -> None:
    """Change how a person is called on the site; a name that was confirmed for certificates stays."""
    by_id(session, person_id).name = clean_name(name)


def change_preferences(session: Session, *, person_id: int, country: str | None, time_zone: str, language: str) -> None:
    """Change where a person lives and how moments and pages are written for them."""
    person = by_id(session, person_id)
    person.country, person.time_zone, person.language = country, time_zone, language


def profile_of(session: Session, *, person_id: int, now: datetime) -> Profile:
    """What the person's account page shows; two statements. Raises NotFound."""
    devices = (
        select(func.count())
        .select_from(SignIn)
        .where(SignIn.person_id == Person.id, SignIn.expires_at > now)
        .scalar_subquery()
    )
    waiting = (
        select(EmailToken.email)
        .where(
            EmailToken.person_id == Person.id,
            EmailToken.purpose == "change",
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > now,
        )
        .order_by(EmailToken.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = session.execute(select(Person, devices, waiting).where(Person.id == person_id)).one_or_none()
    if row is None:
        raise NotFound
    person, count, waiting_email = row
    return Profile(
        name=person.name,
        email=person.email,
        email_verified=person.email_verified_at is not None,
        waiting_email=waiting_email,
        country=person.country,
        time_zone=person.time_zone,
        language=person.language,
        certificate_name=person.certificate_name,
        name_confirmed_at=person.name_confirmed_at,
        registered_at=person.registered_at,
        devices=count,
    )


def people_page(session: Session, *, search: str = "", role: str | None = None, page: int = 1) -> PeoplePage:
    """One page of people by name; ``search`` finds a part of a name or an address, ``role`` narrows.

    A page beyond the last gives the last one.
    """
    wanted = []
    if search:
        wanted.append(
            or_(Person.name.icontains(search, autoescape=True), Person.email.icontains(search, autoescape=True))
        )
    if role:
        wanted.append(Person.role == role)
    total = session.scalar(select(func.count()).select_from(Person).where(*wanted)) or 0
    pages = max(1, -(-total // PEOPLE_PER_PAGE))
    number = min(max(1, page), pages)
    found = session.scalars(
        select(Person)
        .where(*wanted)
        .order_by(func.lower(Person.name), Person.id)
        .limit(PEOPLE_PER_PAGE)
        .offset((number - 1) * PEOPLE_PER_PAGE)
    )
    return PeoplePage(people=tuple(_line(person) for person in found), total=total, number=number, pages=pages)


def clean_name(name: str) -> str:
    """A person's name as one clean line; raise Invalid where nothing is left of it."""
    cleaned = clean_line(name, longest=LONGEST_NAME)
    if not cleaned:
        raise Invalid(N_("Write a name."), field="name")
    return cleaned


def by_id(session: Session, person_id: int) -> Person:
    """The person with that number; raise NotFound if there is none."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def insert_if_new(session: Session, person: Person) -> bool:
    """Write ``person`` unless the address has an account; whether it was written. Holds for two who ask at once."""
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError:
        return False
    return True


def end_sign_ins(session: Session, person_id: int, *, but_token_hash: str | None = None) -> None:
    """Sign a person out on every device (but the one with that token)."""
    ending = delete(SignIn).where(SignIn.person_id == person_id)
    if but_token_hash is not None:
        ending = ending.where(SignIn.token_hash != but_token_hash)
    session.execute(ending)


def about(person_id: int) -> str:
    """How the audit log names a person."""
    return f"person:{person_id}"


def _must_not_be_the_last_admin(session: Session, person_id: int) -> None:
    # The rows are locked, so that two admins who demote each other at once do not both succeed.
    admins = session.scalars(
        select(Person.id)
        .where(Person.role == "admin", Person.suspended_at.is_(None))
        .order_by(Person.id)
        .with_for_update()
    ).all()
    if set(admins) <= {person_id}:
        raise Refused(N_("This is the last admin. Make somebody else an admin first."))


def _reason(reason: str) -> str:
    cleaned = clean_text(reason, longest=1000)
    if not cleaned:
        raise Invalid(N_("Write a reason. It is kept in the audit log."), field="reason")
    return cleaned


def _line(person: Person) -> PersonLine:
    return PersonLine(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        country=person.country,
        email_verified_at=person.email_verified_at,
        certificate_name=person.certificate_name,
        name_confirmed_at=person.name_confirmed_at,
        registered_at=person.registered_at,
        suspended_at=person.suspended_at,
    )
