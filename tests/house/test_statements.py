"""How often each page asks the database: a few times, and as often with a thousand people as with ten."""

from __future__ import annotations

from sqlalchemy import insert, select

from courses.enrolment.models import Enrolment
from courses.learning.models import LessonDone
from courses.outline.models import Course, Lesson
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser, Site
from tests.house.world import World, routes

READING = 3
IN_A_TRY = 5
MOST = {
    "quizzes.attempts.intro": IN_A_TRY,
    "quizzes.attempts.question": IN_A_TRY,
    "quizzes.attempts.check": IN_A_TRY,
    "quizzes.attempts.ahead": IN_A_TRY,
    "quizzes.results.result": IN_A_TRY,
}


def test_a_page_that_a_participant_reads_takes_at_most_three_statements(site: Site) -> None:
    world = World.make(site)
    browser = world.browser("owner")
    addresses = {rule.endpoint: world.address(rule) for rule, method in routes(site) if method == "GET"}
    pages = {name: address for name, address in addresses.items() if browser.get(address).status_code == 200}

    counts = {name: count(site, browser, address) for name, address in pages.items()}
    add_people(site, 1_000)

    assert {"courses.learning.certificate", "quizzes.mistakes.overview", "lms.certificates.mine"} <= set(counts)
    assert {name: number for name, number in counts.items() if number > MOST.get(name, READING)} == {}
    assert {name: count(site, browser, address) for name, address in pages.items()} == counts


def count(site: Site, browser: Browser, address: str) -> int:
    """The statements of a page that was shown before: outlines are read once for each revision and process."""
    with site.statements() as statements:
        assert browser.get(address).status_code == 200
    return len(statements)


def add_people(site: Site, number: int) -> None:
    """Give the courses many more people, who have done a lesson."""
    now = clock.now()
    person = {"time_zone": "UTC", "language": "en", "password_hash": "!", "role": "participant", "registered_at": now}
    rows = [{**person, "email": f"more{one}@example.org", "name": f"More {one}"} for one in range(number)]
    with site.writing() as session:
        ids = list(session.scalars(insert(Person).returning(Person.id), rows))
        courses, lesson = session.scalars(select(Course.id)).all(), session.scalars(select(Lesson.id).limit(1)).one()
        enrolments = [{"course_id": course, "person_id": one, "enrolled_at": now} for course in courses for one in ids]
        session.execute(insert(Enrolment), enrolments)
        session.execute(insert(LessonDone), [{"person_id": one, "lesson_id": lesson, "done_at": now} for one in ids])
