"""A site that was away gives the time back, in words; a tab that was closed gives none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lms import clock
from lms.heartbeat.models import Heartbeat, Outage
from lms.heartbeat.services import note_beat
from quizzes.attempts import services
from tests.quizzes.school import MINUTE, MONDAY, TYPES, School

SECOND = timedelta(seconds=1)
AWAY = "The site was away for"


def beats(school: School, begin: datetime, end: datetime) -> None:
    """A site that is there: a beat every five seconds."""
    moment = begin
    while moment <= end:
        note_beat(school.site.engines, now=moment)
        moment += 5 * SECOND


def seen_at(school: School, browser: object, attempt: int, moment: datetime) -> str:
    with clock.fixed(moment):
        answer = browser.get(f"/quizzes/attempts/{attempt}/1")  # type: ignore[attr-defined]
    return str(answer.text if answer.status_code == 200 else answer.location)


def test_an_outage_moves_the_end_and_the_page_says_so(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    beats(school, MONDAY - MINUTE, MONDAY + 10 * MINUTE)
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    before = seen_at(school, browser, attempt, MONDAY + 10 * MINUTE)
    beats(school, MONDAY + 17 * MINUTE, MONDAY + 37 * MINUTE)

    after = seen_at(school, browser, attempt, MONDAY + 18 * MINUTE)
    near_the_end = seen_at(school, browser, attempt, MONDAY + 36 * MINUTE)
    over = seen_at(school, browser, attempt, MONDAY + 37 * MINUTE)

    assert [(row.began_at, row.ended_at) for row in school.rows(Outage)] == [
        (MONDAY + 10 * MINUTE, MONDAY + 17 * MINUTE)
    ]
    assert AWAY not in before
    assert "12:30 UTC" in before
    assert "The site was away for 7 minutes: your end is later by that." in after
    assert "12:37 UTC" in after
    assert 'data-ends-at="2026-11-23T12:37:00+00:00"' in after
    assert "1 minute is left." in near_the_end
    assert over == f"/quizzes/attempts/{attempt}"
    assert [row.deadline for row in school.attempts()] == [MONDAY + 30 * MINUTE]  # stored as it was


def test_who_merely_closed_the_tab_gets_no_time_and_is_told_nothing(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    beats(school, MONDAY, MONDAY + 30 * MINUTE)  # the site was there all the time; they were not

    page = seen_at(school, browser, attempt, MONDAY + 29 * MINUTE)

    assert (AWAY in page, "12:30 UTC" in page) == (False, True)
    assert school.rows(Outage) == []
    assert seen_at(school, browser, attempt, MONDAY + 30 * MINUTE) == f"/quizzes/attempts/{attempt}"


def test_the_first_request_after_an_outage_counts_it_though_nobody_has_noted_its_end(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    beats(school, MONDAY, MONDAY + 29 * MINUTE)

    with clock.fixed(MONDAY + 50 * MINUTE):
        assert school.answer(browser, attempt, "number", "150").status_code == 303
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    assert "The site was away for 21 minutes" in page
    assert "12:51 UTC" in page
    assert [event.late for event in school.events()] == [False]


@pytest.mark.parametrize(
    ("began", "ended", "later"),
    [(-20, -10, 0), (-10, 5, 5), (10, 13, 3), (29, 40, 11), (30, 45, 0), (35, 45, 0)],
    ids=["before it began", "while it began", "within", "over the end", "from the end on", "after the end"],
)
def test_only_what_overlaps_the_attempt_counts(school: School, began: int, ended: int, later: int) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with school.site.writing() as session:
        session.add(Outage(began_at=MONDAY + began * MINUTE, ended_at=MONDAY + ended * MINUTE))
        session.add(Heartbeat(id=1, at=MONDAY + 60 * MINUTE))
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)

    with school.site.reading() as session:
        found = services.standing(
            session, attempt_id=attempt, person_id=school.attempts()[0].person_id, now=MONDAY + 60 * MINUTE
        )

    assert (found.ends_at, found.away) == (MONDAY + (30 + later) * MINUTE, later * MINUTE)


def test_two_outages_add_up_and_one_that_falls_into_the_moved_time_counts_too(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with school.site.writing() as session:
        for began, ended in ((32, 34), (5, 10)):  # the later one was written first
            session.add(Outage(began_at=MONDAY + began * MINUTE, ended_at=MONDAY + ended * MINUTE))
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)

    assert "12:37 UTC" in seen_at(school, browser, attempt, MONDAY + 36 * MINUTE)


def test_an_attempt_without_an_end_is_told_of_no_outage(school: School) -> None:
    school.install()
    _, browser = school.participant()
    with school.site.writing() as session:
        session.add(Outage(began_at=MONDAY + MINUTE, ended_at=MONDAY + 9 * MINUTE))
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)

    assert AWAY not in seen_at(school, browser, attempt, MONDAY + 10 * MINUTE)


def test_an_outage_after_somebody_submitted_changes_nothing(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    with clock.fixed(MONDAY + 5 * MINUTE):
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    with school.site.writing() as session:
        session.add(Outage(began_at=MONDAY + 6 * MINUTE, ended_at=MONDAY + 60 * MINUTE))

    with clock.fixed(MONDAY + 61 * MINUTE):
        assert browser.get(f"/quizzes/attempts/{attempt}/1").location == f"/quizzes/attempts/{attempt}"
        assert "Submitted" in browser.get(f"/quizzes/attempts/{attempt}").text

    with school.site.writing() as session:
        assert services.close_if_over(session, attempt_id=attempt, types=TYPES, now=MONDAY + 90 * MINUTE) is None


def test_the_job_waits_for_the_moved_end_and_closes_the_attempt_as_of_then(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    beats(school, MONDAY, MONDAY + 10 * MINUTE)
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    beats(school, MONDAY + 15 * MINUTE, MONDAY + 40 * MINUTE)

    closed = []
    for minutes in (30, 34, 40):
        with school.site.writing() as session:
            services.close_if_over(session, attempt_id=attempt, types=TYPES, now=MONDAY + minutes * MINUTE)
        closed.append(school.attempts()[0].closed_at)

    assert closed == [None, None, MONDAY + 35 * MINUTE]
