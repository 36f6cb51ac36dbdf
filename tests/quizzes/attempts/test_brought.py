"""What follows a form comes with its answer, where a script sends it: the pages of a try, the page of a result."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lms import clock
from lms.testing import Browser
from tests.quizzes.school import ALL_KINDS, MINUTE, MONDAY, School, choice

JSON = {"Accept": "application/json"}
STEM = {"id": "market", "stem": {"en": "A weaver sells at the river market."}}


def begun(school: School, browser: Browser) -> Any:
    return browser.post(school.intro, headers=JSON).json


def main_of(page: str) -> str:
    """The title and the main part of a page, without what is looked up anew each time."""
    return re.sub(r'data-now="[^"]*"', "", "".join(re.findall(r"<title>.*?</title>|<main.*</main>", page, re.S)))


def test_the_pages_of_a_new_try_are_those_that_one_would_get(school: School) -> None:
    cases = [{**choice(f"m{number}"), "case": "market"} for number in range(2)]
    school.install([*ALL_KINDS, *cases], cases=[STEM], time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        told = begun(school, browser)
        number = school.attempts()[0].id

        assert told["address"] == f"/quizzes/attempts/{number}/1"
        assert sorted(told["pages"]) == [f"/quizzes/attempts/{number}/{position}" for position in range(1, 8)]
        assert sum("river market" in page for page in told["pages"].values()) == 2
        for address, page in told["pages"].items():
            assert main_of(page) == main_of(browser.get(address).text)


def test_they_come_again_with_what_was_answered_and_lead_to_the_first_open_question(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        uid = next(uid for uid in ("words", "number") if school.position_of(attempt, uid) != 1)
        school.answer(browser, attempt, uid, "12")
    with clock.fixed(MONDAY + MINUTE):
        told = begun(school, browser)

        assert told["address"] == f"/quizzes/attempts/{attempt}/1"
        for address, page in told["pages"].items():
            assert main_of(page) == main_of(browser.get(address).text)
    assert len(school.attempts()) == 1


def test_they_hold_no_key(school: School) -> None:
    """Case 11 holds for them as for the pages one by one."""
    school.install()
    _, browser = school.participant()
    seen = "\n".join(begun(school, browser)["pages"].values())

    for text in ("why-", "Bandung", "Buenos Aires", "tolerance", "accepted", "0.5"):
        assert text not in seen, text


def test_what_may_not_begin_is_refused_as_json(school: School) -> None:
    school.install(tries=1)
    _, browser = school.participant()
    attempt = school.begin(browser)
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    answer = browser.post(school.intro, headers=JSON)

    assert (answer.status_code, answer.json["detail"]) == (409, "You have used all your tries.")


def test_the_page_of_the_result_comes_with_submitting(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer(browser, attempt, "number", "150")
    school.answer(browser, attempt, "words", "Geneva")
    told = browser.post(f"/quizzes/attempts/{attempt}/submit", headers=JSON).json

    assert told["address"] == f"/quizzes/attempts/{attempt}"
    assert "Not answered" in told["page"]
    assert main_of(told["page"]) == main_of(browser.get(told["address"]).text)


def test_of_a_try_that_a_trainer_marks_the_page_says_so_at_once(school: School) -> None:
    from tests.quizzes.school import PART_KINDS

    school.install([PART_KINDS[3], choice("one")])
    _, browser = school.participant()
    attempt = school.begin(browser)
    position = school.position_of(attempt, PART_KINDS[3]["id"])
    browser.post(f"/quizzes/attempts/{attempt}/{position}", {"answer": "We would begin with a survey of the stalls."})
    told = browser.post(f"/quizzes/attempts/{attempt}/submit", headers=JSON).json

    assert "A trainer marks it" in told["page"]
    assert main_of(told["page"]) == main_of(browser.get(told["address"]).text)


def test_submitting_twice_leads_to_the_result_that_is_there(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    first = browser.post(f"/quizzes/attempts/{attempt}/submit", headers=JSON)
    again = browser.post(f"/quizzes/attempts/{attempt}/submit", headers=JSON)

    assert first.json["address"] == again.location == f"/quizzes/attempts/{attempt}"
    assert len(school.results()) == 1


@pytest.mark.parametrize("questions", [5, 40])
def test_a_try_of_any_length_begins_and_ends_with_as_few_statements(school: School, questions: int) -> None:
    school.install([choice(f"q{number}") for number in range(questions)], time_limit_minutes=30)
    for _ in range(2):  # what a process reads once it has read by then
        _, browser = school.participant()
        browser.get(school.intro)
        with school.site.statements() as start:
            told = begun(school, browser)
        attempt = int(told["address"].split("/")[-2])
        for position in (1, 2):
            browser.get(f"/quizzes/attempts/{attempt}/{position}")
        with school.site.statements() as submit:
            browser.post(f"/quizzes/attempts/{attempt}/submit", headers=JSON)

    assert len(told["pages"]) == questions
    assert (len(start), len(submit)) == ((6, 10) if school.site.config.is_sqlite else (7, 11))
