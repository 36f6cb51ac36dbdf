"""``lms work``."""

from __future__ import annotations

import click


@click.command()
@click.option("--end-with", type=int, hidden=True)
def work(end_with: int | None) -> None:
    """Start the worker, which sends mail and does other jobs until it is stopped."""
    import logging.config

    from lms import processes
    from lms.config import from_environment, must_be_writable
    from lms.jobs import worker
    from lms.serving import web

    if end_with is not None:
        processes.end_with(end_with)
    logging.config.dictConfig(web.LOGGING)
    config = from_environment()
    must_be_writable(config.instance)
    worker.work(web.ready_app(config))
