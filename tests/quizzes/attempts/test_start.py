"""An attempt begins once: whatever is pressed how often, there is one list of questions and one end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from lms import clock
from lms.jobs.models import Job
from lms.testing import Site
from quizzes.attempts import services
from quizzes.attempts.models import Attempt, AttemptQuestion
from quizzes.marking.rules import draw
from quizzes.question_types.seeds import new_seed
from tests.quizzes.school import ALL_KINDS, MINUTE, MONDAY, TYPES, School, choice


def test_the_list_is_drawn_and_written_before_the_first_question_is_shown(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(9)], draw=4)
    _, browser = school.participant()

    answer = browser.post(school.intro)

    drawn = school.rows(AttemptQuestion)
    assert [question.position for question in drawn] == [1, 2, 3, 4]
    assert len({question.question_version_id for question in drawn}) == 4
    assert answer.location == f"/quizzes/attempts/{school.attempts()[0].id}/1"


def test_case_13_start_reload_two_tabs_and_the_back_button_give_one_attempt_one_end_one_list(school: School) -> None:
    school.install(time_limit_minutes=30)
    person, browser = school.participant()
    other_device = school.site.browser(person)
    with clock.fixed(MONDAY):
        first = school.begin(browser)
    before = [row.question_version_id for row in school.rows(AttemptQuestion)]

    with clock.fixed(MONDAY + 5 * MINUTE):
        again = [school.begin(browser), school.begin(browser), school.begin(other_device)]

    assert again == [first, first, first]
    assert [attempt.deadline for attempt in school.attempts()] == [MONDAY + 30 * MINUTE]
    assert [row.question_version_id for row in school.rows(AttemptQuestion)] == before


def test_going_on_leads_to_the_first_question_without_an_answer(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    browser.post(f"/quizzes/attempts/{attempt}/1", _right_answer(school, browser, attempt, 1))

    assert browser.post(school.intro).location == f"/quizzes/attempts/{attempt}/2"
    assert browser.get(f"/quizzes/attempts/{attempt}").location == f"/quizzes/attempts/{attempt}/2"


def _right_answer(school: School, browser: object, attempt: int, position: int) -> dict[str, object]:
    from tests.quizzes.school import options_of

    page = browser.get(f"/quizzes/attempts/{attempt}/{position}").text  # type: ignore[attr-defined]
    offered = options_of(page)
    return {"choice": next(iter(offered.values()))} if offered else {"answer": "150"}


def test_case_14_fifty_starts_at_once_with_one_try_left_give_one_attempt(school: School) -> None:
    school.install(tries=1)
    person, _ = school.participant()
    browsers = [school.site.browser(person) for _ in range(50)]
    gate = threading.Barrier(50)
    places: list[str] = []

    def begin(number: int) -> None:
        gate.wait()
        answer = browsers[number].post(school.intro)
        places.append(f"{answer.status_code} {answer.location}")

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    attempts = school.attempts()
    assert len(attempts) == 1
    assert places == [f"303 /quizzes/attempts/{attempts[0].id}/1"] * 50
    assert school.count(AttemptQuestion) == len(ALL_KINDS)


def test_tries_are_counted_and_the_last_one_is_the_last(school: School) -> None:
    school.install(tries=2)
    _, browser = school.participant()
    for _ in range(2):
        browser.post(f"/quizzes/attempts/{school.begin(browser)}/submit")

    answer = browser.post(school.intro)

    assert answer.status_code == 409
    assert "You have used all your tries." in answer.text
    assert [attempt.number for attempt in school.attempts()] == [1, 2]


def test_an_attempt_whose_time_ran_out_is_closed_as_it_stood_when_the_next_one_begins(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        first = school.begin(browser)
        school.answer(browser, first, "number", "150")
    with clock.fixed(MONDAY + 31 * MINUTE):
        second = school.begin(browser)

    closed, opened = school.attempts()
    assert (closed.id, closed.submitted_at, closed.closed_at) == (first, None, MONDAY + 30 * MINUTE)
    assert (opened.id, opened.number, opened.deadline) == (second, 2, MONDAY + 61 * MINUTE)
    assert [(result.attempt_id, round(result.score, 3)) for result in school.results()] == [(first, 0.2)]


def test_a_timed_attempt_leaves_a_job_for_its_end_and_the_job_closes_it(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    job = next(job for job in school.rows(Job) if job.kind == "quizzes.close_attempt")
    kind = next(kind for kind in school.site.app.extensions["lms.plugins"].collect("lms_jobs") if kind.name == job.kind)

    closed = []
    for moment in (MONDAY + 29 * MINUTE, MONDAY + 30 * MINUTE, MONDAY + 31 * MINUTE):
        with clock.fixed(moment), school.site.writing() as session:
            kind.run(session, job.payload)
        closed.append(school.attempts()[0].closed_at)

    assert (job.payload, job.run_after) == ({"attempt_id": attempt}, MONDAY + 30 * MINUTE)
    assert closed == [None, MONDAY + 30 * MINUTE, MONDAY + 30 * MINUTE]
    assert len(school.results()) == 1


def test_an_open_attempt_keeps_its_versions_its_goal_and_its_end_when_the_quiz_changes(school: School) -> None:
    school.install([choice("one", prompt="As it was?")], pass_mark=0.5, time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        school.install([choice("one", prompt="As it is now?")], pass_mark=0.9, time_limit_minutes=5)

        page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    assert "As it was?" in page
    row = school.attempts()[0]
    assert (row.pass_mark, row.deadline) == (0.5, MONDAY + 30 * MINUTE)


@pytest.mark.parametrize("questions", [[], [{**choice("gone")}]], ids=["none", "only a retired one"])
def test_a_quiz_without_questions_cannot_begin(school: School, questions: list[dict[str, object]]) -> None:
    school.install(questions)
    school.install([])
    _, browser = school.participant()

    assert "This quiz has no questions yet." in browser.get(school.intro).text
    assert browser.post(school.intro).status_code == 409
    assert school.count(Attempt) == 0


def test_case_23_seeds_follow_from_no_person_and_no_time(school: School) -> None:
    school.install()
    with clock.fixed(MONDAY):
        for _ in range(5):
            school.begin(school.participant()[1])

    seeds = [attempt.seed for attempt in school.attempts()]
    assert len(set(seeds)) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**40  # a counter or a moment would be smaller


def test_case_23_ten_thousand_draws_prefer_no_question() -> None:
    counted = Counter(question for _ in range(10_000) for question in draw(range(20), count=5, rng_seed=new_seed()))

    # 2,500 each are expected; 43.3 is one standard deviation, and six of them happen once in 500 million.
    assert set(counted) == set(range(20))
    assert all(abs(number - 2_500) < 6 * 43.3 for number in counted.values())


def test_somebody_who_does_not_take_the_course_is_led_to_it(school: School) -> None:
    school.install()
    _, browser = school.participant(enrolled=False)

    page = browser.get(school.intro)

    assert (page.status_code, "Go to the course and enrol" in page.text) == (200, True)
    assert browser.post(school.intro).status_code == 409
    assert school.count(Attempt) == 0


def test_the_service_gives_the_same_attempt_until_it_is_closed(school: School) -> None:
    school.install()
    person, _ = school.participant()
    place = {"course_slug": "trade", "module_slug": "basics", "activity_slug": "quiz"}

    def begin() -> int:
        with school.site.writing() as session:
            return services.start(session, person_id=person.id, types=TYPES, now=MONDAY, **place).standing.attempt.id

    first, same = begin(), begin()
    with school.site.writing() as session:
        services.submit(session, attempt_id=first, person_id=person.id, types=TYPES, now=MONDAY + timedelta(minutes=1))

    assert (same, begin() == first) == (first, False)


def test_case_77_beginning_again_and_again_is_slowed_down_for_this_person_alone(
    site_with: Callable[..., Site],
) -> None:
    school = School.found(site_with(limits=True))
    school.install(tries=None)
    _, browser = school.participant()
    _, other = school.participant()

    with clock.fixed(MONDAY):
        for _ in range(20):
            attempt = school.begin(browser)
            assert [school.begin(browser) for _ in range(3)] == [attempt] * 3  # to go on begins nothing
            browser.post(f"/quizzes/attempts/{attempt}/submit")
        refused = browser.post(school.intro)
        others = other.post(school.intro).status_code
    with clock.fixed(MONDAY + MINUTE):
        later = browser.post(school.intro).status_code

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "Wait 1 minute" in refused.text
    assert (others, later) == (303, 303)
    assert len(school.attempts()) == 22
