"""Progress: what a person has done, where they left off, and which rules of the certificate they meet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Integer, and_, bindparam, delete, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from courses.checks.services import ANSWER, Asker, KeptAnswer, answered_by, answers_in, answers_of
from courses.enrolment.models import Enrolment
from courses.enrolment.services import must_be_enrolled
from courses.hooks import LessonCompleted
from courses.learning.models import ActivityResult, LessonDone
from courses.outline.models import Activity, Course, Module
from courses.outline.services import (
    LessonBody,
    Outline,
    OutlineActivity,
    OutlineLesson,
    OutlineModule,
    body_of,
    kept_checks,
    outline_at,
    outline_of,
)
from lms import clock
from lms.accounts.asking import KnownAsker, stands, values_of
from lms.accounts.models import Person
from lms.certificates import services as certificates
from lms.certificates.models import Certificate
from lms.config import Config
from lms.database.statements import BuiltOnce, built_once
from lms.database.writing import insert_if_new
from lms.errors import AskerChanged, NotFound
from lms.plugins.events import tell
from lms.records import services as records
from lms.records.models import Completion
from lms.text.localised import Text

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


def _of_one_course(statement: Any) -> Any:
    return _with_what_was_done(statement).where(Course.slug == bindparam("slug"), Course.published_at.is_not(None))


# Each with and without making sure of who asks, built once: putting one together anew costs more than running it.
_course_and_done, _course_and_progress = {}, {}
for _sure in (True, False):
    _made = _of_one_course(_done if _sure else _done.add_columns(stands()))
    _course_and_done[_sure] = built_once(_made)
    _made = union_all(_made, _results if _sure else _results.add_columns(null().label("stands")))
    _course_and_progress[_sure] = built_once(_made)


def _with_what_was_earned(statement: Any) -> Any:
    """What a person has done in the course of a statement, and of all courses the results and what was earned."""
    earned = select(
        *(null().label(column.key) for column in _done.selected_columns), Completion.subject.label("subject")
    ).where(Completion.person_id == bindparam("person_id"))
    nothing = null().label("subject")
    return union_all(_with_what_was_done(statement.add_columns(nothing)), _results.add_columns(nothing), earned)


_all_that_counts = built_once(_with_what_was_earned(_done.where(Course.id == bindparam("course_id"))))
_all_that_counts_with = built_once(
    _with_what_was_earned(
        _done.select_from(Course)
        .join(Module, Module.course_id == Course.id)
        .join(Activity, Activity.module_id == Module.id)
        .where(Activity.id == bindparam("activity_id"))
    )
)
_courses_and_progress = built_once(
    union_all(_with_what_was_done(_done).where(Course.published_at.is_not(None)), _results)
)


def course_and_progress(
    connection: Connection, *, slug: str, person_id: int | None, asker: KnownAsker | None = None
) -> tuple[Outline, Progress]:
    """A published course and what the person has done in it, in one statement.

    Given an ``asker``, it also makes sure of them. Raises NotFound, or AskerChanged.
    """
    statement = (_course_and_progress if person_id else _course_and_done)[asker is None]
    rows = statement.rows(connection, values_of(person_id, asker, now=clock.now()) | {"slug": slug})
    of_course = _course_in(rows, asker)
    outline = outline_at(connection, course_id=of_course[0].id, revision=of_course[0].revision)
    return outline, _progress(of_course, _results_in(rows))


def _course_in(rows: Sequence[Any], asker: KnownAsker | None) -> list[Any]:
    found = [row for row in rows if row.id is not None]
    if not found:
        raise NotFound
    if asker is not None and not found[0].stands:
        raise AskerChanged
    return found


def catalogue(connection: Connection, *, person_id: int | None) -> list[tuple[Outline, Progress]]:
    """Every published course in the order of their ids, with the person's progress, in one statement."""
    rows = _courses_and_progress.rows(connection, {"person_id": person_id or 0})
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
    answers: Mapping[str, KeptAnswer]  # to the lesson's self-checks, by their slugs
    may_read: bool  # a guest reads the first lesson; the rest is for people who enrolled


