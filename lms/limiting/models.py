"""One row a counter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model


class RateLimit(Model):
    """How often something was done in a window that ends at ``expires_at``.

    ``key`` is a keyed hash of the act and of who did it: no address and no e-mail can be read from it.
    """

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
