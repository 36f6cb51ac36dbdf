"""Rows of what each trainer gave for an answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonMap, Model


class GivenMark(Model):
    """What one trainer gave for one answer: ``points`` by criterion, a comment for the person.

    The one that ``decides`` stands in place of two that are too far apart. Rows never change.
    """

    __tablename__ = "given_mark"
    __table_args__ = (UniqueConstraint("event_id", "marker_id", "decides"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("open_answer.event_id", ondelete="CASCADE"))
    marker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decides: Mapped[bool]
    points: Mapped[JsonMap]
    comment: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]
