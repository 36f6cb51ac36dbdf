"""One row a piece of work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonMap, Model


class Job(Model):
    """``state``: waiting, done, failed (after the last try; ``fault`` says why)."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_run_after", "state", "run_after"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))  # a JobKind's name
    payload: Mapped[JsonMap]
    state: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int]
    created_at: Mapped[datetime]
    run_after: Mapped[datetime]
    done_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(Text)
