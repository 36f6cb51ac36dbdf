"""People who take a quiz, by the services alone: quick where a test needs many."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from courses.enrolment.models import Enrolment
from lms.accounts.models import Person
from quizzes.attempts import afterwards, services
from quizzes.attempts.models import AnswerEvent, AttemptQuestion
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.facts.services import all_of
from tests.quizzes.school import MONDAY, TYPES, School

_counters = itertools.count(1)


def sit(
    school: School,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    person: Person | None = None,
    name: str = "",
    pace: timedelta = timedelta(seconds=30),
    now: datetime = MONDAY,
    submit: bool = True,
) -> int:
    """Begin an attempt, answer with stable ids (``{"q1": {"chosen": ["b"]}}``) each after ``pace``, and submit it."""
    if person is None:
        values = {"name": name} if name else {}
        person = school.site.person(**values)
    with school.site.writing() as session:
        if session.scalar(select(Enrolment.id).where(Enrolment.person_id == person.id)) is None:
            session.add(Enrolment(course_id=school.course_id, person_id=person.id, enrolled_at=now))
            session.flush()
        attempt = services.start(
            session,
            person_id=person.id,
            course_slug="trade",
            module_slug="basics",
            activity_slug="quiz",
            types=TYPES,
            now=now,
        ).standing.attempt
        places = dict(
            session.execute(
                select(Question.uid, AttemptQuestion.position)
                .join(QuestionVersion, QuestionVersion.question_id == Question.id)
                .join(AttemptQuestion, AttemptQuestion.question_version_id == QuestionVersion.id)
                .where(AttemptQuestion.attempt_id == attempt.id)
            ).all()
        )
        moment = now
        for uid, answer in answers.items():
            if uid in places:
                moment += pace
                session.add(event(attempt.id, places[uid], answer, moment))
        session.flush()
        if submit:
            services.submit(session, attempt_id=attempt.id, person_id=person.id, types=TYPES, now=moment)
        return attempt.id


def event(
    attempt_id: int, position: int, answer: Mapping[str, Any], at: datetime, *, late: bool = False
) -> AnswerEvent:
    """An answer as the journal holds it."""
    number = next(_counters)
    return AnswerEvent(
        attempt_id=attempt_id,
        question_position=position,
        client="phone",
        counter=number,
        seen=None,
        answer=answer,
        made_at=at,
        late=late,
        receipt=f"{number:08d}",
    )


def decide(school: School, event_id: int, *, counts: bool, by: Person, now: datetime = MONDAY) -> None:
    """Let a trainer decide whether a late answer counts."""
    with school.site.writing() as session:
        afterwards.decide_late(
            session,
            quiz_id=quiz_of(school),
            event_id=event_id,
            counts=counts,
            reason="The network was away.",
            by_id=by.id,
            types=TYPES,
            facts={},
            now=now,
        )


def quiz_of(school: School) -> int:
    with school.site.reading() as session:
        return session.scalars(select(Quiz.id).where(Quiz.activity_id == school.activity_id)).one()


def facts_of(school: School) -> list[tuple[Any, ...]]:
    with school.site.reading() as session:
        return all_of(session, quiz_of(school))
