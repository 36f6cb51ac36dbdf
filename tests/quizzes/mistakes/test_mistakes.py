"""What somebody missed comes again, ten a day at most, when it would soon be forgotten."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from courses.learning.models import ActivityResult
from lms import clock
from lms.testing import Browser
from quizzes.attempts.models import Attempt, Result
from quizzes.mistakes.models import MistakeSet, Recollection
from tests.quizzes.school import MINUTE, MONDAY, PART_KINDS, School, choice, options_of

MISTAKES = "/quizzes/trade/mistakes"
DAY = timedelta(days=1)


def take(school: School, browser: Browser, right: Sequence[str] = (), *, at: datetime = MONDAY) -> int:
    """A try in which only the questions in ``right`` are answered rightly."""
    with clock.fixed(at):
        attempt = school.begin(browser)
        for uid in right:
            school.answer(browser, attempt, uid, f"Option two of {uid}")
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    return attempt


def due(browser: Browser, at: datetime) -> tuple[int, int, int]:
    """What the page says: due now, done today, in all; zeros for nothing."""
    with clock.fixed(at):
        page = browser.get(MISTAKES).text
    found = re.findall(r"<dt>(?:Due now|Done today|In all)</dt>\s*<dd[^>]*>(\d+)", page)
    return tuple(int(one) for one in found) if found else (0, 0, 0)  # type: ignore[return-value]


def practise(browser: Browser, position: int, option: str, at: datetime) -> str:
    """Answer a question of the set by its option's first words; the page after it."""
    with clock.fixed(at):
        offered = options_of(browser.get(f"{MISTAKES}/{position}").text)
        chosen = next(drawn for words, drawn in offered.items() if words.startswith(option))
        sent = browser.post(f"{MISTAKES}/{position}", {"choice": chosen})
        assert (sent.status_code, sent.location) == (303, f"{MISTAKES}/{position}")
        return str(browser.get(f"{MISTAKES}/{position}").text)


def begin(browser: Browser, at: datetime) -> Any:
    with clock.fixed(at):
        return browser.post(MISTAKES)


