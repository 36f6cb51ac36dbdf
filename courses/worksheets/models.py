"""Rows of worksheets. What people write is a journal: events are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lms.database.base import JsonMap, Model

# Which of two texts counts is decided by comparing clients; a database's own collation would order them otherwise.
_ClientName = String(32).with_variant(String(32, collation="C"), "postgresql")


class Worksheet(Model):
    """A worksheet as its package says it. ``html`` has its longer texts, rendered when it was installed."""

    __tablename__ = "worksheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    definition: Mapped[JsonMap]
    html: Mapped[JsonMap]  # intro, example (by language), sections (by id and language)
    hash: Mapped[str] = mapped_column(String(64))


class WorksheetEvent(Model):
    """What one page sent of one person's sheet: the values that differ from those that the page knew.

    Of several values of one key that of the highest ``(counter, client)`` counts. ``seen`` is the highest counter when
    the page was made. ``handed_in`` says that the sheet as it then stood was handed in.
    """

    __tablename__ = "worksheet_event"
    __table_args__ = (UniqueConstraint("worksheet_id", "person_id", "counter", "client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    worksheet_id: Mapped[int] = mapped_column(ForeignKey("worksheet.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    client: Mapped[str] = mapped_column(_ClientName)  # a device's own name; "web": a page without script
    counter: Mapped[int] = mapped_column(BigInteger)  # a Lamport clock
    seen: Mapped[int] = mapped_column(BigInteger)
    changes: Mapped[JsonMap]  # by the keys of `definition.Field`; "" takes a value back
    handed_in: Mapped[bool]
    made_at: Mapped[datetime]


@event.listens_for(WorksheetEvent, "before_update")
def _keep_what_was_written(_mapper: Mapper[Any], _connection: Any, _row: Model) -> None:
    """Raise RuntimeError where code would change the journal."""
    raise RuntimeError("a row of worksheet_event never changes; add one")
