"""The pages of learning, as a guest, a stranger and a participant open them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from courses.enrolment.models import Enrolment
from courses.learning.models import LessonDone
from courses.outline.models import Activity, Course, Lesson
from courses.packages.installing import Installed
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser, Site
from tests.factories.courses import SMALL, small_course, worksheet, write_package

pytestmark = pytest.mark.usefixtures("small")

COURSE = f"/courses/{SMALL}"


@pytest.fixture
def learner(site: Site) -> Person:
    return site.person()


@pytest.fixture
def browser(site: Site, learner: Person) -> Browser:
    """The browser of a person who is enrolled."""
    browser = site.browser(learner)
    assert browser.post(f"{COURSE}/enrol").status_code == 303
    return browser


def test_a_guest_sees_the_catalogue_and_gets_no_cookie(site: Site) -> None:
    response = site.browser().get("/")

    assert response.status_code == 200
    assert "A small course" in response.text
    assert "Set-Cookie" not in response.headers


def test_a_guest_reads_the_first_lesson_without_a_cookie(site: Site) -> None:
    response = site.browser().get(f"{COURSE}/alpha/first")

    assert response.status_code == 200
    assert "The text of alpha first." in response.text
    assert "Set-Cookie" not in response.headers


def test_a_guest_is_asked_to_sign_in_for_the_second_lesson_and_comes_back(site: Site) -> None:
    response = site.browser().get(f"{COURSE}/alpha/second")

    assert response.status_code == 303
    assert response.location.endswith("/sign-in?next=/courses/small-course/alpha/second")


def test_who_is_not_enrolled_is_offered_to_enrol_and_goes_on_there(site: Site, learner: Person) -> None:
    browser = site.browser(learner)

    refused = browser.get(f"{COURSE}/beta/second")
    enrolled = browser.post(f"{COURSE}/enrol", {"module": "beta", "lesson": "second"})

    assert refused.status_code == 403
    assert "The text of beta second." not in refused.text
    assert enrolled.status_code == 303
    assert "The text of beta second." in browser.get(enrolled.location).text


def test_a_module_in_preparation_is_shown_without_a_link(browser: Browser) -> None:
    page = browser.get(COURSE).text

    assert "Gamma" in page
    assert "/gamma" not in page
    assert browser.get(f"{COURSE}/gamma").status_code == 404
    assert browser.get(f"{COURSE}/gamma/first").status_code == 404


def test_marking_as_done_leads_to_the_next_lesson_and_then_to_the_quiz(browser: Browser) -> None:
    first = browser.post(f"{COURSE}/alpha/first/done")
    third = browser.post(f"{COURSE}/alpha/third/done")

    assert (first.status_code, first.location) == (303, f"{COURSE}/alpha/second")
    assert (third.status_code, third.location) == (303, "/quizzes/small-course/alpha/quiz")


def test_the_mark_can_be_taken_back(browser: Browser) -> None:
    browser.post(f"{COURSE}/alpha/first/done")
    assert "You marked this lesson as done." in browser.get(f"{COURSE}/alpha/first").text

    browser.post(f"{COURSE}/alpha/first/done", {"done": "0"})

    assert "You marked this lesson as done." not in browser.get(f"{COURSE}/alpha/first").text


def test_the_course_page_leads_to_where_one_left_off(browser: Browser) -> None:
    browser.post(f"{COURSE}/alpha/first/done")

    page = browser.get(COURSE).text

    assert "Go on with lesson 1.2" in page
    assert "Go on with lesson 1.2" in browser.get("/").text


def test_the_course_page_opens_the_module_of_the_next_step_and_marks_it(browser: Browser) -> None:
    """The quiz comes before the next module's lessons: button and list must not point to two places."""
    for lesson in ("first", "second", "third"):
        browser.post(f"{COURSE}/alpha/{lesson}/done")

    page = browser.get(COURSE).text

    assert "Go on with the quiz of module 1" in page
    marked = re.findall(r'<a href="([^"]+)" aria-current="step">.*?<small>([^<]+)</small>', page)
    assert marked == [("/quizzes/small-course/alpha/quiz", "You are here")]


def test_a_row_names_its_kind_only_where_its_title_does_not(site: Site, browser: Browser) -> None:
    def row() -> list[str]:
        link = r'<a href="/quizzes/small-course/alpha/quiz"><span class="n">(.*?)</span><span>(.*?)</span>'
        return [words for found in re.findall(link, browser.get(COURSE).text) for words in found]

    assert row() == ["", "Quiz of alpha"]
    with site.writing() as session:
        session.execute(update(Activity).values(title={"en": "Five questions"}))
        session.execute(update(Course).values(revision=Course.revision + 1))
    assert row() == ["Quiz", "Five questions"]


def test_an_unpublished_course_is_not_there(site: Site, browser: Browser) -> None:
    """Security case 8."""
    with site.writing() as session:
        session.query(Course).update({"published_at": None})

    addresses = [COURSE, f"{COURSE}/alpha", f"{COURSE}/alpha/first", f"{COURSE}/certificate"]

    assert [browser.get(address).status_code for address in addresses] == [404] * 4
    assert [site.browser().get(address).status_code for address in addresses[:3]] == [404] * 3
    assert "A small course" not in browser.get("/").text
    assert browser.post(f"{COURSE}/enrol").status_code == 404
    assert browser.post(f"{COURSE}/alpha/first/done").status_code == 404


