"""Progress: what a person has done, where they left off, and which rules of the certificate they meet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, null, select, union_all
from sqlalchemy.orm import Session

from courses.enrolment.models import Enrolment
from courses.enrolment.services import must_be_enrolled
from courses.hooks import LessonCompleted
from courses.learning.models import ActivityResult, LessonDone
from courses.outline.models import Course
from courses.outline.services import (
    LessonBody,
    Outline,
    OutlineActivity,
    OutlineLesson,
    OutlineModule,
    activity_place,
    body_of,
    outline_at,
    outline_by_id,
    outline_of,
)
from lms.accounts.models import Person
from lms.certificates import services as certificates
from lms.config import Config
from lms.database.writing import insert_if_new
from lms.errors import NotFound
from lms.plugins.events import tell
from lms.records import services as records
from lms.records.models import Completion

Address = Callable[[Outline, OutlineModule, OutlineActivity], str]


@dataclass(frozen=True, slots=True)
class Result:
    """The best result in an activity: ``score`` 0 to 1."""

    score: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one person has done in one course; of a guest nothing."""

    enrolled: bool
    done: frozenset[int]  # lesson ids
    results: Mapping[int, Result]  # by activity id

    @property
    def key(self) -> Hashable:
        """Equal for people who have done the same."""
        return (
            self.enrolled,
            self.done,
            tuple(sorted((one, row.score, row.passed) for one, row in self.results.items())),
        )

    def key_in(self, module: OutlineModule) -> Hashable:
        """Equal for people who have done the same lessons of a module."""
        return self.enrolled, tuple(lesson.id in self.done for lesson in module.lessons)

    def has_passed(self, activity: OutlineActivity) -> bool:
        result = self.results.get(activity.id)
        return result is not None and result.passed

    def done_in(self, module: OutlineModule) -> int:
        return sum(lesson.id in self.done for lesson in module.lessons)

    def has_finished(self, module: OutlineModule) -> bool:
        return (
            module.ready
            and self.done_in(module) == len(module.lessons)
            and all(self.has_passed(activity) for activity in module.activities if activity.counts)
        )

    def has_begun(self, module: OutlineModule) -> bool:
        return self.done_in(module) > 0 or any(activity.id in self.results for activity in module.activities)


NOTHING = Progress(enrolled=False, done=frozenset(), results={})

LampState = Literal["on", "here", "off", "prep"]


def lamp_of(progress: Progress, module: OutlineModule) -> LampState:
    """How a module's lantern looks: finished, begun, not begun, in preparation."""
    if not module.ready:
        return "prep"
    if progress.has_finished(module):
        return "on"
    return "here" if progress.has_begun(module) else "off"


def left_off(outline: Outline, progress: Progress) -> tuple[OutlineModule, OutlineLesson] | None:
    """The first lesson not marked done after the last one that is; else the first not done; None when all are."""
    lessons = outline.lessons
    last = max((place for place, (_, lesson) in enumerate(lessons) if lesson.id in progress.done), default=-1)
    for place in (*range(last + 1, len(lessons)), *range(last + 1)):
        if lessons[place][1].id not in progress.done:
            return lessons[place]
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What to do next: a lesson, an activity, or (both None) the certificate."""

    module: OutlineModule | None = None
    lesson: OutlineLesson | None = None
    activity: OutlineActivity | None = None


def next_step(outline: Outline, progress: Progress) -> NextStep:
    """The next step: the quiz of a module whose lessons are all done comes before the next module's lessons."""
    for module in outline.ready:
        if progress.done_in(module) == len(module.lessons):
            for activity in module.activities:
                if activity.counts and not progress.has_passed(activity) and activity.id not in progress.results:
                    return NextStep(module=module, activity=activity)
    place = left_off(outline, progress)
    if place is not None:
        return NextStep(module=place[0], lesson=place[1])
    for module in outline.ready:
        for activity in module.activities:
            if activity.counts and not progress.has_passed(activity):
                return NextStep(module=module, activity=activity)
    return NextStep()


_done = select(
    Course.id,
    Course.revision,
    Enrolment.id.label("enrolment_id"),
    LessonDone.lesson_id,
    null().label("activity_id"),
    null().label("score"),
    null().label("passed_at"),
)
_results = select(
    null().label("id"),
    null().label("revision"),
    null().label("enrolment_id"),
    null().label("lesson_id"),
    ActivityResult.activity_id,
    ActivityResult.score,
    ActivityResult.passed_at,
).where(ActivityResult.person_id == bindparam("person_id"))


def _with_what_was_done(statement: Any) -> Any:
    return statement.outerjoin(
        Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == bindparam("person_id"))
    ).outerjoin(LessonDone, and_(LessonDone.person_id == bindparam("person_id"), Enrolment.id.is_not(None)))


