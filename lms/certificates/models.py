"""One row a certificate, with its own copy of every fact and the bytes of its PDF."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from lms.database.base import JsonMap, Model


class Certificate(Model):
    """What was certified for whom. Only ``revoked_…`` and ``replaced_by_id`` are ever written after the issue.

    Unique per person, subject and version; version 1 is the first, a correction is the next in a visible chain.
    ``first_id`` (None on version 1) ties the chain together also when nobody's account does: ``person_id`` becomes None
    when the person's account is erased, and the certificate stands.
    """

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("subject", "person_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(26), unique=True)  # 128 random bits, Crockford base32
    subject: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    version: Mapped[int]
    first_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), index=True)
    facts: Mapped[JsonMap]  # what `lms.certificates.facts` writes: all that the paper says
    completed_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    pdf: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
