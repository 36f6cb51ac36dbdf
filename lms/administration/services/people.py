"""People as admins see them, and the roles that are held for one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.administration.services.log import LogPage, log_page
from lms.audit import services as audit
from lms.certificates import services as certificates
from lms.certificates.facts import Gathered, read_back
from lms.errors import N_, Invalid, NotFound
from lms.plugins.contributions import ScopedRole
from lms.text.plain import clean_line


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """One page of people, and what each of them completed with the state of its certificate."""

    page: accounts.PeoplePage
    completed: Mapping[int, Sequence[certificates.Candidate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """The things (slugs) for which a person holds a role."""

    role: str
    scope: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """The newest version of one of a person's certificates."""

    serial: str
    facts: Gathered
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """All that the person's page shows."""

    person: accounts.PersonLine
    language: str
    time_zone: str
    roles: tuple[HeldRole, ...]
    waiting: tuple[certificates.Candidate, ...]  # completed and not issued
    certificates: tuple[OwnCertificate, ...]
    log: LogPage


def people_list(session: Session, *, search: str, role: str | None, page: int) -> PeopleList:
    """One page of people; three statements, however many there are."""
    found = accounts.people_page(session, search=search, role=role, page=page)
    completed: dict[int, list[certificates.Candidate]] = {}
    if found.people:
        for one in certificates.candidates(session, people=[person.id for person in found.people]):
            completed.setdefault(one.person_id, []).append(one)
    return PeopleList(page=found, completed=completed)


def person_line(session: Session, *, person_id: int) -> accounts.PersonLine:
    """One person. Raises NotFound."""
    return _line(_person(session, person_id))


def person_record(session: Session, *, person_id: int, roles: Sequence[ScopedRole]) -> PersonRecord:
    """Everything about one person. Raises NotFound."""
    person = _person(session, person_id)
    own = certificates.of_person(session, person_id=person_id)
    return PersonRecord(
        person=_line(person),
        language=person.language,
        time_zone=person.time_zone,
        roles=tuple(
            HeldRole(role=kind.role, scope=kind.scope, held=tuple(kind.held(session, person_id=person_id)))
            for kind in roles
        ),
        waiting=tuple(one for one in certificates.candidates(session, people=(person_id,)) if one.serial is None),
        certificates=tuple(
            OwnCertificate(
                serial=one.serial, facts=read_back(one.facts), issued_at=one.issued_at, revoked_at=one.revoked_at
            )
            for one in own
        ),
        log=log_page(session, person_id=person_id),
    )


def grant_role(
    session: Session, *, kind: ScopedRole, person_id: int, scope: str, actor_id: int | None, now: datetime
) -> None:
    """Give a person a role for one thing; a participant gets the role itself with it. Twice is the same as once.

    ``actor_id`` None: the command line. Raises NotFound for an unknown person, Invalid (field ``scope``) for an
    unknown thing.
    """
    person = _person(session, person_id)
    scope = clean_line(scope, longest=120)
    if scope in kind.held(session, person_id=person_id):
        return
    try:
        kind.grant(session, person_id=person_id, scope=scope)
    except NotFound:
        raise Invalid(N_("There is nothing with this short name."), field="scope") from None
    if person.role == "participant":
        accounts.change_role(session, person_id=person_id, role=kind.role, actor_id=actor_id, now=now)
    _note(session, "person.role_granted", kind, person_id=person_id, scope=scope, actor_id=actor_id, now=now)


def withdraw_role(
    session: Session, *, kind: ScopedRole, person_id: int, scope: str, actor_id: int | None, now: datetime
) -> None:
    """End a role for one thing; the person's role on the site stays. Raises NotFound."""
    _person(session, person_id)
    if scope not in kind.held(session, person_id=person_id):
        raise NotFound
    kind.withdraw(session, person_id=person_id, scope=scope)
    _note(session, "person.role_withdrawn", kind, person_id=person_id, scope=scope, actor_id=actor_id, now=now)


def _note(
    session: Session, act: str, kind: ScopedRole, *, person_id: int, scope: str, actor_id: int | None, now: datetime
) -> None:
    audit.record(
        session,
        actor_id=actor_id,
        act=act,
        about=f"person:{person_id}",
        now=now,
        facts={"role": kind.role, kind.scope: scope},
    )


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def _line(person: Person) -> accounts.PersonLine:
    return accounts.PersonLine(
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
