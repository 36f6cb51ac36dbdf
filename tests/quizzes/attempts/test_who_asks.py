"""The pages of a quiz run for whom the process knows from before; somebody who changed since gets nothing by that."""

from __future__ import annotations

import pytest
from flask import abort
from sqlalchemy import delete, update

from lms.accounts.models import Person, SignIn
from lms.testing import Browser, Site
from lms.web.limits import Rule, limited
from lms.web.requests import finds_out_who_asks
from tests.quizzes.school import School


def sign_out_elsewhere(site: Site, person: Person) -> None:
    with site.writing() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == person.id))


def known(school: School) -> tuple[Person, Browser, int]:
    """Somebody with an open try whom the process knows."""
    school.install()
    person, browser = school.participant()
    attempt = school.begin(browser)
    assert browser.get(school.intro).status_code == 200
    return person, browser, attempt


def test_a_form_without_its_token_from_who_was_signed_out_elsewhere_asks_them_to_sign_in(school: School) -> None:
    person, browser, attempt = known(school)
    sign_out_elsewhere(school.site, person)

    answer = browser.post_without_token(f"/quizzes/attempts/{attempt}/submit")

    assert answer.status_code == 401
    assert "You are signed in again" not in answer.text
    assert 'name="password"' in answer.text
    assert school.results() == []


def test_a_form_of_too_many_parts_is_refused_to_who_asks_now(school: School) -> None:
    person, browser, attempt = known(school)
    sign_out_elsewhere(school.site, person)

    parts = {f"part-{number}": "" for number in range(1_001)}
    answer = browser.post(f"/quizzes/attempts/{attempt}/submit", parts, content_type="multipart/form-data")

    assert answer.status_code == 401
    assert '<a href="/account">' not in answer.text


def test_moments_are_told_in_the_zone_that_was_chosen_elsewhere(school: School) -> None:
    school.install(closes_at="2026-12-24T12:00:00Z")
    person, browser = school.participant(time_zone="Africa/Nairobi")
    assert "15:00 (Nairobi)" in browser.get(school.intro).text
    with school.site.writing() as session:
        session.execute(update(Person).where(Person.id == person.id).values(time_zone="Asia/Tokyo"))

    assert "21:00 (Tokyo)" in browser.get(school.intro).text


def test_who_was_signed_out_elsewhere_begins_nothing(site: Site) -> None:
    school = School.found(site)
    person, browser, _ = known(school)
    before = len(school.attempts())
    sign_out_elsewhere(school.site, person)

    assert [browser.post(school.intro).status_code for _ in range(3)] == [401] * 3
    assert len(school.attempts()) == before


def test_a_page_that_is_refused_by_its_view_is_refused_to_who_asks_now(site: Site) -> None:
    @finds_out_who_asks
    def view() -> str:
        abort(404)

    site.app.add_url_rule("/gone", endpoint="gone", view_func=view)
    site.app.extensions["lms.permissions"]["gone"] = "anyone"
    person = site.person()
    browser = site.browser(person)
    browser.get("/account")
    assert '<a href="/account">' in browser.get("/gone").text
    sign_out_elsewhere(site, person)

    shown = browser.get("/gone")

    assert shown.status_code == 404
    assert '<a href="/account">' not in shown.text


def test_a_view_that_is_counted_cannot_find_out_later_who_asks() -> None:
    with pytest.raises(TypeError, match="start is counted for who asks before"):

        @limited("tests", Rule(amount=1, seconds=60, per="account"))
        @finds_out_who_asks
        def start() -> str:
            return ""
