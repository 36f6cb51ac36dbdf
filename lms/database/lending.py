"""Connections that stay taken from the pool between requests, so that a short statement costs little beside itself."""

from __future__ import annotations

import os
import time
from collections import deque

from sqlalchemy import Connection, Engine

from lms.values import quick_dataclass

MOST = 4  # resting in one process; the pool has room left for all who write
SURELY_THERE_SECONDS = 0.5


@quick_dataclass(frozen=True, slots=True)
class _Resting:
    """A connection that nobody uses now. ``process`` is whose it is: a fork must not use its parent's."""

    connection: Connection
    since: float
    process: int


class Lending:
    """Lends connections for reading, if it can one that was used a moment ago.

    To take one from the pool and to give it back takes as long as a short statement, and on PostgreSQL the pool asks
    the server each time whether it is still there. A connection that answered half a second ago is taken to be there;
    one that rested longer goes back to the pool, which asks.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_file = engine.dialect.name == "sqlite"  # a file goes nowhere
        self._resting: deque[_Resting] = deque()  # its ends are safe between threads
        self._of_parents: list[_Resting] = []  # held, as the end of one would say farewell for the parent

    def lend(self) -> Connection:
        """Return a connection on which each statement commits by itself; give it to `give_back`."""
        try:
            last = self._resting.pop()
        except IndexError:
            return self._engine.connect()
        if last.process != os.getpid():
            self._of_parents += [last, *self._resting]
            self._resting.clear()
        elif self._is_file or time.monotonic() - last.since < SURELY_THERE_SECONDS:
            return last.connection
        else:
            last.connection.close()
        return self._engine.connect()

    def give_back(self, connection: Connection) -> None:
        """Take back what `lend` gave."""
        if connection.closed or connection.invalidated or len(self._resting) >= MOST:
            connection.close()
        else:
            # SQLAlchemy may count a transaction as begun, and goes on in it; the database has none.
            self._resting.append(_Resting(connection, time.monotonic(), os.getpid()))

    def close(self) -> None:
        """Give what rests back to the pool."""
        while self._resting:
            last = self._resting.pop()
            if last.process == os.getpid():
                last.connection.close()
            else:
                self._of_parents.append(last)
