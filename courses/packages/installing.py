"""Write a course package into the database: idempotent, by stable ids and content hashes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.outline import PRETEST
from courses.outline.models import Activity, Course, Lesson, LessonText, Module, Picture, SelfCheck
from courses.packages import content
from lms.database.writing import insert_if_new
from lms.text import markdown
from lms.text.drawings import Drawing
from lms.text.localised import Text
from lms.text.markdown import RENDERING, document, inline


class Installer(Protocol):
    """What is needed of a kind of activity here: `courses.hooks.ActivityType` says how it writes its definition."""

    @property
    def install(self) -> Callable[..., str | None]: ...


class CheckInstaller(Protocol):
    """What is needed of `courses.hooks.SelfChecks` here."""

    def spec_version(self, kind: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did: ``lines`` are for people, one a change; none where nothing changed."""

    slug: str
    lines: tuple[str, ...]


def install(
    session: Session,
    package: content.CoursePackage,
    *,
    types: Mapping[str, Installer],
    checks: Mapping[str, CheckInstaller] | None = None,
    say: Callable[[str], None] = lambda _: None,
    now: datetime,
) -> Installed:
    """Bring the course in the database to what ``package`` says, in the caller's transaction.

    What left the package is retired, never deleted: people have done it. The course is published.
    ``checks`` has who serves each kind of self-check; ``say`` is told each module as it is written.
    """
    said, made = package.course, _hash_of(package)
    lines = []
    held = select(Course).where(Course.slug == said.id).with_for_update()
    course = session.scalar(held)
    if course is None:
        # Of two who install a new course at once the second one waits here, and then finds it done.
        values = {"slug": said.id, "revision": 0, **_columns(package), "package_hash": ""}
        lines += [f"new course {said.id}"] * insert_if_new(session, Course, values, unique=("slug",))
        course = session.scalars(held).one()
    if course.package_hash == made and course.published_at is not None:
        return Installed(said.id, ())
    pages_before = {} if lines else course.about.get("pages", {})
    course.revision += 1
    course.published_at = course.published_at or now
    for name, value in _columns(package).items():
        setattr(course, name, value)
    lines += _changed_pages(pages_before, course.about["pages"])
    session.flush()
    rows = {row.slug: row for row in session.scalars(select(Module).where(Module.course_id == course.id))}
    position = 0
    for part in said.parts:
        for module in part.modules:
            position += 1
            row = rows.pop(module.id, None)
            if row is None:
                row = Module(course_id=course.id, slug=module.id)
                session.add(row)
            row.part, row.position, row.ready = part.id, position, module.ready
            row.title, row.about = dict(module.title), _about(module)
            session.flush()
            say(module.id)
            lines += _install_lessons(session, row, module, package, now=now)
            lines += _install_checks(session, row, module, checks=checks or {}, now=now)
            lines += _install_activities(session, row, module.activities, types=types, now=now)
    if package.pretest is not None:
        row = rows.pop(PRETEST, None) or Module(course_id=course.id, slug=PRETEST)
        lines += _install_pretest(session, row, package, package.pretest, position=position + 1, types=types, now=now)
    for gone in rows.values():  # a module that left the package: hidden, its lessons and results stay
        gone.ready = False
        gone.part = ""
        what = "the pre-test" if gone.slug == PRETEST else f"module {gone.slug}"
        lines.append(f"{what} left the package")
    session.flush()
    return Installed(said.id, tuple(lines))


def _hash_of(package: content.CoursePackage) -> str:
    """Another hash where the package changed or where its text is rendered in another way."""
    return content.content_hash([package.hash, RENDERING])


def _columns(package: content.CoursePackage) -> dict[str, Any]:
    """What the row of a course has from its package."""
    said = package.course
    return {
        "title": dict(said.title),
        "short_title": dict(said.short_title),
        "summary": dict(said.summary),
        "about": {
            "audience": dict(said.audience),
            "origin": dict(said.origin),
            "hours": said.hours,
            "licence": said.licence,
            "pages": {page.id: _page_texts(page, source=said.source_language) for page in package.pages},
        },
        "parts": [{"id": part.id, "title": dict(part.title)} for part in said.parts],
        "source_language": said.source_language,
        "languages": list(said.languages),
        "papers": [
            {
                "id": paper.id,
                "title": dict(paper.title),
                "statement": dict(paper.statement),
                "rules": [
                    {
                        "rule": rule.rule,
                        "modules": "ready" if rule.every_ready else list(rule.modules),
                        "activities": list(rule.activities),
                        "least": rule.least,
                    }
                    for rule in paper.rules
                ],
            }
            for paper in said.papers
        ],
        "package_version": said.version,
        "package_hash": _hash_of(package),
    }


