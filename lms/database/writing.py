"""Writes that two people may make at once: done once, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.database.base import Base


def insert_if_new(session: Session, model: type[Base], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same ``unique`` columns is there; whether it was new."""
    dialect = session.connection().dialect.name
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(model).values(**values)
    first = statement.table.primary_key.columns[0]
    written = session.execute(statement.on_conflict_do_nothing(index_elements=list(unique)).returning(first))
    return written.first() is not None
