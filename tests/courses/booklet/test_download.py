"""The booklet on the course's page: offered with its size once it is there, and sent to whoever asks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from courses.booklet import services
from courses.outline.models import Booklet, Course
from lms.testing import Site
from tests.factories.courses import SMALL

ADDRESS = f"/courses/{SMALL}/booklet/en.pdf"
CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 8_000
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def put(site: Site, content: bytes = CONTENT, name: str = "pdf", **changes: str) -> None:
    """Keep a booklet for the course as it is."""
    with site.writing() as session:
        course = session.scalars(select(Course).where(Course.slug == SMALL)).one()
        course.revision += 1
        values: dict[str, Any] = {
            "language": "en",
            "package_hash": course.package_hash,
            "key": f"key-{name}",
            **changes,
        }
        values |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content), "made_at": NOW}
        session.add(Booklet(course_id=course.id, format=name, content=content, **{**values, **changes}))


def test_nothing_is_said_of_a_booklet_that_is_not_made(site: Site, installed: None) -> None:
    assert "ooklet" not in site.browser().get(f"/courses/{SMALL}").text
    assert site.browser().get(ADDRESS).status_code == 404


def test_the_page_offers_it_with_its_size_to_guests_and_learners(site: Site, installed: None) -> None:
    learner = site.browser(site.person())
    learner.post(f"/courses/{SMALL}/enrol")
    site.browser().get(f"/courses/{SMALL}")  # the page is kept, and made anew all the same
    put(site)
    put(site, b"PK" * 100, "epub")

    for browser in (site.browser(), learner):
        page = browser.get(f"/courses/{SMALL}").text
        assert f'href="{ADDRESS}" hreflang="en" type="application/pdf">Booklet, PDF, 2.1 MB</a>' in page
        assert "Booklet, EPUB, 0.1 MB" in page


def test_the_offer_costs_the_page_no_statement(site: Site, installed: None) -> None:
    learner = site.browser(site.person())
    learner.post(f"/courses/{SMALL}/enrol")
    learner.get(f"/courses/{SMALL}")
    put(site)
    learner.get(f"/courses/{SMALL}")

    with site.statements() as statements:
        assert "Booklet, PDF" in learner.get(f"/courses/{SMALL}").text

    assert len(statements) <= 3


def test_a_guest_gets_the_file_with_its_name_and_type(site: Site, installed: None) -> None:
    put(site)

    answer = site.browser().get(ADDRESS)

    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={SMALL}.en.pdf"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert "Set-Cookie" not in answer.headers


def test_a_file_that_one_has_is_not_sent_again(site: Site, installed: None) -> None:
    put(site)
    etag = site.browser().get(ADDRESS).headers["ETag"]

    answer = site.browser().get(ADDRESS, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_a_download_that_broke_off_goes_on_where_it_was(site: Site, installed: None) -> None:
    put(site)
    etag = site.browser().get(ADDRESS).headers["ETag"]

    rest = site.browser().get(ADDRESS, headers={"Range": "bytes=1000-", "If-Range": etag})
    other = site.browser().get(ADDRESS, headers={"Range": "bytes=1000-", "If-Range": '"another"'})

    assert (rest.status_code, rest.data) == (206, CONTENT[1000:])
    assert (other.status_code, other.data) == (200, CONTENT)


def test_who_asks_for_the_head_learns_the_size(site: Site, installed: None) -> None:
    put(site)

    answer = site.browser().client.head(ADDRESS, base_url="http://127.0.0.1:8000")

    assert (answer.status_code, answer.content_length, answer.data) == (200, len(CONTENT), b"")


@pytest.mark.parametrize("name", ["fr.pdf", "en.epub", "en.txt", "en", "..%2Fen.pdf", "EN.pdf"])
def test_a_language_or_format_that_is_not_there_is_not_found(site: Site, installed: None, name: str) -> None:
    put(site)

    assert site.browser().get(f"/courses/{SMALL}/booklet/{name}").status_code == 404


def test_a_booklet_of_an_earlier_state_of_the_course_is_not_offered(site: Site, installed: None) -> None:
    put(site, package_hash="0" * 64)

    assert "ooklet" not in site.browser().get(f"/courses/{SMALL}").text
    assert site.browser().get(ADDRESS).status_code == 404


def test_a_course_that_is_not_published_has_no_booklet(site: Site, installed: None) -> None:
    put(site)
    with site.writing() as session:
        session.execute(update(Course).values(published_at=None, revision=Course.revision + 1))

    assert site.browser().get(ADDRESS).status_code == 404


def test_several_languages_are_named(site: Site, installed: None) -> None:
    put(site)
    put(site, b"%PDF", "epub", language="fr")
    with site.writing() as session:
        session.execute(update(Course).values(languages=["en", "fr"], revision=Course.revision + 1))

    page = site.browser().get(f"/courses/{SMALL}").text

    assert "Booklet in English, PDF, 2.1 MB" in page
    assert "Booklet in français, EPUB, 0.1 MB" in page


def test_nothing_is_planned_for_a_course_without_its_files(site: Site, installed: None) -> None:
    with site.writing() as session:
        assert services.plan(session, base_url=site.config.base_url, now=NOW) == 0
