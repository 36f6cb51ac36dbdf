"""Case 43: what participants write is text wherever a trainer reads it, and the other way."""

from __future__ import annotations

import pytest

from lms import clock
from quizzes.attempts.models import TimeRequest
from tests.quizzes.authoring.desk import Desk, fields_of
from tests.quizzes.school import ALL_KINDS, MINUTE, MONDAY, School, options_of, seen_by

QUIZ = "/quizzes/trade/basics/quiz"
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "{{7*7}}{% raw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)
MARKUP = ("<script>alert", "<img src=x", "<svg/onload", 'href="javascript:', ">49<")


def must_be_text(page: str) -> None:
    assert [piece for piece in MARKUP if piece in page.lower()] == []


@pytest.mark.parametrize("words", HOSTILE)
def test_case_43_words_of_participants_and_trainers_are_text_on_each_others_pages(school: School, words: str) -> None:
    school.install([ALL_KINDS[3]], time_limit_minutes=30)
    desk = Desk(school)
    person, browser = school.participant(name=words[:200])
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text
        assert options_of(page) == {}
        browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": words})
        waiting = browser.get(f"/quizzes/attempts/{attempt}/more-time").text
        asked = desk.browser.get(f"{QUIZ}/time").text
        request = school.rows(TimeRequest)[0]
        form = {f"r{request.id}-minutes": "5", f"r{request.id}-answer": words, "act": "grant"}
        assert desk.browser.post(f"{QUIZ}/time/requests/{request.id}", form).status_code == 303
        told = browser.get(f"/quizzes/attempts/{attempt}/more-time").text
        address = f"{QUIZ}/time/{person.id}"
        more = {"factor": "1", "minutes": "0", "tries": "1", "reason": words}
        sent = desk.browser.post(address, {**fields_of(desk.browser.get(address).text, address), **more})
        assert sent.status_code == 303
        allowed = desk.browser.get(f"{QUIZ}/time").text + desk.browser.get(address).text
    with clock.fixed(MONDAY + 50 * MINUTE):
        browser.post(f"/quizzes/attempts/{attempt}/1", {"seen": seen_by(page), "answer": words})
        browser.post(f"/quizzes/attempts/{attempt}/submit")
        event = school.events()[0]
        decision = {f"e{event.id}-reason": words, "counts": "yes"}
        listed = desk.browser.get(f"{QUIZ}/receipts").text
        assert desk.browser.post(f"{QUIZ}/receipts/{event.id}", decision).status_code == 303
        decided = desk.browser.get(f"{QUIZ}/receipts?receipt={event.receipt}").text
        result = browser.get(f"/quizzes/attempts/{attempt}").text
        again = browser.post("/quizzes/trade/mistakes")
        mistake = browser.get(again.location).text

    assert event.late
    for seen in (waiting, asked, told, allowed, listed, decided, result, mistake):
        must_be_text(seen)
    assert "alert(1)" in asked or "{{7*7}}" in asked  # it is shown, as text
