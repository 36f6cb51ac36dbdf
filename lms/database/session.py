"""How the database is opened: `transaction()` to write, `reading()` to read; and what waits for the commit."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from lms.database.base import LanternSession, db
from lms.errors import StartRefused

log = logging.getLogger(__name__)

SQLITE_WAIT_SECONDS = 30  # 5 s came within half a second of failing with 100 writers


class Engines:
    """The two faces of one pool: ``write`` opens real transactions, ``read`` opens none."""

    def __init__(self, url: str) -> None:
        self.pool = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)
        if self.pool.dialect.name == "sqlite":
            self.write: Engine = self.pool.execution_options(lantern_write=True)
            self.read: Engine = self.pool
        else:
            self.write = self.pool
            self.read = self.pool.execution_options(isolation_level="AUTOCOMMIT")

    def dispose(self) -> None:
        self.pool.dispose()


def _sqlite_engine(url: str) -> Engine:
    try:
        engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_SECONDS, "check_same_thread": False})
    except (ArgumentError, ValueError):
        raise StartRefused("LMS_DATABASE_URL cannot be read; use sqlite:////a/path.db.") from None

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged answer survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE waits for its turn at the start; a deferred transaction that turns writer fails at once instead.
        if connection.get_execution_options().get("lantern_write"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ArgumentError, ValueError):
        raise StartRefused("LMS_DATABASE_URL cannot be read; use postgresql://user:password@host/name.") from None


@event.listens_for(LanternSession, "before_flush")
def _refuse_to_write_while_reading(session: Session, *_rest: Any) -> None:
    # Without BEGIN a flush would commit statement by statement.
    if session.info.get("reading"):
        raise RuntimeError("reading() was asked to write; open a transaction()")


def install(app: Flask, url: str) -> Engines:
    """Give ``app`` its engines; nothing connects yet."""
    app.config.setdefault("SQLALCHEMY_ENGINES", {})
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    engines = Engines(url)
    app.extensions["lms.engines"] = engines
    app.teardown_appcontext(_give_back)
    return engines


def engines() -> Engines:
    """The engines of the app in whose context this runs."""
    found: Engines = current_app.extensions["lms.engines"]
    return found


def read_connection() -> Connection:
    """The request's one connection for reading, taken from the pool on first use and given back at the end."""
    connection: Connection | None = g.get("read_connection")
    if connection is None:
        connection = g.read_connection = engines().read.connect()
    return connection


def _give_back(_error: BaseException | None = None) -> None:
    connection: Connection | None = g.pop("read_connection", None)
    if connection is not None:
        connection.close()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads: no write transaction is opened, a flush raises."""
    session = db.session()
    if session.info.get("engine") is not None:  # inside a transaction or another reading: the same view of the rows
        yield session
        return
    session.info.update(engine=read_connection(), reading=True)
    try:
        yield session
    finally:
        session.info.clear()
        session.close()


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back on an error.

    What waited for the commit runs after it, in its order.
    """
    session = db.session()
    if session.info.get("engine") is not None:
        raise RuntimeError("a transaction or a reading is open already")
    _give_back()  # a writer that keeps a second connection can starve the pool
    session.info.update(engine=engines().write, **current_app.extensions.get("lms.session_info", {}))
    try:
        yield session
        session.commit()
        waiting: list[Callable[[], None]] = session.info.pop("after_commit", [])
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.clear()
        session.close()
    for act in waiting:
        try:
            act()
        except Exception:  # the work is committed: a failure here must not tell the person otherwise
            log.exception("after the commit: %s failed", getattr(act, "__qualname__", act))


@contextmanager
def write_connection() -> Iterator[Connection]:
    """A connection whose statements commit together at the end of the block, or roll back on an error.

    For the few writes that people wait for in crowds: the work of an ORM session costs more than their statements.
    """
    if db.session.registry.has() and db.session().info.get("engine") is not None:
        raise RuntimeError("a transaction or a reading is open already")
    _give_back()  # a writer that keeps a second connection can starve the pool
    with engines().write.begin() as connection:
        yield connection


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Run ``act`` once the session's transaction is committed; never if it is not."""
    session.info.setdefault("after_commit", []).append(act)
