"""Look at certificates: one's own, the public page's, the stored file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from lms.certificates import facts as facts_of
from lms.certificates.models import Certificate
from lms.errors import N_, NotFound

UNKNOWN = N_("We know no certificate with this number.")


def standing(session: Session, *, person_id: int, subject: str) -> Certificate | None:
    """The person's certificate for ``subject``, its newest version; None if there is none or it is revoked."""
    found = newest(session, person_id=person_id, subject=subject)
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


def newest(session: Session, *, person_id: int, subject: str) -> Certificate | None:
    """The newest version of a person's certificate for ``subject``, revoked or not."""
    return session.scalar(
        select(Certificate)
        .where(Certificate.person_id == person_id, Certificate.subject == subject)
        .order_by(Certificate.version.desc())
        .limit(1)
    )


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
    latest = chain[-1]
    state = "stands"
    if latest.revoked_at is not None:
        state = "revoked"
    elif latest is not certificate:
        state = "replaced"
    return PublicCertificate(
        facts=facts_of.read_back(certificate.facts),
        state=state,
        pdf_sha256=certificate.pdf_sha256,
        versions=tuple(
            Version(serial=one.serial, number=one.version, issued_at=one.issued_at, revoked_at=one.revoked_at)
            for one in chain
        ),
        newest=latest.serial,
        revoked_at=latest.revoked_at,
        revoked_reason=latest.revoked_reason,
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