def test_the_course_page_leads_to_ones_mistakes_within_its_three_statements(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    _, stranger = school.participant(enrolled=False)
    browser.get("/courses/trade")

    with school.site.statements() as statements:
        page = browser.get("/courses/trade").text

    assert f'href="{MISTAKES}"' in page
    assert len(statements) <= 3
    assert MISTAKES not in stranger.get("/courses/trade").text
    assert MISTAKES not in school.site.browser().get("/courses/trade").text


def test_what_was_not_right_is_due_and_what_was_right_is_not(school: School) -> None:
    school.install([choice("q1"), choice("q2"), choice("q3")])
    _, browser = school.participant()
    nothing = browser.get(MISTAKES).text
    take(school, browser, ["q2"])

    assert "Nothing here yet" in nothing
    assert due(browser, MONDAY + MINUTE) == (2, 0, 2)
    begin(browser, MONDAY + MINUTE)
    pages = [browser.get(f"{MISTAKES}/{position}").text for position in (1, 2)]
    assert {re.search(r"What fits (q\d)\?", page)[1] for page in pages} == {"q1", "q3"}  # type: ignore[index]
    assert browser.get(f"{MISTAKES}/3").status_code == 404


def test_an_answer_is_explained_at_once_and_says_when_the_question_comes_again(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    with clock.fixed(MONDAY + MINUTE):
        before = browser.get(f"{MISTAKES}/1").text

    right = practise(browser, 1, "Option two", MONDAY + MINUTE)

    assert "why-q1" not in before
    assert "why-q1-b" in right
    assert "The first lesson" in right
    assert "It comes again on 25 November 2026." in right
    assert due(browser, MONDAY + 2 * MINUTE) == (0, 1, 1)
    assert due(browser, MONDAY + DAY) == (0, 0, 1)
    assert due(browser, MONDAY + 2 * DAY + MINUTE) == (1, 0, 1)


def test_practice_makes_the_waits_longer_and_a_miss_makes_them_short(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    waits = []
    now = MONDAY + MINUTE
    for option in ("Option two", "Option two", "Option one", "Option two"):
        assert begin(browser, now).status_code == 303
        practise(browser, 1, option, now)
        row = school.rows(Recollection)[0]
        waits.append(round((row.due_at - now) / DAY))
        now = row.due_at

    assert waits == [2, 11, 2, 5]


def test_answering_again_after_the_solution_was_shown_changes_no_wait(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    with clock.fixed(MONDAY + MINUTE):
        offered = options_of(browser.get(f"{MISTAKES}/1").text)
    wrong, right = (
        next(drawn for words, drawn in offered.items() if words.startswith(f"Option {name}")) for name in ("one", "two")
    )
    seen = []
    for minutes, chosen in ((1, wrong), (2, right), (3, right)):
        with clock.fixed(MONDAY + minutes * MINUTE):
            browser.post(f"{MISTAKES}/1", {"choice": chosen})
        seen.append([(row.seen_at, row.due_at) for row in school.rows(Recollection)])

    assert seen[0] == seen[1] == seen[2]
    assert [at for at, _ in seen[0]] == [MONDAY + MINUTE]


def test_ten_a_day_and_the_day_is_the_persons(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(13)])
    _, browser = school.participant(time_zone="Pacific/Auckland")  # 13 hours before UTC: it is Tuesday, 1 o'clock
    take(school, browser)
    now = MONDAY + MINUTE
    first = due(browser, now)
    begin(browser, now)
    for position in range(1, 11):
        practise(browser, position, "Option two", now)
    beyond = browser.get(f"{MISTAKES}/11").status_code
    with clock.fixed(now):
        page = browser.get(MISTAKES).text
        again = browser.post(MISTAKES).status_code

    assert first == (10, 0, 13)
    assert (beyond, again) == (404, 409)
    assert "That is enough for today." in page
    assert due(browser, MONDAY + timedelta(hours=22)) == (0, 10, 13)  # still Tuesday there
    assert due(browser, MONDAY + timedelta(hours=23, minutes=1)) == (3, 0, 13)


def test_a_set_that_was_left_goes_on_where_it_was(school: School) -> None:
    school.install([choice("q1"), choice("q2"), choice("q3")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    practise(browser, 1, "Option two", MONDAY + MINUTE)

    left = due(browser, MONDAY + 2 * MINUTE)
    begin(browser, MONDAY + 2 * MINUTE)

    assert left == (2, 1, 3)
    assert [len(row.items) for row in school.rows(MistakeSet)] == [2]
    assert school.count(Recollection) == 1


def test_a_question_that_is_missed_again_in_a_try_is_due_again(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    practise(browser, 1, "Option two", MONDAY + MINUTE)
    take(school, browser, at=MONDAY + DAY)

    assert due(browser, MONDAY + DAY + MINUTE) == (1, 0, 1)


def test_practice_has_no_effect_on_marks_and_records(school: School) -> None:
    school.install([choice("q1")], tries=2)
    _, browser = school.participant()
    take(school, browser)
    before = [(row.score, row.passed_at) for row in school.rows(ActivityResult)]
    begin(browser, MONDAY + MINUTE)
    practise(browser, 1, "Option two", MONDAY + MINUTE)

    assert [(row.score, row.passed_at) for row in school.rows(ActivityResult)] == before
    assert (school.count(Attempt), school.count(Result)) == (1, 1)
    assert "1 of 2 left" in browser.get(school.intro).text


def test_a_right_answer_that_took_a_hint_is_no_mistake(school: School) -> None:
    school.install([choice("q1", hint={"en": "help"}), choice("q2")], hint_cost=0.5)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        browser.post(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'q1')}/hint")
        for uid in ("q1", "q2"):
            school.answer(browser, attempt, uid, f"Option two of {uid}")
        browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert [result.score for result in school.results()] == [0.75]
    assert due(browser, MONDAY + MINUTE) == (0, 0, 0)


def test_the_version_that_is_published_now_is_asked_and_a_retired_question_is_not(school: School) -> None:
    school.install([choice("q1"), choice("q2")])
    _, browser = school.participant()
    take(school, browser)
    school.install([choice("q1", prompt="As it reads now?")])
    begin(browser, MONDAY + MINUTE)

    assert due(browser, MONDAY + MINUTE) == (1, 0, 1)
    assert "As it reads now?" in browser.get(f"{MISTAKES}/1").text


@pytest.mark.parametrize("item", PART_KINDS, ids=lambda item: item["kind"])
def test_every_kind_can_come_again(school: School, item: dict[str, Any]) -> None:
    school.install([item])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)

    with clock.fixed(MONDAY + MINUTE):
        sent = browser.post(f"{MISTAKES}/1", {})
        page = browser.get(f"{MISTAKES}/1").text

    assert sent.status_code == 303
    assert "Not answered" in page
    assert len(school.rows(Recollection)) == 1


def test_case_22_no_mistake_is_shown_before_the_quiz_shows_what_was_right(school: School) -> None:
    school.install([choice("q1")], review="after_close", closes_at="2026-11-23T14:00:00Z")
    _, browser = school.participant()
    _, other = school.participant()
    take(school, browser)
    with clock.fixed(MONDAY + 119 * MINUTE):
        theirs = school.begin(other)

    assert due(browser, MONDAY + MINUTE) == (0, 0, 0)
    assert begin(browser, MONDAY + MINUTE).status_code == 409
    assert due(browser, MONDAY + 121 * MINUTE) == (0, 0, 0)  # nobody has closed the other one's try yet
    with clock.fixed(MONDAY + 122 * MINUTE):
        other.post(f"/quizzes/attempts/{theirs}/submit")
    assert due(browser, MONDAY + 123 * MINUTE) == (1, 0, 1)


@pytest.mark.parametrize("rules", [{"review": "never"}, {"practice": False}], ids=["never shown", "no practice"])
def test_case_22_a_quiz_that_never_shows_what_was_right_gives_no_mistakes(
    school: School, rules: dict[str, Any]
) -> None:
    school.install([choice("q1")], **rules)
    _, browser = school.participant()
    take(school, browser)

    assert due(browser, MONDAY + MINUTE) == (0, 0, 0)


def test_case_22_while_a_try_is_open_its_questions_wait_and_a_set_that_was_begun_shows_none(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    practise(browser, 1, "Option two", MONDAY + MINUTE)
    with clock.fixed(MONDAY + 3 * DAY):
        attempt = school.begin(browser)
        page = browser.get(MISTAKES).text
        answers = [
            browser.post(MISTAKES),
            browser.get(f"{MISTAKES}/1"),
            browser.post(f"{MISTAKES}/1", {"choice": ""}),
        ]

    assert "1 question waits until you submit the try that you have open." in page
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert "why-q1" not in "".join(answer.text for answer in answers)
    with clock.fixed(MONDAY + 3 * DAY):
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    assert due(browser, MONDAY + 3 * DAY + MINUTE) == (1, 0, 1)


def test_case_2_ones_mistakes_are_ones_own(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    _, other = school.participant()
    _, stranger = school.participant(enrolled=False)
    take(school, browser)
    begin(browser, MONDAY + MINUTE)

    assert other.get(f"{MISTAKES}/1").status_code == 404
    assert due(other, MONDAY + MINUTE) == (0, 0, 0)
    assert "Nothing here yet" in stranger.get(MISTAKES).text
    assert stranger.post(MISTAKES).status_code == 409
    assert stranger.get(f"{MISTAKES}/1").status_code == 404
    assert browser.get("/quizzes/elsewhere/mistakes").status_code == 404


def test_case_20_nonsense_is_refused_and_remembered_as_nothing(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)

    codes = [
        browser.post(f"{MISTAKES}/1", form).status_code
        for form in ({"choice": ["a", "b"]}, {"choice": "\x00"}, {"choice": "x" * 70_000})
    ]

    assert codes == [422, 422, 413]
    assert school.count(Recollection) == 0


def test_a_question_page_asks_the_database_five_times_at_most(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(13)], time_limit_minutes=30)
    _, browser = school.participant()
    take(school, browser)
    begin(browser, MONDAY + MINUTE)
    practise(browser, 1, "Option two", MONDAY + MINUTE)
    counted = []
    for position in (1, 2):
        with clock.fixed(MONDAY + MINUTE), school.site.statements() as statements:
            assert browser.get(f"{MISTAKES}/{position}").status_code == 200
        counted.append(len(statements))

    assert counted == [5, 4]
