"""When right answers and marks are shown: by no page, course page or record before the rule of the quiz says so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from courses.learning.models import ActivityResult
from lms import clock
from lms.jobs.models import Job
from lms.testing import Browser
from quizzes.attempts.models import Allowance
from tests.quizzes.school import MINUTE, MONDAY, School, choice

CLOSES = "2026-11-23T14:00:00Z"
CLOSED = MONDAY + 120 * MINUTE
QUESTIONS = [choice("q1"), choice("q2", hint={"en": "help-q2"})]
KEY = re.compile(r"why-q|Right\b|Not right yet|of 2 questions|\d+%")


def read(browser: Browser, address: str) -> str:
    """What a page says in its middle."""
    answer = browser.get(address, follow_redirects=True)
    assert answer.status_code in (200, 404, 409), address
    text = answer.text
    return str(text[text.index("<main") : text.index("</main>")])


def told_by_pages(school: School, browser: Browser, attempt: int) -> dict[str, str]:
    """What each page of a participant says that tells a mark or a key, by its address."""
    addresses = [
        school.intro,
        "/courses/trade",
        "/courses/trade/basics",
        *(f"/quizzes/attempts/{attempt}{end}" for end in ("", "/1", "/2", "/check", "/more-time")),
        f"{school.intro}/practice/1",
        "/quizzes/trade/mistakes",
        "/quizzes/trade/mistakes/1",
        "/account",
        "/",
    ]
    rules = ("You pass with 70% or more.", "You need", "70%")
    found = {}
    for address in addresses:
        page = read(browser, address)
        for rule in rules:
            page = page.replace(rule, "")
        hits = KEY.findall(page)
        if hits:
            found[address] = " ".join(hits)
    return found


def take(school: School, browser: Browser, *, submit: bool = True) -> int:
    attempt = school.begin(browser)
    school.answer(browser, attempt, "q1", "Option two of q1")
    if submit:
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    return attempt


def run_jobs(school: School, kind: str) -> int:
    """Run every job of a kind that is due, as the worker does; how many there were."""
    jobs = [job for job in school.rows(Job) if job.kind == kind and job.run_after <= clock.now()]
    run = next(one for one in school.site.app.extensions["lms.plugins"].collect("lms_jobs") if one.name == kind).run
    for job in jobs:
        with school.site.writing() as session:
            session.delete(session.get_one(Job, job.id))
            run(session, job.payload)
    return len(jobs)


def test_case_22_before_the_close_no_page_tells_marks_or_keys(school: School) -> None:
    school.install(QUESTIONS, review="after_close", closes_at=CLOSES)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = take(school, browser)

        assert told_by_pages(school, browser, attempt) == {}
        assert "You see what was right once the quiz is closed" in read(browser, f"/quizzes/attempts/{attempt}")
        assert browser.post(f"{school.intro}/practice").status_code == 404
    assert school.rows(ActivityResult) == []
    assert len(school.results()) == 1  # it is there, and nobody is told


def test_case_22_after_the_close_marks_wait_for_the_last_one_who_has_more_time(school: School) -> None:
    school.install(QUESTIONS, review="after_close", closes_at=CLOSES)
    _, browser = school.participant()
    person, other = school.participant()
    with school.site.writing() as session:
        session.add(
            Allowance(
                quiz_id=1, person_id=person.id, factor=1.0, minutes=30, tries=0, reason="Slow line.", set_at=MONDAY
            )
        )
    with clock.fixed(MONDAY):
        attempt = take(school, browser)
    with clock.fixed(CLOSED - MINUTE):
        theirs = take(school, other, submit=False)

    with clock.fixed(CLOSED + 10 * MINUTE):
        assert run_jobs(school, "quizzes.record_counted") == 1
        assert told_by_pages(school, browser, attempt) == {}
        assert school.rows(ActivityResult) == []
    with clock.fixed(CLOSED + 20 * MINUTE):
        other.post(f"/quizzes/attempts/{theirs}/submit")
        assert run_jobs(school, "quizzes.record_counted") == 1
        shown = told_by_pages(school, browser, attempt)

    assert len(school.rows(ActivityResult)) == 2
    assert "why-q" in shown[f"/quizzes/attempts/{attempt}"]
    assert "50%" in shown[school.intro]


def test_case_22_where_keys_are_never_shown_the_score_is_and_no_page_tells_a_key(school: School) -> None:
    school.install(QUESTIONS, review="never")
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = take(school, browser)
        told = told_by_pages(school, browser, attempt)
        result = read(browser, f"/quizzes/attempts/{attempt}")

    assert "You have 50%." in result
    assert "This quiz does not show which answers were right." in result
    key = r"why-q|Right\b|Not right yet|questions right|Read again|help-q2"
    assert not re.search(key, "".join(told.values()) + result)
    assert browser.post(f"{school.intro}/practice").status_code == 404


@pytest.mark.parametrize("begin_before", [True, False], ids=["begun before", "begun now"])
def test_case_22_while_a_try_is_open_nothing_is_practised(school: School, begin_before: bool) -> None:
    school.install(QUESTIONS)
    _, browser = school.participant()
    if begin_before:
        assert browser.post(f"{school.intro}/practice").status_code == 303
        browser.post(f"{school.intro}/practice/1", {"choice": ""})
        assert "why-q" in browser.get(f"{school.intro}/practice/1").text
    attempt = school.begin(browser)

    answers = [
        browser.post(f"{school.intro}/practice"),
        browser.get(f"{school.intro}/practice/1"),
        browser.post(f"{school.intro}/practice/1", {"choice": ""}),
    ]

    assert {answer.status_code for answer in answers} <= {404, 409}
    assert "why-q" not in "".join(answer.text for answer in answers)
    assert "Practise without a mark" not in browser.get(school.intro).text
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    assert browser.post(f"{school.intro}/practice").status_code == 303


def test_case_22_a_practice_that_was_begun_when_it_was_allowed_shows_nothing_once_it_is_not(school: School) -> None:
    school.install(QUESTIONS)
    _, browser = school.participant()
    browser.post(f"{school.intro}/practice")
    browser.post(f"{school.intro}/practice/1", {"choice": ""})
    school.install(QUESTIONS, review="after_close", closes_at="2030-01-01T00:00:00Z")

    answer = browser.get(f"{school.intro}/practice/1")

    assert (answer.status_code, "why-q" in answer.text) == (404, False)


def test_case_11_pages_of_an_open_try_tell_no_key_whatever_is_asked_of_them(school: School) -> None:
    """With a hint asked for, time asked for and a case above: still no reason and no mark."""
    school.install(
        [choice("q1") | {"case": "port"}, choice("q2", hint={"en": "help-q2"}) | {"case": "port"}],
        cases=[{"id": "port", "stem": {"en": "A ship waits."}}],
        time_limit_minutes=30,
        hint_cost=0.1,
    )
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = take(school, browser, submit=False)
        browser.post(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'q2')}/hint")
        browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": "Slow line."})
        pages = [read(browser, f"/quizzes/attempts/{attempt}{end}") for end in ("/1", "/2", "/check", "/more-time")]

    assert "A ship waits." in pages[0]
    assert not [hit for page in pages for hit in re.findall(r"why-q|Not right yet|questions right", page)]


def test_a_try_that_ran_out_shows_what_was_right_only_by_the_rule(school: School) -> None:
    """Before the job has closed it, the page marks it itself: by the same rule."""
    school.install(QUESTIONS, review="after_close", closes_at=CLOSES, time_limit_minutes=10)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = take(school, browser, submit=False)

    with clock.fixed(MONDAY + timedelta(minutes=11)):
        assert told_by_pages(school, browser, attempt) == {}
        assert "The time has ended" in read(browser, f"/quizzes/attempts/{attempt}")
