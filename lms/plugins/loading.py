"""Find plugins and collect what they add.

A third party that fails is quarantined and the site runs on; a built-in that fails refuses the start.
"""

from __future__ import annotations

import importlib
import inspect
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, get_args, get_type_hints

import click
import pluggy
from flask import Blueprint
from sqlalchemy.orm import ClassManager, configure_mappers

from lms.database.base import Base
from lms.database.revisions import History, plugin_history
from lms.errors import StartRefused
from lms.plugins import hooks
from lms.plugins.about import About
from lms.plugins.events import Event

log = logging.getLogger(__name__)

ENTRY_POINTS = "lms.plugins.v1"  # the API's version is the group's name
NOT_ASKED_FOR = (
    "it is named in LMS_WITHOUT_PLUGINS, or its tables are not those of its code: `lms db upgrade` brings them there."
)
BUILT_IN = ("lms.plugin", "courses.plugin", "quizzes.plugin")
HOOK_SPECIFICATIONS = ("lms.plugins.hooks", "courses.hooks", "quizzes.hooks")


# Python imports a module once: a plugin whose tables were taken out of the metadata has none to check the next time.
_FAULTY_MODELS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A third-party plugin that is installed and not in use, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class _Candidate:
    about: About
    module: Any
    third_party: bool
    added: dict[str, list[Any]] = field(default_factory=dict)


class PluginFault(Exception):
    """What is wrong with one plugin, in one sentence."""


class Plugins:
    """The plugins of one app: who is in use, who is quarantined, and what they add."""

    def __init__(self, *, third_party: bool, without: Collection[str] = ()) -> None:
        """Load the built-in plugins and, if ``third_party``, the installed ones but those named in ``without``."""
        self.manager = pluggy.PluginManager(hooks.PROJECT)
        for name in HOOK_SPECIFICATIONS:
            self.manager.add_hookspecs(importlib.import_module(name))
        self._collecting, self._events = _kinds_of_hooks(self.manager)
        self._candidates: list[_Candidate] = []
        self._collected: dict[str, list[Any]] = {}  # by hook, until somebody comes or goes
        self.quarantined: list[Quarantined] = []
        for name in BUILT_IN:
            self._add_built_in(name)
        if third_party:
            for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: (entry.name, entry.value)):
                if entry.name in without:
                    self._quarantine(entry.name, NOT_ASKED_FOR)
                else:
                    self._add_third_party(entry)

    @property
    def loaded(self) -> list[About]:
        """Who is in use, built-in ones first."""
        return [candidate.about for candidate in self._candidates]

    def is_third_party(self, name: str) -> bool:
        return any(candidate.about.name == name and candidate.third_party for candidate in self._candidates)

    def collect(self, hook: str) -> Sequence[Any]:
        """What all plugins add by ``hook``, sorted by ``(order, built-in first, plugin)``."""
        if hook not in self._collected:
            self._collected[hook] = [item for _, item in self.collect_by_plugin(hook)]
        return self._collected[hook]

    def collect_by_plugin(self, hook: str) -> list[tuple[About, Any]]:
        """As `collect`, each with the plugin that added it."""
        if hook not in self._collecting:
            raise KeyError(hook)
        found = [
            (getattr(item, "order", 50), place, candidate.about, item)
            for place, candidate in enumerate(self._candidates)
            for item in candidate.added.get(hook, [])
        ]
        return [(about, item) for _, _, about, item in sorted(found, key=lambda row: row[:2])]

    def histories(self) -> list[History]:
        """The histories of migrations of the plugins that have tables."""
        return [plugin_history(about.name, item.versions) for about, item in self.collect_by_plugin("lms_migrations")]

    def drop(self, name: str, reason: str) -> None:
        """Put a third-party plugin out of use after it was loaded (its page or command could not be joined on)."""
        for candidate in list(self._candidates):
            if candidate.about.name == name and candidate.third_party:
                self._candidates.remove(candidate)
                self._collected.clear()
                self._quarantine(name, reason, candidate.module)

    def tell(self, event: Event) -> None:
        """Call every plugin's hook for ``event``; one that raises is logged and does not stop the others."""
        for implementation in getattr(self.manager.hook, event.hook()).get_hookimpls():
            try:
                implementation.function(event)
            except Exception:
                log.exception("plugin %s failed at %s", implementation.plugin_name, event.hook())

    def _add_built_in(self, name: str) -> None:
        try:
            module = importlib.import_module(name)
            self._register(_Candidate(_about(module), module, third_party=False))
        except PluginFault as fault:
            raise StartRefused(f"The built-in plugin {name} is faulty: {fault}") from fault
        except Exception as error:
            reason = f"it failed while loading: {type(error).__name__}: {error}"
            raise StartRefused(f"The built-in plugin {name} is faulty: {reason}") from error

    def _add_third_party(self, entry: EntryPoint) -> None:
        tables, classes = set(Base.metadata.tables), _mapped_classes()
        module: Any = None
        try:
            if entry.value in _FAULTY_MODELS:
                raise PluginFault(_FAULTY_MODELS[entry.value])
            module = entry.load()
            candidate = _Candidate(_about(module), module, third_party=True)
            if candidate.about.name != entry.name:
                raise PluginFault(f"its entry point must be named {candidate.about.name!r}, as its `about` is.")
            _check_tables(candidate.about, set(Base.metadata.tables) - tables)
            configure_mappers()  # else the first query of anybody would meet a relationship that leads nowhere
            self._register(candidate)
        except PluginFault as fault:
            self._quarantine(entry.name, str(fault), module)
        except BaseException as error:  # a plugin may even call sys.exit() at import
            if isinstance(error, KeyboardInterrupt):
                raise
            self._quarantine(entry.name, f"it failed while loading: {type(error).__name__}: {error}", module)
        else:
            return
        if set(Base.metadata.tables) - tables or _mapped_classes() - classes:
            _FAULTY_MODELS[entry.value] = self.quarantined[-1].reason
        for one in _mapped_classes() - classes:
            _unmap(one)
        for table in set(Base.metadata.tables) - tables:
            Base.metadata.remove(Base.metadata.tables[table])

    def _register(self, candidate: _Candidate) -> None:
        name = candidate.about.name
        if any(name == other.about.name for other in self._candidates):
            raise PluginFault(f"another plugin is called {name!r} already.")
        _check_hook_names(candidate.module, known=self._collecting | self._events)
        try:
            self.manager.register(candidate.module, name)
            self.manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginFault(f"its hooks do not fit: {error}") from error
        for hook in sorted(self._collecting):
            candidate.added[hook] = self._ask(candidate, hook)
        if len(candidate.added["lms_migrations"]) > 1:
            raise PluginFault("lms_migrations: a plugin has one history at most.")
        self._check_unique(candidate)
        self._candidates.append(candidate)
        self._collected.clear()

    def _ask(self, candidate: _Candidate, hook: str) -> list[Any]:
        added: list[Any] = []
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            if implementation.plugin is candidate.module:
                try:
                    added.extend(implementation.function())
                except Exception as error:
                    raise PluginFault(f"{hook} failed: {type(error).__name__}: {error}") from error
        kind = self._kind_of(hook)
        for item in added:
            if not isinstance(item, kind):
                raise PluginFault(f"{hook} gives a {type(item).__name__}, not a {kind.__name__}.")
        return added

    def _kind_of(self, hook: str) -> type:
        """What a hook's list holds, as its specification says: ``-> list[Permission]``."""
        specification = getattr(self.manager.hook, hook).spec.function
        names = {"click": click, "Blueprint": Blueprint}  # its own module imports these for the type checker alone
        (kind,) = get_args(get_type_hints(specification, localns=names)["return"])
        assert isinstance(kind, type)
        return kind

    def _check_unique(self, candidate: _Candidate) -> None:
        for hook, items in candidate.added.items():
            names = [name for item in items if (name := _name_of(item))]
            taken = {_name_of(item): other.about.name for other in self._candidates for item in other.added[hook]}
            for name in names:
                if name in taken or names.count(name) > 1:
                    owner = taken.get(name, candidate.about.name)
                    raise PluginFault(f"{hook}: the name {name!r} is taken by {owner!r}.")

    def _quarantine(self, name: str, reason: str, module: Any = None) -> None:
        log.error("plugin %s is quarantined: %s", name, reason)
        self.quarantined.append(Quarantined(name, reason))
        in_use = any(candidate.module is module for candidate in self._candidates)  # under another name
        if module is not None and not in_use and self.manager.is_registered(module):
            self.manager.unregister(module)


