"""``lms demo``: what ``make run`` runs."""

from __future__ import annotations

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.option("--only-prepare", is_flag=True, hidden=True)
@click.option("--end-with", type=int, hidden=True)
def demo(port: int, only_prepare: bool, end_with: int | None) -> None:
    """Run a whole site on this machine: database, course, one person per role, web server and worker.

    Everything lies under instance/ and is still there at the next start.
    """
    from lms import processes
    from lms.serving import demo

    if end_with is not None:
        processes.end_with(end_with)
    if not only_prepare:
        demo.run(port=port, say=click.echo)
        return

    import logging.config

    from lms.config import from_environment
    from lms.serving import preparing, web

    logging.config.dictConfig(web.LOGGING)
    preparing.prepare(from_environment(), say=click.echo)
