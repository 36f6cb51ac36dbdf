"""The audit log: no act without its entry, and an admin finds what they look for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.administration import services
from lms.audit import services as audit
from lms.audit.models import AuditEntry
from lms.certificates import services as certificates
from lms.testing import Site
from tests.factories.completions import finisher, issue

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def note(site: Site, number: int, *, act: str = "person.added", about: str = "person:1") -> None:
    with site.writing() as session:
        for minute in range(number):
            audit.record(session, actor_id=None, act=act, about=about, now=NOW + timedelta(minutes=minute))


def test_an_act_that_is_undone_leaves_no_entry(site: Site) -> None:
    with pytest.raises(RuntimeError), site.writing() as session:
        audit.record(session, actor_id=None, act="person.added", about="person:1", now=NOW)
        raise RuntimeError("the act failed")

    with site.reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_the_log_is_read_in_pages_the_latest_first(site: Site) -> None:
    note(site, 120)

    with site.reading() as session:
        first, last, beyond = (services.log_page(session, page=number) for number in (1, 3, 99))

    assert (first.total, first.pages, len(first.lines)) == (120, 3, 50)
    assert first.lines[0].at == NOW + timedelta(minutes=119)
    assert len(last.lines) == 20
    assert beyond == last


def test_it_is_filtered_by_act_and_by_person(site: Site) -> None:
    admin, person, other = site.person(role="admin"), finisher(site), finisher(site)
    serial = issue(site, person, actor_id=admin.id).serial
    issue(site, other, actor_id=other.id)
    with site.writing() as session:
        certificates.revoke(session, serial=serial, reason="A reason.", actor_id=admin.id, now=NOW)

    with site.reading() as session:
        of_person = services.log_page(session, person_id=person.id).lines
        of_admin = services.log_page(session, person_id=admin.id).lines
        issued = services.log_page(session, act="certificate.issued").lines

    assert [(line.act, line.about, line.reason) for line in of_person] == [
        ("certificate.revoked", f"certificate:{serial}", "A reason."),
        ("certificate.issued", f"certificate:{serial}", None),
    ]
    assert {line.actor for line in of_admin} == {admin.name}
    assert {line.whom for line in issued} == {person.name, other.name}


def test_a_page_of_the_log_costs_the_same_with_many_entries(site: Site) -> None:
    admin = site.person(role="admin")
    browser = site.browser(admin)
    note(site, 3, about=f"person:{admin.id}")
    with site.statements() as few:
        browser.get("/admin/audit")
    note(site, 200, about=f"person:{admin.id}")

    with site.statements() as many:
        page = browser.get("/admin/audit")

    assert len(many) == len(few) <= 5
    assert "203 entries" in page.text


def test_the_page_finds_by_address_number_and_act_and_says_when_nobody_is_meant(site: Site) -> None:
    admin, person = site.person(role="admin"), site.person(email="someone@example.org")
    note(site, 1, act="person.suspended", about=f"person:{person.id}")
    note(site, 1, act="person.added", about=f"person:{admin.id}")
    browser = site.browser(admin)

    pages = [
        browser.get("/admin/audit", query_string=query).text
        for query in (
            {"person": "Someone@example.org"},
            {"person": str(person.id)},
            {"act": "person.suspended"},
            {"person": "nobody@example.org"},
            {"person": "9" * 30},
            {"act": "\x00", "page": "99999999999999999999"},
        )
    ]

    assert [page.count("1 entry") for page in pages[:3]] == [1, 1, 1]
    assert ["Nobody has this address or number" in page for page in pages[3:5]] == [True, True]
    assert "2 entries" in pages[5]
