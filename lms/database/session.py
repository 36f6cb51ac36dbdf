"""How the database is opened: `transaction()` to write, `reading()` to read; and what waits for the commit."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, cast

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from lms.database.base import LanternSession, db
from lms.database.lending import Lending
from lms.database.statements import BuiltOnce
from lms.errors import StartRefused

log = logging.getLogger(__name__)

SQLITE_WAIT_SECONDS = 30  # 5 s came within half a second of failing with 100 writers


class Engines:
    """The two ways into one pool: `writing` opens a real transaction, ``read`` opens none.

    On SQLite nobody listens to the engines: who does makes each statement dearer by a quarter.
    """

    def __init__(self, url: str) -> None:
        self._turns: _Turns | None = None
        if url.startswith("sqlite"):
            self.pool = _sqlite_engine(url)
            self.read: Engine = self.pool
            self._turns = _turns_of(self.pool)
            self.lending = self._lending_to_write = Lending(self.pool)
        else:
            self.pool = _postgres_engine(url)
            self.read = self.pool.execution_options(isolation_level="AUTOCOMMIT")
            self.lending, self._lending_to_write = Lending(self.read), Lending(self.pool)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose statements commit together at the end of the block, or roll back on an error."""
        connection = self._lending_to_write.lend()
        try:
            # What is there already is a beginning in SQLAlchemy's books alone: on this connection, each read committed.
            with connection.get_transaction() or connection.begin():
                if self._turns is not None:
                    # IMMEDIATE waits for its turn at the start; a deferred transaction that turns writer fails at once.
                    self._turns.take(connection.info)
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        finally:
            if self._turns is not None:
                self._turns.give(connection.info)
            self._lending_to_write.give_back(connection)

    def write_at_once(self, connection: Connection, statement: BuiltOnce, values: Mapping[str, Any]) -> list[Any]:
        """Run one statement that writes, on a connection that reads: it is committed by itself. Its rows."""
        if self._turns is None:
            return statement.rows(connection, values)
        self._turns.take(connection.info)
        try:
            # A statement that returns rows commits when the last one is fetched, and the turn lasts until then.
            return statement.rows(connection, values)
        finally:
            self._turns.give(connection.info)

    def dispose(self) -> None:
        self.lending.close()
        self._lending_to_write.close()
        self.pool.dispose()
        if self._turns is not None:
            self._turns.close()


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
        connection.isolation_level = None  # the driver begins nothing by itself; `Engines.writing` does
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged answer survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_SECONDS * 1000}")
        cursor.close()

    return engine


def _turns_of(engine: Engine) -> _Turns:
    """The turns of those who write to a database; whoever gives a connection back has given its turn back."""
    turns = _Turns(engine.url.database)

    @event.listens_for(engine, "checkin")
    def given_back(_connection: sqlite3.Connection, record: Any) -> None:
        turns.give(record.info)

    return turns


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


def _session() -> LanternSession:
    return cast(LanternSession, db.session())


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


def write_at_once(statement: BuiltOnce, values: Mapping[str, Any]) -> list[Any]:
    """Run one statement that writes, committed by itself; its rows. For the one write that people make in crowds."""
    return engines().write_at_once(read_connection(), statement, values)


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads: no write transaction is opened, a flush raises."""
    session = _session()
    if session.is_open:  # inside a transaction or another reading: the same view of the rows
        yield session
        return
    session.info.update(open=read_connection, reading=True)
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
    session = _session()
    if session.is_open:
        raise RuntimeError("a transaction or a reading is open already")
    _give_back()  # a writer that keeps a second connection can starve the pool
    with ExitStack() as until_the_end:  # what is opened at the first statement commits there, or rolls back
        opened = engines().writing()
        session.info.update(
            open=lambda: until_the_end.enter_context(opened), **current_app.extensions.get("lms.session_info", {})
        )
        try:
            yield session
            if session.in_transaction():  # else its models have no part in it
                session.commit()
            waiting: list[Callable[[], None]] = session.info.pop("after_commit", [])
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
    if db.session.registry.has() and _session().is_open:
        raise RuntimeError("a transaction or a reading is open already")
    _give_back()  # a writer that keeps a second connection can starve the pool
    with engines().writing() as connection:
        yield connection


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Run ``act`` once the session's transaction is committed; never if it is not."""
    session.info.setdefault("after_commit", []).append(act)
