"""Trainers write drafts and publish them; what people may have answered never changes."""

from __future__ import annotations

import pytest

from lms.errors import NotFound, Refused
from quizzes.bank import services as bank
from quizzes.bank.models import QuestionVersion
from tests.quizzes.school import MONDAY, TYPES, School, choice


@pytest.fixture
def question_id(school: School) -> int:
    school.install([choice("one")])
    with school.site.reading() as session:
        quiz = bank.quiz_of(session, activity_id=school.activity_id)
        return bank.question_in(session, quiz_id=quiz.id, uid="one").question_id


def _draft(school: School, question_id: int, spec: dict[str, object]) -> QuestionVersion:
    trainer = school.site.person(role="trainer")
    with school.site.writing() as session:
        return bank.save_draft(
            session, question_id=question_id, spec=spec, person_id=trainer.id, types=TYPES, now=MONDAY
        )


def _publish(school: School, version_id: int) -> QuestionVersion:
    trainer = school.site.person(role="trainer")
    with school.site.writing() as session:
        return bank.publish(session, version_id=version_id, person_id=trainer.id, types=TYPES, now=MONDAY)


def test_a_draft_may_be_unfinished_and_is_kept_as_one_row(school: School, question_id: int) -> None:
    first = _draft(school, question_id, {"prompt": {"en": "Half a"}})
    second = _draft(school, question_id, {"prompt": {"en": "Half a question"}})

    assert (first.id, second.number, second.state) == (second.id, 2, "draft")


def test_a_draft_with_problems_is_not_published_and_the_problems_are_named(school: School, question_id: int) -> None:
    draft = _draft(school, question_id, {"prompt": {"en": "Half a question"}})

    with pytest.raises(bank.NotReady) as refused:
        _publish(school, draft.id)

    assert "options" in [problem.path for problem in refused.value.problems]
    assert [version.state for version in school.rows(QuestionVersion)] == ["published", "draft"]


def test_publishing_replaces_the_version_that_new_attempts_draw(school: School, question_id: int) -> None:
    draft = _draft(school, question_id, choice("one", prompt="Better?")["spec"])

    _publish(school, draft.id)
    again = _publish(school, draft.id)

    assert again.state == "published"
    assert [(row.number, row.state) for row in school.rows(QuestionVersion)] == [(1, "superseded"), (2, "published")]


def test_a_superseded_version_cannot_be_published_again(school: School, question_id: int) -> None:
    first = school.rows(QuestionVersion)[0].id
    _publish(school, _draft(school, question_id, choice("one", prompt="Better?")["spec"]).id)

    with pytest.raises(Refused, match="newer version"):
        _publish(school, first)


def test_what_was_published_cannot_be_changed_by_code_either(school: School, question_id: int) -> None:
    with pytest.raises(RuntimeError, match="never changes"), school.site.writing() as session:
        version = session.get_one(QuestionVersion, school_version(school))
        version.spec = choice("one", right="a")["spec"]

    assert school.rows(QuestionVersion)[0].spec == choice("one")["spec"]


def school_version(school: School) -> int:
    return int(school.rows(QuestionVersion)[0].id)


def test_a_draft_of_an_unknown_question_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        _draft(school, 4711, {})


def test_a_question_whose_kind_is_not_here_cannot_be_edited(school: School, question_id: int) -> None:
    trainer = school.site.person(role="trainer")

    with pytest.raises(Refused, match="single_choice"), school.site.writing() as session:
        bank.save_draft(session, question_id=question_id, spec={}, person_id=trainer.id, types={}, now=MONDAY)


@pytest.mark.sqlite_only
def test_what_is_published_is_found_by_statements_that_sqlite_plans_once(school: School) -> None:
    """A state that is a parameter decides on the plan: SQLite would make it anew each time."""
    school.install()
    _, browser = school.participant()
    with school.site.statements() as statements:
        browser.get(school.intro)
        browser.post(school.intro)
        browser.get(f"{school.intro}/practice")
    asked = [one for one in statements if "question_version.state" in one]

    assert len(asked) >= 2
    assert [one for one in asked if "state = ?" in one] == []
