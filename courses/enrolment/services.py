"""Enrol, and ask who is enrolled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolment.models import Enrolment
from courses.outline.models import Course
from lms.database.writing import insert_if_new
from lms.errors import N_, NotFound, Refused


def enrol(session: Session, *, person_id: int, course_slug: str, now: datetime) -> bool:
    """Enrol a participant in a published course; whether they are new to it. Raises NotFound."""
    course_id = session.scalar(select(Course.id).where(Course.slug == course_slug, Course.published_at.is_not(None)))
    if course_id is None:
        raise NotFound
    return insert_if_new(
        session,
        Enrolment,
        {"course_id": course_id, "person_id": person_id, "enrolled_at": now},
        unique=("course_id", "person_id"),
    )


def is_enrolled(session: Session, *, person_id: int, course_id: int) -> bool:
    return (
        session.scalar(select(Enrolment.id).where(Enrolment.course_id == course_id, Enrolment.person_id == person_id))
        is not None
    )


def must_be_enrolled(session: Session, *, person_id: int, course_id: int) -> None:
    """Raise Refused where the person does not take the course."""
    if not is_enrolled(session, person_id=person_id, course_id=course_id):
        raise Refused(N_("Enrol in the course first; it costs nothing."))
