"""Writes that two people may make at once: done once, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.database.base import Base
from lms.database.statements import built_once


def insert_if_new(session: Session, model: type[Base], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same ``unique`` columns is there; whether it was new."""
    session.flush()
    connection = session.connection()
    statement = _insert_if_new(connection.dialect.name, model, tuple(unique))
    return connection.execute(statement, values).first() is not None


@lru_cache(maxsize=64)  # making one anew costs more than running it
def _insert_if_new(dialect: str, model: type[Base], unique: tuple[str, ...]) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(model)
    first = insert.table.primary_key.columns[0]
    return built_once(insert.on_conflict_do_nothing(index_elements=list(unique)).returning(first))
