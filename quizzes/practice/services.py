"""Begin a practice, answer a question of it, and have it explained; no row of it is an attempt or a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.outline.services import lesson_links
from lms.errors import N_, NotFound, Refused
from lms.text.localised import Text
from quizzes import activity
from quizzes.activity import QuizPlace
from quizzes.attempts import journal
from quizzes.attempts.ends import end_of
from quizzes.attempts.journal import DrawnForAnswer
from quizzes.attempts.models import Attempt
from quizzes.attempts.services import DrawnQuestion, practised
from quizzes.bank import services as bank
from quizzes.bank.models import CaseStem, Question, QuestionVersion
from quizzes.bank.services import ReadQuiz
from quizzes.marking.drawing import draw_some
from quizzes.practice.models import Practice
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Given
from quizzes.question_types.seeds import new_seed

Types = Mapping[str, QuestionType]


@dataclass(frozen=True, slots=True, kw_only=True)
class PractisedQuestion:
    """One question of a practice. ``answer``: what was answered last; None: not answered, ``{}``: left empty."""

    title: Text
    place: QuizPlace
    question: DrawnQuestion
    of: int
    seed: int
    answer: Mapping[str, Any] | None
    links: Mapping[str, tuple[Text, str]]  # by lesson; empty before the answer


def begin(
    session: Session, *, person_id: int, course_slug: str, module_slug: str, activity_slug: str, now: datetime
) -> None:
    """Begin a practice with every question that may be practised, in an order of its own; it replaces the last one.

    Raises NotFound; Refused for who does not take the course, or has a try of this quiz open.
    """
    quiz, place = activity.quiz_at(
        session, person_id=person_id, course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug
    )
    activity.take_turns(session, person_id=person_id, course_id=place.course_id)
    _must_have_no_open_try(session, quiz, person_id, now)
    pool = {one.question_id: one for one in practised(bank.current_versions(session, quiz_id=quiz.id), quiz)}
    if not pool:
        raise NotFound
    stems = bank.stems_of(session, quiz_id=quiz.id)
    seed = new_seed()
    drawn = [pool[one] for one in draw_some([one.candidate for one in pool.values()], count=None, rng_seed=seed)]
    session.execute(delete(Practice).where(Practice.quiz_id == quiz.id, Practice.person_id == person_id))
    session.add(
        Practice(
            quiz_id=quiz.id,
            person_id=person_id,
            seed=seed,
            items=[[one.version_id, stems[one.case_uid].id if one.case_uid in stems else None] for one in drawn],
            answers={},
            begun_at=now,
        )
    )
    session.flush()


def question_at(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    position: int,
    now: datetime,
) -> PractisedQuestion:
    """Return a question of a person's practice; raises NotFound, and Refused while a try of theirs is open."""
    quiz, place = activity.quiz_at(
        session, person_id=person_id, course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug
    )
    practice = _practice(session, quiz, person_id)
    _must_have_no_open_try(session, quiz, person_id, now)
    if not place.enrolled or not 1 <= position <= len(practice.items):
        raise NotFound
    question = _question(session, quiz, practice, position)
    answer = practice.answers.get(str(position))
    return PractisedQuestion(
        title=quiz.title,
        place=place,
        question=question,
        of=len(practice.items),
        seed=practice.seed,
        answer=answer,
        links={} if answer is None else lesson_links(session, course_id=place.course_id, module_slug=place.module_slug),
    )


def answer(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    position: int,
    given: Given,
    types: Types,
    locale: str,
    now: datetime,
) -> None:
    """Keep the answer to a question of a practice, in place of the last one.

    Raises NotFound; BadAnswer for what cannot be read; Refused while a try of theirs is open.
    """
    quiz, place = activity.quiz_at(
        session, person_id=person_id, course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug
    )
    activity.take_turns(session, person_id=person_id, course_id=place.course_id)
    _must_have_no_open_try(session, quiz, person_id, now)
    practice = _practice(session, quiz, person_id)
    if not 1 <= position <= len(practice.items):
        raise NotFound
    question = _question(session, quiz, practice, position)
    held = DrawnForAnswer(
        attempt_id=0,
        position=position,
        seed=practice.seed,
        course_id=place.course_id,
        kind=question.kind,
        spec=question.spec,
        spec_version=question.spec_version,
    )
    read = journal.read_answer(held, given, types=types, locale=locale)
    practice.answers = {**practice.answers, str(position): read}
    session.flush()


def _practice(session: Session, quiz: ReadQuiz, person_id: int) -> Practice:
    practice = session.scalar(select(Practice).where(Practice.quiz_id == quiz.id, Practice.person_id == person_id))
    if practice is None or not quiz.practice:
        raise NotFound
    return practice


def _must_have_no_open_try(session: Session, quiz: ReadQuiz, person_id: int, now: datetime) -> None:
    # Practice tells what is right: not while the same questions are being answered for a mark.
    attempt = session.scalar(
        select(Attempt).where(Attempt.quiz_id == quiz.id, Attempt.person_id == person_id, Attempt.closed_at.is_(None))
    )
    if attempt is None:
        return
    ends_at = end_of(session, attempt, now=now)
    if ends_at is None or now < ends_at:
        raise Refused(N_("You have a try of this quiz open. Submit it, then practise."))


def _question(session: Session, quiz: ReadQuiz, practice: Practice, position: int) -> DrawnQuestion:
    version_id, stem_id = practice.items[position - 1]
    row = session.execute(
        select(Question, QuestionVersion, CaseStem.stem)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .outerjoin(CaseStem, CaseStem.id == stem_id)
        .where(QuestionVersion.id == version_id)
    ).one_or_none()
    # The rules may have changed since it began: what is not to be explained at once any more is not.
    if row is None or (quiz.review != "at_once" and not row.Question.practice_only):
        raise NotFound
    return DrawnQuestion(
        position=position,
        uid=row.Question.uid,
        kind=row.Question.kind,
        objective=row.Question.objective,
        explains=row.Question.explains,
        spec=row.QuestionVersion.spec,
        spec_version=row.QuestionVersion.spec_version,
        stem=row.stem,
        stem_goes_on=stem_id is not None and position > 1 and practice.items[position - 2][1] == stem_id,
    )
