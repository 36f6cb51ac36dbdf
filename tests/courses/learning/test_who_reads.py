"""A reading page makes sure of who asks with its own statement: whoever changed since is looked up."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from lms import clock
from lms.accounts.models import Person, SignIn
from lms.testing import Browser, Site
from tests.factories.courses import SMALL

pytestmark = pytest.mark.usefixtures("small")

COURSE = f"/courses/{SMALL}"
FIRST, SECOND = f"{COURSE}/alpha/first", f"{COURSE}/alpha/second"
PAGES = pytest.mark.parametrize("page", [COURSE, FIRST])


@pytest.fixture
def learner(site: Site) -> Person:
    return site.person()


@pytest.fixture
def browser(site: Site, learner: Person) -> Browser:
    """The browser of a person who is enrolled and whom this process knows."""
    browser = site.browser(learner)
    assert browser.post(f"{COURSE}/enrol").status_code == 303
    browser.get(COURSE)  # the page that says so
    for page in (COURSE, FIRST, SECOND):
        assert "/sign-out" in browser.get(page).text or "/account" in browser.get(page).text
    return browser


@PAGES
def test_a_page_that_is_read_again_takes_one_statement(site: Site, browser: Browser, page: str) -> None:
    with site.statements() as statements:
        assert browser.get(page).status_code == 200

    assert len([one for one in statements if "sign_in" in one]) == 1
    assert len(statements) == 1 if page == FIRST else len(statements) <= 3


@PAGES
def test_who_was_signed_out_elsewhere_is_a_guest(site: Site, browser: Browser, learner: Person, page: str) -> None:
    with site.writing() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == learner.id))

    shown = browser.get(page)

    assert shown.status_code == 200
    assert "/sign-in" in shown.text
    assert shown.text == site.browser().get(page).text


def test_who_was_signed_out_elsewhere_reads_no_further_than_a_guest(
    site: Site, browser: Browser, learner: Person
) -> None:
    with site.writing() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == learner.id))

    assert browser.get(SECOND).headers["Location"].startswith("/sign-in")


@PAGES
def test_who_is_suspended_is_a_guest(site: Site, browser: Browser, learner: Person, page: str) -> None:
    with site.writing() as session:
        session.execute(update(Person).where(Person.id == learner.id).values(suspended_at=clock.now()))

    assert browser.get(page).text == site.browser().get(page).text


@PAGES
def test_a_role_given_elsewhere_is_seen_at_once(site: Site, browser: Browser, learner: Person, page: str) -> None:
    assert "/admin" not in browser.get(page).text
    with site.writing() as session:
        session.execute(update(Person).where(Person.id == learner.id).values(role="admin"))

    assert "/admin" in browser.get(page).text


def test_a_page_that_is_not_there_is_shown_to_who_asks_now(site: Site, browser: Browser, learner: Person) -> None:
    with site.writing() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == learner.id))

    shown = browser.get("/courses/no-such-course")

    assert shown.status_code == 404
    assert "/sign-in" in shown.text
