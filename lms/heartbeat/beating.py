"""The thread that beats: one in each process that takes requests, from its first request on or when told to start."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from lms import clock
from lms.config import Config
from lms.database.session import Engines
from lms.heartbeat.services import EVERY, note_beat

log = logging.getLogger(__name__)


class Beating:
    """The beat of one process. It ends with the process; `stop` ends it earlier."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to beat; once is enough."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the beat and wait until it has ended."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                note_beat(self._engines, now=clock.now())
            except SQLAlchemyError as error:  # the beat that is missing says it; the next one tries again
                log.warning("the heartbeat was not noted: %s", error.__class__.__name__)
            if self._end.wait(EVERY.total_seconds()):
                return


def install(app: Flask, config: Config) -> None:
    """Let the app's process beat from its first request on, whatever server runs it."""
    beating = app.extensions["lms.heartbeat"] = Beating(app.extensions["lms.engines"])
    if not config.heartbeat:
        return
    started = False

    @app.before_request
    def begin() -> None:
        nonlocal started
        if not started:
            started = True
            beating.start()
