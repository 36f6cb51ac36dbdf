"""How the database is opened: `transaction()` to write, `reading()` to read; and what waits for the commit."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, ExceptionContext, QueuePool, create_engine, event
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from lms.database.base import LanternSession, db
from lms.database.lending import Lending
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
        self.lending = Lending(self.read)

    def dispose(self) -> None:
        self.lending.close()
        self.pool.dispose()


def _sqlite_engine(url: str) -> Engine:
    try:
        # As many connections as threads: writers queue for their turn, and nobody who reads waits behind them.
        engine = create_engine(
            url,
            poolclass=QueuePool,
            max_overflow=-1,
            connect_args={"timeout": SQLITE_WAIT_SECONDS, "check_same_thread": False},
        )
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
            turns.take(connection.info)
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: Connection, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        if context.isinsert or context.isupdate or context.isdelete:
            turns.take(connection.info)

    @event.listens_for(engine, "after_cursor_execute")
    def after(connection: Connection, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        if not connection.get_execution_options().get("lantern_write") and turns.has(connection.info):
            if cursor.description is not None:
                # A statement that returns rows commits when the last one is fetched, and the turn lasts until then.
                context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor)
            turns.give(connection.info)

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        connection = context.connection
        if connection is not None and not connection.get_execution_options().get("lantern_write"):
            turns.give(connection.info)

    @event.listens_for(engine, "checkin")
    def given_back(_connection: sqlite3.Connection, record: Any) -> None:
        turns.give(record.info)

    @event.listens_for(engine, "engine_disposed")
    def done(_engine: Engine) -> None:
        turns.close()

    turns = _Turns(engine.url.database)
    return engine


class _Turns:
    """One writer at a time asks SQLite for its lock; the others queue here, in their process and between processes.

    Who waits for SQLite asks again and again, the longer the more seldom, so that of a hundred writers a few were never
    lucky in all of `SQLITE_WAIT_SECONDS`. A turn is no lock: who waited that long for one goes on without.
    """

    def __init__(self, database: str | None) -> None:
        self._path = f"{database}-turn" if database else None
        self._file: tuple[int, int] | None = None  # process and descriptor: a fork must not share its parent's
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, info: dict[Any, Any]) -> None:
        """Wait for the turn of the connection with this ``info``; it may have it already."""
        if info.get("turn"):
            return
        until = time.monotonic() + SQLITE_WAIT_SECONDS
        if self._in_process(SQLITE_WAIT_SECONDS):
            info["turn"] = True
            pause = 0.0001  # most hold it for one commit; who waits for a long one need not ask all the time
            while not self._of_all(fcntl.LOCK_EX) and time.monotonic() < until:
                time.sleep(pause)
                pause = min(1.5 * pause, 0.002)

    @staticmethod
    def has(info: dict[Any, Any]) -> bool:
        """Whether the connection with this ``info`` has the turn."""
        return bool(info.get("turn"))

    def give(self, info: dict[Any, Any]) -> None:
        """Let the next one have its turn, if this connection has one."""
        if info.pop("turn", False):
            self._of_all(fcntl.LOCK_UN)
            with self._mutex:
                if self._waiting:
                    self._waiting.popleft().set()  # handed over: else who gives it would be the first to take it again
                else:
                    self._taken = False

    def close(self) -> None:
        """Close what is open; it opens again where it is needed."""
        if self._file is not None and self._file[0] == os.getpid():
            os.close(self._file[1])
        self._file = None

    def _in_process(self, seconds: float) -> bool:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._mutex:
            if mine.is_set():
                return True
            self._waiting.remove(mine)
            return False

    def _of_all(self, act: int) -> bool:
        if self._path is None:
            return True
        if self._file is None or self._file[0] != os.getpid():
            self._file = os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file[1], act | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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
    """The request's one connection for reading, lent on first use and given back at the end."""
    connection: Connection | None = g.get("read_connection")
    if connection is None:
        connection = g.read_connection = engines().lending.lend()
    return connection


def _give_back(_error: BaseException | None = None) -> None:
    connection: Connection | None = g.pop("read_connection", None)
    if connection is not None:
        engines().lending.give_back(connection)


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
