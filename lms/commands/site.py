"""What commands run with: the site's configuration and app, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from lms.config import Config, beside_the_site, from_environment, must_be_writable, of_no_site, plugin_choice

if TYPE_CHECKING:
    from flask import Flask

    from lms.database.session import Engines
    from lms.plugins.loading import Plugins

P = ParamSpec("P")
R = TypeVar("R")


class CommandLine:
    """One run of ``lms``. Where secret and address are not set, those that ``make run`` keeps are used."""

    def __init__(self, config: Config | None = None) -> None:
        self._config = config

    @cached_property
    def config(self) -> Config:
        return self._config or from_environment(beside_the_site())

    @cached_property
    def app(self) -> Flask:
        from lms.app import create_app

        must_be_writable(self.config.instance)
        return create_app(self.config)

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins; that of the app once there is one, so that help and `plugins list` need no configuration."""
        from lms.plugins.loading import Plugins

        if "app" in self.__dict__:
            found: Plugins = self.app.extensions["lms.plugins"]
            return found
        third_party, without = plugin_choice()
        return Plugins(third_party=third_party, without=without)

    def commands_of_plugins(self, *, taken: Collection[str]) -> dict[str, click.Command]:
        """What plugins add to ``lms``, by name; one that takes a name of the core's is its plugin's fault."""
        from lms.plugins.loading import in_safety

        found: dict[str, click.Command] = {}
        for about, command in self.plugins.collect_by_plugin("lms_commands"):

            def join(command: click.Command = command) -> None:
                if not command.name or command.name in taken:
                    raise ValueError(f"there is a command {command.name!r} already")
                found[command.name] = command

            in_safety(self.plugins, about, join)
        return found

    @property
    def engines(self) -> Engines:
        found: Engines = self.app.extensions["lms.engines"]
        return found


def command_line() -> CommandLine:
    """The `CommandLine` of the command that runs."""
    return click.get_current_context().ensure_object(CommandLine)


def with_plugins(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in the context of an app with the plugins alone: no settings, no database, nothing written."""

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        from lms.app import create_app

        with create_app(of_no_site()).app_context():
            return command(*arguments, **options)

    return run


def with_site(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in the context of the site's app; refused where the database is not this version's."""

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        from lms.database.migrating import must_be_current

        line = command_line()
        must_be_current(line.engines)
        with line.app.app_context():
            return command(*arguments, **options)

    return run
