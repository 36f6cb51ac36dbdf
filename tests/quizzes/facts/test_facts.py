"""The facts about questions follow every attempt, and can be worked out anew to the same sums."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from lms.cli import cli
from lms.commands.site import CommandLine
from lms.errors import Refused
from quizzes.bank.models import Question, QuestionVersion
from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact
from quizzes.facts.services import WHOLE
from tests.quizzes.crowd import decide, event, facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, PART_KINDS, School, choice

QUESTIONS = [choice("q1"), choice("q2"), choice("q3")]
PLAN = next(one for one in PART_KINDS if one["id"] == "plan")


def test_a_submitted_try_adds_to_the_sums_of_each_question(school: School) -> None:
    school.install(QUESTIONS)

    sit(school, {"q1": {"chosen": ["b"]}, "q2": {"chosen": ["a"]}, "q3": {"chosen": ["b"]}})
    sit(school, {"q1": {"chosen": ["b"]}, "q2": {"chosen": ["b"]}})

    with school.site.reading() as session:
        rows = session.execute(
            select(Question.uid, ItemFact)
            .join(QuestionVersion, QuestionVersion.question_id == Question.id)
            .join(ItemFact, ItemFact.version_id == QuestionVersion.id)
        )
        items = {uid: (one.n, one.answered, one.x, one.xx, one.t, one.tt, one.xt) for uid, one in rows}
        choices = session.execute(
            select(Question.uid, ChoiceFact.choice, ChoiceFact.n, ChoiceFact.t)
            .join(QuestionVersion, QuestionVersion.question_id == Question.id)
            .join(ChoiceFact, ChoiceFact.version_id == QuestionVersion.id)
            .order_by(Question.uid, ChoiceFact.choice)
        ).all()
        quiz = session.scalars(select(QuizFact)).one()
    one, k = WHOLE, WHOLE * WHOLE
    assert items == {
        "q1": (2, 2, 2 * one, 2 * k, 2 * one, 2 * k, 2 * k),
        "q2": (2, 2, one, k, 3 * one, 5 * k, k),
        "q3": (2, 1, one, k, 3 * one, 5 * k, k),
    }
    assert [tuple(row) for row in choices] == [
        ("q1", "b", 2, 2 * one),
        ("q2", "a", 1, 2 * one),
        ("q2", "b", 1, one),
        ("q3", "b", 1, one),
    ]
    assert (quiz.attempts, quiz.passed, quiz.score) == (2, 0, 667 * 2)


def test_time_is_from_one_answer_to_the_next_and_a_long_pause_is_left_out(school: School) -> None:
    school.install(QUESTIONS)

    sit(school, {"q1": {"chosen": ["b"]}, "q2": {"chosen": ["b"]}}, pace=timedelta(seconds=40))
    sit(school, {"q1": {"chosen": ["b"]}}, pace=timedelta(minutes=11))

    with school.site.reading() as session:
        times = sorted((row.timed, row.seconds) for row in session.scalars(select(ItemFact)))
    assert times == [(0, 0), (1, 40), (1, 40)]


def test_a_try_counts_once_nothing_in_it_waits_for_a_trainer(school: School) -> None:
    school.install([*QUESTIONS, PLAN])

    sit(school, {"q1": {"chosen": ["b"]}, "plan": {"text": "By bus, as the neighbour does."}})
    assert facts_of(school) == []

    sit(school, {"q1": {"chosen": ["b"]}})
    assert [row[:3] for row in facts_of(school) if row[0] == "quiz_fact"] == [("quiz_fact", quiz_of(school), 1)]


def test_the_command_says_that_nothing_changed_or_mends_it(school: School) -> None:
    school.install(QUESTIONS)
    sit(school, {"q1": {"chosen": ["b"]}})
    kept = facts_of(school)
    line = CommandLine(school.site.config)

    assert "1 quizzes, 0 changed." in CliRunner().invoke(cli, ["quizzes", "facts", "rebuild"], obj=line).output
    with school.site.writing() as session:
        session.execute(delete(ItemFact))
    assert "1 quizzes, 1 changed." in CliRunner().invoke(cli, ["quizzes", "facts", "rebuild"], obj=line).output
    assert facts_of(school) == kept


def test_an_open_try_cannot_be_decided_about(school: School) -> None:
    school.install(QUESTIONS)
    attempt = sit(school, {}, submit=False)
    with school.site.writing() as session:
        session.add(event(attempt, 1, {"chosen": ["b"]}, MONDAY, late=True))

    with pytest.raises(Refused):
        decide(school, school.events()[0].id, counts=True, by=school.site.person(role="trainer"))

    assert facts_of(school) == []
