"""One's own certificates, one's name, and the file."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from lms.accounts.models import Person
from lms.certificates.models import Certificate
from lms.testing import Site
from tests.factories.completions import SUBJECT, finisher, issue


def test_the_holder_and_admins_get_the_stored_bytes_as_a_file(site: Site) -> None:
    person, admin = finisher(site), site.person(role="admin")
    certificate = issue(site, person)

    for who in (person, admin):
        response = site.browser(who).get(f"/certificates/{certificate.serial}.pdf")

        assert response.mimetype == "application/pdf"
        assert hashlib.sha256(response.data).hexdigest() == certificate.pdf_sha256
        assert response.headers["Content-Disposition"] == f"attachment; filename=certificate-{certificate.serial}.pdf"
        assert response.headers["X-Robots-Tag"] == "noindex"


def test_case_2_for_others_the_file_is_not_there_and_a_guest_signs_in_first(site: Site) -> None:
    serial = issue(site, finisher(site)).serial
    stranger, trainer = site.person(), site.person(role="trainer")

    answers = [site.browser(who).get(f"/certificates/{serial}.pdf") for who in (stranger, trainer)]
    unknown = site.browser(stranger).get(f"/certificates/{'0' * 26}.pdf")
    guest = site.browser().get(f"/certificates/{serial}.pdf")

    assert [answer.status_code for answer in answers] == [404, 404]
    assert unknown.status_code == 404
    assert (guest.status_code, guest.headers["Location"]) == (303, f"/sign-in?next=/certificates/{serial}.pdf")


def test_only_the_holder_and_admins_see_the_link_to_the_file(site: Site) -> None:
    person = finisher(site)
    serial = issue(site, person).serial
    link = f'href="/certificates/{serial}.pdf"'

    seen = [
        link in site.browser(who).get(f"/certificates/{serial}").text
        for who in (person, site.person(role="admin"), site.person(), None)
    ]

    assert seen == [True, True, False, False]


def test_without_certificates_the_page_says_how_the_first_one_comes(site: Site) -> None:
    page = site.browser(site.person()).get("/certificates/mine")

    assert "No certificates yet" in page.text
    assert "when every rule of a course is met" in page.text


def test_my_certificates_are_mine_only(site: Site) -> None:
    person = finisher(site)
    mine, other = issue(site, person).serial, issue(site, finisher(site)).serial

    page = site.browser(person).get("/certificates/mine")

    assert f"/certificates/{mine}.pdf" in page.text
    assert other not in page.text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"confirmed": False}, "until you confirm how your name is printed"),
        ({"verified": False}, "until your e-mail address is verified"),
        ({}, "It is ready to be issued."),
    ],
)
def test_what_waits_is_listed_with_what_is_missing(site: Site, values: dict[str, bool], says: str) -> None:
    page = site.browser(finisher(site, **values)).get("/certificates/mine")

    assert "A made-up course" in page.text
    assert says in page.text


def test_confirming_the_name_gives_the_certificate(site: Site) -> None:
    person = finisher(site, confirmed=False, name="Example Person")
    browser = site.browser(person)

    shown = browser.get("/certificates/name")
    response = browser.post("/certificates/name", {"name": "Example P. Person"})

    with site.reading() as session:
        certificate = session.scalars(select(Certificate)).one()
    assert 'value="Example Person"' in shown.text
    assert (response.status_code, response.headers["Location"]) == (303, f"/certificates/{certificate.serial}")
    assert certificate.facts["person_name"] == "Example P. Person"


@pytest.mark.parametrize(
    ("name", "says"),
    [("Example 🎓", "We cannot print"), ("", "Write your name"), ("x" * 200, "longer than 120")],
)
def test_a_name_that_cannot_be_printed_comes_back_with_advice(site: Site, name: str, says: str) -> None:
    person = finisher(site, confirmed=False)

    response = site.browser(person).post("/certificates/name", {"name": name})

    assert response.status_code == 422
    assert says in response.text
    assert f'value="{name}"' in response.text
    with site.reading() as session:
        assert session.scalars(select(Certificate)).all() == []


def test_case_5_extra_fields_of_the_form_change_nothing(site: Site) -> None:
    person, other = finisher(site, confirmed=False), finisher(site, confirmed=False)
    extra = {
        "person_id": other.id,
        "role": "admin",
        "score": "1",
        "issued_at": "2020-01-01",
        "subject": "course:another",
        "email_verified_at": "2020-01-01",
    }

    site.browser(person).post("/certificates/name", {"name": "Example", **extra})

    with site.reading() as session:
        certificate = session.scalars(select(Certificate)).one()
        people = {row.id: (row.role, row.certificate_name) for row in session.scalars(select(Person))}
    assert (certificate.person_id, certificate.subject, certificate.facts["score"]) == (person.id, SUBJECT, "87%")
    assert people == {person.id: ("participant", "Example"), other.id: ("participant", None)}
