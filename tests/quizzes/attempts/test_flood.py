"""Case 26: a flood is slowed down, nobody else is, and the last answer arrives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lms import clock
from lms.testing import Browser
from quizzes.attempts import journal
from tests.quizzes.school import MONDAY, School


@pytest.fixture
def started(school: School) -> tuple[School, Browser, int]:
    school.install()
    _, browser = school.participant()
    return school, browser, school.begin(browser)


def test_case_26_a_flood_waits_and_loses_nothing(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "number")
    _, other = school.participant()
    others = school.begin(other)
    waiting = list(range(1, 101))
    refused, seconds = 0, 0
    moment = MONDAY

    while waiting:
        counter = waiting[0]
        with clock.fixed(moment):
            answer = browser.post(
                f"/quizzes/attempts/{attempt}/answers",
                json={
                    "client": "phone",
                    "counter": counter,
                    "question": position,
                    "answer": {"answer": [str(counter)]},
                },
            )
        moment += timedelta(milliseconds=10)
        if answer.status_code == 429:
            refused += 1
            if refused == 1:
                with clock.fixed(moment):
                    assert school.answer(other, others, "number", "150").status_code == 303
            moment += timedelta(seconds=int(answer.headers["Retry-After"]))
            seconds += int(answer.headers["Retry-After"])
        else:
            assert answer.status_code == 200
            waiting.pop(0)

    assert refused == 4  # 20 fit into each window
    assert seconds == 8
    with school.site.reading() as session:
        answers = journal.answers_of(session, attempt_id=attempt)
    assert answers.at(position).response == {"number": "100", "typed": "100"}
    assert len(school.events()) == 101


def test_case_26_resending_what_is_saved_is_never_refused(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "number")
    body = {"client": "phone", "counter": 1, "question": position, "answer": {"answer": ["1"]}}

    with clock.fixed(MONDAY):
        codes = {browser.post(f"/quizzes/attempts/{attempt}/answers", json=body).status_code for _ in range(60)}

    assert (codes, len(school.events())) == ({200}, 1)


def test_case_26_a_journal_does_not_grow_without_end(
    started: tuple[School, Browser, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    school, browser, attempt = started
    monkeypatch.setattr(journal, "MOST_EVENTS", 3)
    position = school.position_of(attempt, "number")

    codes = []
    for counter in range(1, 6):
        body = {"client": "phone", "counter": counter, "question": position, "answer": {"answer": [str(counter)]}}
        codes.append(browser.post(f"/quizzes/attempts/{attempt}/answers", json=body).status_code)

    assert codes == [200, 200, 200, 409, 409]
    assert browser.post(f"/quizzes/attempts/{attempt}/submit").status_code == 303