_course_and_done = _with_what_was_done(_done).where(Course.slug == bindparam("slug"), Course.published_at.is_not(None))
_course_and_progress = union_all(_course_and_done, _results)
_courses_and_progress = union_all(_with_what_was_done(_done).where(Course.published_at.is_not(None)), _results)


def course_and_progress(
    connection: Connection, *, slug: str, person_id: int | None, results: bool = True
) -> tuple[Outline, Progress]:
    """A published course and what the person has done in it, in one statement; NotFound."""
    statement = _course_and_progress if results and person_id else _course_and_done
    rows = connection.execute(statement, {"slug": slug, "person_id": person_id or 0}).all()
    of_course = [row for row in rows if row.id is not None]
    if not of_course:
        raise NotFound
    outline = outline_at(connection, course_id=of_course[0].id, revision=of_course[0].revision)
    return outline, _progress(of_course, _results_in(rows))


def catalogue(connection: Connection, *, person_id: int | None) -> list[tuple[Outline, Progress]]:
    """Every published course in the order of their ids, with the person's progress, in one statement."""
    rows = connection.execute(_courses_and_progress, {"person_id": person_id or 0}).all()
    results = _results_in(rows)
    courses = sorted({(row.id, row.revision) for row in rows if row.id is not None})
    return [
        (
            outline_at(connection, course_id=course_id, revision=revision),
            _progress([row for row in rows if row.id == course_id], results),
        )
        for course_id, revision in courses
    ]


def _progress(of_course: Sequence[Any], results: Mapping[int, Result]) -> Progress:
    if of_course[0].enrolment_id is None:
        return NOTHING
    done = frozenset(row.lesson_id for row in of_course if row.lesson_id is not None)
    return Progress(enrolled=True, done=done, results=results)


