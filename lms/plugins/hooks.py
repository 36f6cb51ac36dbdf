"""What a plugin may add to the core.

A hook takes no argument and returns a list of what its annotation names, or it is told an event after the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

from lms.plugins.contributions import (
    DemoStep,
    Erasure,
    GuestKeeping,
    JobKind,
    MigrationHistory,
    NavigationItem,
    Permission,
    ScopedRole,
    TemplateFolder,
)

if TYPE_CHECKING:
    import click
    from flask import Blueprint

    from lms.plugins.events import CertificateIssued, CourseCompleted

PROJECT = "lms"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def lms_blueprints() -> list[Blueprint]:  # type: ignore[empty-body]
    """Pages: Flask blueprints. Every view says with ``@requires`` whom it is for."""


@hookspec
def lms_templates() -> list[TemplateFolder]:  # type: ignore[empty-body]
    """Folders of templates."""


@hookspec
def lms_migrations() -> list[MigrationHistory]:  # type: ignore[empty-body]
    """The plugin's own tables (``ext_<plugin>_…``): at most one history a plugin."""


@hookspec
def lms_permissions() -> list[Permission]:  # type: ignore[empty-body]
    """Permissions that the plugin's views require, named ``<plugin>.<act>``."""


@hookspec
def lms_navigation() -> list[NavigationItem]:  # type: ignore[empty-body]
    """Links in the header, the footer or the admin pages."""


@hookspec
def lms_commands() -> list[click.Command]:  # type: ignore[empty-body]
    """Commands and groups of the ``lms`` command."""


@hookspec
def lms_jobs() -> list[JobKind]:  # type: ignore[empty-body]
    """Kinds of work for the worker, named ``<plugin>.<act>``."""


@hookspec
def lms_roles() -> list[ScopedRole]:  # type: ignore[empty-body]
    """Roles that people hold for one thing."""


@hookspec
def lms_guests() -> list[GuestKeeping]:  # type: ignore[empty-body]
    """What is kept of guests, to be theirs once they sign in."""


@hookspec
def lms_erasures() -> list[Erasure]:  # type: ignore[empty-body]
    """What must be done before a person is erased, beside rows that go with theirs."""


@hookspec
def lms_demo() -> list[DemoStep]:  # type: ignore[empty-body]
    """What ``make run`` prepares besides its people: a course to begin with."""


@hookspec
def course_completed(event: CourseCompleted) -> None:
    """Told after the commit: a person met every rule of a course."""


@hookspec
def certificate_issued(event: CertificateIssued) -> None:
    """Told after the commit: a certificate was issued."""
