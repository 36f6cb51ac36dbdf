"""Issue certificates, revoke and correct them, and look at them. What is issued never changes afterwards."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.audit import services as audit
from lms.certificates import facts as facts_of
from lms.certificates import letters
from lms.certificates.candidates import Candidate, State, candidates, counts, subjects
from lms.certificates.design import LONGEST_NAME, must_print, typeset
from lms.certificates.models import Certificate
from lms.certificates.serials import new_serial
from lms.certificates.words import Words
from lms.config import Config
from lms.database.writing import insert_if_new
from lms.errors import N_, Invalid, LmsError, NotFound, Refused
from lms.mail import services as mail
from lms.plugins.events import CertificateIssued, tell
from lms.records import services as records
from lms.text.localised import pick
from lms.text.plain import clean_line, clean_text

__all__ = [
    "Candidate",
    "Outcome",
    "PublicCertificate",
    "State",
    "Version",
    "about",
    "attest_name",
    "by_serial",
    "candidates",
    "check",
    "confirm_name",
    "correct",
    "counts",
    "issue",
    "issue_own",
    "issue_to_all",
    "of_person",
    "pdf_of",
    "revoke",
    "standing",
    "subjects",
]

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]
LONGEST_REASON = 1000
UNKNOWN = N_("We know no certificate with this number.")


def about(serial: str) -> str:
    """How the audit log names a certificate."""
    return f"certificate:{serial}"


def printable_name(name: str) -> str:
    """A name as it will be printed: one clean line. Raises Invalid (field ``name``), Refused for missing glyphs."""
    try:
        cleaned = clean_line(name, longest=LONGEST_NAME)
    except Invalid as error:
        raise Invalid(error.message, field="name", **error.values) from None
    if not any(sign.isalpha() for sign in cleaned):
        raise Invalid(N_("Write your name in letters, as it is to be printed."), field="name")
    must_print(cleaned)
    return cleaned


def confirm_name(session: Session, *, person_id: int, name: str, now: datetime) -> None:
    """Note how a person wants their name printed on the certificates to come; issued ones stay as they are.

    Raises NotFound, Invalid (field ``name``) for a name that is too long or none, Refused for one that the fonts
    cannot print, with advice.
    """
    accounts.confirm_certificate_name(session, person_id=person_id, name=printable_name(name), now=now)


def attest_name(
    session: Session, *, person_id: int, name: str, actor_id: int | None, reason: str, now: datetime
) -> None:
    """The same on an admin's word, audited with its reason. Raises NotFound, Invalid (``name``, ``reason``), Refused."""
    accounts.attest_certificate_name(
        session, person_id=person_id, name=printable_name(name), actor_id=actor_id, reason=reason, now=now
    )


def standing(session: Session, *, person_id: int, subject: str) -> Certificate | None:
    """The person's certificate for ``subject``, its newest version; None if there is none or it is revoked."""
    found = _newest(session, person_id=person_id, subject=subject)
    return found if found is not None and found.revoked_at is None else None


def of_person(session: Session, *, person_id: int) -> list[Certificate]:
    """A person's certificates, the newest version of each, the latest first."""
    return list(
        session.scalars(
            select(Certificate)
            .where(Certificate.person_id == person_id, Certificate.replaced_by_id.is_(None))
            .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        )
    )


def issue(
    session: Session, *, person_id: int, subject: str, config: Config, actor_id: int | None, now: datetime
) -> Certificate:
    """Issue a person's certificate for ``subject``, with its PDF and its letter; a second time gives the first one.

    What was issued is not touched again: no byte changes, no mail is written. Raises NotFound for an unknown person;
    Refused where the evidence or what the paper needs is missing, or where the certificate was revoked.
    """
    found = _newest(session, person_id=person_id, subject=subject)
    if found is None:
        found = _issue_first(session, person_id=person_id, subject=subject, config=config, actor_id=actor_id, now=now)
    if found.revoked_at is not None:
        raise Refused(
            N_("This certificate was revoked on %(day)s. A new one is not issued by itself."),
            day=found.revoked_at.date(),
        )
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
    issued = _newest(session, person_id=person_id, subject=subject)
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
    ready = candidates(session, people=(person_id,), states=("ready",))
    return [
        issue(session, person_id=person_id, subject=one.subject, config=config, actor_id=person_id, now=now)
        for one in ready
    ]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What issuing to many people came to; people by id, serials of what was issued."""

    issued: list[str] = field(default_factory=list)
    had_one: list[int] = field(default_factory=list)
    waiting_for_name: list[int] = field(default_factory=list)
    asked_for_name: list[int] = field(default_factory=list)  # those of them who get the letter now
    waiting_for_email: list[int] = field(default_factory=list)
    refused: list[tuple[int, str, Mapping[str, object]]] = field(default_factory=list)  # person, message id, values


def issue_to_all(
    transaction: Transaction,
    *,
    chosen: Sequence[tuple[int, str]],
    config: Config,
    actor_id: int | None,
    now: datetime,
    note: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Issue to each chosen ``(person_id, subject)`` in a transaction of its own; twice is harmless.

    One person's failure does not stop the others. Who has not confirmed a name gets one letter that asks for it,
    ever. ``note`` is told after each person how many are done. The whole is one audit entry at the end.
    """
    outcome = Outcome()
    for done, (person_id, subject) in enumerate(chosen, start=1):
        try:
            with transaction() as session:
                act = _issue_one(session, person_id, subject, config=config, actor_id=actor_id, now=now)
        except LmsError as error:
            outcome.refused.append((person_id, error.message, error.values))
        except Exception:
            log.exception("the certificate of person %s for %s could not be issued", person_id, subject)
            outcome.refused.append((person_id, N_("Something broke on our side; the log says what."), {}))
        else:
            act(outcome)
        note(done)
    return outcome