def _results_in(rows: Sequence[Any]) -> dict[int, Result]:
    return {
        row.activity_id: Result(row.score, row.passed_at is not None) for row in rows if row.activity_id is not None
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLesson:
    """One lesson as a person reads it."""

    outline: Outline
    module: OutlineModule
    lesson: OutlineLesson
    body: LessonBody
    progress: Progress
    may_read: bool  # a guest reads the first lesson; the rest is for people who enrolled


def open_lesson(
    connection: Connection, *, person_id: int | None, course: str, module: str, lesson: str, language: str
) -> OpenLesson:
    """A lesson with its text, in one statement once the course's revision is known to this process; NotFound."""
    outline, progress = course_and_progress(connection, slug=course, person_id=person_id, results=False)
    of_module, found = outline.lesson(module, lesson)
    is_first = outline.lessons[0][1].id == found.id
    return OpenLesson(
        outline=outline,
        module=of_module,
        lesson=found,
        body=body_of(connection, outline, found, language=language),
        progress=progress,
        may_read=progress.enrolled or is_first,
    )


def mark_done(
    session: Session, *, person_id: int, course: str, module: str, lesson: str, now: datetime
) -> tuple[Outline, OutlineModule, OutlineLesson]:
    """Mark a lesson as done; twice is the same as once. Raises NotFound, or Refused for who is not enrolled."""
    outline = outline_of(session, slug=course)
    of_module, found = outline.lesson(module, lesson)
    must_be_enrolled(session, person_id=person_id, course_id=outline.course_id)
    new = insert_if_new(
        session,
        LessonDone,
        {"person_id": person_id, "lesson_id": found.id, "done_at": now},
        unique=("person_id", "lesson_id"),
    )
    if new:
        tell(session, LessonCompleted(person_id=person_id, lesson_id=found.id, at=now))
        complete_if_met(session, person_id=person_id, outline=outline, now=now)
    return outline, of_module, found


def mark_not_done(session: Session, *, person_id: int, course: str, module: str, lesson: str) -> None:
    """Take the mark back; a course that was completed stays completed."""
    outline = outline_of(session, slug=course)
    _, found = outline.lesson(module, lesson)
    session.execute(delete(LessonDone).where(LessonDone.person_id == person_id, LessonDone.lesson_id == found.id))


def record_result(
    session: Session, *, person_id: int, activity_id: int, score: float, passed: bool, now: datetime
) -> None:
    """Record a result in an activity: the best score is kept, and once passed stays passed."""
    values = {
        "person_id": person_id,
        "activity_id": activity_id,
        "score": score,
        "passed_at": now if passed else None,
        "recorded_at": now,
    }
    if not insert_if_new(session, ActivityResult, values, unique=("person_id", "activity_id")):
        kept = session.scalars(
            select(ActivityResult)
            .where(ActivityResult.person_id == person_id, ActivityResult.activity_id == activity_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        kept.score = max(kept.score, score)
        kept.recorded_at = now
        if passed and kept.passed_at is None:
            kept.passed_at = now
        session.flush()
    place = activity_place(session, activity_id=activity_id)
    outline = outline_by_id(session, course_id=place.course_id)
    complete_if_met(session, person_id=person_id, outline=outline, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of completion as it stands for a person; ``missing`` are the steps that would meet it, nearest first."""

    rule: str  # lessons_done, quizzes_passed, worksheets_done
    met: bool
    have: int
    need: int
    missing: tuple[NextStep, ...]


def rules_of(outline: Outline, progress: Progress) -> tuple[Rule, ...]:
    """The course's own rules, in the package's order, for what ``progress`` has."""
    return tuple(_rule(outline, progress, rule) for rule in outline.completion["rules"])


def _rule(outline: Outline, progress: Progress, rule: Mapping[str, Any]) -> Rule:
    asked = rule["modules"]
    modules = [module for module in outline.ready if asked == "ready" or module.slug in asked]
    if rule["rule"] == "lessons_done":
        steps = [NextStep(module=module, lesson=lesson) for module in modules for lesson in module.lessons]
        missing = [step for step in steps if step.lesson and step.lesson.id not in progress.done]
    else:
        steps = [
            NextStep(module=module, activity=activity)
            for module in modules
            for activity in module.activities
            if (activity.kind == "worksheet") == (rule["rule"] == "worksheets_done")
        ]
        missing = [step for step in steps if step.activity and not progress.has_passed(step.activity)]
    return Rule(
        rule=rule["rule"],
        met=bool(steps) and not missing,
        have=len(steps) - len(missing),
        need=len(steps),
        missing=tuple(missing),
    )


def subject_of(course_slug: str) -> str:
    """How records and certificates name a course."""
    return f"course:{course_slug}"


def complete_if_met(session: Session, *, person_id: int, outline: Outline, now: datetime) -> Completion | None:
    """Record the course's completion if every rule is met now; gives the row, an earlier one too."""
    subject = subject_of(outline.slug)
    found = records.of_person(session, person_id=person_id, subject=subject)
    if found is not None:
        return found
    # Two last steps at one moment must not each miss the other's: the second waits here and then sees both.
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    _, progress = course_and_progress(session.connection(), slug=outline.slug, person_id=person_id)
    rules = rules_of(outline, progress)
    if not rules or not all(rule.met for rule in rules):
        return None
    minutes = sum(lesson.minutes for _, lesson in outline.lessons)
    # A worksheet is handed in or not: its 1 would lift the score of the quizzes.
    activities = [
        activity for module in outline.ready for activity in module.activities if activity.kind != "worksheet"
    ]
    scores = [progress.results[activity.id].score for activity in activities if activity.id in progress.results]
    facts = {
        "title": dict(outline.titles),
        "statement": dict(outline.certificate["statement"]),
        "minutes": minutes,
        "modules": len(outline.ready),
        "score": sum(scores) / len(scores) if scores else None,
        "version": outline.version,
        "languages": list(outline.languages),
    }
    return records.complete(session, person_id=person_id, subject=subject, facts=facts, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateState:
    """How a person stands before a course's certificate. ``serial`` is that of the one that stands."""

    outline: Outline
    progress: Progress
    rules: tuple[Rule, ...]
    completed_at: datetime | None
    email_verified: bool
    name: str
    name_confirmed: bool
    serial: str | None


def certificate_state(session: Session, *, person_id: int, course: str) -> CertificateState:
    """Every rule of a course's certificate as it stands for the person; what was completed stays met. NotFound."""
    outline, progress = course_and_progress(session.connection(), slug=course, person_id=person_id)
    person = session.get_one(Person, person_id)
    completion = records.of_person(session, person_id=person_id, subject=subject_of(course))
    rules = rules_of(outline, progress)
    if completion is not None:
        rules = tuple(Rule(rule=rule.rule, met=True, have=rule.need, need=rule.need, missing=()) for rule in rules)
    standing = certificates.standing(session, person_id=person_id, subject=subject_of(course))
    return CertificateState(
        outline=outline,
        progress=progress,
        rules=rules,
        completed_at=completion.completed_at if completion else None,
        email_verified=person.email_verified_at is not None,
        name=person.certificate_name or person.name,
        name_confirmed=person.name_confirmed_at is not None,
        serial=standing.serial if standing else None,
    )


def claim_certificate(
    session: Session, *, person_id: int, course: str, name: str, config: Config, now: datetime
) -> str | None:
    """Confirm how the name is printed; where every other rule is met, issue the certificate and give its serial.

    Raises Refused for a name that cannot be printed.
    """
    certificates.confirm_name(session, person_id=person_id, name=name, now=now)
    # A new version of the course may ask for less: then every rule is met without a last step of the person's.
    complete_if_met(session, person_id=person_id, outline=outline_of(session, slug=course), now=now)
    state = certificate_state(session, person_id=person_id, course=course)
    if state.completed_at is None or not state.email_verified:
        return None
    issued = certificates.issue(
        session, person_id=person_id, subject=subject_of(course), config=config, actor_id=person_id, now=now
    )
    return issued.serial
