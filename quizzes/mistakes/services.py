"""Which questions a person missed, which of them are due, and what an answer to one changes.

A question is one's mistake if it was not fully right in a try that is over and may be explained. That follows from the
results each time that it is asked: nothing has to be kept up to date, and a regrade or a late decision counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Course, Module
from courses.outline.services import lesson_links
from lms.errors import N_, NotFound, Refused
from lms.text.localised import Text
from quizzes import activity
from quizzes.asking import current_spec
from quizzes.attempts import journal
from quizzes.attempts.ends import end_of
from quizzes.attempts.journal import DrawnForAnswer
from quizzes.attempts.models import Attempt, AttemptQuestion, HintAsked, Result
from quizzes.attempts.services import AFTER_CLOSE, AT_ONCE, DrawnQuestion
from quizzes.bank.models import PUBLISHED, CaseStem, Question, QuestionVersion, Quiz, has_state
from quizzes.marking.spacing import Memory, Recall, after_answer
from quizzes.mistakes.models import MistakeSet, Recollection
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Given, Mark
from quizzes.question_types.seeds import new_seed

Types = Mapping[str, QuestionType]

A_DAY = 10
"""Questions that one practises on one day at most."""

# Thirds and tenths are not exact in a float.
_RIGHT = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A question that a person missed, in the version that is published now, and since when it is due."""

    version_id: int
    stem_id: int | None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """What a person missed in a course. ``due`` holds what they may practise now, what is due longest first.

    ``all`` counts every missed question, ``today`` those answered since the day began, ``waiting`` those of a quiz in
    which a try is open. ``next_at``: when the next one is due, None if there is none.
    """

    course_id: int
    course_slug: str
    course_title: Text
    due: tuple[Missed, ...]
    all: int
    today: int
    waiting: int
    next_at: datetime | None


def mistakes_of(session: Session, *, person_id: int, course_slug: str, day_began: datetime, now: datetime) -> Mistakes:
    """Return what a person may practise today, nothing for who does not take the course; raises NotFound.

    ``day_began`` is when the day of the person began. It takes two statements, and one more for each open try whose
    time may be over.
    """
    tries = session.execute(_tries(person_id, course_slug, now)).all()
    if not tries:
        raise NotFound
    course = tries[0]
    busy = {
        row.Attempt.quiz_id
        for row in tries
        if row.Attempt is not None and row.Attempt.closed_at is None and _runs(session, row.Attempt, now)
    }
    missed = {} if course.enrolment_id is None else _missed(session, person_id, tries)
    today = 0
    found: list[Missed] = []
    waiting = 0
    for row, missed_at in missed.values():
        came_back = row.seen_at is not None and missed_at > row.seen_at
        due_at = row.due_at if row.due_at is not None and not came_back else missed_at
        if row.seen_at is not None and row.seen_at >= day_began:
            today += 1
            due_at = max(due_at, row.due_at)  # not twice a day
        if row.quiz_id in busy:
            waiting += 1
        else:
            found.append(Missed(version_id=row.version_id, stem_id=row.stem_id, due_at=due_at))
    found.sort(key=lambda one: (one.due_at, one.version_id))
    due = [one for one in found if one.due_at <= now]
    return Mistakes(
        course_id=course.id,
        course_slug=course.slug,
        course_title=course.short_title,
        due=tuple(due[: max(0, A_DAY - today)]),
        all=len(missed),
        today=today,
        waiting=waiting,
        next_at=min((one.due_at for one in found if one.due_at > now), default=None),
    )


def begin(session: Session, *, person_id: int, course_slug: str, day_began: datetime, now: datetime) -> None:
    """Put the questions that are due into a set; it replaces the last one.

    Raises NotFound; Refused for who does not take the course, and where nothing is due.
    """
    found = mistakes_of(session, person_id=person_id, course_slug=course_slug, day_began=day_began, now=now)
    activity.take_turns(session, person_id=person_id, course_id=found.course_id)
    if not found.due:
        raise Refused(N_("Nothing is due now."))
    session.execute(
        delete(MistakeSet).where(MistakeSet.course_id == found.course_id, MistakeSet.person_id == person_id)
    )
    session.add(
        MistakeSet(
            course_id=found.course_id,
            person_id=person_id,
            seed=new_seed(),
            items=[[one.version_id, one.stem_id] for one in found.due],
            answers={},
            begun_at=now,
        )
    )
    session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """One question of a set. ``answer``: what was answered last; None: not answered, ``{}``: left empty.

    ``due_at``: when it comes again, None before the first practice.
    """

    course_slug: str
    course_title: Text
    question: DrawnQuestion
    question_id: int
    quiz_id: int
    course_id: int
    of: int
    seed: int
    answer: Mapping[str, Any] | None
    due_at: datetime | None
    links: Mapping[str, tuple[Text, str]]  # by lesson; empty before the answer


