"""A hint is given on demand, at the cost that was said before; it never comes along unasked."""

from __future__ import annotations

import pytest

from quizzes.attempts.models import HintAsked
from tests.quizzes.school import School, choice

HINT = "help-with-q1"
QUESTIONS = [choice("q1", hint={"en": HINT}), choice("q2")]


def ask(school: School, browser: object, attempt: int, uid: str) -> int:
    position = school.position_of(attempt, uid)
    return int(browser.post(f"/quizzes/attempts/{attempt}/{position}/hint").status_code)  # type: ignore[attr-defined]


def test_case_11_a_hint_stands_on_no_page_before_it_is_asked_for(school: School) -> None:
    school.install(QUESTIONS, hint_cost=0.2)
    _, browser = school.participant()
    before = browser.get(school.intro).text
    attempt = school.begin(browser)
    pages = [browser.get(f"/quizzes/attempts/{attempt}/{end}").text for end in ("1", "2", "check")]

    assert HINT not in before + "".join(pages)
    assert "Some questions have a hint. Asking for it costs 20% of that question&#39;s mark." in before.replace(
        "'", "&#39;"
    )
    offered = pages[school.position_of(attempt, "q1") - 1]
    assert "There is a hint for this question. Asking for it costs 20%" in offered


@pytest.mark.parametrize(("cost", "score"), [(0, 1.0), (0.2, 0.9), (1, 0.5)])
def test_asking_costs_what_was_said_once(school: School, cost: float, score: float) -> None:
    school.install(QUESTIONS, hint_cost=cost)
    _, browser = school.participant()
    attempt = school.begin(browser)
    for _ in range(2):
        assert ask(school, browser, attempt, "q1") == 303
    page = browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'q1')}").text
    for uid in ("q1", "q2"):
        school.answer(browser, attempt, uid, f"Option two of {uid}")
    browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert HINT in page
    assert school.count(HintAsked) == 1
    assert [round(result.score, 6) for result in school.results()] == [score]
    result = browser.get(f"/quizzes/attempts/{attempt}").text
    assert "2 of 2 questions right." in result  # an answer is not less right for its hint
    assert ("of this question" in result) is bool(cost)


def test_the_cost_is_that_of_the_start_whatever_the_quiz_says_later(school: School) -> None:
    school.install(QUESTIONS, hint_cost=0.2)
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.install(QUESTIONS, hint_cost=0.9)

    ask(school, browser, attempt, "q1")
    for uid in ("q1", "q2"):
        school.answer(browser, attempt, uid, f"Option two of {uid}")
    browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert [result.score for result in school.results()] == [pytest.approx(0.9)]


def test_where_there_is_no_hint_or_the_try_is_over_none_is_given(school: School) -> None:
    school.install(QUESTIONS, hint_cost=0.2)
    _, browser = school.participant()
    attempt = school.begin(browser)
    without = ask(school, browser, attempt, "q2")
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    after = ask(school, browser, attempt, "q1")

    assert (without, after) == (404, 409)
    assert school.count(HintAsked) == 0
