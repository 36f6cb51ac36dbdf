"""A quiz that very many have taken: every attempt, answer, result and share is a row, and the facts are their sums."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, insert, literal, select, text

from lms import clock
from lms.accounts.models import Person
from lms.testing import Site
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion, AttemptShare, Result
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.facts.services import WHOLE, Item, Share, Sums, write
from tests.quizzes.school import School, choice

QUESTIONS = 10
WAYS = 20  # in which the quiz is taken; each by as many people as every other
PASS_MARK = 0.7


@dataclass(frozen=True)
class Way:
    """How some people answer: the option that each chooses by position, and what it adds to the facts."""

    chosen: tuple[str, ...]
    share: Share

    @property
    def marks(self) -> list[dict[str, Any]]:
        return [
            {"position": position, "score": item.mark / WHOLE, "reason": ""}
            for position, item in enumerate(self.share.items, start=1)
        ]


def taken(site: Site, *, slug: str, answers: int) -> str:
    """Write a course whose quiz was answered so often; gives the address of its figures.

    There must be people enough in the database for each to take it at most a thousand times.
    """
    school = School.found(site, slug=slug)
    school.install([choice(f"q{number}") for number in range(QUESTIONS)])
    with site.writing() as session:
        quiz_id = session.scalars(select(Quiz.id).where(Quiz.activity_id == school.activity_id)).one()
        versions = session.scalars(
            select(QuestionVersion.id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.quiz_id == quiz_id)
            .order_by(Question.position)
        ).all()
        _sit(session, quiz_id, answers // QUESTIONS)
        for place, version_id in enumerate(versions, start=1):
            drawn = select(Attempt.id, literal(place), literal(version_id)).where(Attempt.quiz_id == quiz_id)
            session.execute(
                insert(AttemptQuestion).from_select(["attempt_id", "position", "question_version_id"], drawn)
            )
        session.execute(text("ANALYZE"))  # planners know nothing yet of so many rows
        sums = Sums()
        for number, way in enumerate(_ways(versions)):
            _take(session, quiz_id, number, way)
            sums.add(way.share, sign=answers // QUESTIONS // WAYS)
        write(session, quiz_id, sums)
    with site.engines.writing() as connection:
        connection.execute(text("ANALYZE"))
    return f"/quizzes/{slug}/basics/quiz/figures"


def _sit(session, quiz_id, attempts):  # type: ignore[no-untyped-def]
    """Closed attempts, each person's one after the other; the seed says in which way each is taken."""
    now = clock.now()
    left, number, people_there = attempts, 0, session.scalar(select(func.count()).select_from(Person))
    while left > 0:
        number += 1
        people = select(Person.id).order_by(Person.id).limit(left).subquery()
        columns = {
            "quiz_id": literal(quiz_id),
            "person_id": people.c.id,
            "number": literal(number),
            "seed": people.c.id % WAYS,
            "pass_mark": literal(PASS_MARK),
            "hint_cost": literal(0.0),
            "extra_seconds": literal(0),
            "opened_at": literal(now - timedelta(hours=1), Attempt.opened_at.type),
            "submitted_at": literal(now, Attempt.opened_at.type),
            "closed_at": literal(now, Attempt.opened_at.type),
        }
        session.execute(insert(Attempt).from_select(list(columns), select(*columns.values())))
        left -= people_there


def _ways(versions):  # type: ignore[no-untyped-def]
    chance = random.Random(2026)
    for number in range(WAYS):
        strength = (number + 0.5) / WAYS
        chosen = tuple("b" if chance.random() < 0.2 + 0.7 * strength else chance.choice("ac") for _ in versions)
        right = chosen.count("b") / len(versions)
        items = tuple(
            Item(version, WHOLE if option == "b" else 0, True, (option,), chance.randint(5, 90))
            for version, option in zip(versions, chosen, strict=True)
        )
        yield Way(chosen, Share(right >= PASS_MARK, round(right * WHOLE), items))


def _take(session, quiz_id, number, way):  # type: ignore[no-untyped-def]
    """The answers, the result and the share of everybody who takes it in this way."""
    now = clock.now()
    mine = (Attempt.quiz_id == quiz_id, Attempt.seed == number)
    answers = [literal({"chosen": [option]}, AnswerEvent.answer.type) for option in way.chosen]
    event = {
        "attempt_id": AttemptQuestion.attempt_id,
        "question_position": AttemptQuestion.position,
        "client": literal("filled"),
        "counter": AttemptQuestion.position,
        "answer": case(dict(enumerate(answers, start=1)), value=AttemptQuestion.position),
        "made_at": literal(now, AnswerEvent.made_at.type),
        "late": literal(False),
        "receipt": literal("00000000"),
    }
    asked = select(*event.values()).join(Attempt, Attempt.id == AttemptQuestion.attempt_id).where(*mine)
    session.execute(insert(AnswerEvent).from_select(list(event), asked))
    result = {
        "attempt_id": Attempt.id,
        "number": literal(1),
        "score": literal(way.share.score / WHOLE),
        "passed": literal(way.share.passed),
        "marks": literal(way.marks, Result.marks.type),
        "made_at": literal(now, Result.made_at.type),
    }
    session.execute(insert(Result).from_select(list(result), select(*result.values()).where(*mine)))
    share = {"attempt_id": Attempt.id, "items": literal(way.share.written(), AttemptShare.items.type)}
    session.execute(insert(AttemptShare).from_select(list(share), select(*share.values()).where(*mine)))
