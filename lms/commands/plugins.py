"""``lms plugins``."""

from __future__ import annotations

import click

from lms.commands.site import command_line


@click.group()
def plugins() -> None:
    """See what is plugged in."""


@plugins.command("list")
def list_() -> None:
    """List the plugins: in use, quarantined (with the reason), or gone with their tables still here."""
    from lms.database.migrating import left_behind
    from lms.plugins.loading import Plugins

    line = command_line()
    app = line.app
    found: Plugins = app.extensions["lms.plugins"]
    for about in found.loaded:
        origin = "third party" if found.is_third_party(about.name) else "built in"
        click.echo(f"{about.name}  {about.version}  {about.title}  ({origin}, in use)")
    for fault in found.quarantined:
        click.echo(f"{fault.name}  quarantined: {fault.reason}")
    known = {about.name for about in found.loaded} | {fault.name for fault in found.quarantined}
    for name in left_behind(line.engines, known):
        click.echo(f"{name}  not installed; its tables ext_{name}_… are kept")
    line.engines.dispose()
