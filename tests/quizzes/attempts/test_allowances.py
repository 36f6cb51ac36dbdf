"""More time and tries for one person: set once, seen on their page, and asked for before the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courses.outline.models import Activity
from lms import clock
from lms.audit.models import AuditEntry
from lms.jobs.models import Job
from lms.testing import Browser
from quizzes.attempts.models import Allowance, TimeRequest
from tests.quizzes.authoring.desk import Desk, fields_of
from tests.quizzes.school import MINUTE, MONDAY, School, choice

TIME = "/quizzes/trade/basics/quiz/time"
MORE = {"factor": "1.5", "minutes": "0", "tries": "1", "reason": "Reads with a screen reader."}


@pytest.fixture
def desk(school: School) -> Desk:
    return Desk(school)


def give(desk: Desk, person_id: int, **more: str) -> int:
    """Open the form of a participant, change it and send it; the answer's status."""
    address = f"{TIME}/{person_id}"
    form = fields_of(desk.browser.get(address).text, address)
    return int(desk.browser.post(address, {**form, **MORE, **more}).status_code)


def ask(browser: Browser, attempt: int, words: str = "The bus stopped.") -> int:
    return int(browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": words}).status_code)


def test_extra_time_and_tries_are_told_before_the_start_and_fix_the_end(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30, tries=1)
    person, browser = school.participant()
    with clock.fixed(MONDAY):
        assert give(desk, person.id, minutes="5") == 303
        page = browser.get(school.intro).text
        school.begin(browser)

    assert "You have 20 minutes more than others." in page
    assert "You have more tries than others: 1." in page
    assert "2 of 2 left" in page
    assert "If you begin now, it ends at 23 November 2026, 15:50 (Nairobi), 12:50 UTC." in page
    assert [attempt.deadline for attempt in school.attempts()] == [MONDAY + 50 * MINUTE]


def test_others_get_no_more(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30, tries=1)
    person, _ = school.participant()
    _, other = school.participant()
    with clock.fixed(MONDAY):
        give(desk, person.id)
        attempt = school.begin(other)
        other.post(f"/quizzes/attempts/{attempt}/submit")
        again = other.post(school.intro)

    assert school.attempts()[0].deadline == MONDAY + 30 * MINUTE
    assert (again.status_code, "You have used all your tries." in again.text) == (409, True)


def test_an_allowance_moves_a_try_that_runs_and_never_makes_it_shorter(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    person, browser = school.participant()
    with clock.fixed(MONDAY):
        school.begin(browser)
    ends = []
    for minutes, factor in ((5, "2"), (6, "1"), (7, "1.5"), (8, "2.5")):
        with clock.fixed(MONDAY + minutes * MINUTE):
            assert give(desk, person.id, factor=factor) == 303
        ends.append(school.attempts()[0].deadline)

    assert ends == [MONDAY + minutes * MINUTE for minutes in (60, 60, 60, 75)]
    assert school.count(Allowance) == 1
    assert [job.run_after for job in school.rows(Job) if job.kind == "quizzes.close_attempt"] == [
        MONDAY + minutes * MINUTE for minutes in (30, 60, 75)
    ]
    entries = [entry for entry in school.rows(AuditEntry) if entry.act == "allowance.set"]
    assert [entry.reason for entry in entries] == ["Reads with a screen reader."] * 4


def test_it_is_set_once_for_every_quiz_of_the_course_and_for_no_other(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    person, browser = school.participant()
    second = another_quiz(school, slug="exam")
    elsewhere = School.found(school.site, slug="other")
    elsewhere.install(time_limit_minutes=30)
    with clock.fixed(MONDAY):
        attempt = second.begin(browser)  # in the middle of the other quiz
        assert give(desk, person.id, everywhere="y") == 303
        page = browser.get(second.intro).text

    assert [(row.quiz_id, row.factor, row.tries) for row in school.rows(Allowance)] == [(1, 1.5, 1), (2, 1.5, 1)]
    assert [(one.id, one.deadline) for one in school.attempts()] == [(attempt, MONDAY + 45 * MINUTE)]
    assert "You have 15 minutes more than others." in page
    entries = [entry for entry in school.rows(AuditEntry) if entry.act == "allowance.set"]
    assert [entry.facts["everywhere"] for entry in entries] == [2]


def another_quiz(school: School, *, slug: str) -> School:
    """A second quiz in the same module."""
    with school.site.writing() as session:
        activity = Activity(
            module_id=school.module_id, slug=slug, position=2, kind="quiz", title={"en": "Exam of the basics"}
        )
        session.add(activity)
        session.flush()
        second = replace(school, activity_id=activity.id)
    second.intro = f"/quizzes/trade/basics/{slug}"
    second.install([choice("only")], time_limit_minutes=30)
    return second


def test_two_trainers_who_set_it_at_once_do_not_overwrite_each_other(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    person, _ = school.participant()
    _, colleague = desk.trainer()
    address = f"{TIME}/{person.id}"
    mine = fields_of(desk.browser.get(address).text, address)
    theirs = fields_of(colleague.get(address).text, address)

    first = desk.browser.post(address, {**mine, **MORE})
    second = colleague.post(address, {**theirs, **MORE, "factor": "3"})
    resent = desk.browser.post(address, {**mine, **MORE})

    assert (first.status_code, second.status_code, resent.status_code) == (303, 409, 409)
    assert [row.factor for row in school.rows(Allowance)] == [1.5]


@pytest.mark.parametrize(
    "wrong",
    [{"factor": "0.5"}, {"factor": "nan"}, {"factor": "11"}, {"minutes": "-1"}, {"minutes": "9" * 4000},
     {"minutes": "1e3"}, {"tries": "101"}, {"tries": ""}, {"reason": " "}, {"factor": "inf"}, {"factor": "1e999"}],
    ids=lambda wrong: str(wrong)[:30],
)  # fmt: skip
def test_case_20_an_allowance_that_is_none_is_refused_at_its_field(
    school: School, desk: Desk, wrong: dict[str, str]
) -> None:
    school.install(time_limit_minutes=30)
    person, _ = school.participant()

    assert give(desk, person.id, **wrong) == 422
    assert school.count(Allowance) == 0


def test_more_time_is_asked_for_before_the_end_and_what_is_granted_moves_it(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    with clock.fixed(MONDAY + 29 * MINUTE):
        assert ask(browser, attempt) == 303
        assert ask(browser, attempt, "And again.") == 303  # while the first is open it stands
        waiting = browser.get(f"/quizzes/attempts/{attempt}/1").text
        listed = desk.browser.get(TIME).text
        request = school.rows(TimeRequest)[0]
        granted = desk.browser.post(
            f"{TIME}/requests/{request.id}",
            {f"r{request.id}-minutes": "12", f"r{request.id}-answer": "Take your time.", "act": "grant"},
        )
        after = browser.get(f"/quizzes/attempts/{attempt}/1").text
        told = browser.get(f"/quizzes/attempts/{attempt}/more-time").text
    with clock.fixed(MONDAY + 41 * MINUTE):
        school.answer(browser, attempt, "number", "150")

    assert "You asked for more time. The trainers have not answered yet." in waiting
    assert ("The bus stopped." in listed, "And again." in listed) == (True, False)
    assert granted.status_code == 303
    assert "A trainer gave you 12 minutes more. They are in the end above." in after
    assert "12:42 UTC" in after
    assert "Take your time." in told
    assert [event.late for event in school.events()] == [False]
    assert [(row.state, row.minutes) for row in school.rows(TimeRequest)] == [("granted", 12)]
    assert [e.act for e in school.rows(AuditEntry) if e.act.startswith("time.")] == ["time.granted"]


def test_a_request_is_answered_once_and_a_refusal_is_told(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        ask(browser, attempt)
        request = school.rows(TimeRequest)[0]
        form = {f"r{request.id}-minutes": "12", f"r{request.id}-answer": "", "act": "refuse"}
        answers = [
            desk.browser.post(f"{TIME}/requests/{request.id}", {**form, "act": act}).status_code
            for act in ("refuse", "grant")
        ]
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text
        asked_again = ask(browser, attempt, "Once more.")

    assert answers == [303, 409]
    assert "did not grant it" in page
    assert school.attempts()[0].deadline == MONDAY + 30 * MINUTE
    assert (asked_again, [row.state for row in school.rows(TimeRequest)]) == (303, ["refused", "open"])


def test_after_the_end_no_more_time_is_asked_for_or_given(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        ask(browser, attempt)
    request = school.rows(TimeRequest)[0]
    with clock.fixed(MONDAY + 30 * MINUTE):
        again = browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": "Late."})
        form = {f"r{request.id}-minutes": "5", f"r{request.id}-answer": "", "act": "grant"}
        granted = desk.browser.post(f"{TIME}/requests/{request.id}", form)

    assert (again.status_code, "More time can be asked for while the time of a try runs." in again.text) == (409, True)
    assert (granted.status_code, "This try is over." in granted.text) == (409, True)
    assert school.attempts()[0].deadline == MONDAY + 30 * MINUTE


def test_a_try_without_an_end_asks_for_no_time(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)

    assert "Ask for more time" not in browser.get(f"/quizzes/attempts/{attempt}/1").text
    assert ask(browser, attempt) == 409
    assert school.count(TimeRequest) == 0


def test_case_2_nobody_asks_for_time_or_a_hint_in_somebody_elses_try(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    _, other = school.participant()
    attempt = school.begin(browser)

    answers = [
        other.post(f"/quizzes/attempts/{number}/{what}", {"words": "Mine."}).status_code
        for number in (attempt, 999_999)
        for what in ("more-time", "1/hint")
    ]

    assert answers == [404] * 4
    assert school.count(TimeRequest) == 0


def test_case_4_a_trainer_of_another_course_sets_and_answers_nothing(school: School, desk: Desk) -> None:
    school.install(time_limit_minutes=30)
    person, browser = school.participant()
    attempt = school.begin(browser)
    ask(browser, attempt)
    request = school.rows(TimeRequest)[0]
    School.found(school.site, slug="other").install()
    _, stranger = desk.trainer(course="other")

    answers = [
        stranger.post(address, {**MORE, f"r{request.id}-minutes": "5", "began_from": ""}).status_code
        for address in (
            f"{TIME}/{person.id}",
            f"{TIME}/requests/{request.id}",
            f"/quizzes/other/basics/quiz/time/{person.id}",  # who does not take their course
            f"/quizzes/other/basics/quiz/time/requests/{request.id}",  # a request of another quiz
        )
    ]

    assert answers == [404] * 4
    assert school.count(Allowance) == 0
    assert [row.state for row in school.rows(TimeRequest)] == ["open"]


def test_case_5_a_participant_gives_themselves_no_time(school: School) -> None:
    school.install(time_limit_minutes=30, tries=1)
    person, browser = school.participant()
    claims = {"extra_seconds": "9999", "deadline": "2030-01-01T00:00:00Z", "factor": "9", "minutes": "99", "tries": "9"}
    with clock.fixed(MONDAY):
        attempt = int(browser.post(school.intro, claims).location.split("/")[-2])
        browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": "Time.", "state": "granted", **claims})
        refused = browser.post(f"{TIME}/{person.id}", {**MORE, "began_from": ""}).status_code

    assert refused == 403
    assert [(row.deadline, row.extra_seconds) for row in school.attempts()] == [(MONDAY + 30 * MINUTE, 0)]
    assert [(row.state, row.minutes) for row in school.rows(TimeRequest)] == [("open", None)]
    assert school.count(Allowance) == 0
