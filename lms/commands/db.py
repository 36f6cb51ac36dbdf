"""``lms db``."""

from __future__ import annotations

import sys

import click

from lms.commands.site import command_line


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version: Lantern's, then those of each plugin.

    Each history is one step that is done whole or not at all.
    """
    from lms.database import migrating
    from lms.database.revisions import OURS
    from lms.errors import StartRefused

    line = command_line()
    failed = False
    for history in (OURS, *line.app.extensions["lms.plugins"].histories()):
        try:
            moved = migrating.upgrade(line.engines, [history])
        except StartRefused as refusal:
            if history is OURS:
                raise
            click.echo(f"{history.name}: not upgraded")
            click.echo(f"Error: {refusal}", err=True)
            failed = True
        else:
            click.echo(f"{history.name}: {'upgraded to' if moved else 'is at'} {migrating.head_of(history)}")
    line.engines.dispose()
    sys.exit(1 if failed else 0)
