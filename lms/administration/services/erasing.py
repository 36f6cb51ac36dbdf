"""Erase a person: what they were and did goes, the certificates that they earned stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.audit import services as audit
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.certificates.services import about as about_certificate
from lms.errors import N_, Refused
from lms.mail.models import Message
from lms.records.models import Completion

Forget = Callable[[Session, int], None]


def erase(
    session: Session,
    *,
    person_id: int,
    password_hash: str,
    forget: Iterable[Forget],
    actor_id: int | None,
    reason: str,
    now: datetime,
) -> int:
    """Erase a person in the caller's transaction; gives the number of certificates that stand on.

    The row goes with everything that hangs on it: sign-ins, links, enrolments, answers, worksheets, completions, mails.
    ``forget`` is what plugins do before. A closed account without name and address takes its number, so that nobody
    who registers later gets it and what they did to others keeps its author. ``password_hash`` is of a password that
    nobody knows. Certificates keep their own facts and are nobody's; what the log says of the person loses its words.

    Raises NotFound, Invalid without a reason, Refused for the last admin.
    """
    accounts.suspend(session, person_id=person_id, actor_id=actor_id, reason=reason, now=now)
    person = session.get_one(Person, person_id, with_for_update=True)
    serials = session.scalars(select(Certificate.serial).where(Certificate.person_id == person_id)).all()
    papers = [about_certificate(serial) for serial in serials]
    acts = session.scalars(
        select(AuditEntry.id).where(AuditEntry.actor_id == person_id, AuditEntry.about.not_in(papers))
    ).all()
    for act in forget:
        act(session, person_id)
    session.execute(delete(Message).where(or_(Message.person_id == person_id, Message.to == person.email)))
    session.execute(delete(Completion).where(Completion.person_id == person_id))
    _forget_words(session, person_id, papers)
    closed = _closed(person, password_hash=password_hash, now=now)
    session.expunge(person)
    try:
        session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError as error:
        raise Refused(N_("A plugin keeps rows of this person and does not let them go; nothing was erased.")) from error
    session.add(closed)
    session.flush()
    session.execute(update(AuditEntry).where(AuditEntry.id.in_(acts)).values(actor_id=person_id))
    audit.record(
        session,
        actor_id=actor_id,
        act="person.erased",
        about=f"person:{person_id}",
        now=now,
        reason=reason,
        facts={"certificates": len(serials)},
    )
    return len(serials)


def _forget_words(session: Session, person_id: int, papers: Iterable[str]) -> None:
    """That something was done stays in the log; names, addresses and reasons go, and what leads to the certificates."""
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.about == f"person:{person_id}")):
        entry.facts, entry.reason = {}, None
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.about.in_(papers))):
        entry.facts = {name: value for name, value in entry.facts.items() if name != "person"}
    session.flush()


def _closed(person: Person, *, password_hash: str, now: datetime) -> Person:
    return Person(
        id=person.id,
        email=f"erased-{person.id}@erased.invalid",  # a name that no mail reaches (RFC 2606)
        name=f"Erased account {person.id}",
        time_zone="UTC",
        language="en",
        password_hash=password_hash,
        role="participant",
        registered_at=person.registered_at,
        suspended_at=now,
    )
