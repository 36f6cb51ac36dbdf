"""The facts about questions follow every attempt, and can be worked out anew to the same sums."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from lms.cli import cli
from lms.commands.site import CommandLine
from lms.errors import Refused
from quizzes.attempts import afterwards
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptShare
from quizzes.attempts.rebuilding import rebuild
from quizzes.bank.models import KeyChange, Question, QuestionVersion
from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact
from quizzes.facts.services import WHOLE
from quizzes.regrading import services as regrading
from quizzes.regrading.models import Regrade
from tests.quizzes.crowd import event, facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, PART_KINDS, TYPES, School, choice

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


OPTIONS = st.sampled_from([None, "a", "b", "c"])
ACTS = st.one_of(
    st.tuples(st.just("sit"), OPTIONS, OPTIONS, st.integers(0, 9)),
    st.tuples(st.just("late"), OPTIONS, st.just(None), st.integers(0, 9)),
    st.tuples(st.just("decide"), st.booleans(), st.just(None), st.integers(0, 9)),
    st.tuples(st.just("key"), st.sampled_from("abc"), st.just(None), st.just(0)),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=3, max_size=14))
def test_facts_kept_up_to_date_equal_facts_worked_out_anew(school: School, acts: list[tuple]) -> None:  # type: ignore[type-arg]
    """Tries, late answers that a trainer lets count or not, and keys that change, in any order."""
    with school.site.writing() as session:
        for model in (Attempt, Regrade, KeyChange, ItemFact, ChoiceFact, QuizFact):
            session.execute(delete(model))
    school.install(QUESTIONS)
    attempts: list[int] = []
    for act, first, second, number in acts:
        if act == "sit":
            answers = {"q1": first, "q2": second}
            attempts.append(sit(school, {uid: {"chosen": [one]} for uid, one in answers.items() if one}))
        elif act == "late" and attempts:
            with school.site.writing() as session:
                answer = {"chosen": [first]} if first else {}
                session.add(event(attempts[number % len(attempts)], 1, answer, MONDAY + timedelta(hours=1), late=True))
        elif act == "decide":
            decide(school, number, counts=bool(first))
        elif act == "key":
            change_key(school, str(first))

    kept = facts_of(school)
    with school.site.writing() as session:
        rebuild(session, quiz_id=quiz_of(school), types=TYPES)

    assert facts_of(school) == kept
    assert len(school.rows(AttemptShare)) == len(attempts)


def decide(school: School, number: int, *, counts: bool) -> None:
    late = [one.id for one in school.rows(AnswerEvent) if one.late]
    if not late:
        return
    trainer = school.site.person(role="trainer")
    with school.site.writing() as session:
        afterwards.decide_late(
            session,
            quiz_id=quiz_of(school),
            event_id=late[number % len(late)],
            counts=counts,
            reason="The network was away.",
            by_id=trainer.id,
            types=TYPES,
            facts={},
            now=MONDAY,
        )


def change_key(school: School, right: str) -> None:
    """Publish q1 with another key and let it mark what was answered before."""
    school.install([choice("q1", right=right), *QUESTIONS[1:]])
    trainer, quiz_id = school.site.person(role="trainer"), quiz_of(school)
    with suppress(Refused), school.site.writing() as session:
        found = regrading.propose(
            session,
            quiz_id=quiz_id,
            uid="q1",
            reason="",
            by_id=trainer.id,
            types=TYPES,
            log={},
            now=MONDAY,
        )
        regrading.apply(session, quiz_id=found.quiz_id, regrade_id=found.id, by_id=trainer.id, log={}, now=MONDAY)
        while found.state == regrading.APPLYING:
            regrading.step(session, regrade_id=found.id, types=TYPES, now=MONDAY)


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
        decide(school, 0, counts=True)

    assert facts_of(school) == []
