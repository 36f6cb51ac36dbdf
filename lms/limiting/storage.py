"""A storage for the `limits` library on the database that Lantern has anyway."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from limits.storage import Storage
from sqlalchemy import Connection, bindparam, case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from lms import clock
from lms.database.session import Engines
from lms.limiting.models import RateLimit


def _statement_of_add(dialect: Any) -> Any:
    insert = dialect.insert(RateLimit)
    is_over = RateLimit.expires_at <= bindparam("now", type_=RateLimit.__table__.c.expires_at.type)
    return insert.on_conflict_do_update(
        index_elements=[RateLimit.key],
        set_={
            "count": case((is_over, insert.excluded.count), else_=RateLimit.count + insert.excluded.count),
            "expires_at": case((is_over, insert.excluded.expires_at), else_=RateLimit.expires_at),
        },
    ).returning(RateLimit.count)


# Built once: putting it together anew costs more than running it.
_add = {"sqlite": _statement_of_add(sqlite), "postgresql": _statement_of_add(postgresql)}


class DatabaseStorage(Storage):
    """Counts in the table ``rate_limit``, each count one statement in a transaction of its own.

    A count must never be made inside another transaction: what is refused would undo it, and SQLite has one writer.
    """

    STORAGE_SCHEME = None  # made with its engines, never from an address

    def __init__(self, engines: Engines, *, secret: str) -> None:
        super().__init__()
        self.engines = engines
        self.secret = hashlib.sha256(b"rate limits:" + secret.encode()).digest()

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add ``amount`` to the window's counter, or begin a window of ``expiry`` seconds; the new count."""
        now = clock.now()
        return self._add(self._hidden(key), amount, now, now + timedelta(seconds=expiry))

    def get(self, key: str) -> int:
        found = self._row(key)
        return found[0] if found else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now if there is none."""
        found = self._row(key)
        return (found[1] if found else clock.now()).timestamp()

    def check(self) -> bool:
        with self._reading() as connection:
            return bool(connection.scalar(select(literal(1))))

    def reset(self) -> int | None:
        """Forget every count; how many there were."""
        with self.engines.writing() as connection:
            return connection.execute(delete(RateLimit)).rowcount

    def clear(self, key: str) -> None:
        with self.engines.writing() as connection:
            connection.execute(delete(RateLimit).where(RateLimit.key == self._hidden(key)))

    def _add(self, key: str, amount: int, now: datetime, ends: datetime) -> int:
        values = {"key": key, "count": amount, "expires_at": ends, "now": now}
        with self.engines.writing() as connection:
            return int(connection.execute(_add[connection.dialect.name], values).scalar_one())

    def _row(self, key: str) -> tuple[int, datetime] | None:
        wanted = select(RateLimit.count, RateLimit.expires_at).where(
            RateLimit.key == self._hidden(key), RateLimit.expires_at > clock.now()
        )
        with self._reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return (row[0], row[1]) if row else None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engines.read.connect() as connection:
            yield connection

    def _hidden(self, key: str) -> str:
        return hashlib.blake2b(key.encode("utf-8", "replace"), key=self.secret, digest_size=32).hexdigest()
