"""Read the outline: loaded once for each revision of a course and kept, since it is the same for everybody."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from courses.outline import PRETEST
from courses.outline.models import Activity, Booklet, Course, Lesson, LessonText, Module, Picture, SelfCheck
from lms.errors import NotFound
from lms.keeping import Keeping
from lms.text.localised import Text

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineLesson:
    """A lesson's place; ``number`` is for people ("1.3"), ``titles`` a language map."""

    id: int
    slug: str
    number: str
    minutes: int
    titles: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineActivity:
    """An activity's place; ``kind`` finds its type. A module is finished without those that do not count (`counts`)."""

    id: int
    slug: str
    kind: str
    titles: Text
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineModule:
    """A module with what it holds; nothing if it is in preparation (``ready`` is False)."""

    id: int
    slug: str
    number: int
    ready: bool
    titles: Text
    about: Row
    lessons: tuple[OutlineLesson, ...]
    activities: tuple[OutlineActivity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinePart:
    """A group of modules (a day of the seminar)."""

    id: str
    number: int
    titles: Text
    modules: tuple[OutlineModule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineBooklet:
    """The course as a file; ``sha256`` (hexadecimal) is that of its bytes."""

    language: str
    format: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A published course at one revision, the same for everybody."""

    course_id: int
    slug: str
    revision: int
    titles: Text
    short_titles: Text
    summaries: Text
    about: Row
    languages: tuple[str, ...]
    source_language: str
    papers: tuple[Row, ...]
    version: str
    parts: tuple[OutlinePart, ...] = field(repr=False)
    pretest: OutlineModule | None = None  # a module of no part, with one activity: it counts for nothing
    booklets: tuple[OutlineBooklet, ...] = ()  # of the course as it is now, the source language first

    @cached_property
    def modules(self) -> tuple[OutlineModule, ...]:
        return tuple(module for part in self.parts for module in part.modules)

    @cached_property
    def ready(self) -> tuple[OutlineModule, ...]:
        return tuple(module for module in self.modules if module.ready)

    @cached_property
    def lessons(self) -> tuple[tuple[OutlineModule, OutlineLesson], ...]:
        """Every lesson in reading order."""
        return tuple((module, lesson) for module in self.ready for lesson in module.lessons)

    def module(self, slug: str) -> OutlineModule:
        """The module with this slug that is ready, or NotFound."""
        for module in self.ready:
            if module.slug == slug:
                return module
        raise NotFound

    def objectives_of(self, module_slug: str) -> Mapping[str, Text]:
        """The objectives of a module, or those of the pre-test, as HTML by their ids."""
        beside = (self.pretest,) if self.pretest else ()
        return {
            objective["id"]: objective["text"]
            for module in (*self.ready, *beside)
            if module.slug == module_slug
            for objective in module.about.get("objectives", ())
        }

    def page(self, name: str) -> Mapping[str, Row]:
        """The page of the course with this name, by language; NotFound."""
        found: Mapping[str, Row] | None = self.about.get("pages", {}).get(name)
        if not found:
            raise NotFound
        return found

    def lesson(self, module_slug: str, lesson_slug: str) -> tuple[OutlineModule, OutlineLesson]:
        module = self.module(module_slug)
        for lesson in module.lessons:
            if lesson.slug == lesson_slug:
                return module, lesson
        raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCheck:
    """A self-check as a lesson shows it; ``explains`` is “lesson#anchor” of the same module."""

    id: int
    slug: str
    kind: str
    spec: Row
    spec_version: int
    hash: str
    seed: int
    explains: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonBody:
    """A lesson's text in one language, rendered; ``size_bytes`` is what travels of it, compressed.

    ``checks`` are the self-checks that the HTML has places for, in reading order.
    """

    language: str
    title: str
    lead: str
    html: str
    headings: tuple[Row, ...]
    revised_on: date
    size_bytes: int
    checks: tuple[LessonCheck, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPlace:
    """Where an activity stands in its course."""

    activity_id: int
    kind: str
    slug: str
    title: Text
    module_id: int
    module_slug: str
    module_title: Text
    course_id: int
    course_slug: str
    course_title: Text
    published: bool


class _Kept:
    """What one process keeps of one database: outlines and lesson texts by revision."""

    def __init__(self) -> None:
        self.outlines: dict[int, Outline] = {}
        self.bodies: Keeping[tuple[int, LessonBody]] = Keeping(most_bytes=MOST_BODY_BYTES)


_kept: WeakKeyDictionary[Pool, _Kept] = WeakKeyDictionary()
MOST_BODY_BYTES = 6_000_000


def _kept_of(connection: Connection) -> _Kept:
    return _kept.setdefault(connection.engine.pool, _Kept())


def outline_at(connection: Connection, *, course_id: int, revision: int) -> Outline:
    """The outline of a course whose present ``revision`` the caller has just read; a known one costs no statement."""
    kept = _kept_of(connection)
    found = kept.outlines.get(course_id)
    if found is None or found.revision != revision:
        found = kept.outlines[course_id] = _load(connection, course_id)
    return found


def outline_of(session: Session, *, slug: str) -> Outline:
    """The outline of the published course ``slug``, or NotFound."""
    connection = session.connection()
    row = connection.execute(
        select(Course.id, Course.revision).where(Course.slug == slug, Course.published_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    return outline_at(connection, course_id=row.id, revision=row.revision)


_revision = select(Course.revision).where(Course.id == bindparam("course_id"))


def outline_by_id(session: Session, *, course_id: int) -> Outline:
    """The outline of a course, published or not, or NotFound."""
    connection = session.connection()
    revision = connection.scalar(_revision, {"course_id": course_id})
    if revision is None:
        raise NotFound
    return outline_at(connection, course_id=course_id, revision=revision)


def body_of(connection: Connection, outline: Outline, lesson: OutlineLesson, *, language: str) -> LessonBody:
    """The lesson's text in ``language``, or in the course's source language where there is no translation."""
    kept = _kept_of(connection)
    key = (lesson.id, language)
    found = kept.bodies.get(key)
    if found is None or found[0] != outline.revision:
        body = _load_body(connection, outline, lesson, language)
        size_bytes = len(body.html) + 2_000 * (1 + len(body.checks))  # a self-check has two kilobytes, about
        found = kept.bodies.keep(key, (outline.revision, body), size_bytes)
    return found[1]


def kept_checks(
    connection: Connection, *, course: str, module: str, lesson: str, language: str
) -> tuple[LessonCheck, ...]:
    """The self-checks of a lesson as this process last read it, perhaps at another revision; else none."""
    kept = _kept_of(connection)
    outline = next((one for one in list(kept.outlines.values()) if one.slug == course), None)
    if outline is None:
        return ()
    try:
        _, found = outline.lesson(module, lesson)
    except NotFound:
        return ()
    body = kept.bodies.get((found.id, language))
    return body[1].checks if body is not None else ()


def lesson_links(session: Session, *, course_id: int, module_slug: str) -> dict[str, tuple[Text, str]]:
    """For each lesson of a module, by its slug: its titles and its address (to which ``#anchor`` may be added).

    For the pre-test: those of all modules, by “module” and “module/lesson”.
    """
    return links_in(outline_by_id(session, course_id=course_id), module_slug)


def links_in(outline: Outline, module_slug: str) -> dict[str, tuple[Text, str]]:
    """As `lesson_links`, for an outline that is at hand."""
    if module_slug == PRETEST:
        base = f"/courses/{outline.slug}"
        modules = {module.slug: (module.titles, f"{base}/{module.slug}") for module in outline.ready}
        lessons = {
            f"{module.slug}/{lesson.slug}": (lesson.titles, f"{base}/{module.slug}/{lesson.slug}")
            for module, lesson in outline.lessons
        }
        return modules | lessons
    return {
        lesson.slug: (lesson.titles, f"/courses/{outline.slug}/{module.slug}/{lesson.slug}")
        for module in outline.ready
        if module.slug == module_slug
        for lesson in module.lessons
    }


_titles = select(LessonText.lesson_id, LessonText.language, LessonText.title).where(
    LessonText.lesson_id.in_(bindparam("lessons", expanding=True))
)


def _load(connection: Connection, course_id: int) -> Outline:
    course = connection.execute(select(Course.__table__).where(Course.id == course_id)).one()
    modules = connection.execute(
        select(Module.__table__).where(Module.course_id == course_id).order_by(Module.position)
    ).all()
    ids = [module.id for module in modules]
    lessons = connection.execute(
        select(Lesson.__table__).where(Lesson.module_id.in_(ids), Lesson.retired_at.is_(None)).order_by(Lesson.position)
    ).all()
    activities = connection.execute(
        select(Activity.__table__)
        .where(Activity.module_id.in_(ids), Activity.retired_at.is_(None))
        .order_by(Activity.position)
    ).all()
    rules = [rule for paper in course.papers for rule in paper["rules"]]
    titles: dict[int, dict[str, str]] = {}
    for text in connection.execute(_titles, {"lessons": [lesson.id for lesson in lessons]}):
        titles.setdefault(text.lesson_id, {})[text.language] = text.title

    def module_of(row: Any, number: int) -> OutlineModule:
        return OutlineModule(
            id=row.id,
            slug=row.slug,
            number=number,
            ready=bool(row.ready),
            titles=row.title,
            about=row.about,
            lessons=tuple(
                OutlineLesson(
                    id=lesson.id,
                    slug=lesson.slug,
                    number=f"{number}.{place}",
                    minutes=lesson.minutes,
                    titles=titles.get(lesson.id, {}),
                )
                for place, lesson in enumerate((one for one in lessons if one.module_id == row.id), start=1)
            ),
            activities=tuple(
                OutlineActivity(
                    id=one.id,
                    slug=one.slug,
                    kind=one.kind,
                    titles=one.title,
                    counts=one.kind != "worksheet" or _is_asked(rules, row.slug, one.slug),
                )
                for one in activities
                if one.module_id == row.id
            ),
        )

    made = [(row.part, module_of(row, number)) for number, row in enumerate((row for row in modules if row.part), 1)]
    pretest = next((module_of(row, 0) for row in modules if row.slug == PRETEST and row.ready), None)
    return Outline(
        course_id=course.id,
        slug=course.slug,
        revision=course.revision,
        titles=course.title,
        short_titles=course.short_title,
        summaries=course.summary,
        about=course.about,
        languages=tuple(course.languages),
        source_language=course.source_language,
        papers=tuple(course.papers),
        version=course.package_version,
        parts=tuple(
            OutlinePart(
                id=part["id"],
                number=number,
                titles=part["title"],
                modules=tuple(module for of_part, module in made if of_part == part["id"]),
            )
            for number, part in enumerate(course.parts, start=1)
        ),
        pretest=pretest if pretest is not None and pretest.activities else None,
        booklets=_load_booklets(connection, course),
    )


def _load_booklets(connection: Connection, course: Any) -> tuple[OutlineBooklet, ...]:
    """The booklets of the course as it is: one of an earlier state says what is no longer so."""
    columns = [getattr(Booklet, part.name) for part in fields(OutlineBooklet)]
    rows = connection.execute(
        select(*columns).where(Booklet.course_id == course.id, Booklet.package_hash == course.package_hash)
    )
    found = [OutlineBooklet(**row._mapping) for row in rows]
    return tuple(
        sorted(found, key=lambda one: (one.language != course.source_language, one.language, one.format != "pdf"))
    )


def booklet_bytes(connection: Connection, *, course_id: int, sha256: str) -> bytes:
    """The file of a booklet that the outline has told of; NotFound where it was made anew since."""
    content: bytes | None = connection.scalar(
        select(Booklet.content).where(Booklet.course_id == course_id, Booklet.sha256 == sha256).limit(1)
    )
    if content is None:
        raise NotFound
    return content


def _is_asked(rules: Sequence[Row], module: str, activity: str) -> bool:
    """Whether some rule asks for this worksheet."""
    return any(
        f"{module}/{activity}" in rule.get("activities", ())
        or (rule["rule"] == "worksheets_done" and (rule["modules"] == "ready" or module in rule["modules"]))
        for rule in rules
    )


def _load_body(connection: Connection, outline: Outline, lesson: OutlineLesson, language: str) -> LessonBody:
    rows = {
        row.language: row
        for row in connection.execute(
            select(LessonText.__table__).where(
                LessonText.lesson_id == lesson.id, LessonText.language.in_({language, outline.source_language})
            )
        )
    }
    row = rows.get(language) or rows.get(outline.source_language)
    if row is None:
        raise NotFound
    return LessonBody(
        language=row.language,
        title=row.title,
        lead=row.lead,
        html=row.html,
        headings=tuple(row.headings),
        revised_on=row.revised_on,
        size_bytes=len(gzip.compress(row.html.encode(), 5)),
        checks=_load_checks(connection, lesson.id, row.checks),
    )


def _load_checks(connection: Connection, lesson_id: int, slugs: Sequence[str]) -> tuple[LessonCheck, ...]:
    if not slugs:
        return ()
    rows = {
        row.slug: row
        for row in connection.execute(
            select(SelfCheck.__table__)
            .join(Lesson, Lesson.module_id == SelfCheck.module_id)
            .where(Lesson.id == lesson_id, SelfCheck.slug.in_(slugs), SelfCheck.retired_at.is_(None))
        )
    }
    return tuple(
        LessonCheck(**{part.name: getattr(rows[slug], part.name) for part in fields(LessonCheck)})
        for slug in slugs
        if slug in rows
    )


def picture_of(connection: Connection, *, course: str, content_hash: str) -> str:
    """The SVG that a published course has under this hash, or NotFound."""
    svg: str | None = connection.scalar(
        select(Picture.svg)
        .join(Course, Course.id == Picture.course_id)
        .where(Course.slug == course, Course.published_at.is_not(None), Picture.hash == content_hash)
    )
    if svg is None:
        raise NotFound
    return svg
