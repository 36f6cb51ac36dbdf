"""Rows of the pre-test; what people answer in it are attempts like others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model


class PretestDeclined(Model):
    """A person did not want the pre-test: the course's page offers it no more, its own page still does."""

    __tablename__ = "pretest_declined"

    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    declined_at: Mapped[datetime]