def question_at(session: Session, *, person_id: int, course_slug: str, position: int, now: datetime) -> AskedAgain:
    """Return a question of a person's set.

    Raises NotFound, also where it may not be explained any more; Refused while a try of its quiz is open.
    """
    made, course = _set(session, person_id, course_slug)
    return _asked_again(session, made, course, person_id=person_id, position=position, now=now)


def answer(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    position: int,
    given: Given,
    types: Types,
    locale: str,
    now: datetime,
) -> None:
    """Keep the answer to a question of a set; the first one in a set says when the question comes again.

    Raises NotFound; BadAnswer for what cannot be read; Refused while a try of its quiz is open.
    """
    made, course = _set(session, person_id, course_slug)
    activity.take_turns(session, person_id=person_id, course_id=course.id)
    session.refresh(made)
    found = _asked_again(session, made, course, person_id=person_id, position=position, now=now)
    question = found.question
    held = DrawnForAnswer(
        attempt_id=0,
        position=position,
        seed=made.seed,
        course_id=course.id,
        kind=question.kind,
        spec=question.spec,
        spec_version=question.spec_version,
    )
    read = journal.read_answer(held, given, types=types, locale=locale)
    made.answers = {**made.answers, str(position): read}
    row = session.get(Recollection, (person_id, found.question_id))
    # Answered again after the solution was shown says nothing about what is remembered.
    if row is None or row.seen_at < made.begun_at:
        _remember(session, row, person_id, found.question_id, _recall(types[question.kind], question, read), now)
    session.flush()


def _remember(
    session: Session, row: Recollection | None, person_id: int, question_id: int, recall: Recall, now: datetime
) -> None:
    before = None
    if row is not None:
        before = Memory(stability=row.stability, difficulty=row.difficulty, seen_at=row.seen_at, due_at=row.due_at)
    memory = after_answer(before, recall, now=now)
    if row is None:
        row = Recollection(person_id=person_id, question_id=question_id)
        session.add(row)
    row.stability, row.difficulty = memory.stability, memory.difficulty
    row.seen_at, row.due_at = memory.seen_at, memory.due_at


def _recall(of_kind: QuestionType, question: DrawnQuestion, answer: Mapping[str, Any]) -> Recall:
    mark: Mark | None = of_kind.mark(current_spec(of_kind, question.spec, question.spec_version), answer or None)
    if mark is None:
        return "partly"  # nobody marks it here; the person compares it with the model
    if mark.score >= _RIGHT:
        return "right"
    return "partly" if mark.score > 0 else "wrong"


def _set(session: Session, person_id: int, course_slug: str) -> tuple[MistakeSet, Any]:
    row = session.execute(
        select(MistakeSet, Course.id, Course.slug, Course.short_title)
        .join(Course, Course.id == MistakeSet.course_id)
        .join(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == MistakeSet.person_id))
        .where(Course.slug == course_slug, Course.published_at.is_not(None), MistakeSet.person_id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.MistakeSet, row


def _asked_again(
    session: Session, made: MistakeSet, course: Any, *, person_id: int, position: int, now: datetime
) -> AskedAgain:
    if not 1 <= position <= len(made.items):
        raise NotFound
    version_id, stem_id = made.items[position - 1]
    row = session.execute(
        select(Question, QuestionVersion, Quiz, Module.slug.label("module_slug"), CaseStem.stem, Recollection.due_at)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(Quiz, Quiz.id == Question.quiz_id)
        .join(Activity, Activity.id == Quiz.activity_id)
        .join(Module, Module.id == Activity.module_id)
        .outerjoin(CaseStem, CaseStem.id == stem_id)
        .outerjoin(Recollection, and_(Recollection.question_id == Question.id, Recollection.person_id == person_id))
        .where(QuestionVersion.id == version_id, _may_be_explained(now))
    ).one_or_none()
    if row is None:
        raise NotFound
    if _is_open(session, person_id, row.Quiz.id, now):
        raise Refused(N_("You have a try of this quiz open. Submit it, then practise."))
    before = made.items[position - 2] if position > 1 else None
    answered = made.answers.get(str(position))
    return AskedAgain(
        course_slug=course.slug,
        course_title=course.short_title,
        course_id=course.id,
        question=DrawnQuestion(
            position=position,
            uid=row.Question.uid,
            kind=row.Question.kind,
            objective=row.Question.objective,
            explains=row.Question.explains,
            spec=row.QuestionVersion.spec,
            spec_version=row.QuestionVersion.spec_version,
            stem=row.stem,
            stem_goes_on=stem_id is not None and before is not None and before[1] == stem_id,
        ),
        question_id=row.Question.id,
        quiz_id=row.Quiz.id,
        of=len(made.items),
        seed=made.seed,
        answer=answered,
        due_at=row.due_at,
        links={} if answered is None else lesson_links(session, course_id=course.id, module_slug=row.module_slug),
    )


def _tries(person_id: int, course_slug: str, now: datetime) -> Any:
    """A course with each try of a person in it and the newest result; one row without a try where there is none."""
    newer = aliased(Result)
    quizzes = (
        select(Quiz.id)
        .join(Activity, Activity.id == Quiz.activity_id)
        .join(Module, Module.id == Activity.module_id)
        .where(Module.course_id == Course.id)
        .correlate(Course)
    )
    is_newest = ~exists().where(newer.attempt_id == Result.attempt_id, newer.number > Result.number)
    return (
        select(
            Course.id,
            Course.slug,
            Course.short_title,
            Enrolment.id.label("enrolment_id"),
            Attempt,
            Result.marks,
            and_(Activity.retired_at.is_(None), _may_be_explained(now)).label("may_be_explained"),
        )
        .select_from(Course)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == person_id))
        .outerjoin(Attempt, and_(Attempt.person_id == person_id, Attempt.quiz_id.in_(quizzes)))
        .outerjoin(Quiz, Quiz.id == Attempt.quiz_id)
        .outerjoin(Activity, Activity.id == Quiz.activity_id)
        .outerjoin(Result, and_(Result.attempt_id == Attempt.id, is_newest))
        .where(Course.slug == course_slug, Course.published_at.is_not(None))
    )


