"""Which revision of its tables a database is at, without Alembic, which is heavy and of no use to a site that runs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from lms.database.session import Engines
from lms.errors import StartRefused
from lms.paths import MIGRATIONS

_REVISION = re.compile(r"^revision\b[^=\n]*=\s*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
_DOWN = re.compile(r"^down_revision\b[^=\n]*=(.*)$", re.MULTILINE)
_NAME = re.compile(r"[\"']([^\"'\n]+)[\"']")


@dataclass(frozen=True, slots=True)
class History:
    """One line of revisions and the table that says how far the database is."""

    name: str
    versions: Path
    version_table: str


OURS = History("lantern", MIGRATIONS / "versions", "alembic_version")


def plugin_history(name: str, versions: Path) -> History:
    return History(name, versions, f"ext_{name}_version")


def is_surely_current(connection: Connection, history: History = OURS) -> bool:
    """Whether the database is at the newest revision; False also where only Alembic can tell (`migrating`)."""
    if not inspect(connection).has_table(history.version_table):
        return False
    found: list[str] = list(connection.scalars(select(column("version_num")).select_from(table(history.version_table))))
    return len(found) == 1 and found == _newest(history)


@lru_cache(maxsize=8)
def _newest(history: History) -> list[str]:
    """The revisions on which no other stands, as the files name them; the files are read, not run."""
    texts = [path.read_text() for path in history.versions.glob("*.py")]
    below = {name for text in texts for line in _DOWN.findall(text) for name in _NAME.findall(line)}
    return [name for text in texts for name in _REVISION.findall(text) if name not in below]


@contextmanager
def connected(engines: Engines, *, to_write: bool = False) -> Iterator[Connection]:
    """A connection that reads, or one ``to_write``; or StartRefused in one sentence without the password."""
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(engines.writing() if to_write else engines.read.connect())
        except (DBAPIError, sqlite3.Error) as error:  # the second where a PRAGMA meets a file that is no database
            reason = in_one_line(error.orig if isinstance(error, DBAPIError) else error)
            where = engines.pool.url.render_as_string(hide_password=True)
            raise StartRefused(f"Lantern cannot open the database {where}: {reason}") from None
        yield connection


def in_one_line(error: BaseException | None) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()[:300]
