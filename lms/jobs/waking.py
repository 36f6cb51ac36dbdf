"""Wake the worker through Huey: it carries a job's number and nothing else; the work itself is the row."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from lms.config import Config

if TYPE_CHECKING:
    from flask import Flask
    from huey import Huey

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 2  # a wake-up that is lost costs a minute at most; a request must not wait for it


def install(_app: Flask, config: Config) -> Callable[[int], None]:
    """A function that wakes the worker for a job; it never raises, as the worker sweeps the rows anyway.

    Huey is imported, and its queue opened, when the first job of the process is committed.
    """
    lock = Lock()
    calls: list[Callable[[int], Any]] = []

    def wake(job: int) -> None:
        try:
            with lock:
                if not calls:
                    calls.append(open_queue(config, run=_only_the_worker_runs)[1])
            calls[0](job)
        except Exception as error:
            log.warning("the worker was not woken for job %s (it finds it within a minute): %s", job, error)

    return wake


def open_queue(config: Config, *, run: Callable[[int], None]) -> tuple[Huey, Callable[[int], Any]]:
    """Huey's queue and the function that puts a job's number into it; ``run`` is what the worker does with one.

    The queue lies in ``instance/jobs.db`` on SQLite (Lantern's own file has one writer, who must not wait for this),
    and in tables ``huey_…`` of the database on PostgreSQL.
    """
    from huey import PostgresHuey, SqliteHuey
    from huey.registry import Message
    from huey.serializer import Serializer

    class JsonSerializer(Serializer):  # type: ignore[misc]
        """A name and a number in JSON: what lies in the queue cannot run code, as a pickle could."""

        def _serialize(self, data: Any) -> bytes:
            return json.dumps({"id": data.id, "name": data.name, "args": data.args}).encode()

        def _deserialize(self, data: bytes) -> Any:
            found = json.loads(bytes(data))
            return Message(id=str(found["id"]), name=str(found["name"]), args=tuple(found["args"]), kwargs={})

    common: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if config.is_sqlite:
        config.instance.mkdir(parents=True, exist_ok=True)
        path = str(config.instance / "jobs.db")
        # Without fsync: a wake-up that a power cut takes is found by the sweep.
        huey = SqliteHuey("lantern", filename=path, fsync=False, timeout=LONGEST_WAIT_SECONDS, cache_mb=1, **common)
    else:
        address = config.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        huey = PostgresHuey("lantern", dsn=address, connect_timeout=LONGEST_WAIT_SECONDS, **common)

    def job(number: int) -> None:
        run(number)

    return huey, huey.task(name="job")(job)


def _only_the_worker_runs(_job: int) -> None:
    raise RuntimeError("a job was run outside the worker")
