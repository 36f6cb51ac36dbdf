"""Rows of regrades, of what each changes for whom, and of certificates to be looked at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonList, Model


class Regrade(Model):
    """Somebody wants answers to older versions of a question marked by the key of ``key_version_id``.

    ``state``: looking, ready (to be decided), left, applying, done. ``cursor`` is the last person looked at in this
    round, ``seen`` counts them, ``of`` all who may be touched.
    """

    __tablename__ = "regrade"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    key_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    version_ids: Mapped[JsonList]
    state: Mapped[str] = mapped_column(String(8))
    cursor: Mapped[int]
    seen: Mapped[int]
    of: Mapped[int]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]


class RegradeChange(Model):
    """What a regrade changes for one person: the try that counts before and after, and how many tries change."""

    __tablename__ = "regrade_change"

    regrade_id: Mapped[int] = mapped_column(
        ForeignKey("regrade.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tries: Mapped[int]
    score_before: Mapped[float]
    score_after: Mapped[float]
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id", ondelete="SET NULL"))


class CertificateReview(Model):
    """A certificate that stands although a regrade took away what it rests on. ``state``: open, stands."""

    __tablename__ = "certificate_review"
    __table_args__ = (UniqueConstraint("certificate_id", "regrade_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id", ondelete="CASCADE"))
    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
