"""Bring the database to this version's tables: one Alembic history of ours, one for each plugin that has tables."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from functools import lru_cache

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from lms.database.revisions import OURS, History, connected, in_one_line
from lms.database.session import Engines
from lms.errors import StartRefused
from lms.paths import MIGRATIONS

log = logging.getLogger(__name__)

UPGRADE_LOCK = 0x4C414E5445524E  # "LANTERN": two upgrades at once take turns


def alembic_config(history: History, connection: Connection | None = None) -> AlembicConfig:
    """Alembic's settings for one history, made in code: the command line and the tests use the same."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(history.versions))
    config.attributes.update(connection=connection, history=history)
    return config


@lru_cache(maxsize=8)
def head_of(history: History) -> str | None:
    """The newest revision that the code knows."""
    return ScriptDirectory.from_config(alembic_config(history)).get_current_head()


def revision_of(connection: Connection, history: History = OURS) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return MigrationContext.configure(connection, opts={"version_table": history.version_table}).get_current_revision()


def is_current(connection: Connection, history: History = OURS) -> bool:
    return revision_of(connection, history) == head_of(history)


def upgrade(engines: Engines, histories: Iterable[History] = (OURS,)) -> list[str]:
    """Upgrade each history to its head in one transaction each; gives the names of those that moved.

    Raises StartRefused where the database is newer than the code, cannot be reached, or a plugin's history is faulty:
    of the history that failed nothing is done.
    """
    moved = []
    for history in histories:
        with connected(engines, to_write=True) as connection:
            if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE lets one in at a time by itself
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            try:
                if _known_revision_of(connection, history) == head_of(history):
                    continue
                tables = set(inspect(connection).get_table_names())
                command.upgrade(alembic_config(history, connection), "head")
                _check_new_tables(history, set(inspect(connection).get_table_names()) - tables)
            except StartRefused:
                raise
            except Exception as error:
                if history is not OURS:
                    raise StartRefused(
                        f"The upgrade of the plugin {history.name} failed: {in_one_line(error)}"
                    ) from error
                if isinstance(error, DBAPIError):
                    raise StartRefused(
                        f"The upgrade of the database failed, and nothing of it was done: {in_one_line(error.orig)}. "
                        "Are the tables other than their revision says? Then restore a backup."
                    ) from error
                raise
        moved.append(history.name)
    return moved


def _known_revision_of(connection: Connection, history: History) -> str | None:
    """The revision that the database is at; raise StartRefused for one that the code does not know."""
    try:
        found = revision_of(connection, history)
        if found is not None:
            ScriptDirectory.from_config(alembic_config(history)).get_revision(found)
    except CommandError as error:
        raise StartRefused(
            f"The database has a revision of {history.name} that this version does not know ({in_one_line(error)}); "
            "it was made by a newer version: install that one, or restore an older database."
        ) from None
    return found


def _check_new_tables(history: History, new: set[str]) -> None:
    prefix = f"ext_{history.name}_"
    outside = sorted(table for table in new if not table.startswith(prefix))
    if history is not OURS and outside:
        raise StartRefused(
            f"The upgrade of the plugin {history.name} is faulty: its table {outside[0]!r} must be named {prefix}…."
        )


def must_be_current(engines: Engines) -> None:
    """Raise StartRefused where the tables are not those of this version."""
    with connected(engines) as connection:
        found = _known_revision_of(connection, OURS)
    if found != head_of(OURS):
        raise StartRefused(
            f"The database is at revision {found or 'none'}, this version needs {head_of(OURS)}: "
            "run `lms db upgrade` first."
        )


def behind(engines: Engines, histories: Iterable[History]) -> list[str]:
    """The names of those histories whose tables are not those of the code: older, newer or faulty."""
    found = []
    with connected(engines) as connection:
        for history in histories:
            try:
                current = is_current(connection, history)
            except Exception:  # a plugin's revision files are its own code
                log.exception("the migrations of the plugin %s cannot be read", history.name)
                current = False
            if not current:
                found.append(history.name)
    return found


def left_behind(engines: Engines, installed: Iterable[str]) -> list[str]:
    """The names of plugins that have tables here and are not among ``installed``: their rows are kept."""
    with connected(engines) as connection:
        tables = inspect(connection).get_table_names()
    names = {match[1] for table in tables if (match := re.fullmatch(r"ext_(\w+)_version", table))}
    return sorted(names - set(installed))
