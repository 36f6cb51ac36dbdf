"""Rows of answers to self-checks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonMap, Model


class CheckAnswer(Model):
    """The last answer to a self-check by a person, or by a guest under the hash of their random key.

    ``hash`` is that of the question as it read: an answer to an older text is not shown any more.
    """

    __tablename__ = "check_answer"
    __table_args__ = (
        UniqueConstraint("person_id", "check_id"),
        UniqueConstraint("guest", "check_id"),
        CheckConstraint("(person_id IS NULL) <> (guest IS NULL)", name="of_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("self_check.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    guest: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[JsonMap]  # stable ids of options, or what was typed
    score: Mapped[float]  # 0 to 1; for the person's own eyes: it counts nowhere
    hash: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime] = mapped_column(index=True)
