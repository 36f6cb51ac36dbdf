"""One row for a person and a thing that they completed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonMap, Model


class Completion(Model):
    """A person met every rule of a subject (``course:<id>``, for further papers ``course:<id>:<paper>``).

    What was met stays met: rows are not taken back.

    ``facts`` is what a certificate says of it, copied at the time: ``title`` (of the course), ``paper`` (what
    the certificate is called) and ``statement`` (language maps), ``minutes``, ``score`` (0 to 1 or None), ``version``
    (of the content).
    """

    __tablename__ = "completion"
    __table_args__ = (UniqueConstraint("subject", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    completed_at: Mapped[datetime]
    facts: Mapped[JsonMap]
