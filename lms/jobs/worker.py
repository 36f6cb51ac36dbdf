"""The worker: Huey's consumer in one process, with two threads that do the work and one that keeps the minutes."""

from __future__ import annotations

import logging
import signal
from typing import Any

from flask import Flask

from lms.errors import StartRefused
from lms.jobs import running
from lms.jobs.waking import open_queue
from lms.processes import give_back_memory

log = logging.getLogger(__name__)

LONGEST_NAP_SECONDS = 1.0
THREADS = 2  # so that a mail need not wait for a booklet
LAST_JOB_SECONDS = 10  # how long a job may go on after the worker is asked to end


def work(app: Flask) -> None:
    """Do jobs until the process gets SIGTERM or SIGINT; the one that runs is finished first, for up to 10 seconds.

    Raises StartRefused where the queue cannot be opened.
    """
    from huey import crontab

    def run(number: int) -> None:
        with app.app_context():
            running.run_job(number)

    def sweep() -> None:
        # Several rounds: a job may have put others into the queue.
        while not consumer.stop_flag.is_set():
            with app.app_context():
                if not running.sweep(stopping=consumer.stop_flag.is_set):
                    break
        give_back_memory()

    try:
        huey, _ = open_queue(app.extensions["lms.config"], run=run)
    except Exception as error:
        raise StartRefused("The worker cannot open its queue: %(reason)s", reason=error) from None
    huey.periodic_task(crontab(minute="*"), name="sweep")(sweep)
    huey.on_startup("sweep")(sweep)
    consumer = _consumer(huey)
    consumer.run()
    log.info("the worker has ended")


def _consumer(huey: Any) -> Any:
    from huey.consumer import Consumer

    class Quiet(Consumer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(
                huey,
                workers=THREADS,
                max_delay=LONGEST_NAP_SECONDS,
                shutdown_timeout=LAST_JOB_SECONDS,
                flush_locks=False,
            )
            # Huey ends at once on one of the two; both let the running job finish, and neither restarts.
            self._signal_actions = {signal.SIGTERM: (False, True), signal.SIGINT: (False, True)}

    return Quiet()
