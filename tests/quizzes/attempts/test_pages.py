"""The pages of an attempt say in words what is saved, and keep what was typed."""

from __future__ import annotations

import pytest

from lms import clock
from lms.testing import BASE_URL, Browser
from tests.quizzes.school import MINUTE, MONDAY, School, choice


@pytest.fixture
def started(school: School) -> tuple[School, Browser, int]:
    school.install([choice(f"q{number}") for number in range(3)])
    _, browser = school.participant()
    return school, browser, school.begin(browser)


def test_the_first_page_says_the_rules_in_plain_words(school: School) -> None:
    school.install(tries=3, draw=4, time_limit_minutes=20)
    _, browser = school.participant()

    with clock.fixed(MONDAY):
        page = browser.get(school.intro).text

    assert "You get 4 questions, one on a page." in page
    assert "You pass with 70% or more." in page
    assert "You have 3 tries, and your best one counts." in page
    assert "The time runs from the start, also while you are away." in page
    assert "If you begin now, it ends at 23 November 2026, 15:20 (Nairobi), 12:20 UTC." in page


def test_a_quiz_without_limits_says_so(school: School) -> None:
    school.install()
    _, browser = school.participant()

    page = browser.get(school.intro).text

    assert "You can try as often as you want, and your best try counts." in page
    assert "Nothing runs out." in page


def test_tries_are_listed_with_their_results(school: School) -> None:
    school.install()
    _, browser = school.participant()
    passed = school.begin(browser)
    school.answer_all_right(browser, passed)
    browser.post(f"/quizzes/attempts/{passed}/submit")
    begun = school.begin(browser)

    page = browser.get(school.intro).text

    assert "Try 1: 100%, passed" in page
    assert "Try 2: not submitted yet" in page
    assert f'href="/quizzes/attempts/{passed}"' in page
    assert f'href="/quizzes/attempts/{begun}"' in page
    assert "Go on with your try" in page


def seen_on(browser: Browser, attempt: int) -> str:
    """The page of the first question without the words that our script may say."""
    page = browser.get(f"/quizzes/attempts/{attempt}/1").text
    return str(page.partition('<div id="device"')[0])


def test_each_answer_is_said_to_be_saved_or_not_answered(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    page = seen_on(browser, attempt)
    assert page.count("Not answered.") == 4  # under the options, and three in the list

    uid = next(uid for uid in ("q0", "q1", "q2") if school.position_of(attempt, uid) == 1)
    school.answer(browser, attempt, uid, f"Option two of {uid}")

    again = seen_on(browser, attempt)
    assert (again.count("Not answered."), again.count("Saved.")) == (2, 2)
    assert " checked" in again


@pytest.mark.parametrize(
    ("pressed", "place"), [("next", "3"), ("back", "1"), ("check", "check"), ("", "3"), ("nonsense", "3")]
)
def test_each_button_saves_and_leads_where_it_says(
    started: tuple[School, Browser, int], pressed: str, place: str
) -> None:
    school, browser, attempt = started
    from tests.quizzes.school import options_of

    chosen = next(iter(options_of(browser.get(f"/quizzes/attempts/{attempt}/2").text).values()))

    answer = browser.post(f"/quizzes/attempts/{attempt}/2", {"seen": "0", "choice": chosen, "go": pressed})

    assert answer.location == f"/quizzes/attempts/{attempt}/{place}"
    assert len(school.events()) == 1


def test_the_last_question_leads_to_the_look_over_all(started: tuple[School, Browser, int]) -> None:
    _, browser, attempt = started

    assert "Save and look over all" in browser.get(f"/quizzes/attempts/{attempt}/3").text
    assert browser.post(f"/quizzes/attempts/{attempt}/3", {"go": "last"}).location.endswith("/check")
    assert browser.post(f"/quizzes/attempts/{attempt}/3", {"seen": "0"}).location.endswith("/check")


def test_an_answer_from_a_page_of_an_earlier_session_comes_back_to_be_sent_again(
    started: tuple[School, Browser, int],
) -> None:
    """Security case 78: it is refused all the same."""
    school, browser, attempt = started
    address = f"/quizzes/attempts/{attempt}/1"
    old = browser.token()
    with browser.client.session_transaction(base_url=BASE_URL) as cookie:  # as a sign-in in another tab does
        cookie["csrf_token"] = "0" * 40

    answer = browser.post_without_token(address, {"csrf_token": old, "seen": "0", "choice": "abc<d", "go": "next"})

    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'action="{address}"' in answer.text
    assert 'name="choice" value="abc&lt;d"' in answer.text
    assert old not in answer.text
    assert school.events() == []


def test_before_submitting_what_is_not_answered_is_said_in_words(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    school.answer(browser, attempt, "q1", "Option two of q1")

    page = browser.get(f"/quizzes/attempts/{attempt}/check").text

    assert "2 questions are not answered" in page
    for position in {1, 2, 3} - {school.position_of(attempt, "q1")}:
        assert f'<a href="/quizzes/attempts/{attempt}/{position}">Question {position}</a>' in page
    assert "Submit my answers" in page


def test_little_time_is_seen_and_the_end_is_the_truth(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    with clock.fixed(MONDAY + 26 * MINUTE):
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    assert "4 minutes" in page
    assert '<div class="low">' in page
    assert "23 November 2026, 15:30 (Nairobi), 12:30 UTC" in page


def test_a_closed_attempt_leads_to_its_result(started: tuple[School, Browser, int]) -> None:
    _, browser, attempt = started
    browser.post(f"/quizzes/attempts/{attempt}/submit")

    for address in (f"/quizzes/attempts/{attempt}/1", f"/quizzes/attempts/{attempt}/check"):
        assert browser.get(address).location == f"/quizzes/attempts/{attempt}"


def test_a_page_that_did_not_change_is_not_sent_again(started: tuple[School, Browser, int]) -> None:
    _, browser, attempt = started
    first = browser.get(f"/quizzes/attempts/{attempt}/1")

    again = browser.get(f"/quizzes/attempts/{attempt}/1", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


def test_get_writes_nothing(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    addresses = (school.intro, *(f"/quizzes/attempts/{attempt}{end}" for end in ("", "/1", "/check")))

    with school.site.statements() as statements:
        for address in addresses:
            browser.get(address)

    assert {statement.split()[0].upper() for statement in statements} == {"SELECT"}
