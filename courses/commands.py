"""``lms course``: check a package, install a package; ``lms booklet``: make a booklet of one.

What reads packages is imported where it is used: each web process has this module, as every plugin's commands.
"""

from __future__ import annotations

import itertools
import os
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from flask import Flask, current_app

from courses.booklet import FORMATS
from courses.booklet import services as booklets
from courses.hooks import PackageFolder
from courses.kinds import activity_types, check_servers, read
from lms import clock
from lms.certificates.words import Words
from lms.commands.site import with_plugins, with_site
from lms.database.session import reading, transaction
from lms.errors import NotFound, StartRefused

if TYPE_CHECKING:
    from courses.packages.content import CoursePackage
    from courses.packages.faults import BadPackage
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


def install_package(package: CoursePackage, *, say: Callable[[str], None] = lambda _: None) -> Installed:
    """Install a package in one transaction of the current app; ``say`` is told each module as it is written."""
    from courses.packages import installing

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    serving = check_servers(app, package)
    now = clock.now()
    with transaction() as session:
        done = installing.install(session, package, types=activity_types(app), checks=serving, say=say, now=now)
        booklets.keep_package(session, course_slug=done.slug, files=package.files, now=now)
        booklets.plan(session, base_url=app.extensions["lms.config"].base_url, now=now)
    return done


def install_shipped(app: Flask) -> list[Installed]:
    """Install every course that ships with a plugin; inside the app's context."""
    folders: list[PackageFolder] = app.extensions["lms.plugins"].collect("course_packages")
    return [install_package(_read(folder.path)) for folder in folders]


def _read(package: Path | Mapping[str, str], *, outcome: str = "nothing was installed") -> CoursePackage:
    from courses.packages.faults import BadPackage

    if isinstance(package, Path) and not package.is_dir():
        raise StartRefused(f"{package} is not a folder with a course package.")
    if isinstance(package, Path) and not os.access(package, os.R_OK | os.X_OK):
        raise StartRefused(f"{package} cannot be read: this account may not open the folder.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        return read(app, package)
    except BadPackage as bad:
        _tell(bad, outcome)


def _tell(bad: BadPackage, outcome: str) -> NoReturn:
    for fault in bad.faults:
        click.echo(str(fault), err=True)
    number = "1 fault" if len(bad.faults) == 1 else f"{len(bad.faults)} faults"
    click.echo(f"{number}; {outcome}.", err=True)
    sys.exit(1)


# --- lms booklet ------------------------------------------------------------------------------------------------------


NOT_MADE = "the booklet was not made"


@click.group()
def booklet() -> None:
    """Make booklets of courses: a PDF to print, an EPUB to carry."""


@booklet.command()
@click.argument("course", metavar="COURSE-OR-PATH")
@click.option("--language", help="One language of the course, such as en; without it every one.")
@click.option("--format", "file_format", type=click.Choice(list(FORMATS)), help="One format; without it every one.")
@click.option("--out", type=FOLDER, default=Path(), help="The folder for the files; without it the present one.")
@click.option(
    "--date", "made_at", type=click.DateTime(["%Y-%m-%d"]), help="The day that the files bear; the same gives the same."
)
@with_site
def build(course: str, language: str | None, file_format: str | None, out: Path, made_at: datetime | None) -> None:
    """Make the booklets of COURSE-OR-PATH: the folder of a package, or a course that is installed.

    QR codes and links lead to the address of this site. The day of an installed course is that of its installation,
    that of a folder is today.
    """
    from courses.booklet import building
    from courses.packages.faults import BadPackage

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    kept_at = clock.now()
    if Path(course).is_dir():
        package = _read(Path(course), outcome=NOT_MADE)
    else:
        with reading() as session:
            try:
                files, kept_at = booklets.kept_package(session, course_slug=course)
            except NotFound:
                raise StartRefused(f"{course} is neither a folder nor a course that is installed here.") from None
        package = _read(files, outcome=NOT_MADE)
    languages = package.course.languages
    if language is not None and language not in languages:
        raise StartRefused(f"{package.course.id} has no language {language}; it has {', '.join(languages)}.")
    out.mkdir(parents=True, exist_ok=True)
    for one in [language] if language else languages:
        for name in [file_format] if file_format else FORMATS:
            click.echo(f"  {package.course.id}, {one}, {name} …", err=True)
            started = time.monotonic()
            try:
                content = building.build(
                    package,
                    language=one,
                    format=name,
                    base_url=app.extensions["lms.config"].base_url,
                    made_at=made_at.replace(tzinfo=UTC) if made_at else kept_at,
                    translate=Words(one),
                    types=activity_types(app),
                    checks=check_servers(app, package),
                )
            except BadPackage as bad:
                _tell(bad, NOT_MADE)
            path = out / f"{package.course.id}.{one}.{name}"
            path.write_bytes(content)
            click.echo(f"{path}: {len(content) / 1e6:.1f} MB. It took {time.monotonic() - started:.1f} s.")
