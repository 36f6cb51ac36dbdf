"""A worker beside the web server, as a fork of it: what both have loaded is in memory once."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from types import FrameType

from flask import Flask

from lms.errors import StartRefused
from lms.jobs import worker
from lms.processes import end_with

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0  # before another worker takes the place of one that died

_forking = get_context("fork")


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Do the jobs of ``app`` inside the block, as `lms work` does; a worker that dies is replaced.

    No connection of ``app`` may be open, nor a port: at the end the job that runs is finished, for up to ten seconds.
    """
    keeper = _forking.Process(target=_keep, args=(app, os.getpid()))
    keeper.start()
    try:
        yield
    finally:
        keeper.terminate()
        keeper.join()


def _keep(app: Flask, server: int) -> None:
    """Have one worker at a time. The server itself could not replace one: by then it has threads and a port."""
    workers: list[ForkProcess] = []
    asked: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        for one in workers:
            one.terminate()

    os.setsid()  # Ctrl-C reaches the server alone, which ends the others in order
    signal.signal(signal.SIGTERM, end)
    end_with(server)
    while not asked:
        workers[:] = [_forking.Process(target=_work, args=(app, os.getpid()))]
        workers[0].start()
        if asked:  # while it was started
            workers[0].terminate()
        workers[0].join()
        if not asked:
            log.error("the worker has ended (exit code %s); another one takes its place", workers[0].exitcode)
            time.sleep(PAUSE_SECONDS)


def _work(app: Flask, keeper: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until the worker has its own way to end
    end_with(keeper)
    try:
        worker.work(app)
    except StartRefused as refusal:
        raise SystemExit(str(refusal)) from None
