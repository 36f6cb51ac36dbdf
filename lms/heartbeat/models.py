"""One row that says when the site was last there, and one for each time that it was not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model


class Heartbeat(Model):
    """The one row (``id`` 1) with the last beat of all web processes together."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Outage(Model):
    """A time in which nobody could save: from the last beat before it to the first one after it. They never overlap."""

    __tablename__ = "outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(index=True)
