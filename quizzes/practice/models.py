"""One row a person and quiz: nothing else knows of it, so that practice can have no effect on records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonList, JsonMap, Model


class Practice(Model):
    """One person's practice with one quiz, without a mark: nothing else knows of it, and the next one replaces it.

    ``items``: ``[question_version_id, stem_id or None]`` by place. ``answers``: the last answer by position (as text).
    """

    __tablename__ = "practice"
    __table_args__ = (UniqueConstraint("quiz_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    items: Mapped[JsonList]
    answers: Mapped[JsonMap]
    begun_at: Mapped[datetime]
