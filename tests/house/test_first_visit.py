"""What a first visit to a lesson costs, and asks of the world: little, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courses.commands import install_shipped
from courses.enrolment.models import Enrolment
from courses.outline.models import Course, Lesson, Module
from lms import clock
from lms.database import migrating
from lms.database.session import Engines
from lms.testing import Browser, Site, config_for_tests

BUDGET_BYTES = 14 * 1024
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Page(HTMLParser):
    """What a browser fetches for a page before it draws it and at all, and the order of its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocking: list[str] = []
        self.fetched: list[str] = []
        self.headings: list[int] = []
        self.main_at = -1
        self.skip = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, str] = {name: value or "" for name, value in attrs}
        if tag == "link" and "stylesheet" in said.get("rel", ""):
            self.blocking.append(said["href"])
        if tag == "script" and "src" in said and not {"async", "defer"} & said.keys() and said.get("type") != "module":
            self.blocking.append(said["src"])
        if tag == "link":
            self.fetched.append(said.get("href", ""))
        self.fetched += [said[name] for name in ("src", "srcset", "poster", "data", "background") if name in said]
        if tag == "form":
            self.fetched.append(said.get("action", "/"))
        if tag == "a" and not self.skip:
            self.skip = said.get("href", "")
        if tag == "main":
            self.main_at = len(self.headings)
        if tag in HEADINGS:
            self.headings.append(HEADINGS.index(tag) + 1)


@pytest.fixture(scope="module")
def shipped(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the course that ships. What a page weighs is not the database's matter, so SQLite alone."""
    url = f"sqlite:///{scratch / 'first-visit.db'}"
    engines = Engines(url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(url, tmp_path_factory.mktemp("instance")))
    with site.app.app_context():
        install_shipped(site.app)
    yield site
    site.close()


@pytest.fixture(scope="module")
def addresses(shipped: Site) -> list[str]:
    """Every lesson that is ready, the first one of each course first."""
    with shipped.reading() as session:
        rows = session.execute(
            select(Course.slug, Module.slug, Lesson.slug)
            .join(Module, Module.course_id == Course.id)
            .join(Lesson, Lesson.module_id == Module.id)
            .order_by(Course.id, Module.position, Lesson.position)
        )
        found = [f"/courses/{course}/{module}/{lesson}" for course, module, lesson in rows]
    assert len(found) >= 5
    return found


@pytest.fixture
def participant(shipped: Site) -> Browser:
    person = shipped.person()
    with shipped.writing() as session:
        for course_id in session.scalars(select(Course.id)).all():
            session.add(Enrolment(course_id=course_id, person_id=person.id, enrolled_at=clock.now()))
    return shipped.browser(person)


def as_sent(browser: Browser, address: str) -> Any:
    response = browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200, address
    return response


def test_html_css_and_whatever_holds_up_drawing_fit_into_fourteen_kilobytes(
    shipped: Site, addresses: list[str], participant: Browser
) -> None:
    sizes: dict[str, int] = {}
    for number, address in enumerate(addresses):
        for browser in (participant, shipped.browser()) if number == 0 else (participant,):
            response = as_sent(browser, address)
            assert response.headers["Content-Encoding"] == "gzip"
            blocking = Page(browser.get(address).text).blocking
            assert blocking, address
            total = len(response.data) + sum(len(as_sent(browser, one).data) for one in blocking)
            sizes[address] = max(total, sizes.get(address, 0))

    assert {address: size for address, size in sizes.items() if size > BUDGET_BYTES} == {}


def test_no_page_of_a_course_asks_another_host(shipped: Site, addresses: list[str], participant: Browser) -> None:
    course, module = addresses[0].rsplit("/", 2)[0], addresses[0].rsplit("/", 1)[0]
    for address in ("/", course, module, f"{course}/certificate", *addresses):
        page = Page(participant.get(address).text)
        for fetched in page.fetched:
            assert re.match(r"/(?!/)|#|$", fetched), (address, fetched)


def test_the_stylesheet_and_scripts_ask_no_other_host(shipped: Site) -> None:
    for name, (kind, body, _) in shipped.app.extensions["lms.assets"].files.items():
        if kind in ("text/css", "text/javascript"):
            assert re.findall(rb"https?://|url\(|@import|importScripts", body) == [], name


def test_a_guest_who_reads_gets_no_cookie(shipped: Site, addresses: list[str]) -> None:
    browser = shipped.browser()
    for address in ("/", addresses[0].rsplit("/", 2)[0], addresses[0].rsplit("/", 1)[0], addresses[0], "/privacy"):
        assert "Set-Cookie" not in browser.get(address).headers, address


def test_a_lesson_reads_in_order_without_its_style(addresses: list[str], participant: Browser) -> None:
    for address in addresses:
        page = Page(participant.get(address).text)
        steps = list(zip(page.headings, page.headings[1:], strict=False))
        assert page.headings[0] == 1, address
        assert page.headings.count(1) == 1, address
        assert all(after - before <= 1 for before, after in steps), (address, page.headings)
        assert page.skip == "#main", address
        assert page.main_at == 0, address  # no heading stands before the content


def test_other_lessons_ask_a_guest_to_sign_in(shipped: Site, addresses: list[str]) -> None:
    for address in addresses[1:]:
        response = shipped.browser().get(address)
        assert response.status_code == 303
        assert response.location.startswith("/sign-in?next=")
