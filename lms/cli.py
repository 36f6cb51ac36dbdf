"""The ``lms`` command: the core's commands by name, the plugins' by the hook ``lms_commands``."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from lms.commands.site import CommandLine
from lms.errors import LmsError

CORE = {
    "db": "lms.commands.db",
    "demo": "lms.commands.demo",
    "mail": "lms.commands.mail",
    "people": "lms.commands.people",
    "plugins": "lms.commands.plugins",
    "serve": "lms.commands.serve",
    "work": "lms.commands.work",
}


class Commands(click.Group):
    """The core's commands are imported one by one; plugins are loaded only where a name is not the core's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*CORE, *self._added(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in CORE:
            found: click.Command = getattr(importlib.import_module(CORE[cmd_name]), cmd_name)
            return found
        return self._added(ctx).get(cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _one_sentence():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _one_sentence():
            return super().invoke(ctx)

    def _added(self, ctx: click.Context) -> dict[str, click.Command]:
        return ctx.ensure_object(CommandLine).commands_of_plugins(taken=CORE)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lantern", prog_name="lms")
def cli() -> None:
    """Run and look after a Lantern site."""


@contextmanager
def _one_sentence() -> Iterator[None]:
    """What stops a command is one sentence on stderr and exit code 1; only a fault of ours shows where it is."""
    try:
        yield
    except LmsError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        if type(error).__name__ != "OperationalError":  # SQLAlchemy's: not imported for this alone
            raise
        raise click.ClickException(f"The database does not answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(getattr(error, "orig", None) or error)).strip()[:200]


def main() -> None:
    """The entry point of the ``lms`` command."""
    cli(prog_name="lms", obj=CommandLine())


if __name__ == "__main__":
    main()
