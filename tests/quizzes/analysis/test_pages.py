"""The pages of figures: words of advice, empty states, and as many statements for a million answers as for ten."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import sit
from tests.quizzes.school import School, choice

FIGURES = "/quizzes/trade/basics/quiz/figures"
QUESTIONS = [choice("q1"), choice("q2"), choice("q3")]


@pytest.fixture
def desk(school: School) -> Desk:
    school.install(QUESTIONS)
    return Desk(school)


def crowd(school: School, people: int = 24) -> None:
    """The strongest choose a in q1, where b is the key; nobody chooses c in q1."""
    for number in range(people):
        strong = number % 2 == 0
        rest = {"chosen": ["b"]} if strong else {"chosen": ["a"]}
        sit(school, {"q1": {"chosen": ["a" if strong else "b"]}, "q2": rest, "q3": rest})


def page_of(desk: Desk, address: str = "") -> str:
    answer = desk.browser.get(f"{FIGURES}{address}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_question_whose_key_is_wrong_is_found(desk: Desk, school: School) -> None:
    crowd(school)

    listed, page = page_of(desk), page_of(desk, "/q1")

    assert "The strongest chose “Option one of q1”: check the key." in listed
    assert "Who did well elsewhere did worse here" in page
    assert "Nobody chose “Option three of q1”." in page
    cells = re.findall(r'data-th="(?:Chosen by|Of all|Points elsewhere)">(?:<[^>]+>)?([^<]+)<', page)
    assert cells == ["12", "50%", "2.00", "12", "50%", "0.00", "0", "0%", "None"]
    assert "-1.00" in page
    assert "30 s" in page


def test_under_twenty_answers_no_advice_is_given(desk: Desk, school: School) -> None:
    crowd(school, 19)

    assert "check the key" not in page_of(desk)
    assert "Advice is given from 20 answers on." in page_of(desk, "/q1")


def test_alpha_is_told_or_why_there_is_none(desk: Desk, school: School) -> None:
    crowd(school, 22)
    assert re.search(r"Cronbach(?:&#39;|')s alpha</dt><dd>-?\d\.\d\d<", page_of(desk))

    school.install([choice("q1", prompt="Other words"), *QUESTIONS[1:]])
    sit(school, {"q1": {"chosen": ["b"]}})
    assert "questions changed between the tries" in page_of(desk)

    school.install(QUESTIONS, draw=2)
    assert "each try draws its own questions" in page_of(desk)


def test_each_version_has_its_own_figures(desk: Desk, school: School) -> None:
    sit(school, {"q1": {"chosen": ["b"]}})
    school.install([choice("q1", prompt="Other words"), *QUESTIONS[1:]])
    assert "No figures yet" in page_of(desk, "/q1")
    sit(school, {"q1": {"chosen": ["a"]}})

    page = page_of(desk, "/q1")

    assert re.findall(r"<h2[^>]*>(Version \d)", page) == ["Version 2", "Version 1"]
    assert re.findall(r"Mean mark</dt><dd>(\d+%)", page) == ["0%", "100%"]


def test_empty_pages_say_how_figures_come(desk: Desk) -> None:
    assert "They come with the first try that is finished and marked." in page_of(desk)
    assert "No figures yet" in page_of(desk, "/q1")
    assert desk.browser.get(f"{FIGURES}/nothing").status_code == 404


@pytest.mark.parametrize("answers", [10_000, 1_000_000])
def test_a_page_takes_as_many_statements_for_a_million_answers_as_for_ten_thousand(
    desk: Desk, school: School, answers: int
) -> None:
    crowd(school, 20)
    times = answers // 60
    with school.site.writing() as session:
        for model in (QuizFact, ItemFact, ChoiceFact):
            columns = [one for one in model.__table__.columns if not one.primary_key and one.name != "quiz_id"]
            session.execute(update(model).values({one: one * times for one in columns}))
        assert (session.scalar(select(ItemFact.n).limit(1)) or 0) * 3 == answers // 60 * 60

    counts = []
    for address in ("", "/q1"):
        with school.site.statements() as statements:
            assert page_of(desk, address)
        counts.append(len(statements))
        read = " ".join(statements)
        assert not re.search(r"\b(answer_event|attempt|attempt_question|result)\b", read)

    assert counts == [7, 6]