@cache
def _course_and_answers(checks: int, *, sure: bool) -> Any:
    """What was done in a course, and the answers to so many self-checks (``check0`` and so on)."""
    columns: list[Any] = [Course.id, Course.revision, Enrolment.id.label("enrolment_id"), LessonDone.lesson_id]
    if not sure:
        columns.append(stands())
    if not checks:
        return _of_one_course(select(*columns))
    done = _of_one_course(select(*columns, *(type_coerce(null(), one.type).label(one.name) for one in ANSWER)))
    ids = [bindparam(f"check{number}", type_=Integer) for number in range(checks)]
    answers = select(*(null().label(one.name) for one in columns), *ANSWER).where(answered_by("person_id", ids))
    return union_all(done, answers)


def open_lesson(
    connection: Connection,
    *,
    person_id: int | None,
    course: str,
    module: str,
    lesson: str,
    language: str,
    guest: str | None = None,
    asker: KnownAsker | None = None,
) -> OpenLesson:
    """A lesson with its text and the answers to its self-checks.

    For a person it takes one statement, once the course's revision is known to this process. Given an ``asker``, it
    also makes sure of them. Raises NotFound, or AskerChanged.
    """
    place = {"course": course, "module": module, "lesson": lesson, "language": language}
    expected = kept_checks(connection, **place) if person_id else ()
    values = {f"check{number}": check.id for number, check in enumerate(expected)}
    statement = _course_and_answers(len(expected), sure=asker is None)
    rows = connection.execute(statement, values_of(person_id, asker, now=clock.now()) | values | {"slug": course}).all()
    of_course = _course_in(rows, asker)
    outline = outline_at(connection, course_id=of_course[0].id, revision=of_course[0].revision)
    of_module, found = outline.lesson(module, lesson)
    body = body_of(connection, outline, found, language=language)
    if body.checks == expected:
        answers = answers_in(rows, expected) if expected else {}
    else:
        answers = answers_of(connection, body.checks, Asker(person_id=person_id, guest=guest))
    progress = _progress(of_course, {})
    is_first = outline.lessons[0][1].id == found.id
    return OpenLesson(
        outline=outline,
        module=of_module,
        lesson=found,
        body=body,
        progress=progress,
        answers=answers,
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
    session: Session,
    *,
    person_id: int,
    activity_id: int,
    score: float,
    passed: bool,
    now: datetime,
    keep_best: bool = True,
) -> None:
    """Record a result in an activity: the best score is kept, and once passed stays passed.

    Without ``keep_best`` the score is the one given, for an activity that chooses itself which one counts.
    """
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
        kept.score = max(kept.score, score) if keep_best else score
        kept.recorded_at = now
        if passed and kept.passed_at is None:
            kept.passed_at = now
        session.flush()
    # Published or not: a try whose time runs out after the course was taken away is closed, and counts, all the same.
    _hold(session, person_id)
    _complete_if_met(session, _all_that_counts_with, {"person_id": person_id, "activity_id": activity_id}, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a paper as it stands for a person; ``missing`` are the steps that would meet it, nearest first.

    ``activities`` are those that a rule names one by one.
    """

    rule: str  # lessons_done, modules_read, quizzes_passed, worksheets_done, activities_done
    met: bool
    have: int
    need: int
    missing: tuple[NextStep, ...]
    activities: tuple[OutlineActivity, ...] = ()


def rules_of(outline: Outline, progress: Progress, paper: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of one of the course's papers, in the package's order, for what ``progress`` has."""
    return tuple(_rule(outline, progress, rule) for rule in paper["rules"])


def _rule(outline: Outline, progress: Progress, rule: Mapping[str, Any]) -> Rule:
    kind, asked, named = rule["rule"], rule["modules"], rule.get("activities") or ()
    modules = [module for module in outline.ready if asked == "ready" or module.slug in asked]
    if kind == "lessons_done":
        steps = [NextStep(module=module, lesson=lesson) for module in modules for lesson in module.lessons]
    elif kind == "modules_read":
        steps = [NextStep(module=module, lesson=_first_undone(module, progress)) for module in modules]
    elif kind == "activities_done":
        steps = [
            NextStep(module=module, activity=activity)
            for module in outline.ready
            for activity in module.activities
            if f"{module.slug}/{activity.slug}" in named
        ]
    else:
        steps = [
            NextStep(module=module, activity=activity)
            for module in modules
            for activity in module.activities
            if (activity.kind == "worksheet") == (kind == "worksheets_done")
        ]
    missing = [step for step in steps if not _is_done(step, progress)]
    need = min(rule.get("least") or len(steps), len(steps))
    have = min(len(steps) - len(missing), need)
    # What a rule asked for may have left the course: a rule that asks nothing is not met by everybody at once.
    met = have == need > 0
    return Rule(
        rule=kind,
        met=met,
        have=have,
        need=need,
        missing=() if met else tuple(missing),
        activities=tuple(step.activity for step in steps if step.activity) if kind == "activities_done" else (),
    )


def _first_undone(module: OutlineModule, progress: Progress) -> OutlineLesson | None:
    return next((lesson for lesson in module.lessons if lesson.id not in progress.done), None)


def _is_done(step: NextStep, progress: Progress) -> bool:
    if step.activity is not None:
        return progress.has_passed(step.activity)
    return step.lesson is None or step.lesson.id in progress.done


MAIN_PAPER = "completion"


def subject_of(course_slug: str, paper: str = MAIN_PAPER) -> str:
    """How records and certificates name a paper of a course; the paper “completion” is the course itself."""
    return f"course:{course_slug}" if paper == MAIN_PAPER else f"course:{course_slug}:{paper}"


# Two last steps at one moment must not each miss the other's: the second waits for the person's row and then sees both.
_held_person = built_once(select(Person.id).where(Person.id == bindparam("person_id")).with_for_update(key_share=True))


def _hold(session: Session, person_id: int) -> None:
    connection = session.connection()
    if connection.dialect.name != "sqlite":  # there who writes waits for all others at its beginning
        connection.execute(_held_person, {"person_id": person_id})


def complete_if_met(session: Session, *, person_id: int, outline: Outline, now: datetime) -> None:
    """Record each paper of the course whose rules are all met now; what was recorded earlier stays."""
    _hold(session, person_id)
    _complete_if_met(session, _all_that_counts, {"person_id": person_id, "course_id": outline.course_id}, now=now)


def _complete_if_met(session: Session, statement: BuiltOnce, values: Mapping[str, int], *, now: datetime) -> None:
    connection = session.connection()
    rows = statement.rows(connection, values)
    of_course = [row for row in rows if row.id is not None]
    outline = outline_at(connection, course_id=of_course[0].id, revision=of_course[0].revision)
    progress = _progress(of_course, _results_in(rows))
    earned = {row.subject for row in rows}
    for paper in outline.papers:
        subject = subject_of(outline.slug, paper["id"])
        if subject in earned:
            continue
        rules = rules_of(outline, progress, paper)
        if rules and all(rule.met for rule in rules):
            facts = _facts(outline, progress, paper)
            records.complete(session, person_id=values["person_id"], subject=subject, facts=facts, now=now)


def _facts(outline: Outline, progress: Progress, paper: Mapping[str, Any]) -> dict[str, object]:
    """What a certificate says: the effort and the marks of what the person did, in words of the paper."""
    done = [lesson for _, lesson in outline.lessons if lesson.id in progress.done]
    read = [module for module in outline.ready if progress.done_in(module) == len(module.lessons)]
    # A worksheet is handed in or not: its 1 would lift the score of the quizzes.
    scores = [
        progress.results[activity.id].score
        for module in outline.ready
        for activity in module.activities
        if activity.kind != "worksheet" and activity.id in progress.results
    ]
    asks_for_marks = any(rule["rule"] == "quizzes_passed" for rule in paper["rules"])
    return {
        "title": dict(outline.titles),
        "paper": dict(paper["title"]),
        "statement": dict(paper["statement"]),
        "minutes": sum(lesson.minutes for lesson in done),
        "modules": len(read),
        "score": sum(scores) / len(scores) if scores and asks_for_marks else None,
        "version": outline.version,
        "languages": list(outline.languages),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperState:
    """How a person stands before one paper. ``serial`` is that of the certificate that stands."""

    id: str
    titles: Text
    rules: tuple[Rule, ...]
    completed_at: datetime | None
    serial: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateState:
    """How a person stands before a course's papers, and what every paper needs beside its rules."""

    outline: Outline
    progress: Progress
    papers: tuple[PaperState, ...]
    email_verified: bool
    name: str
    name_confirmed: bool


_person_and_papers = (
    select(
        Person.name,
        Person.certificate_name,
        Person.name_confirmed_at,
        Person.email_verified_at,
        Completion.subject,
        Completion.completed_at,
        Certificate.serial,
        Certificate.revoked_at,
    )
    .outerjoin(
        Completion,
        and_(Completion.person_id == Person.id, Completion.subject.in_(bindparam("subjects", expanding=True))),
    )
    .outerjoin(
        Certificate, and_(Certificate.person_id == Completion.person_id, Certificate.subject == Completion.subject)
    )
    .where(Person.id == bindparam("person_id"))
    .order_by(Certificate.version)
)


def certificate_state(session: Session, *, person_id: int, course: str) -> CertificateState:
    """Every rule of a course's papers as it stands for the person; what was completed stays met. NotFound.

    In two statements, once the course's revision is known to this process.
    """
    outline, progress = course_and_progress(session.connection(), slug=course, person_id=person_id)
    subjects = {paper["id"]: subject_of(course, paper["id"]) for paper in outline.papers}
    rows = session.execute(_person_and_papers, {"person_id": person_id, "subjects": list(subjects.values())}).all()
    person = rows[0]
    earned = {row.subject: row for row in rows}  # of a certificate that was corrected the newest version
    papers = []
    for paper in outline.papers:
        of_paper = earned.get(subjects[paper["id"]])
        rules = rules_of(outline, progress, paper)
        if of_paper is not None:
            rules = tuple(replace(rule, met=True, have=rule.need, missing=()) for rule in rules)
        papers.append(
            PaperState(
                id=paper["id"],
                titles=paper["title"],
                rules=rules,
                completed_at=of_paper.completed_at if of_paper is not None else None,
                serial=of_paper.serial if of_paper is not None and of_paper.revoked_at is None else None,
            )
        )
    return CertificateState(
        outline=outline,
        progress=progress,
        papers=tuple(papers),
        email_verified=person.email_verified_at is not None,
        name=person.certificate_name or person.name,
        name_confirmed=person.name_confirmed_at is not None,
    )


def claim_certificates(
    session: Session, *, person_id: int, course: str, name: str, config: Config, now: datetime
) -> tuple[str, ...]:
    """Confirm how the name is printed, and issue each paper whose every other rule is met; gives the serials.

    Papers that were issued earlier stay as they are; their serials are given where nothing is new. Raises Refused for
    a name that cannot be printed.
    """
    certificates.confirm_name(session, person_id=person_id, name=name, now=now)
    # A new version of the course may ask for less: then every rule is met without a last step of the person's.
    complete_if_met(session, person_id=person_id, outline=outline_of(session, slug=course), now=now)
    state = certificate_state(session, person_id=person_id, course=course)
    if not state.email_verified:
        return ()
    earned = [paper for paper in state.papers if paper.completed_at is not None]
    wanted = [paper for paper in earned if paper.serial is None] or earned
    return tuple(
        certificates.issue(
            session,
            person_id=person_id,
            subject=subject_of(course, paper.id),
            config=config,
            actor_id=person_id,
            now=now,
        ).serial
        for paper in wanted
    )
