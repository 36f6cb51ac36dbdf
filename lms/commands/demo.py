"""``lms demo``: what ``make run`` runs."""

from __future__ import annotations

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
def demo(port: int) -> None:
    """Run a whole site on this machine: database, course, one person per role, web server and worker.

    Everything lies under instance/ and is still there at the next start.
    """
    from lms.serving.demo import run

    run(port=port, say=click.echo)
