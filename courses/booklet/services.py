"""Which booklets a course should have, and those that it has. No booklet is made here: that takes half a minute."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.booklet import FORMATS, MAKING
from courses.outline.models import Booklet, Course, PackageCopy
from courses.packages.content import content_hash
from lms.errors import NotFound
from lms.jobs.models import Job
from lms.jobs.services import enqueue

JOB = "courses.build_booklet"
WAIT = timedelta(minutes=2)
"""Who is at work on a course installs it again and again; what was asked for before is overtaken by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One booklet to be made. ``key`` changes when the package, the address of the site or our way of making does."""

    course_id: int
    language: str
    format: str
    key: str


def keep_package(session: Session, *, course_slug: str, files: Mapping[str, str], now: datetime) -> None:
    """Keep the files that a course has just been installed from."""
    course = session.scalars(select(Course).where(Course.slug == course_slug)).one()
    copy = session.get(PackageCopy, course.id)
    if copy is not None and copy.package_hash == course.package_hash:
        return
    if copy is None:
        copy = PackageCopy(course_id=course.id)
        session.add(copy)
    copy.package_hash, copy.installed_at = course.package_hash, now
    copy.files = zlib.compress(json.dumps(dict(files), sort_keys=True, ensure_ascii=False).encode(), 9)
    session.flush()


def kept_package(session: Session, *, course_slug: str) -> tuple[Mapping[str, str], datetime]:
    """The files that a course was installed from, and when; NotFound for a course that is not here."""
    row = session.execute(
        select(PackageCopy.files, PackageCopy.installed_at).join(Course).where(Course.slug == course_slug)
    ).one_or_none()
    if row is None:
        raise NotFound
    files: Mapping[str, str] = json.loads(zlib.decompress(row.files))
    return files, row.installed_at


def plan(session: Session, *, base_url: str, now: datetime) -> int:
    """Put every booklet that is not as it should be into the queue, once; gives how many.

    One whose making has failed for the last time is not tried again until its course or the site changes.
    """
    there = set(session.scalars(select(Booklet.key)))
    asked = {
        job.payload.get("key")
        for job in session.scalars(select(Job).where(Job.kind == JOB, Job.state.in_(("waiting", "failed"))))
    }
    tasks = [task for task in _wanted(session, base_url) if task.key not in there | asked]
    for task in tasks:
        payload = {"course_id": task.course_id, "language": task.language, "format": task.format, "key": task.key}
        enqueue(session, JOB, payload, now=now, at=now + WAIT)
    return len(tasks)


def _wanted(session: Session, base_url: str) -> list[Task]:
    rows = session.execute(
        select(Course.id, Course.languages, Course.package_hash)
        .join(PackageCopy, PackageCopy.course_id == Course.id)
        .where(Course.published_at.is_not(None), PackageCopy.package_hash == Course.package_hash)
        .order_by(Course.id)
    )
    return [
        Task(
            course_id=row.id,
            language=language,
            format=name,
            key=content_hash([row.package_hash, base_url, language, name, MAKING]),
        )
        for row in rows
        for language in row.languages
        for name in FORMATS
    ]


def open_task(session: Session, task: Task, *, base_url: str) -> str | None:
    """The slug of the course whose booklet is still to be made; None where the task has been overtaken or done."""
    if task not in _wanted(session, base_url):
        return None
    if session.scalar(select(Booklet.id).where(Booklet.key == task.key)) is not None:
        return None
    return session.scalar(select(Course.slug).where(Course.id == task.course_id))


def keep_booklet(session: Session, task: Task, content: bytes, *, base_url: str, now: datetime) -> None:
    """Put a booklet into the place of the one before, unless the course has changed since it was asked for."""
    course = session.scalar(select(Course).where(Course.id == task.course_id).with_for_update())
    if course is None or task not in _wanted(session, base_url):
        return
    where = (Booklet.course_id == task.course_id, Booklet.language == task.language, Booklet.format == task.format)
    booklet = session.scalar(select(Booklet).where(*where))
    if booklet is None:
        booklet = Booklet(course_id=task.course_id, language=task.language, format=task.format)
        session.add(booklet)
    booklet.key, booklet.package_hash = task.key, course.package_hash
    booklet.content, booklet.size_bytes = content, len(content)
    booklet.sha256, booklet.made_at = hashlib.sha256(content).hexdigest(), now
    course.revision += 1  # its page offers the booklet, and is kept by revision
    session.flush()
