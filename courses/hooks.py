"""What others may add to courses: activity types, course packages, links; and what they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from courses.packages.reading import ActivityChecker
from lms.plugins import hookspec
from lms.plugins.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityType:
    """A kind of activity that a module can hold.

    ``checker`` finds faults in a package's definition. ``install(session, activity_id=, definition=, now=)`` writes
    the definition to the plugin's own rows, idempotently, and gives a line for people on what changed (or None);
    ``definition_of`` gives it back. ``endpoint`` is the page and ``trainer_endpoint`` the room where trainers edit it
    (None: it has none); both take ``course_slug``, ``module_slug`` and ``activity_slug``. ``label`` is a message id.
    """

    kind: str
    label: str
    endpoint: str
    checker: ActivityChecker
    install: Callable[..., str | None]
    definition_of: Callable[..., Mapping[str, Any]] | None = None
    trainer_endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFolder:
    """A course package that ships with a plugin: ``lms course install`` and ``make run`` find it by its ``name``."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLink:
    """A link on the page of a course, for who takes it: to ``endpoint``, which takes ``course_slug``.

    ``label`` and ``note`` are message ids. It costs the page no statement: what there is behind it, its own page says.
    """

    name: str
    label: str
    note: str
    endpoint: str
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCompleted(Event):
    """A person marked a lesson as done."""

    person_id: int
    lesson_id: int
    at: datetime


@hookspec
def course_activity_types() -> list[ActivityType]:  # type: ignore[empty-body]
    """Kinds of activities."""


@hookspec
def course_packages() -> list[PackageFolder]:  # type: ignore[empty-body]
    """Course packages that ship with the plugin."""


@hookspec
def course_links() -> list[CourseLink]:  # type: ignore[empty-body]
    """Links on the page of every course."""


@hookspec
def lesson_completed(event: LessonCompleted) -> None:
    """Told after the commit: a person marked a lesson as done."""
