"""Who is a trainer of which course, and what a trainer sees first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from courses.authoring.models import CourseTrainer
from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Course, Module
from lms import clock
from lms.accounts.models import Person
from lms.database.writing import insert_if_new
from lms.errors import N_, NotFound
from lms.records.models import Completion
from lms.text.localised import Text


def grant(session: Session, *, person_id: int, scope: str, now: datetime | None = None) -> None:
    """Make a person trainer of the course ``scope`` (its slug); twice is the same as once. Raises NotFound."""
    insert_if_new(
        session,
        CourseTrainer,
        {"course_id": _course_id(session, scope), "person_id": person_id, "since": now or clock.now()},
        unique=("course_id", "person_id"),
    )


def withdraw(session: Session, *, person_id: int, scope: str) -> None:
    """End a person's being trainer of the course ``scope``. Raises NotFound for an unknown course."""
    course_id = _course_id(session, scope)
    session.execute(
        delete(CourseTrainer).where(CourseTrainer.course_id == course_id, CourseTrainer.person_id == person_id)
    )


def courses_held(session: Session, *, person_id: int) -> list[str]:
    """The slugs of the courses that a person is trainer of."""
    return list(
        session.scalars(
            select(Course.slug)
            .join(CourseTrainer, CourseTrainer.course_id == Course.id)
            .where(CourseTrainer.person_id == person_id)
            .order_by(Course.slug)
        )
    )


def must_be_trainer(session: Session, *, person_id: int, course_id: int) -> None:
    """Raise NotFound unless the person is trainer of this course or an admin: others do not learn what there is."""
    held = exists().where(CourseTrainer.course_id == course_id, CourseTrainer.person_id == person_id)
    row = session.execute(select(Person.role, held.label("held")).where(Person.id == person_id)).one_or_none()
    if row is None or not (row.role == "admin" or (row.role == "trainer" and row.held)):
        raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtActivity:
    """An activity of a course that a trainer may open."""

    course_slug: str
    module_slug: str
    activity_slug: str
    kind: str
    title: Text
    module_title: Text
    module_number: int | None  # None: it belongs to the whole course


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtCourse:
    """A course as its trainer sees it first."""

    slug: str
    title: Text
    enrolled: int
    completed: int
    activities: tuple[TaughtActivity, ...]


def taught(session: Session, *, person_id: int) -> list[TaughtCourse]:
    """The courses that a person is trainer of (an admin: all), with what is in them, in four statements."""
    courses = select(Course.id, Course.slug, Course.short_title).order_by(Course.slug)
    if session.scalar(select(Person.role).where(Person.id == person_id)) != "admin":
        courses = courses.join(CourseTrainer, CourseTrainer.course_id == Course.id).where(
            CourseTrainer.person_id == person_id
        )
    rows = session.execute(courses).all()
    ids = [row.id for row in rows]
    enrolled = dict(
        session.execute(
            select(Enrolment.course_id, func.count()).where(Enrolment.course_id.in_(ids)).group_by(Enrolment.course_id)
        ).all()
    )
    completed = dict(
        session.execute(
            select(Completion.subject, func.count())
            .where(Completion.subject.in_([f"course:{row.slug}" for row in rows]))
            .group_by(Completion.subject)
        ).all()
    )
    activities = session.execute(
        select(
            Module.course_id,
            Module.slug.label("module_slug"),
            Module.title.label("module_title"),
            Module.part,
            Module.position,
            Activity.slug,
            Activity.kind,
            Activity.title,
        )
        .join(Module, Module.id == Activity.module_id)
        .where(Module.course_id.in_(ids), Activity.retired_at.is_(None), Module.ready)
        .order_by(Module.position, Activity.position)
    ).all()
    return [
        TaughtCourse(
            slug=row.slug,
            title=row.short_title,
            enrolled=enrolled.get(row.id, 0),
            completed=completed.get(f"course:{row.slug}", 0),
            activities=tuple(
                TaughtActivity(
                    course_slug=row.slug,
                    module_slug=one.module_slug,
                    activity_slug=one.slug,
                    kind=one.kind,
                    title=one.title,
                    module_title=one.module_title,
                    module_number=one.position if one.part else None,
                )
                for one in activities
                if one.course_id == row.id
            ),
        )
        for row in rows
    ]


def _course_id(session: Session, slug: str) -> int:
    course_id = session.scalar(select(Course.id).where(Course.slug == slug))
    if course_id is None:
        raise NotFound(N_("There is no course %(slug)s."), slug=slug)
    return course_id