def _missed(session: Session, person_id: int, tries: Sequence[Any]) -> dict[int, tuple[Any, datetime]]:
    """Each question that a person missed in ``tries``, as `_asked` has it, and when it was missed last; by its id."""
    over = {
        row.Attempt.id: row
        for row in tries
        if row.Attempt is not None and row.Attempt.closed_at is not None and row.marks and row.may_be_explained
    }
    if not over:
        return {}
    found: dict[int, tuple[Any, datetime]] = {}
    scores = {(one, mark["position"]): mark["score"] for one, row in over.items() for mark in row.marks}
    for row in session.execute(_asked(person_id, list(over))):
        attempt, score = over[row.attempt_id].Attempt, scores.get((row.attempt_id, row.position))
        # An answer is not less right for the hint that it took.
        whole = 1 - attempt.hint_cost if row.hinted and attempt.hint_cost < 1 else 1.0
        if score is not None and score < whole * _RIGHT:
            _, known = found.get(row.question_id, (None, attempt.closed_at))
            found[row.question_id] = (row, max(known, attempt.closed_at))
    return found


def _may_be_explained(now: datetime) -> Any:
    """A condition on `Quiz`: what was right in it may be shown now, and may be practised."""
    still_open = exists().where(Attempt.quiz_id == Quiz.id, Attempt.closed_at.is_(None)).correlate(Quiz)
    return and_(
        Quiz.practice,
        or_(
            Quiz.review == AT_ONCE,
            and_(Quiz.review == AFTER_CLOSE, Quiz.closes_at <= now, ~still_open),
        ),
    )


def _is_open(session: Session, person_id: int, quiz_id: int, now: datetime) -> bool:
    attempt = session.scalar(
        select(Attempt).where(Attempt.quiz_id == quiz_id, Attempt.person_id == person_id, Attempt.closed_at.is_(None))
    )
    return attempt is not None and _runs(session, attempt, now)


def _runs(session: Session, attempt: Attempt, now: datetime) -> bool:
    if attempt.deadline is not None and now < attempt.deadline:  # outages only make it later
        return True
    ends_at = end_of(session, attempt, now=now)
    return ends_at is None or now < ends_at


def _asked(person_id: int, attempt_ids: Sequence[int]) -> Any:
    """The questions of attempts as they would be asked now, with what is known of this person's memory."""
    drawn = aliased(QuestionVersion)
    newest = (
        select(func.max(CaseStem.id))
        .where(CaseStem.quiz_id == Question.quiz_id, CaseStem.uid == Question.case_uid)
        .correlate(Question)
        .scalar_subquery()
    )
    place = (HintAsked.attempt_id == AttemptQuestion.attempt_id, HintAsked.position == AttemptQuestion.position)
    return (
        select(
            AttemptQuestion.attempt_id,
            AttemptQuestion.position,
            HintAsked.position.is_not(None).label("hinted"),
            Question.id.label("question_id"),
            Question.quiz_id,
            QuestionVersion.id.label("version_id"),
            newest.label("stem_id"),
            Recollection.seen_at,
            Recollection.due_at,
        )
        .join(drawn, drawn.id == AttemptQuestion.question_version_id)
        .join(Question, Question.id == drawn.question_id)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .outerjoin(HintAsked, and_(*place))
        .outerjoin(Recollection, and_(Recollection.question_id == Question.id, Recollection.person_id == person_id))
        .where(
            AttemptQuestion.attempt_id.in_(attempt_ids),
            Question.retired_at.is_(None),
            has_state(QuestionVersion, PUBLISHED),
        )
    )
