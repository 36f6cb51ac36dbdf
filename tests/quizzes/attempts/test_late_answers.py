"""What comes after the end is kept and flagged; whether it counts is a trainer's to decide, and the result follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from courses.learning.models import ActivityResult
from lms import clock
from lms.audit.models import AuditEntry
from lms.testing import Browser
from quizzes.attempts.models import LateDecision
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.school import MINUTE, MONDAY, School, choice, receipts_in

RECEIPTS = "/quizzes/trade/basics/quiz/receipts"


@dataclass
class Late:
    """A try of two questions, one answered in time; the other came ten minutes after the end."""

    school: School
    desk: Desk
    browser: Browser
    attempt: int

    def decide(self, counts: str, reason: str = "The bus.", browser: Browser | None = None, **options: Any) -> Any:
        event = next(event for event in self.school.events() if event.late)
        address = options.get("address", f"{RECEIPTS}/{event.id}")
        form = {f"e{event.id}-reason": reason, "counts": counts}
        return (browser or self.desk.browser).post(address, form)

    def scores(self) -> list[tuple[int, float]]:
        return [(result.number, result.score) for result in self.school.results()]


@pytest.fixture
def late(school: School) -> Late:
    school.install([choice("q1"), choice("q2")], time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        pages = {
            uid: browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, uid)}").text
            for uid in ("q1", "q2")
        }
        school.answer(browser, attempt, "q1", "Option two of q1")
    from tests.quizzes.school import options_of, seen_by

    with clock.fixed(MONDAY + 40 * MINUTE):
        address = f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'q2')}"
        chosen = options_of(pages["q2"])["Option two of q2"]
        sent = browser.post(address, {"seen": seen_by(pages["q2"]), "choice": chosen})
        assert sent.location == f"/quizzes/attempts/{attempt}"
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    return Late(school, Desk(school), browser, attempt)


def test_case_16_a_late_answer_is_kept_flagged_and_does_not_count(late: Late) -> None:
    assert [event.late for event in late.school.events()] == [False, True]
    assert late.scores() == [(1, 0.5)]
    page = late.browser.get(f"/quizzes/attempts/{late.attempt}").text
    assert "1 answer came after the end. It is kept and does not count." in page
    assert "Saved after the end: “Option two of q2”. It is kept and does not count." in page
    assert {event.receipt for event in late.school.events()} == {code.replace("-", "") for code in receipts_in(page)}
    listed = late.desk.browser.get(RECEIPTS).text
    assert "It came after the end and does not count unless a trainer decides so." in listed


def test_a_trainer_lets_it_count_and_the_result_is_worked_out_anew(late: Late) -> None:
    answer = late.decide("yes")

    assert answer.status_code == 303
    assert late.scores() == [(1, 0.5), (2, 1.0)]
    assert [(row.score, row.passed_at is not None) for row in late.school.rows(ActivityResult)] == [(1.0, True)]
    page = late.browser.get(f"/quizzes/attempts/{late.attempt}").text
    assert "You passed" in page
    assert ("came after the end." in page, "Saved after the end: " in page) == (False, False)
    entry = late.school.rows(AuditEntry)[-1]
    assert (entry.act, entry.reason, entry.actor_id) == ("answer.late_counts", "The bus.", late.desk.person.id)


def test_a_decision_may_change_and_every_result_stays(late: Late) -> None:
    for counts in ("yes", "yes", "no", "yes"):
        assert late.decide(counts).status_code == 303

    assert late.scores() == [(1, 0.5), (2, 1.0), (3, 0.5), (4, 1.0)]
    assert [decision.counts for decision in late.school.rows(LateDecision)] == [True]
    acts = [entry.act for entry in late.school.rows(AuditEntry) if entry.act.startswith("answer.late")]
    assert acts == ["answer.late_counts", "answer.late_does_not_count", "answer.late_counts"]


def test_a_decision_needs_a_reason(late: Late) -> None:
    assert late.decide("yes", reason=" \n").status_code == 422
    assert late.scores() == [(1, 0.5)]


def test_case_4_nobody_else_decides_and_mixed_ids_are_refused(late: Late) -> None:
    event = next(event for event in late.school.events() if event.late)
    in_time = next(event for event in late.school.events() if not event.late)
    School.found(late.school.site, slug="other").install()
    _, stranger = late.desk.trainer(course="other")

    answers = [
        late.decide("yes", browser=stranger).status_code,
        late.decide("yes", browser=stranger, address=f"/quizzes/other/basics/quiz/receipts/{event.id}").status_code,
        late.decide("yes", browser=late.browser).status_code,
        late.desk.browser.post(
            f"{RECEIPTS}/{in_time.id}", {f"e{in_time.id}-reason": "None.", "counts": "yes"}
        ).status_code,
    ]

    assert answers == [404, 404, 403, 404]
    assert late.school.count(LateDecision) == 0
    assert late.scores() == [(1, 0.5)]


def test_a_receipt_leads_to_its_answer_in_this_course_alone(late: Late) -> None:
    code = receipts_in(late.browser.get(f"/quizzes/attempts/{late.attempt}").text)[0]
    School.found(late.school.site, slug="other").install()
    _, stranger = late.desk.trainer(course="other")

    found = late.desk.browser.get(f"{RECEIPTS}?receipt={code.lower()}").text
    elsewhere = stranger.get(f"/quizzes/other/basics/quiz/receipts?receipt={code}").text

    assert "Person" in found
    assert f"No answer of this course has the receipt {code.lower()}." not in found
    assert f"No answer of this course has the receipt {code}." in elsewhere


def test_an_answer_that_came_late_and_was_changed_counts_as_the_last_one_said(late: Late) -> None:
    """Two late answers to one question: of those that a trainer admits the newer one is marked."""
    school, browser = late.school, late.browser
    from tests.quizzes.school import options_of

    position = school.position_of(late.attempt, "q2")
    offered = options_of(late.browser.get(f"/quizzes/attempts/{late.attempt}/{position}", follow_redirects=True).text)
    assert offered == {}  # the page is gone, a device sends what it has
    first = next(event for event in school.events() if event.late)
    from quizzes.question_types.seeds import drawn_id, question_seed

    seed = question_seed(school.attempts()[0].seed, position)
    with clock.fixed(MONDAY + 41 * MINUTE):
        sent = browser.post(
            f"/quizzes/attempts/{late.attempt}/answers",
            json={"client": "phone", "counter": 50, "question": position, "answer": {"choice": [drawn_id(seed, "a")]}},
        )
    second = next(event for event in school.events() if event.client == "phone")
    for event in (first, second):
        late.desk.browser.post(f"{RECEIPTS}/{event.id}", {f"e{event.id}-reason": "Fine.", "counts": "yes"})

    assert sent.json["state"] == "late"
    assert late.scores() == [(1, 0.5), (2, 1.0), (3, 0.5)]
