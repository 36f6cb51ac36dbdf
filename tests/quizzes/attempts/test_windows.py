"""When a quiz may be taken and for how long: said before the start, in the person's zone and in UTC."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lms import clock
from quizzes.attempts.models import Attempt
from tests.quizzes.school import MINUTE, MONDAY, School, choice

OPENS, CLOSES = "2026-11-23T12:00:00Z", "2026-11-23T14:00:00Z"


def test_window_and_limit_are_told_before_the_start_in_the_persons_zone_and_in_utc(school: School) -> None:
    school.install(opens_at=OPENS, closes_at=CLOSES, time_limit_minutes=90)
    _, browser = school.participant(time_zone="Asia/Kolkata")

    with clock.fixed(MONDAY + 45 * MINUTE):
        page = browser.get(school.intro).text

    assert "The quiz opens on 23 November 2026, 17:30 (Kolkata), 12:00 UTC." in page
    assert (
        "The quiz closes on 23 November 2026, 19:30 (Kolkata), 14:00 UTC. A try that is still open then ends with it."
    ) in page
    assert "90 minutes" in page
    # An hour and a half would go past the close.
    assert "If you begin now, it ends at 23 November 2026, 19:30 (Kolkata), 14:00 UTC." in page
    assert "The time runs from the start, also while you are away. What is saved when it ends counts." in page


@pytest.mark.parametrize(
    ("minutes", "says", "refusal"),
    [
        (-1, "You can begin from 23 November 2026, 15:00 (Nairobi), 12:00 UTC on.", "This quiz opens on 23 November"),
        (120, "This quiz is closed.", "This quiz closed on 23 November 2026, 17:00 (Nairobi), 14:00 UTC."),
    ],
    ids=["before", "after"],
)
def test_outside_of_its_window_a_quiz_says_when_and_begins_no_try(
    school: School, minutes: int, says: str, refusal: str
) -> None:
    school.install(opens_at=OPENS, closes_at=CLOSES)
    _, browser = school.participant()

    with clock.fixed(MONDAY + minutes * MINUTE):
        page, answer = browser.get(school.intro).text, browser.post(school.intro)

    assert says in page
    assert "Begin the quiz" not in page
    assert (answer.status_code, refusal in answer.text) == (409, True)
    assert school.count(Attempt) == 0


@pytest.mark.parametrize("minutes", [0, 119])
def test_inside_of_its_window_a_try_begins_and_ends_with_it(school: School, minutes: int) -> None:
    school.install(opens_at=OPENS, closes_at=CLOSES)
    _, browser = school.participant()

    with clock.fixed(MONDAY + minutes * MINUTE):
        school.begin(browser)

    assert [attempt.deadline for attempt in school.attempts()] == [MONDAY + 120 * MINUTE]


def test_a_limit_that_ends_before_the_close_is_the_end(school: School) -> None:
    school.install(closes_at=CLOSES, time_limit_minutes=20)
    _, browser = school.participant()

    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    assert school.attempts()[0].deadline == MONDAY + 20 * MINUTE
    assert "23 November 2026, 15:20 (Nairobi), 12:20 UTC" in page


@pytest.mark.parametrize(
    ("counts", "tries", "says"),
    [
        ("best", 3, "You have 3 tries, and your best one counts."),
        ("last", 3, "You have 3 tries, and your last one counts."),
        ("first", 3, "You have 3 tries, and your first one counts. The others are for you alone."),
        ("last", None, "You can try as often as you want, and your last try counts."),
        ("best", 1, "You have one try."),
    ],
)
def test_which_try_counts_is_said_before_the_start(school: School, counts: str, tries: int | None, says: str) -> None:
    school.install(counts=counts, tries=tries)
    _, browser = school.participant()

    assert says in browser.get(school.intro).text


@pytest.mark.parametrize(
    ("counts", "score", "passed"),
    [("best", 1.0, True), ("last", 0.0, False), ("first", 0.5, False)],
)
def test_the_try_that_counts_is_the_one_that_the_course_knows(
    school: School, counts: str, score: float, passed: bool
) -> None:
    from courses.learning.models import ActivityResult

    school.install([choice("q1"), choice("q2")], counts=counts)
    _, browser = school.participant()
    seen: list[tuple[float, bool]] = []
    for right in (1, 2, 0):
        attempt = school.begin(browser)
        for uid in ("q1", "q2")[:right]:
            school.answer(browser, attempt, uid, f"Option two of {uid}")
        browser.post(f"/quizzes/attempts/{attempt}/submit")
        seen = [(row.score, row.passed_at is not None) for row in school.rows(ActivityResult)]

    assert [result.score for result in school.results()] == [0.5, 1.0, 0.0]
    assert [one for one, _ in seen] == [score]
    # With "last" they passed once, and that stays.
    assert [one for _, one in seen] == [passed or counts == "last"]
    page = browser.get(school.intro).text
    assert f"{score:.0%}" in page


def test_the_jobs_end_is_final_only_once_the_site_was_seen_there_after_it(school: School) -> None:
    """A site that goes away seconds before an end must not have closed it when it is back."""
    from lms.heartbeat.services import note_beat
    from lms.jobs.models import Job
    from quizzes.attempts import services
    from tests.quizzes.school import TYPES

    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    end = MONDAY + 30 * MINUTE
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    note_beat(school.site.engines, now=end - timedelta(seconds=8))  # the last one before the site goes away

    def close(moment: timedelta) -> bool:
        with school.site.writing() as session:
            return services.close_if_over(session, attempt_id=attempt, types=TYPES, now=end + moment) is not None

    assert not close(timedelta(seconds=1))
    assert school.rows(Job)[-1].run_after > end + timedelta(seconds=1)
    back = end + 5 * MINUTE
    note_beat(school.site.engines, now=back)
    with clock.fixed(back):
        assert school.answer(browser, attempt, "number", "150").status_code == 303
    assert [event.late for event in school.events()] == [False]
    assert not close(5 * MINUTE + timedelta(seconds=7))
    note_beat(school.site.engines, now=end + 5 * MINUTE + timedelta(seconds=10))
    assert close(5 * MINUTE + timedelta(seconds=10))
