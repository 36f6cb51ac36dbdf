"""Rows of progress."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model


class LessonDone(Model):
    """A person marked a lesson as done; the row goes if they mark it as not done."""

    __tablename__ = "lesson_done"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True, index=True)
    done_at: Mapped[datetime]


class ActivityResult(Model):
    """A person's result in an activity that counts: the best so far; once passed it stays passed."""

    __tablename__ = "activity_result"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[float]  # 0 to 1
    passed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
