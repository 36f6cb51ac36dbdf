"""What courses adds to the LMS: its table of contents toward the rest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint

from courses.authoring import services as trainers
from courses.authoring import views as authoring
from courses.booklet import job as booklets
from courses.booklet.services import JOB as BUILD_BOOKLET
from courses.checks import services as checks
from courses.hooks import ActivityType, PackageFolder
from courses.learning import views as learning
from courses.worksheets import views as worksheets
from courses.worksheets.activity import worksheet_activity
from lms.plugins import About, DemoStep, GuestKeeping, JobKind, NavigationItem, Permission, ScopedRole, hookimpl

if TYPE_CHECKING:
    import click

about = About(name="courses", title="Courses", version="0.1.0")

LIBRARY = Path(__file__).parent / "library"

pages = Blueprint("courses", __name__)
for _part in (learning, worksheets, authoring):
    pages.register_blueprint(_part.bp)


@hookimpl
def lms_blueprints() -> list[Blueprint]:
    return [pages]


@hookimpl
def lms_permissions() -> list[Permission]:
    return [
        Permission(name="courses.read", who="anyone"),
        Permission(name="courses.learn", who="signed_in"),
        Permission(name="courses.author", who="trainer"),
    ]


@hookimpl
def lms_navigation() -> list[NavigationItem]:
    return [
        NavigationItem(name="courses", label="Courses", endpoint="courses.learning.home", order=10),
        NavigationItem(
            name="trainer", label="Trainer", endpoint="courses.authoring.my_courses", who="trainer", order=60
        ),
    ]


@hookimpl
def lms_roles() -> list[ScopedRole]:
    return [
        ScopedRole(
            role="trainer", scope="course", grant=trainers.grant, withdraw=trainers.withdraw, held=trainers.courses_held
        )
    ]


@hookimpl
def lms_guests() -> list[GuestKeeping]:
    return [GuestKeeping(name="courses.checks", carry=checks.carry_over)]


@hookimpl
def lms_jobs() -> list[JobKind]:
    return [
        JobKind(name="courses.forget_guests", run=checks.forget_guests, every=timedelta(hours=1)),
        JobKind(name="courses.plan_booklets", run=booklets.plan, every=timedelta(hours=1)),
        JobKind(name=BUILD_BOOKLET, run_in_steps=booklets.build),
    ]


@hookimpl
def lms_commands() -> list[click.Command]:
    from courses.commands import booklet, course

    return [course, booklet]


@hookimpl
def lms_demo() -> list[DemoStep]:
    from courses.demo import prepare

    return [DemoStep(name="courses", prepare=prepare)]


@hookimpl
def course_activity_types() -> list[ActivityType]:
    return [worksheet_activity]


@hookimpl
def course_packages() -> list[PackageFolder]:
    return [
        PackageFolder(name=folder.name, path=folder)
        for folder in sorted(LIBRARY.iterdir())
        if (folder / "course.yaml").is_file()
    ]