def _issue_one(
    session: Session, person_id: int, subject: str, *, config: Config, actor_id: int | None, now: datetime
) -> Callable[[Outcome], None]:
    """Do one person's share; gives what is to be noted of it once it is committed."""
    found = [one for one in candidates(session, subject=subject, people=(person_id,))]
    state: State | None = found[0].state if found else None
    if state == "issued":
        return lambda outcome: outcome.had_one.append(person_id)
    if state == "waiting for e-mail":
        return lambda outcome: outcome.waiting_for_email.append(person_id)
    if state == "waiting for name":
        asked = _ask_for_name(session, found[0], config=config, now=now)

        def waiting(outcome: Outcome) -> None:
            outcome.waiting_for_name.append(person_id)
            if asked:
                outcome.asked_for_name.append(person_id)

        return waiting
    issued = issue(session, person_id=person_id, subject=subject, config=config, actor_id=actor_id, now=now)
    serial = issued.serial
    return lambda outcome: outcome.issued.append(serial)


def _ask_for_name(session: Session, one: Candidate, *, config: Config, now: datetime) -> bool:
    """Write the letter that asks for the name, once for a person and subject; whether it was written now."""
    person = session.get_one(Person, one.person_id)
    title = clean_line(pick(one.title, (person.language,)).text, longest=LONGEST_REASON)
    letter = letters.name_is_missing(course_title=title, language=person.language, config=config)
    message = mail.write(
        session,
        to=person.email,
        subject=letter.subject,
        body=letter.body,
        now=now,
        person_id=person.id,
        once=f"certificate-name:{one.completion_id}",
    )
    return message is not None


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
    audit.record(session, actor_id=actor_id, act="certificate.revoked", about=about(serial), now=now, reason=reason)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version in the visible chain of a certificate."""

    serial: str
    number: int
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCertificate:
    """What anybody may see of a certificate: every fact on the paper, its history, and whether it stands.

    ``state`` is that of the chain for whoever holds this paper: "revoked" also where a newer version was revoked.
    """

    facts: facts_of.Gathered
    state: str  # stands, replaced, revoked
    pdf_sha256: str
    versions: tuple[Version, ...]
    newest: str  # the serial of the newest version
    revoked_at: datetime | None
    revoked_reason: str | None
    holder_id: int | None  # for the links that only the holder sees


def by_serial(session: Session, *, serial: str) -> Certificate:
    """The certificate with that number as it is stored. Raises NotFound."""
    found = session.scalar(select(Certificate).where(Certificate.serial == serial))
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def check(session: Session, *, serial: str) -> PublicCertificate:
    """What the public page shows of the certificate with that number; two statements. Raises NotFound."""
    certificate = by_serial(session, serial=serial)
    first = certificate.first_id or certificate.id
    chain = list(
        session.scalars(
            select(Certificate)
            .where(or_(Certificate.id == first, Certificate.first_id == first))
            .order_by(Certificate.version)
        )
    )
    newest = chain[-1]
    state = "stands"
    if newest.revoked_at is not None:
        state = "revoked"
    elif newest is not certificate:
        state = "replaced"
    return PublicCertificate(
        facts=facts_of.read_back(certificate.facts),
        state=state,
        pdf_sha256=certificate.pdf_sha256,
        versions=tuple(
            Version(serial=one.serial, number=one.version, issued_at=one.issued_at, revoked_at=one.revoked_at)
            for one in chain
        ),
        newest=newest.serial,
        revoked_at=newest.revoked_at,
        revoked_reason=newest.revoked_reason,
        holder_id=certificate.person_id,
    )


def pdf_of(session: Session, *, serial: str, person_id: int, is_admin: bool) -> bytes:
    """The stored bytes, for the holder and for admins; for everybody else there is no such file (NotFound)."""
    certificate = session.scalar(
        select(Certificate).where(Certificate.serial == serial).options(undefer(Certificate.pdf))
    )
    if certificate is None or not (is_admin or certificate.person_id == person_id):
        raise NotFound
    return certificate.pdf


def _newest(session: Session, *, person_id: int, subject: str) -> Certificate | None:
    return session.scalar(
        select(Certificate)
        .where(Certificate.person_id == person_id, Certificate.subject == subject)
        .order_by(Certificate.version.desc())
        .limit(1)
    )


def _to_change(session: Session, serial: str) -> Certificate:
    # Locked, so that a correction and a revocation at the same moment come one after the other.
    found = session.scalar(select(Certificate).where(Certificate.serial == serial).with_for_update())
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
