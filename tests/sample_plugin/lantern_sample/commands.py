"""``lms thanks``."""

from __future__ import annotations

import click

from lantern_sample import services
from lms.commands.site import with_site
from lms.database.session import reading


@click.command()
@with_site
def thanks() -> None:
    """Show the wall of thanks."""
    with reading() as session:
        lines = services.wall(session)
    for line in lines:
        click.echo(f"{line.name}: {line.words}")
    click.echo(f"{len(lines)} lines.")
