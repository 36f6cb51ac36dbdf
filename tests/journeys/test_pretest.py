"""The pre-test of the shipped course in a browser: before it, at its end, and what was gained; also without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from courses.learning.models import LessonDone
from courses.outline.models import Lesson
from lms import clock
from lms.accounts.models import Person
from tests.journeys.live import COURSE, Live
from tests.journeys.people import Phone, phone

pytestmark = pytest.mark.browser


def answer_all(one: Phone) -> None:
    """Answer what has options, leave the rest open, and submit."""
    one.press("Begin the questions")
    for position in range(1, 16):
        expect(one.page).to_have_title(re.compile(f"^Question {position} of 15"))
        options = one.page.locator("main label.opt")
        if options.count():
            options.first.click()
        one.page.get_by_role("button", name=re.compile("^Save and ")).click()
    one.press("Submit my answers")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_person_sees_what_they_gained(chromium: Browser, live: Live, script: bool) -> None:
    email = f"amina-gains-{script}@example.org".lower()
    person = live.person(email)
    with phone(chromium, live, script=script) as amina:
        amina.sign_in(email)
        amina.open(f"/courses/{COURSE}/welcome")
        amina.sees("Three ways through the course")
        amina.press("See the course")
        amina.press("Enrol, it costs nothing")
        amina.press("See the questions before the course")
        answer_all(amina)
        expect(amina.page.locator("h1")).to_contain_text("of 15 right.")
        amina.sees("Which answers were right is shown after the second time")
        has_read_everything(live, person)
        amina.open(f"/courses/{COURSE}")
        amina.press("See the questions at the end")
        answer_all(amina)
        amina.press("See what you gained")

        expect(amina.page.locator("h1")).to_have_text("What you gained")
        expect(amina.page.locator("tbody tr")).to_have_count(15)
        assert amina.page.evaluate("document.documentElement.scrollWidth") <= 320


def has_read_everything(live: Live, person: Person) -> None:
    with live.site.writing() as session:
        session.add_all(
            LessonDone(person_id=person.id, lesson_id=lesson, done_at=clock.now())
            for lesson in session.scalars(select(Lesson.id))
        )
