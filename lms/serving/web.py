"""Serve the site with Granian: some web processes with one thread each, restarted when one dies."""

from __future__ import annotations

import logging
import logging.config
import multiprocessing
import os
import resource
import sys
from contextlib import nullcontext
from typing import Any

from flask import Flask
from jinja2 import TemplateError

from lms import clock
from lms.app import create_app
from lms.config import Config, from_environment, hand_down, must_be_writable
from lms.database.revisions import OURS, connected, is_surely_current
from lms.processes import collect_seldom, end_with
from lms.serving.alone import must_be_free, only_one
from lms.serving.beside import working
from lms.web import languages

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 8_192  # of each web process

LAST_REQUEST_SECONDS = 3  # without a limit a SIGTERM during the start hangs
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        "_granian": {},
        "granian.access": {"level": "WARNING"},
        "huey": {"level": "WARNING"},
        "alembic": {"level": "WARNING"},
    },
}


def serve(*, host: str, port: int, with_worker: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, and do the jobs too if asked for.

    Raises StartRefused, before anything is begun, where that cannot go well.
    """
    config = from_environment()
    must_be_writable(config.instance)
    with only_one(config.instance, "serve", port=port):
        must_be_free(host, port)
        app = ready_app(config)
        _warm(app)
        _made_ready.append((app, os.getpid()))
        logging.config.dictConfig(LOGGING)
        collect_seldom()  # what is loaded here stays shared with the web processes, and with the worker
        with working(app) if with_worker else nullcontext():
            _listen(config, host=host, port=port)


_made_ready: list[tuple[Flask, int]] = []  # the server's app and process: its forks, the web processes, serve it


def ready_app(config: Config) -> Flask:
    """An app on a database that is this version's; no connection is open.

    Plugins whose tables are not those of their code are left out here and in every process that this one starts.
    Raises StartRefused.
    """
    app = create_app(config)
    engines, histories = app.extensions["lms.engines"], app.extensions["lms.plugins"].histories()
    try:
        with connected(engines) as connection:
            if all(is_surely_current(connection, history) for history in (OURS, *histories)):
                return app
        from lms.database import migrating  # Alembic is heavy: it comes in where there is something to say

        migrating.must_be_current(engines)
        behind = migrating.behind(engines, histories)
    finally:
        engines.dispose()
    if not behind:
        return app
    log.error("these plugins are left out until `lms db upgrade` is run: %s", ", ".join(behind))
    hand_down({"LMS_WITHOUT_PLUGINS": ",".join({*config.without_plugins, *behind})})
    return create_app(from_environment())


def _warm(app: Flask) -> None:
    """Load what many pages need, once: the web processes share it, and nobody's first page waits for it."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        try:
            app.jinja_env.get_template(name)
        except TemplateError as error:  # its own page will say so
            log.warning("the template %s cannot be read: %s", name, error)
    app.url_map.update()
    languages.format_moment(clock.now())
    languages.format_share(1.0)
    import huey  # noqa: F401 - wakes the worker


def application() -> Flask:
    """What each web process serves."""
    app, server = _made_ready[0] if _made_ready else (create_app(), os.getppid())
    end_with(server)
    app.extensions["lms.heartbeat"].start()  # not at the first request: a site that nobody visits is not away
    return app


def _listen(config: Config, *, host: str, port: int) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    server = Granian(
        "lms.serving.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=config.workers,
        blocking_threads=1,
        # Granian gives each open connection a place, used or not, and by itself has 1,024 for all processes: where
        # more phones keep theirs open, others wait until one is closed.
        backlog=MOST_CONNECTIONS,
        backpressure=MOST_CONNECTIONS,
        workers_kill_timeout=LAST_REQUEST_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    if sys.platform == "linux":  # newer Pythons would else start each web process from nothing
        multiprocessing.set_start_method("fork", force=True)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each connection is an open file
    sys.stdout.flush()
    server.serve()
