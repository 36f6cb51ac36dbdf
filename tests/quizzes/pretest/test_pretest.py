"""The pre-test: once before a course, once at its end, and what a person sees of it in between and afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from courses.kinds import activity_types, check_servers, self_checks
from courses.packages import installing
from courses.packages.reading import read_package
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser, Site
from quizzes.attempts.models import Attempt, AttemptQuestion
from quizzes.bank.models import Question, QuestionVersion
from quizzes.pretest.models import PretestDeclined
from tests.factories.courses import SMALL, write_package
from tests.factories.pretests import with_pretest

COURSE, PRETEST = f"/courses/{SMALL}", f"/quizzes/{SMALL}/pretest"
LESSONS = {"alpha": ("first", "second", "third"), "beta": ("first", "second")}
OFFER = "Before you begin, if you like"


@pytest.fixture
def installed(site: Site, tmp_path: Path) -> Callable[[], None]:
    """Install the small course with its pre-test; again it installs what the folder holds then."""
    folder = write_package(tmp_path / "small", with_pretest())

    def run() -> None:
        types = activity_types(site.app)
        with site.app.app_context():
            checkers = {kind: one.checker for kind, one in types.items()}
            package = read_package(folder, activity_checkers=checkers, check_checkers=self_checks(site.app))
            serving = check_servers(site.app, package)
        with site.app.app_context(), site.writing() as session:
            installing.install(session, package, types=types, checks=serving, now=clock.now())

    run()
    return run


@pytest.fixture
def person(site: Site, installed: Callable[[], None]) -> Person:
    del installed
    found = site.person()
    assert site.browser(found).post(f"{COURSE}/enrol").status_code == 303
    return found


@pytest.fixture
def browser(site: Site, person: Person) -> Browser:
    return site.browser(person)


def begin(browser: Browser) -> int:
    answer = browser.post(PRETEST)
    assert answer.status_code == 303, answer.text
    found = re.search(r"/attempts/(\d+)/", answer.location)
    assert found is not None
    return int(found[1])


def reply(browser: Browser, attempt: int, position: int, *, right: bool) -> None:
    """Answer the question on this page by the words of its options."""
    page = browser.get(f"/quizzes/attempts/{attempt}/{position}").text
    wanted = "The right one" if right else "The wrong one"
    option = re.search(r'value="([^"]+)"[^>]*>\s*(?:<[^>]+>\s*)*' + wanted, page)
    assert option is not None, page
    answer = browser.post(f"/quizzes/attempts/{attempt}/{position}", {"choice": option[1]})
    assert answer.status_code == 303, answer.text


def take(browser: Browser, *, right: int, answered: int = 2) -> int:
    """Answer one time of the pre-test: the first ``right`` of its questions right, and hand it in."""
    attempt = begin(browser)
    for position in range(1, answered + 1):
        reply(browser, attempt, position, right=position <= right)
    assert browser.post(f"/quizzes/attempts/{attempt}/submit").status_code == 303
    return attempt


def read(browser: Browser, *modules: str) -> None:
    for module in modules:
        for lesson in LESSONS[module]:
            assert browser.post(f"{COURSE}/{module}/{lesson}/done").status_code == 303


def asked(site: Site, attempt: int) -> set[str]:
    with site.writing() as session:
        return set(
            session.scalars(
                select(Question.uid)
                .join(QuestionVersion, QuestionVersion.question_id == Question.id)
                .join(AttemptQuestion, AttemptQuestion.question_version_id == QuestionVersion.id)
                .where(AttemptQuestion.attempt_id == attempt)
            )
        )


# --- what is offered when --------------------------------------------------------------------------------------------


def test_the_course_offers_it_until_it_is_taken(browser: Browser) -> None:
    assert OFFER in browser.get(COURSE).text

    begin(browser)
    assert "You began them and have not handed them in yet." in browser.get(COURSE).text

    browser.post("/quizzes/attempts/1/submit")
    page = browser.get(COURSE).text
    assert OFFER not in page
    assert "/pretest" not in page


def test_who_declines_is_not_asked_again_and_can_still_take_it(browser: Browser) -> None:
    page = browser.get(COURSE).text
    assert f'action="{PRETEST}/decline"' in page

    for _ in range(2):  # a second click
        assert browser.post(f"{PRETEST}/decline").location == COURSE

    assert OFFER not in browser.get(COURSE).text
    assert "Begin the questions" in browser.get(PRETEST).text
    begin(browser)


def test_a_declined_pre_test_is_that_of_one_person(site: Site, browser: Browser) -> None:
    browser.post(f"{PRETEST}/decline")
    other = site.browser(site.person())
    other.post(f"{COURSE}/enrol")

    assert OFFER in other.get(COURSE).text
    with site.writing() as session:
        assert len(session.scalars(select(PretestDeclined)).all()) == 1


@pytest.mark.parametrize("way", ["a module is read", "a quiz is handed in"])
def test_it_is_too_late_once_the_course_is_well_under_way(browser: Browser, way: str) -> None:
    if way == "a module is read":
        read(browser, "alpha")
    else:
        attempt = re.search(r"/attempts/(\d+)/", browser.post(f"/quizzes/{SMALL}/alpha/quiz").location)
        assert attempt is not None
        browser.post(f"/quizzes/attempts/{attempt[1]}/submit")

    assert OFFER not in browser.get(COURSE).text
    assert "You are well under way in the course" in browser.get(PRETEST).text
    refused = browser.post(PRETEST)
    assert refused.status_code == 409
    assert "The first time is before the course, and you are well under way." in refused.text


def test_one_lesson_is_not_well_under_way(browser: Browser) -> None:
    browser.post(f"{COURSE}/alpha/first/done")

    assert OFFER in browser.get(COURSE).text


def test_the_second_time_waits_for_the_end_of_the_course(browser: Browser) -> None:
    take(browser, right=1)
    read(browser, "alpha")

    assert "The second time opens when you have read every lesson" in browser.get(PRETEST).text
    assert browser.post(PRETEST).status_code == 409
    assert "What have you gained?" not in browser.get(COURSE).text

    read(browser, "beta")
    assert "What have you gained?" in browser.get(COURSE).text
    assert "Begin the questions" in browser.get(PRETEST).text


def test_met_rules_are_the_end_too(site: Site, browser: Browser) -> None:
    from courses.outline.models import Course

    take(browser, right=1)
    with site.writing() as session:
        course = session.scalars(select(Course)).one()
        course.revision += 1
        course.papers = [
            {**course.papers[0], "rules": [{"rule": "modules_read", "modules": ["alpha"], "activities": []}]}
        ]
    read(browser, "alpha")

    assert "What have you gained?" in browser.get(COURSE).text


def test_without_a_first_time_the_end_offers_nothing(browser: Browser) -> None:
    read(browser, "alpha", "beta")

    page = browser.get(COURSE).text
    assert "What have you gained?" not in page
    assert OFFER not in page


# --- the two times ---------------------------------------------------------------------------------------------------


def test_both_times_ask_one_question_of_each_module_and_none_twice(site: Site, browser: Browser) -> None:
    first = take(browser, right=0)
    read(browser, "alpha", "beta")
    second = take(browser, right=2)

    both = asked(site, first), asked(site, second)
    assert [sorted(uid.split("-")[0] for uid in one) for one in both] == [["alpha", "beta"], ["alpha", "beta"]]
    assert both[0] & both[1] == set()


def test_there_is_one_try_at_each_time(browser: Browser) -> None:
    first = begin(browser)
    assert begin(browser) == first  # a second click goes on with it

    browser.post(f"/quizzes/attempts/{first}/submit")
    assert browser.post(PRETEST).status_code == 409

    read(browser, "alpha", "beta")
    take(browser, right=1)
    refused = browser.post(PRETEST)
    assert refused.status_code == 409
    assert "You have answered both times." in refused.text


def test_a_first_time_that_was_not_handed_in_is_closed_as_it_stands(site: Site, browser: Browser) -> None:
    first = begin(browser)
    reply(browser, first, 1, right=True)
    read(browser, "alpha", "beta")

    second = take(browser, right=2)

    with site.writing() as session:
        tries = session.execute(select(Attempt.id, Attempt.number, Attempt.closed_at.is_not(None))).all()
    assert sorted(map(tuple, tries)) == [(first, 1, True), (second, 2, True)]
    page = browser.get(PRETEST).text
    assert "Before the course: 1 of 2 right." in page
    assert "Questions that you left open before the course: 1." in page


def test_right_answers_are_shown_after_the_second_time_alone(browser: Browser) -> None:
    first = take(browser, right=1)

    page = browser.get(f"/quizzes/attempts/{first}").text
    assert "You have 1 of 2 right." in page
    assert "Which answers were right is shown after the second time" in page
    assert "why-" not in page
    assert "Try again" not in page
    assert "You need" not in page

    read(browser, "alpha", "beta")
    begun = begin(browser)
    assert "why-" not in browser.get(f"/quizzes/attempts/{first}").text  # the second time asks about the same

    browser.post(f"/quizzes/attempts/{begun}/submit")
    for attempt in (first, begun):
        page = browser.get(f"/quizzes/attempts/{attempt}").text
        assert "why-alpha-" in page
        assert "why-beta-" in page
        assert f'href="{PRETEST}"' in page


def test_what_was_missed_leads_to_its_lesson(browser: Browser) -> None:
    take(browser, right=2)
    read(browser, "alpha", "beta")
    second = take(browser, right=0)

    page = browser.get(f"/quizzes/attempts/{second}").text

    assert f'href="{COURSE}/alpha/first"' in page
    assert f'href="{COURSE}/beta/first"' in page


# --- what was gained -------------------------------------------------------------------------------------------------

GAINS = {
    "more": (0, 2, ("That is 2 more than before the course.", "Gained")),
    "as many": (2, 2, ("That is as many as before the course.", "Known both times")),
    "none": (0, 0, ("That is as many as before the course.", "Not yet: read this module again")),
    "fewer": (2, 0, ("That is 2 fewer than before the course.", "this can be chance or a tired day", "Lower than")),
}


@pytest.mark.parametrize("case", GAINS)
def test_the_page_says_what_was_gained_in_total_and_by_module(browser: Browser, case: str) -> None:
    before, after, sentences = GAINS[case]
    take(browser, right=before)
    read(browser, "alpha", "beta")
    take(browser, right=after)

    page = browser.get(PRETEST).text

    assert "What you gained" in page
    assert f"Before the course: {before} of 2 right." in page
    assert f"At the end: {after} of 2 right." in page
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert page.count("<progress ") == 2
    assert "style=" not in page
    assert "See what you gained" in browser.get(COURSE).text


def test_a_module_that_came_between_the_two_times_cannot_be_compared(
    site: Site, browser: Browser, installed: Callable[[], None], tmp_path: Path
) -> None:
    files = with_pretest()
    files["pretest.yaml"]["questions"] = files["pretest.yaml"]["questions"][:2]
    write_package(tmp_path / "small", files)
    installed()
    take(browser, right=1, answered=1)
    write_package(tmp_path / "small", with_pretest())
    installed()
    read(browser, "alpha", "beta")
    take(browser, right=2)

    page = browser.get(PRETEST).text

    assert "The course has changed between the two times" in page
    assert "Not asked" in page
    assert "Cannot be compared" in page


# --- it counts for nothing -------------------------------------------------------------------------------------------


def test_it_counts_in_no_progress_and_for_no_certificate(site: Site, browser: Browser) -> None:
    def what_counts() -> list[str]:
        rules = re.findall(
            r"Rules met: \d of \d\.|\d of \d [a-z]+ are [a-z ]+\.", browser.get(f"{COURSE}/certificate").text
        )
        lamps = re.findall(r'aria-label="(\d modules: [^"]+)"', browser.get(COURSE).text)
        return [*rules, *lamps]

    before = what_counts()
    take(browser, right=2)

    assert len(before) == 4
    assert what_counts() == before
    assert "Go on with lesson 1.1" in browser.get(COURSE).text
    assert "why-" not in browser.get(f"/quizzes/{SMALL}/mistakes").text


def test_questions_of_the_pre_test_cannot_be_practised(browser: Browser) -> None:
    take(browser, right=0)

    for address in (f"/quizzes/{SMALL}/pretest/pretest", f"/quizzes/{SMALL}/pretest/pretest/practice"):
        assert browser.post(address).status_code == 404
    assert browser.post(f"/quizzes/{SMALL}/mistakes").status_code == 409  # nothing is due


def test_its_questions_have_facts_for_trainers(site: Site, browser: Browser) -> None:
    take(browser, right=1)
    admin = site.browser(site.person(role="admin"))

    page = admin.get(f"/quizzes/{SMALL}/pretest/pretest/figures").text
    bank = admin.get(f"/quizzes/{SMALL}/pretest/pretest/edit").text

    assert "Finished and marked tries" in page
    assert "Question alpha-1?" in bank
    trainer = admin.get("/trainer").text
    assert f'href="/quizzes/{SMALL}/pretest/pretest/edit"' in trainer


@pytest.mark.parametrize(
    "room", ["edit", "edit/alpha-1", "edit/alpha-1/preview", "figures/alpha-1", "results", "results/objectives", "time"]
)
def test_trainers_have_every_room_for_it(site: Site, browser: Browser, room: str) -> None:
    take(browser, right=1)
    admin = site.browser(site.person(role="admin"))

    assert admin.get(f"/quizzes/{SMALL}/pretest/pretest/{room}").status_code == 200


# --- guests and others -----------------------------------------------------------------------------------------------


def test_a_guest_sees_that_it_exists_and_no_more(site: Site, installed: Callable[[], None]) -> None:
    guest = site.browser()

    page = guest.get(COURSE).text

    assert "2 questions, if you like" in page
    assert OFFER not in page
    assert "/pretest" not in page
    assert guest.get(PRETEST).location.startswith("/sign-in?next=")
    assert guest.post(PRETEST).status_code == 401


def test_who_does_not_take_the_course_is_led_to_it(site: Site, installed: Callable[[], None]) -> None:
    browser = site.browser(site.person())

    page = browser.get(PRETEST).text

    assert "Go to the course and enrol" in page
    assert "Begin the questions" not in page
    assert browser.post(PRETEST).status_code == 409


@pytest.mark.parametrize("address", [f"/quizzes/{SMALL}/pretest", "/quizzes/unknown/pretest"])
def test_a_course_without_one_has_no_such_page(site: Site, small_without: None, address: str) -> None:
    browser = site.browser(site.person())

    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404
    assert browser.post(f"{address}/decline").status_code == 404


@pytest.fixture
def small_without(site: Site, installed: Callable[[], None], tmp_path: Path) -> None:
    (tmp_path / "small" / "pretest.yaml").unlink()
    installed()


def test_another_persons_first_time_is_not_shown(site: Site, browser: Browser) -> None:
    take(browser, right=2)
    other = site.browser(site.person())
    other.post(f"{COURSE}/enrol")

    assert "of 2 right" not in other.get(PRETEST).text


def test_it_is_gone_with_an_unpublished_course(site: Site, browser: Browser) -> None:
    from courses.outline.models import Course

    with site.writing() as session:
        session.execute(update(Course).values(published_at=None))

    assert browser.get(PRETEST).status_code == 404
    assert browser.post(PRETEST).status_code == 404


# --- budgets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "under way", "at the end"])
def test_the_page_of_the_course_takes_two_statements(site: Site, browser: Browser, when: str) -> None:
    if when != "before":
        take(browser, right=1)
        read(browser, *(("alpha",) if when == "under way" else ("alpha", "beta")))
    browser.get(COURSE)

    with site.statements() as statements:
        browser.get(COURSE)

    assert len(statements) == (1 if when == "under way" else 2)


def statements_of(site: Site, browser: Browser) -> int:
    with site.statements() as statements:
        assert browser.get(PRETEST).status_code == 200
    return len(statements)


def test_the_page_of_the_pre_test_takes_three_statements_whatever_was_answered(site: Site, browser: Browser) -> None:
    browser.get(COURSE)  # its outline is read once
    counted = [statements_of(site, browser)]
    take(browser, right=1)
    counted.append(statements_of(site, browser))
    read(browser, "alpha", "beta")
    take(browser, right=2)
    counted.append(statements_of(site, browser))

    assert counted == [3, 3, 3]


@pytest.mark.parametrize("page", ["welcome", "about"])
def test_a_page_of_the_course_takes_one_statement(site: Site, browser: Browser, page: str) -> None:
    browser.get(f"{COURSE}/{page}")

    with site.statements() as statements:
        assert browser.get(f"{COURSE}/{page}").status_code == 200

    assert len(statements) == 1
