"""The trainer's room: their courses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from courses.authoring import services
from courses.hooks import ActivityType
from lms.database.session import reading
from lms.text.localised import Localised, pick
from lms.web.current import current_person
from lms.web.languages import language
from lms.web.permissions import requires
from lms.web.rendering import render

bp = Blueprint("authoring", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    title: Localised
    module_title: Localised
    module_number: int | None  # None: it belongs to the whole course
    href: str  # empty: this kind has no room for trainers


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    slug: str
    title: Localised
    enrolled: int
    completed: int
    activities: tuple[ActivityRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyCoursesPage:
    courses: tuple[CourseRow, ...]


@bp.get("/trainer")
@requires("courses.author")
def my_courses() -> ResponseReturnValue:
    """The courses of the trainer who asks, and the ways into their activities."""
    with reading() as session:
        found = services.taught(session, person_id=current_person().id)
    types: list[ActivityType] = current_app.extensions["lms.plugins"].collect("course_activity_types")
    rooms = {one.kind: one.trainer_endpoint for one in types if one.trainer_endpoint}
    said = (language(),)
    rows = tuple(
        CourseRow(
            slug=course.slug,
            title=pick(course.title, said),
            enrolled=course.enrolled,
            completed=course.completed,
            activities=tuple(
                ActivityRow(
                    title=pick(one.title, said),
                    module_title=pick(one.module_title, said),
                    module_number=one.module_number,
                    href=url_for(
                        rooms[one.kind],
                        course_slug=one.course_slug,
                        module_slug=one.module_slug,
                        activity_slug=one.activity_slug,
                    )
                    if one.kind in rooms
                    else "",
                )
                for one in course.activities
            ),
        )
        for course in found
    )
    return render("courses/authoring/my_courses.html", page=MyCoursesPage(courses=rows))
