"""``lms course``: check a package, install a package.

What reads packages is imported where it is used: each web process has this module, as every plugin's commands.
"""

from __future__ import annotations

import itertools
import os
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app

from courses.hooks import ActivityType, PackageFolder, SelfChecks
from lms import clock
from lms.commands.site import with_plugins, with_site
from lms.database.session import transaction
from lms.errors import StartRefused

if TYPE_CHECKING:
    from courses.packages.content import CoursePackage
    from courses.packages.installing import Installed

FOLDER = click.Path(path_type=Path)


@click.group()
def course() -> None:
    """Check and install course packages."""


@course.command()
@click.argument("path", type=FOLDER)
@with_plugins
def check(path: Path) -> None:
    """Check the course package in the folder PATH; faults and findings are shown with file and line.

    A package with faults cannot be installed; one with findings can, and should be mended. It needs no site: neither
    settings nor a database.
    """
    from courses.packages.findings.all_of_them import findings

    package = _read(path)
    lessons = sum(len(module.lessons) for module in package.modules)
    ready = sum(module.ready for module in package.modules)
    click.echo(
        f"{package.course.id} {package.course.version}: no fault. "
        f"{len(package.modules)} modules, {ready} ready; {lessons} lessons, {package.ready_minutes} minutes."
    )
    _print_coverage(package)
    found = findings(package)
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        number = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        click.echo(f"{number}: it can be installed, and could be better.", err=True)
        sys.exit(1)


def _print_coverage(package: CoursePackage) -> None:
    """The matrix of objectives, lessons, questions and difficulties, in 80 columns."""
    from courses.packages.findings.coverage import coverage
    from courses.packages.findings.lessons import reading_ease

    click.echo("\nQuestions of each objective, by the lesson that explains them")
    for module in package.modules:
        rows = [row for row in coverage(package) if row.module == module.id]
        if rows:
            click.echo(f"\n{module.id:<44}{'easy':>8}{'medium':>8}{'hard':>8}{'not said':>10}")
        for row in rows:
            name = f"  {row.objective:<4} {row.lesson}"
            counted = [len(ids) for ids in row.questions]
            numbers = "{:>8}{:>8}{:>8}{:>10}".format(*(number or "-" for number in counted))
            click.echo(f"{name:<44}{numbers}" if len(name) <= 44 else f"{name}\n{'':<44}{numbers}")
            words = " ".join(itertools.chain.from_iterable(row.questions))
            click.echo(
                textwrap.fill(words, 80, initial_indent=" " * 7, subsequent_indent=" " * 7, break_on_hyphens=False)
            )
        for objective in module.objectives:
            if module.ready and not any(row.objective == objective.id for row in rows):
                click.echo(f"  {objective.id:<4} no question")
    click.echo("\nReading ease (Flesch: 60 to 70 is plain English)")
    for module in package.modules:
        for lesson in module.lessons:
            ease = reading_ease(lesson.texts["en"]) if "en" in lesson.texts else None
            if ease is not None:
                click.echo(f"  {ease:>4.0f}  {module.id}/{lesson.id}")


@course.command()
@click.argument("path", type=FOLDER)
@with_site
def install(path: Path) -> None:
    """Install the course package in the folder PATH, or bring the installed course up to it."""
    package = _read(path)
    modules = len(package.modules)
    written = itertools.count(1)

    def say(module: str) -> None:
        click.echo(f"  {next(written)}/{modules} {module}", err=True)

    started = time.monotonic()
    done = install_package(package, say=say)
    for line in done.lines:
        click.echo(f"  {line}")
    changes = f"{len(done.lines)} changes" if done.lines else "nothing has changed"
    seconds = time.monotonic() - started
    click.echo(f"{done.slug} {package.course.version} is installed: {changes}. It took {seconds:.1f} s.")


def activity_types(app: Flask) -> Mapping[str, ActivityType]:
    """The kinds of activities that the app's plugins bring."""
    types: list[ActivityType] = app.extensions["lms.plugins"].collect("course_activity_types")
    return {one.kind: one for one in types}


def self_checks(app: Flask) -> list[SelfChecks]:
    """Those who put self-checks into lessons."""
    found: list[SelfChecks] = app.extensions["lms.plugins"].collect("course_self_checks")
    return found


def check_servers(app: Flask, package: CoursePackage) -> dict[str, SelfChecks]:
    """Who serves each kind of self-check of a package; in the app's context."""
    kinds = {check.kind for module in package.modules for check in module.checks}
    return {kind: one for kind in kinds for one in reversed(self_checks(app)) if one.problems(kind, {}) is not None}


def install_package(package: CoursePackage, *, say: Callable[[str], None] = lambda _: None) -> Installed:
    """Install a package in one transaction of the current app; ``say`` is told each module as it is written."""
    from courses.packages import installing

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    serving = check_servers(app, package)
    with transaction() as session:
        return installing.install(session, package, types=activity_types(app), checks=serving, say=say, now=clock.now())


def install_shipped(app: Flask) -> list[Installed]:
    """Install every course that ships with a plugin; inside the app's context."""
    folders: list[PackageFolder] = app.extensions["lms.plugins"].collect("course_packages")
    return [install_package(_read(folder.path)) for folder in folders]


def _read(path: Path) -> CoursePackage:
    from courses.packages.faults import BadPackage
    from courses.packages.reading import read_package

    if not path.is_dir():
        raise StartRefused(f"{path} is not a folder with a course package.")
    if not os.access(path, os.R_OK | os.X_OK):
        raise StartRefused(f"{path} cannot be read: this account may not open the folder.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    types = activity_types(app)
    checkers = {kind: one.checker for kind, one in types.items()}
    try:
        return read_package(path, activity_checkers=checkers, check_checkers=self_checks(app))
    except BadPackage as bad:
        for fault in bad.faults:
            click.echo(str(fault), err=True)
        number = "1 fault" if len(bad.faults) == 1 else f"{len(bad.faults)} faults"
        click.echo(f"{number}; nothing was installed.", err=True)
        sys.exit(1)