def _about(module: Any) -> About:
    about = getattr(module, "about", None)
    if not isinstance(about, About):
        raise PluginFault("it has no `about = About(…)`.")
    return about


def _check_tables(about: About, new: set[str]) -> None:
    prefix = f"ext_{about.name}_"
    outside = sorted(table for table in new if not table.startswith(prefix))
    if outside:
        raise PluginFault(f"its table {outside[0]!r} must be named {prefix}….")


def _check_hook_names(module: ModuleType, *, known: set[str]) -> None:
    """pluggy passes over a misspelt hook in silence unless it is asked."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if hasattr(function, f"{hooks.PROJECT}_impl") and name not in known:
            raise PluginFault(f"there is no hook {name!r}.")


def _name_of(item: object) -> str | None:
    for attribute in ("name", "kind", "role"):
        name = getattr(item, attribute, None)
        if isinstance(name, str):
            return name
    return None


def _kinds_of_hooks(manager: pluggy.PluginManager) -> tuple[set[str], set[str]]:
    """The names of the hooks that collect (no argument) and of those that are told an event."""
    collecting: set[str] = set()
    events: set[str] = set()
    for name, hook in vars(manager.hook).items():
        if isinstance(hook, pluggy.HookCaller) and hook.spec is not None:
            (events if hook.spec.argnames else collecting).add(name)
    return collecting, events


def _mapped_classes() -> set[ClassManager[Any]]:
    """The classes that SQLAlchemy knows, also those whose mapping failed half-way (its public list fails on these)."""
    return set(Base.registry._managers)


def _unmap(one: ClassManager[Any]) -> None:
    """Take one class back out of SQLAlchemy, which offers this in public only for all classes together."""
    Base.registry._dispose_manager_and_mapper(one)
    Base.registry._managers.pop(one, None)


def in_safety(plugins: Plugins, about: About, join: Callable[[], None]) -> None:
    """Run ``join`` for one plugin's contribution.

    A third party that raises is dropped; a built-in refuses the start (StartRefused).
    """
    try:
        join()
    except (Exception, SystemExit) as error:
        reason = f"it could not be joined on: {type(error).__name__}: {error}"
        if not plugins.is_third_party(about.name):
            raise StartRefused(f"The built-in plugin {about.name} is faulty: {reason}") from error
        plugins.drop(about.name, reason)
