"""Issue a certificate, correct it, revoke it. What is issued never changes afterwards."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.audit import services as audit
from lms.certificates import facts as facts_of
from lms.certificates import letters
from lms.certificates.candidates import State, candidates
from lms.certificates.design import typeset
from lms.certificates.models import Certificate
from lms.certificates.serials import new_serial
from lms.certificates.services.looking import UNKNOWN, newest
from lms.certificates.services.names import printable_name
from lms.certificates.words import Words
from lms.config import Config
from lms.database.writing import insert_if_new
from lms.errors import N_, Invalid, NotFound, Refused
from lms.mail import services as mail
from lms.plugins.events import CertificateIssued, tell
from lms.records import services as records
from lms.text.plain import clean_text

LONGEST_REASON = 1000
READY: Final[tuple[State, ...]] = ("ready",)


def about(serial: str) -> str:
    """How the audit log names a certificate."""
    return f"certificate:{serial}"


def issue(
    session: Session, *, person_id: int, subject: str, config: Config, actor_id: int | None, now: datetime
) -> Certificate:
    """Issue a person's certificate for ``subject``, with its PDF and its letter; a second time gives the first one.

    What was issued is not touched again: no byte changes, no mail is written. Raises NotFound for an unknown person;
    Refused where the evidence or what the paper needs is missing, or where the certificate was revoked.
    """
    found = newest(session, person_id=person_id, subject=subject)
    if found is None:
        found = _issue_first(session, person_id=person_id, subject=subject, config=config, actor_id=actor_id, now=now)
    if found.revoked_at is not None:
        raise Refused(N_("This certificate was revoked. A new one is not issued by itself."))
    return found


def _issue_first(
    session: Session, *, person_id: int, subject: str, config: Config, actor_id: int | None, now: datetime
) -> Certificate:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    completion = records.of_person(session, person_id=person_id, subject=subject)
    if completion is None:
        raise Refused(N_("Not every rule of the course is met yet."))
    if person.suspended_at is not None:
        raise Refused(N_("This account is closed."))
    if person.name_confirmed_at is None or not person.certificate_name:
        raise Refused(N_("The name is not confirmed yet."))
    if person.email_verified_at is None:
        raise Refused(N_("The e-mail address is not verified yet."))
    facts = facts_of.gather(person, completion, serial=new_serial(), config=config, now=now)
    row = _row(
        facts,
        subject=subject,
        person_id=person_id,
        first_id=None,
        completed_at=completion.completed_at,
        actor_id=actor_id,
        now=now,
    )
    is_new = insert_if_new(session, Certificate, row, unique=("subject", "person_id", "version"))
    issued = newest(session, person_id=person_id, subject=subject)
    assert issued is not None
    if is_new:  # else somebody else was first, a moment ago
        audit.record(
            session,
            actor_id=actor_id,
            act="certificate.issued",
            about=about(issued.serial),
            now=now,
            facts={"person": person_id, "subject": subject},
        )
        _announce(session, issued, to=person, config=config, now=now)
    return issued


def issue_own(session: Session, *, person_id: int, config: Config, now: datetime) -> list[Certificate]:
    """Issue everything that a person has completed and is ready; gives what is new to them."""
    ready = candidates(session, people=(person_id,), states=READY)
    return [
        issue(session, person_id=person_id, subject=one.subject, config=config, actor_id=person_id, now=now)
        for one in ready
    ]


def revoke(session: Session, *, serial: str, reason: str, actor_id: int | None, now: datetime) -> Certificate:
    """Revoke a certificate; its public page says so from now on, with the reason. Twice changes nothing.

    Raises NotFound, Invalid (field ``reason``) without a reason, Refused for a version that was replaced.
    """
    reason = _reason(reason)
    certificate = _to_change(session, serial)
    if certificate.revoked_at is not None:
        return certificate
    if certificate.replaced_by_id is not None:
        raise Refused(N_("A newer version replaced this one. Revoke the newer version."))
    certificate.revoked_at, certificate.revoked_by_id, certificate.revoked_reason = now, actor_id, reason
    audit.record(
        session,
        actor_id=actor_id,
        act="certificate.revoked",
        about=about(serial),
        now=now,
        reason=reason,
        facts={"person": certificate.person_id},
    )
    session.flush()
    return certificate


def correct(
    session: Session,
    *,
    serial: str,
    name: str,
    reason: str,
    config: Config,
    actor_id: int | None,
    now: datetime,
) -> Certificate:
    """Issue the next version with the name ``name``; the old one stays, unchanged, and its page leads to the new one.

    Raises NotFound, Invalid (fields ``name``, ``reason``), Refused for a name that cannot be printed, a name that is
    printed already, or a version that is revoked or replaced.
    """
    reason = _reason(reason)
    name = printable_name(name)
    before = _to_change(session, serial)
    if before.revoked_at is not None:
        raise Refused(N_("This certificate was revoked. It cannot be corrected."))
    if before.replaced_by_id is not None:
        raise Refused(N_("A newer version replaced this one. Correct the newer version."))
    old = facts_of.read_back(before.facts)
    if old.certificate.person_name == name:
        raise Invalid(N_("This name is on the certificate already."), field="name")
    version = before.version + 1
    facts = facts_of.corrected(old, name=name, serial=new_serial(), version=version, config=config, now=now)
    row = _row(
        facts,
        subject=before.subject,
        person_id=before.person_id,
        first_id=before.first_id or before.id,
        completed_at=before.completed_at,
        actor_id=actor_id,
        now=now,
    )
    certificate = Certificate(**row)
    session.add(certificate)
    session.flush()
    before.replaced_by_id = certificate.id
    audit.record(
        session,
        actor_id=actor_id,
        act="certificate.corrected",
        about=about(certificate.serial),
        now=now,
        reason=reason,
        facts={"replaces": serial, "person": before.person_id, "from": old.certificate.person_name, "to": name},
    )
    person = session.get(Person, before.person_id) if before.person_id is not None else None
    if person is not None:
        _announce(session, certificate, to=person, config=config, now=now)
    session.flush()
    return certificate


def _to_change(session: Session, serial: str) -> Certificate:
    # Locked, so that a correction and a revocation at the same moment come one after the other.
    found = session.scalar(
        select(Certificate).where(Certificate.serial == serial).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def _row(
    facts: facts_of.Gathered,
    *,
    subject: str,
    person_id: int | None,
    first_id: int | None,
    completed_at: datetime,
    actor_id: int | None,
    now: datetime,
) -> dict[str, Any]:
    pdf = typeset(facts.certificate, translate=Words(facts.certificate.language))
    return {
        "serial": facts.certificate.serial,
        "subject": subject,
        "person_id": person_id,
        "version": facts.certificate.version,
        "first_id": first_id,
        "facts": facts_of.written(facts),
        "completed_at": completed_at,
        "issued_at": now,
        "issued_by_id": actor_id,
        "pdf": pdf,
        "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
    }


def _announce(session: Session, certificate: Certificate, *, to: Person, config: Config, now: datetime) -> None:
    """The letter and the event of a certificate that is new."""
    letter = letters.certificate_is_here(facts_of.read_back(certificate.facts).certificate, config=config)
    mail.write(
        session,
        to=to.email,
        subject=letter.subject,
        body=letter.body,
        now=now,
        person_id=to.id,
        once=about(certificate.serial),
    )
    tell(
        session,
        CertificateIssued(person_id=to.id, subject=certificate.subject, serial=certificate.serial, at=now),
    )


def _reason(reason: str) -> str:
    try:
        cleaned = clean_text(reason, longest=LONGEST_REASON)
    except Invalid as error:
        raise Invalid(error.message, field="reason", **error.values) from None
    if not cleaned:
        raise Invalid(N_("Write a reason."), field="reason")
    return cleaned
