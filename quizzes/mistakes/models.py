"""What is known of a person and a question that they missed, and the set that they practise now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonList, JsonMap, Model


class Recollection(Model):
    """How well one person remembers one question that they missed; it is there from the first practice on."""

    __tablename__ = "recollection"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    stability: Mapped[float]  # days
    difficulty: Mapped[float]  # 1 to 10
    seen_at: Mapped[datetime]
    due_at: Mapped[datetime]


class MistakeSet(Model):
    """The questions that a person practises now in a course; the next set replaces it.

    ``items``: ``[question_version_id, stem_id or None]`` by place. ``answers``: the last answer by position (as text).
    """

    __tablename__ = "mistake_set"
    __table_args__ = (UniqueConstraint("course_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    items: Mapped[JsonList]
    answers: Mapped[JsonMap]
    begun_at: Mapped[datetime]
