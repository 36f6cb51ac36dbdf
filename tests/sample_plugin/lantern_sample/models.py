"""The sample's one table; its name begins with ``ext_<plugin>_``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model


class Thanks(Model):
    """One line of thanks on the wall."""

    __tablename__ = "ext_sample_thanks"

    id: Mapped[int] = mapped_column(primary_key=True)
    # If the plugin is uninstalled and a person's account deleted, the database itself must know what to do.
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(String(200))
    written_at: Mapped[datetime]
