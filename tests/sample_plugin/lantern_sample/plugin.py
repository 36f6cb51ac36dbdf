"""What the sample adds to Lantern: its table of contents."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import click
from flask import Blueprint

from courses.hooks import LessonCompleted
from lantern_sample import services, views
from lantern_sample.commands import thanks
from lantern_sample.forms import SurenessForm
from lantern_sample.sureness import Sureness
from lms.database.session import transaction
from lms.plugins import (
    About,
    JobKind,
    MigrationHistory,
    NavigationItem,
    Permission,
    TemplateFolder,
    hookimpl,
)
from quizzes.hooks import QuestionKind

HERE = Path(__file__).parent

about = About(name="sample", title="A sample plugin", version=version("lantern-plugin-sample"))


@hookimpl
def lms_blueprints() -> list[Blueprint]:
    return [views.bp]


@hookimpl
def lms_templates() -> list[TemplateFolder]:
    return [TemplateFolder(path=HERE / "templates")]


@hookimpl
def lms_migrations() -> list[MigrationHistory]:
    return [MigrationHistory(versions=HERE / "migrations")]


@hookimpl
def lms_permissions() -> list[Permission]:
    return [Permission(name="sample.thank", who="signed_in")]


@hookimpl
def lms_navigation() -> list[NavigationItem]:
    return [NavigationItem(name="sample.wall", label="Wall of thanks", endpoint="sample.wall", order=70)]


@hookimpl
def lms_commands() -> list[click.Command]:
    return [thanks]


@hookimpl
def lms_jobs() -> list[JobKind]:
    return [JobKind(name="sample.clear_away", run=services.clear_away, every=timedelta(days=1))]


@hookimpl
def quiz_question_types() -> list[QuestionKind]:
    return [QuestionKind(Sureness(), form=SurenessForm, template="sample/sureness.html", order=80)]


@hookimpl
def lesson_completed(event: LessonCompleted) -> None:
    """A first lesson is thanked for by the wall itself."""
    with transaction() as session:
        services.thank_for_first_lesson(session, person_id=event.person_id, now=event.at)
