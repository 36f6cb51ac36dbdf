"""One row an act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonMap, Model


class AuditEntry(Model):
    """``actor_id`` is None for a command or a job; ``about`` names the thing (``certificate:4XQ2…``, ``person:12``)."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    act: Mapped[str] = mapped_column(String(60), index=True)  # person.role_changed
    about: Mapped[str] = mapped_column(String(120), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[JsonMap]