def _page_texts(page: content.Page, *, source: str) -> dict[str, Any]:
    """A page by language: its title, and the rest as safe HTML."""
    return {
        language: {
            "title": text.title,
            "lead": inline(text.lead),
            "html": document(text.body, facts=page.facts, glossary=page.terms, languages=(language, source)).html,
        }
        for language, text in page.texts.items()
    }


def _changed_pages(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    was = {f"page {page} ({language})": text for page, texts in before.items() for language, text in texts.items()}
    now = {f"page {page} ({language})": text for page, texts in after.items() for language, text in texts.items()}
    changed = [name for name, text in now.items() if was.get(name) != text]
    return [*changed, *(f"{name} left the package" for name in was if name not in now)]


def _about(module: content.Module) -> dict[str, Any]:
    """A module's texts as safe HTML by language, rendered now and not when they are read."""
    if not module.ready:
        return {}
    return {
        "opening": _inline(module.opening),
        "title_origin": _inline(module.title_origin),
        "seminar": _inline(module.seminar),
        "objectives": [{"id": one.id, "text": _inline(one.text)} for one in module.objectives],
        "sources": [
            {"title": one.title, "publisher": one.publisher, "year": one.year, "url": one.url} for one in module.sources
        ],
        "faq": [{"question": _inline(one.question), "answer": _inline(one.answer)} for one in module.faq],
        "worksheet": {
            language: document(text, facts={}, glossary={}, languages=(language,)).html
            for language, text in module.worksheet.items()
        },
    }


def _install_pretest(
    session: Session,
    row: Module,
    package: content.CoursePackage,
    pretest: content.Activity,
    *,
    position: int,
    types: Mapping[str, Installer],
    now: datetime,
) -> list[str]:
    """Keep the pre-test in a module of no part, which no outline lists; its objectives are the course's modules."""
    session.add(row)
    row.part, row.position, row.ready, row.title = "", position, True, dict(pretest.title)
    row.about = {
        "intro": _inline(pretest.definition["intro"]),  # type: ignore[arg-type]
        "objectives": [{"id": module.id, "text": _inline(module.title)} for module in package.modules if module.ready],
        "asked": len({question.objective for question in pretest.questions}),  # at a time
    }
    session.flush()
    return _install_activities(session, row, (pretest,), types=types, now=now)


def _inline(text: Text) -> dict[str, str]:
    return {language: inline(words) for language, words in text.items()}


def _install_lessons(
    session: Session, row: Module, module: content.Module, package: content.CoursePackage, *, now: datetime
) -> list[str]:
    lines = []
    rows = {one.slug: one for one in session.scalars(select(Lesson).where(Lesson.module_id == row.id))}
    source = package.course.source_language
    for position, lesson in enumerate(module.lessons, start=1):
        found = rows.pop(lesson.id, None)
        if found is None:
            found = Lesson(module_id=row.id, slug=lesson.id)
            session.add(found)
        found.position, found.minutes, found.retired_at = position, lesson.texts[source].minutes, None
        session.flush()
        pictures = _install_pictures(session, row.course_id, package.course.id, lesson.pictures)
        lines += _install_texts(session, found, lesson, pictures, source=source, now=now)
    lines += [f"lesson {slug} left the package" for slug, gone in rows.items() if _retire(gone, now)]
    return lines


def _install_pictures(
    session: Session, course_id: int, course_slug: str, drawings: Mapping[str, Drawing]
) -> dict[str, markdown.Picture]:
    """Keep each drawing under the hash of its content; one that is kept already costs nothing."""
    pictures = {}
    for name, drawing in drawings.items():
        made = hashlib.sha256(drawing.svg.encode()).hexdigest()
        row = {"course_id": course_id, "hash": made, "svg": drawing.svg}
        insert_if_new(session, Picture, row, unique=("course_id", "hash"))
        address = f"/courses/{course_slug}/pictures/{made}.svg"
        pictures[name] = markdown.Picture(address, drawing.width, drawing.height)
    return pictures


def _install_checks(
    session: Session, row: Module, module: content.Module, *, checks: Mapping[str, CheckInstaller], now: datetime
) -> list[str]:
    lines = []
    rows = {one.slug: one for one in session.scalars(select(SelfCheck).where(SelfCheck.module_id == row.id))}
    for check in module.checks:
        found = rows.pop(check.id, None)
        if found is None:
            found = SelfCheck(module_id=row.id, slug=check.id, hash="", seed=secrets.randbits(63))
            session.add(found)
        found.objective, found.explains, found.retired_at = check.objective, check.explains, None
        made = content.content_hash([check.kind, check.spec])
        if found.hash == made:
            continue
        found.kind, found.spec, found.hash = check.kind, dict(check.spec), made
        found.spec_version = checks[check.kind].spec_version(check.kind)
        lines.append(f"self-check {module.id}/{check.id}")
    lines += [f"self-check {slug} left the package" for slug, gone in rows.items() if _retire(gone, now)]
    session.flush()
    return lines


def _install_texts(
    session: Session,
    row: Lesson,
    lesson: content.Lesson,
    pictures: Mapping[str, markdown.Picture],
    *,
    source: str,
    now: datetime,
) -> list[str]:
    lines = []
    rows = {one.language: one for one in session.scalars(select(LessonText).where(LessonText.lesson_id == row.id))}
    source_hash = _hash(lesson, source)
    for language, text in lesson.texts.items():
        made = _hash(lesson, language)
        found = rows.pop(language, None)
        is_changed = found is None or found.hash != made
        if found is None:
            found = LessonText(lesson_id=row.id, language=language)
            session.add(found)
        languages: Sequence[str] = (language, source)
        page = document(text.body, facts=lesson.facts, glossary=lesson.terms, languages=languages, pictures=pictures)
        # An unchanged text is rendered anew too: what the cleaner has learnt since must reach what is stored.
        found.title, found.lead, found.html = text.title, inline(text.lead), page.html
        found.headings = [{"id": anchor, "title": title} for anchor, title in page.headings]
        found.checks = [one.id for one in page.checks]
        if not is_changed:
            continue
        found.hash, found.source_hash, found.revised_on = made, source_hash, now.date()
        lines.append(f"text of lesson {lesson.id} ({language})")
    for gone in rows.values():
        session.delete(gone)
        lines.append(f"text of lesson {lesson.id} ({gone.language}) left the package")
    return lines


def _hash(lesson: content.Lesson, language: str) -> str:
    return content.content_hash([lesson.texts[language], lesson.facts, lesson.terms, lesson.pictures])


def _install_activities(
    session: Session,
    row: Module,
    activities: Sequence[content.Activity],
    *,
    types: Mapping[str, Installer],
    now: datetime,
) -> list[str]:
    lines = []
    rows = {one.slug: one for one in session.scalars(select(Activity).where(Activity.module_id == row.id))}
    for position, activity in enumerate(activities, start=1):
        found = rows.pop(activity.id, None)
        if found is None:
            found = Activity(module_id=row.id, slug=activity.id)
            session.add(found)
        found.position, found.kind, found.title, found.retired_at = position, activity.kind, dict(activity.title), None
        session.flush()
        before, found.definition = found.definition or {}, dict(activity.definition)
        line = types[activity.kind].install(
            session, activity_id=found.id, definition=activity.definition, before=before, now=now
        )
        if line:
            place = "" if row.slug == activity.id == PRETEST else f" {row.slug}/{activity.id}"
            lines.append(f"{activity.kind}{place}: {line}")
    lines += [f"activity {slug} left the package" for slug, gone in rows.items() if _retire(gone, now)]
    return lines


def _retire(row: Lesson | Activity | SelfCheck, now: datetime) -> bool:
    if row.retired_at is not None:
        return False
    row.retired_at = now
    return True
