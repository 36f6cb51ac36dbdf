"""A worksheet on a phone: kept while it is written, with a dead network in the middle, and on two printed pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from courses.enrolment.services import enrol
from courses.outline.models import Activity, Module
from courses.worksheets import services
from courses.worksheets.models import WorksheetEvent
from lms import clock
from tests.factories.courses import worksheet
from tests.journeys.live import COURSE, MODULE, Live
from tests.journeys.people import Phone, phone

pytestmark = pytest.mark.browser

SHEET = f"/worksheets/{COURSE}/{MODULE}/plan"


@pytest.fixture(scope="module", autouse=True)
def _sheet(live: Live) -> None:
    with live.site.writing() as session:
        module_id = session.scalars(select(Module.id).where(Module.slug == MODULE)).one()
        activity = Activity(module_id=module_id, slug="plan", position=9, kind="worksheet", title={"en": "Plan"})
        session.add(activity)
        session.flush()
        services.install(session, activity_id=activity.id, definition=worksheet(), now=clock.now())


def begin(one: Phone, live: Live, email: str) -> None:
    person = live.person(email)
    with live.site.writing() as session:
        enrol(session, person_id=person.id, course_slug=COURSE, now=clock.now())
    one.sign_in(email)
    one.open(SHEET)


def test_what_is_written_is_kept_without_a_button_and_through_a_dead_network(chromium: Browser, live: Live) -> None:
    with phone(chromium, live) as amina:
        begin(amina, live, "amina-writes@example.org")
        told = amina.page.locator(".kept")
        amina.fill("Label product", "Garlic")
        expect(told).to_have_text("Saved.")
        amina.context.set_offline(True)
        amina.fill("Label market", "Abroad")
        expect(told).to_contain_text("On this phone")
        amina.context.set_offline(False)
        expect(told).to_have_text("Saved.")
        amina.open(SHEET)

        expect(amina.page.locator("#field-product")).to_have_value("Garlic")
        expect(amina.page.locator("#field-market")).to_have_value("Abroad")
        assert amina.page.evaluate("document.documentElement.scrollWidth") <= 320
        amina.press("Hand in", exact=True)
        amina.sees("Your worksheet is handed in.")
    with live.site.reading() as session:
        assert [row.handed_in for row in session.scalars(select(WorksheetEvent))] == [False, False, True]


def test_a_tab_that_was_closed_without_a_network_sends_its_words_when_it_is_opened_again(
    chromium: Browser, live: Live
) -> None:
    with phone(chromium, live) as amina:
        begin(amina, live, "amina-closes@example.org")
        amina.context.set_offline(True)
        amina.fill("Label product", "Onions")
        expect(amina.page.locator(".kept")).to_contain_text("On this phone")
        amina.page.close()
        amina.context.set_offline(False)
        amina.page = amina.context.new_page()
        amina.open(SHEET)

        expect(amina.page.locator("#field-product")).to_have_value("Onions")
        expect(amina.page.locator(".kept")).to_have_text("Saved.")


def test_a_worksheet_prints_on_two_pages(chromium: Browser, live: Live) -> None:
    with phone(chromium, live, script=False) as amina:
        begin(amina, live, "amina-prints@example.org")
        pdf = amina.page.pdf(format="A4")

    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 2
