"""A package's quiz comes into the bank: as it is, again without a trace, and never over a trainer's work."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lms.errors import Invalid
from quizzes.bank import services as bank
from quizzes.bank.models import Question, QuestionVersion, Quiz
from tests.quizzes.school import ALL_KINDS, MONDAY, TYPES, School, choice


def test_a_quiz_is_installed_with_its_rules_and_one_published_version_a_question(school: School) -> None:
    line = school.install(tries=3, draw=2, time_limit_minutes=20)

    assert line == "questions: 5 added; the quiz's rules changed"
    quiz = school.rows(Quiz)[0]
    assert (quiz.tries, quiz.draw, quiz.time_limit_seconds, quiz.pass_mark) == (3, 2, 1200, 0.7)
    assert [question.uid for question in school.rows(Question)] == [item["id"] for item in ALL_KINDS]
    assert {(version.number, version.state) for version in school.rows(QuestionVersion)} == {(1, "published")}


def test_installing_the_same_again_writes_nothing(school: School) -> None:
    school.install()
    before = [(version.id, version.hash) for version in school.rows(QuestionVersion)]
    revision = school.rows(Quiz)[0].revision

    assert school.install() is None

    assert [(version.id, version.hash) for version in school.rows(QuestionVersion)] == before
    assert school.rows(Quiz)[0].revision == revision


def test_only_the_question_that_changed_gets_a_new_version(school: School) -> None:
    school.install([choice("one"), choice("two")])

    line = school.install([choice("one"), choice("two", prompt="What fits better?")])

    assert line == "questions: 1 changed"
    versions = [(version.question_id, version.number, version.state) for version in school.rows(QuestionVersion)]
    one, two = (question.id for question in school.rows(Question))
    assert sorted(versions) == [(one, 1, "published"), (two, 1, "superseded"), (two, 2, "published")]


def test_a_question_that_left_the_package_is_retired_and_comes_back(school: School) -> None:
    school.install([choice("one"), choice("two")])

    assert school.install([choice("one")]) == "questions: 1 retired"
    with school.site.reading() as session:
        quiz = bank.quiz_of(session, activity_id=school.activity_id)
        assert [question.uid for question in bank.current_versions(session, quiz_id=quiz.id)] == ["one"]

    assert school.install([choice("one"), choice("two")]) == "questions: 1 changed"
    with school.site.reading() as session:
        assert len(bank.current_versions(session, quiz_id=quiz.id)) == 2


def _publish(school: School, uid: str, prompt: str) -> None:
    trainer = school.site.person(role="trainer")
    with school.site.writing() as session:
        quiz = bank.quiz_of(session, activity_id=school.activity_id)
        question = bank.question_in(session, quiz_id=quiz.id, uid=uid)
        spec = choice(uid, prompt=prompt)["spec"]
        draft = bank.save_draft(
            session, question_id=question.question_id, spec=spec, person_id=trainer.id, types=TYPES, now=MONDAY
        )
        bank.publish(session, version_id=draft.id, person_id=trainer.id, types=TYPES, now=MONDAY)


def _published_prompt(school: School, uid: str) -> str:
    with school.site.reading() as session:
        spec = session.scalars(
            select(QuestionVersion.spec)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.uid == uid, QuestionVersion.state == "published")
        ).one()
        return str(spec["prompt"]["en"])


def test_a_trainers_text_stays_while_the_package_says_what_it_said(school: School) -> None:
    school.install([choice("one")])
    _publish(school, "one", "The trainer asks this.")

    assert school.install([choice("one")]) is None

    assert _published_prompt(school, "one") == "The trainer asks this."


def test_a_trainers_text_stays_when_the_package_changes_too_and_the_line_says_so(school: School) -> None:
    school.install([choice("one")])
    _publish(school, "one", "The trainer asks this.")

    line = school.install([choice("one", prompt="The package asks that.")])

    assert line == "kept as a trainer published it, though the package changed too: one"
    assert _published_prompt(school, "one") == "The trainer asks this."


def test_a_trainers_text_that_went_back_into_the_package_follows_the_package_again(school: School) -> None:
    school.install([choice("one")])
    _publish(school, "one", "The trainer asks this.")
    school.install([choice("one", prompt="The trainer asks this.")])

    school.install([choice("one", prompt="The package asks that.")])

    assert _published_prompt(school, "one") == "The package asks that."


def test_a_question_never_changes_its_kind(school: School) -> None:
    school.install([choice("one")])

    with pytest.raises(Invalid, match="was of kind single_choice"):
        school.install([{**ALL_KINDS[3], "id": "one"}])


def test_a_faulty_question_is_refused_and_nothing_is_installed(school: School) -> None:
    faulty = choice("two")
    faulty["spec"]["options"][0]["right"] = True

    with pytest.raises(bank.NotReady) as refused:
        school.install([choice("one"), faulty])

    assert (refused.value.uid, [problem.path for problem in refused.value.problems]) == ("two", ["options"])
    assert school.rows(Question) == []


def test_what_was_installed_can_be_written_back_to_a_package(school: School) -> None:
    school.install(tries=None, draw=3, time_limit_minutes=20)

    with school.site.reading() as session:
        written = bank.definition_of(session, activity_id=school.activity_id)

    assert written == {
        "title": {"en": "Quiz of the basics"},
        "pass_mark": 0.7,
        "tries": None,
        "draw": 3,
        "time_limit_minutes": 20,
        "questions": list(ALL_KINDS),
    }
