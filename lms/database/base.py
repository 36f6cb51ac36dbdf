"""`Model`, the base of every table, and `db`, the Flask-SQLAlchemy extension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import DeclarativeBase, registry

from lms.database.types import JsonValue, UtcMoment

JsonMap = Mapping[str, Any]
JsonList = Sequence[Any]


class Base(DeclarativeBase):
    """Named constraints (a migration must be able to drop them) and one column type per annotation."""

    # A registry, not its parts: Flask-SQLAlchemy derives a class of this one, which may not name the parts again.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcMoment, JsonMap: JsonValue, JsonList: JsonValue},
    )


class LanternSession(Session):
    """A session that opens the database only through `transaction()` or `reading()`, never by accident.

    They begin and end what happens on its connection; it joins them once it has to do with models.
    """

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **rest: Any) -> Any:  # noqa: ARG002
        return self.connection()

    def connection(self, *_rest: Any, **_options: Any) -> Connection:
        """Return the connection of this transaction or reading, opened when it is first asked for."""
        found: Connection | None = self.info.get("connection")
        if found is None:
            opening = self.info.get("open")
            if opening is None:
                raise RuntimeError("open the database with transaction() or reading()")
            found = self.info["connection"] = opening()
        return found

    @property
    def is_open(self) -> bool:
        """Whether a transaction or a reading goes on."""
        return "open" in self.info


db = SQLAlchemy(model_class=Base, session_options={"class_": LanternSession, "expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

__all__ = ["Base", "JsonList", "JsonMap", "Model", "db"]