def test_get_writes_nothing(site: Site, browser: Browser) -> None:
    browser.post(f"{COURSE}/alpha/first/done")
    addresses = ["/", COURSE, f"{COURSE}/alpha", f"{COURSE}/alpha/second", f"{COURSE}/certificate"]
    for address in addresses:
        browser.get(address)

    with site.statements() as statements:
        for address in addresses:
            browser.get(address)

    assert [one for one in statements if not one.lstrip().upper().startswith("SELECT")] == []


@pytest.mark.parametrize("others", [10, 1_000])
def test_a_reading_page_takes_at_most_three_statements(
    site: Site, learner: Person, browser: Browser, others: int
) -> None:
    now = clock.now()
    with site.writing() as session:
        course = session.query(Course.id).scalar()
        lesson = session.query(Lesson.id).order_by(Lesson.id).first()[0]
        people = [
            {
                "email": f"other{number}@example.org",
                "name": f"Other {number}",
                "time_zone": "UTC",
                "language": "en",
                "password_hash": "!",
                "role": "participant",
                "registered_at": now,
            }
            for number in range(others)
        ]
        ids = list(session.scalars(insert(Person).returning(Person.id), people))
        session.execute(insert(Enrolment), [{"course_id": course, "person_id": one, "enrolled_at": now} for one in ids])
        session.execute(insert(LessonDone), [{"lesson_id": lesson, "person_id": one, "done_at": now} for one in ids])
    counts = {}
    for address in ("/", COURSE, f"{COURSE}/alpha", f"{COURSE}/alpha/second"):
        browser.get(address)  # the course's outline is read once for each revision and process
        with site.statements() as statements:
            assert browser.get(address).status_code == 200
        counts[address] = len(statements)

    assert max(counts.values()) <= 3, counts


def test_the_certificate_page_says_rule_by_rule_what_is_open(browser: Browser) -> None:
    browser.post(f"{COURSE}/alpha/first/done")

    page = browser.get(f"{COURSE}/certificate").text

    assert "1 of 5 lessons are done." in page
    assert "0 of 2 quizzes are passed." in page
    assert "Your address is verified." in page
    assert "Check the name on this page and confirm it." in page
    assert "Your certificate is 3 steps away." in page


def test_one_of_each_is_named_as_one(
    site: Site, browser: Browser, tmp_path: Path, install: Callable[[Path], Installed]
) -> None:
    files = small_course()
    course = files["course.yaml"]
    course["parts"] = [{**course["parts"][0], "modules": course["parts"][0]["modules"][:1]}]
    course["papers"][0]["rules"].append({"rule": "worksheets_done", "modules": ["alpha"]})
    files["alpha/module.yaml"]["lessons"] = ["first"]
    sheet = {"id": "worksheet", "kind": "worksheet", "file": "worksheet.yaml", "title": {"en": "Worksheet"}}
    files["alpha/module.yaml"]["activities"].append(sheet)
    files["alpha/worksheet.yaml"] = worksheet()
    files["alpha/first.en.md"] = files["alpha/first.en.md"].replace("minutes: 5", "minutes: 1")
    gone = ("beta/", "alpha/second", "alpha/third")
    install(write_package(tmp_path / "one", {name: one for name, one in files.items() if not name.startswith(gone)}))

    guest = site.browser().get(COURSE).text
    pages = guest + "".join(
        browser.get(address).text for address in ("/", COURSE, f"{COURSE}/alpha/first", f"{COURSE}/certificate")
    )

    assert "1 lesson, about 1 minute<" in guest
    for words in (
        "1 module: 0 finished",
        "0 of 1 lesson done.",
        "About 1 minute.",
        "0 of 1 lesson is done.",
        "0 of 1 quiz is passed.",
        "0 of 1 worksheet is handed in.",
    ):
        assert words in pages
    assert re.findall(r"\b1 (?:lessons|quizzes|worksheets|modules|questions|minutes|hours)\b", pages) == []


def test_confirming_the_name_meets_its_rule(browser: Browser) -> None:
    response = browser.post(f"{COURSE}/certificate", {"name": "  Made   Up  "})

    assert response.status_code == 303
    page = browser.get(f"{COURSE}/certificate").text
    assert "You confirmed your name." in page
    assert 'value="Made Up"' in page


@pytest.mark.parametrize("name", ["", "   ", "\u0000", "x" * 200, "😀 Face"])
def test_a_name_that_cannot_be_printed_is_refused_at_its_field(browser: Browser, name: str) -> None:
    """Security case 39."""
    response = browser.post(f"{COURSE}/certificate", {"name": name})

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert "You confirmed your name." not in response.text


def test_a_page_that_has_not_changed_is_not_sent_again(browser: Browser) -> None:
    browser.get(f"{COURSE}/alpha/first")  # says once that one is enrolled
    first = browser.get(f"{COURSE}/alpha/first")

    second = browser.get(f"{COURSE}/alpha/first", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, no-cache"
    assert second.status_code == 304
    assert second.data == b""
