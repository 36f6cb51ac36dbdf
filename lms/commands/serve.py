"""``lms serve``."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port to listen on.")
@click.option("--with-worker", is_flag=True, help="Do the jobs too: lms work is not needed then, and memory is saved.")
@click.option("--end-with", type=int, hidden=True)
def serve(host: str, port: int, with_worker: bool, end_with: int | None) -> None:
    """Start the web server.

    It needs LMS_SECRET_KEY and LMS_BASE_URL. The worker is a process of its own, lms work, unless it is asked for here.
    """
    from lms import processes
    from lms.serving import web

    if end_with is not None:
        processes.end_with(end_with)
    web.serve(host=host, port=port, with_worker=with_worker)
