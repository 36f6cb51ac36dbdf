"""Rows of the outline. Ids and slugs are shared by all languages; texts are language maps or rows of their own."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import JsonList, JsonMap, Model


class Course(Model):
    """A course. ``revision`` grows with every change of its content, so that what is cached of it can be told stale."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    revision: Mapped[int]
    title: Mapped[JsonMap]
    short_title: Mapped[JsonMap]
    summary: Mapped[JsonMap]
    about: Mapped[JsonMap]  # audience, origin (language maps), hours (text), licence
    parts: Mapped[JsonList]  # [{"id": …, "title": {…}}] in order
    source_language: Mapped[str] = mapped_column(String(20))
    languages: Mapped[JsonList]
    papers: Mapped[JsonList]  # in order: id, title and statement (language maps), rules
    package_version: Mapped[str] = mapped_column(String(40))
    package_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime | None]


class Module(Model):
    """A module; one that is not ``ready`` is shown as in preparation and leads nowhere."""

    __tablename__ = "module"
    __table_args__ = (UniqueConstraint("course_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    part: Mapped[str] = mapped_column(String(80))  # the id of one of the course's parts
    position: Mapped[int]
    ready: Mapped[bool]
    title: Mapped[JsonMap]
    about: Mapped[JsonMap]  # opening, objectives, sources, faq, worksheet, …: safe HTML where it was Markdown


class Lesson(Model):
    """A lesson; its texts are rows by language. A retired one is no longer in the package; who did it keeps it done."""

    __tablename__ = "lesson"
    __table_args__ = (UniqueConstraint("module_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    minutes: Mapped[int]
    retired_at: Mapped[datetime | None]


class LessonText(Model):
    """A lesson in one language, rendered when it was installed; ``source_hash``: the source text that it translates."""

    __tablename__ = "lesson_text"
    __table_args__ = (UniqueConstraint("lesson_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(250))
    lead: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    headings: Mapped[JsonList]  # [{"id": …, "title": …}]
    checks: Mapped[JsonList] = mapped_column(
        default=list
    )  # slugs of self-checks that its HTML has places for, in order
    hash: Mapped[str] = mapped_column(String(64))
    source_hash: Mapped[str] = mapped_column(String(64))
    revised_on: Mapped[date]


class Activity(Model):
    """Something of a module that another feature serves (a quiz); ``kind`` finds its type."""

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("module_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[JsonMap]
    definition: Mapped[JsonMap] = mapped_column(default=dict)  # as the package said it last: what was edited here shows
    retired_at: Mapped[datetime | None]


class SelfCheck(Model):
    """A question that stands in a lesson, for practice; it has no versions, as no mark hangs on it.

    ``seed`` is drawn once: the order and the ids of options follow from it. ``hash`` tells whether an answer was given
    to the question as it reads now.
    """

    __tablename__ = "self_check"
    __table_args__ = (UniqueConstraint("module_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    spec_version: Mapped[int]
    spec: Mapped[JsonMap]
    hash: Mapped[str] = mapped_column(String(64))
    objective: Mapped[str] = mapped_column(String(80))
    explains: Mapped[str] = mapped_column(String(200))  # "lesson-slug#anchor"
    seed: Mapped[int] = mapped_column(BigInteger)  # 63 random bits
    retired_at: Mapped[datetime | None]


class Picture(Model):
    """A drawing of a course under the hash of what is served; it stays when its lesson shows another."""

    __tablename__ = "picture"
    __table_args__ = (UniqueConstraint("course_id", "hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    hash: Mapped[str] = mapped_column(String(64))
    svg: Mapped[str] = mapped_column(Text)


class PackageCopy(Model):
    """The files that a course was installed from, so that any machine can make its booklets again."""

    __tablename__ = "package_copy"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    package_hash: Mapped[str] = mapped_column(String(64))  # that of the course when it was installed from them
    files: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # a JSON map from path to text, compressed by zlib
    installed_at: Mapped[datetime]


class Booklet(Model):
    """The course as a file, in one language and format; the latest that was made. ``key`` says what it was made of.

    It belongs to the course as it is while their ``package_hash`` is the same.
    """

    __tablename__ = "booklet"
    __table_args__ = (UniqueConstraint("course_id", "language", "format"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    made_at: Mapped[datetime]
