"""The admin's pages about people."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from courses.authoring.models import CourseTrainer
from lms.accounts.models import Person, SignIn
from lms.audit.models import AuditEntry
from lms.certificates import services as certificates
from lms.records.models import Completion
from lms.testing import Browser, Site
from tests.factories.completions import FACTS, NOW, SUBJECT, finisher, issue

HOSTILE = (Path(__file__).parents[1] / "text" / "hostile.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def admin(site: Site) -> Person:
    return site.person(role="admin", name="The Admin")


@pytest.fixture
def browser(site: Site, admin: Person) -> Browser:
    return site.browser(admin)


def entries(site: Site) -> list[AuditEntry]:
    with site.reading() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def person_now(site: Site, person: Person) -> Person:
    with site.reading() as session:
        return session.get_one(Person, person.id)


def many_people(site: Site, number: int) -> None:
    """People who all completed something, written at once."""
    with site.writing() as session:
        start = (session.scalar(select(Person.id).order_by(Person.id.desc()).limit(1)) or 0) + 1
        people = range(start, start + number)
        row = {
            "time_zone": "UTC", "language": "en", "password_hash": "!", "role": "participant", "registered_at": NOW,
        }  # fmt: skip
        session.execute(
            insert(Person),
            [{**row, "id": one, "email": f"many{one}@example.org", "name": f"Many {one:05d}"} for one in people],
        )
        session.execute(
            insert(Completion),
            [{"subject": SUBJECT, "person_id": one, "completed_at": NOW, "facts": FACTS} for one in people],
        )


def test_the_list_costs_the_same_for_10_and_for_1000_people(site: Site, browser: Browser) -> None:
    many_people(site, 10)
    with site.statements() as few:
        browser.get("/admin/people")
    many_people(site, 990)

    with site.statements() as many:
        page = browser.get("/admin/people", query_string={"page": 2})

    assert len(many) == len(few) == 4
    assert "1001 entries. Page 2 of 21." in page.text
    assert page.text.count("<tr role=") == 51


def test_the_list_says_in_words_who_finished_and_where_the_certificate_is(site: Site, browser: Browser) -> None:
    issue(site, finisher(site, name="A"))
    finisher(site, name="B", confirmed=False)
    site.person(name="C", verified=False, country=None)
    revoked = issue(site, finisher(site, name="D")).serial
    with site.writing() as session:
        certificates.revoke(session, serial=revoked, reason="A reason.", actor_id=None, now=NOW)

    html = browser.get("/admin/people").text

    rows = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", html, re.S)]
    assert [row.split("example.org ", 1)[1] for row in rows[1:]] == [
        "Kenya Participant A made-up course Issued 23 November 2026",
        "Kenya Participant A made-up course Waiting for name",
        "E-mail not verified Not said Participant None yet",
        "Kenya Participant A made-up course Revoked 23 November 2026",
        "Kenya Admin None yet",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"words": "a NEEDLE"}, ["A Needle"]),
        ({"words": "NEEDLE@example"}, ["Somebody"]),
        ({"role": "trainer"}, ["Somebody"]),
        ({"words": "%"}, []),
        ({"words": "x" * 500, "role": "king", "page": "-1"}, ["A Needle", "Somebody", "The Admin"]),
    ],
    ids=["name", "e-mail", "role", "a sign of the database", "nonsense is passed over"],
)
def test_people_are_found(site: Site, browser: Browser, query: dict[str, str], found: list[str]) -> None:
    site.person(name="A Needle")
    site.person(name="Somebody", email="needle@example.org", role="trainer")

    html = browser.get("/admin/people", query_string=query).text

    assert re.findall(r"<a href=\"/admin/people/\d+\"><bdi>([^<]+)</bdi>", html) == found


def test_case_43_hostile_names_stay_text_in_every_table_and_form(site: Site, browser: Browser) -> None:
    people = [
        finisher(site, name=name[:200] or "empty", certificate_name=name[:200] or "empty", country=None)
        for name in HOSTILE
    ]
    site.browser(people[0])
    with site.writing() as session:
        for person in people:
            session.add(
                AuditEntry(
                    at=NOW,
                    actor_id=person.id,
                    act=person.name[:60],
                    about=f"person:{person.id}",
                    reason=person.name,
                    facts={"key": person.name},
                )
            )
    clean = sorted(tags(browser.get("/admin/people", query_string={"words": "The Admin"}).text))
    addresses = [f"/admin/{room}?page={page}" for room in ("people", "certificates", "audit") for page in (1, 2, 3)]
    addresses += ["/admin/certificates/issue?all=1"]
    addresses += [f"/admin/people/{person.id}{act}" for person in people[::9] for act in ("", "/name", "/suspend")]

    strange = {}
    for address in addresses:
        response = browser.get(address)
        assert response.status_code == 200
        found = tags(response.text) - set(clean) - KNOWN
        if found:
            strange[address] = found

    assert strange == {}


KNOWN = {
    "h2", "h3", "ul", "ol", "li", "small", "span", "b", "br", "p", "div", "dl", "dt", "dd", "code", "form", "input",
    "label", "select", "optgroup", "option", "textarea", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "bdi", "nav", "button",
}  # fmt: skip


def tags(html: str) -> set[str]:
    """The names of the elements in a page, as a browser would see them."""
    from html.parser import HTMLParser

    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            found.update(f"{tag} {name}" for name, _ in attrs if name.startswith("on"))

    reader = Reader()
    reader.feed(html)
    return found


def test_one_persons_page_shows_facts_certificates_and_log(site: Site, browser: Browser) -> None:
    person = finisher(site, name="Example Person", email="example.person@example.org")
    serial = issue(site, person).serial

    text = browser.get(f"/admin/people/{person.id}").text

    for shown in ("example.person@example.org", "Africa/Nairobi", "Kenya", "Participant", serial, "Certificate issued"):
        assert shown in text
    assert f"/admin/certificates/{serial}/revoke" in text


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999", "x"])
def test_somebody_unknown_is_not_found(browser: Browser, number: str) -> None:
    assert browser.get(f"/admin/people/{number}").status_code == 404
    assert browser.post(f"/admin/people/{number}/role", {"role": "admin"}).status_code == 404


def test_a_role_is_changed_and_audited_and_the_person_signs_in_again(
    site: Site, browser: Browser, admin: Person
) -> None:
    person = site.person()
    site.browser(person)

    response = browser.post(f"/admin/people/{person.id}/role", {"role": "trainer"})

    entry = entries(site)[-1]
    assert (response.status_code, response.headers["Location"]) == (303, f"/admin/people/{person.id}")
    assert person_now(site, person).role == "trainer"
    assert (entry.actor_id, entry.act, entry.about, dict(entry.facts)) == (
        admin.id,
        "person.role_changed",
        f"person:{person.id}",
        {"from": "participant", "to": "trainer"},
    )
    with site.reading() as session:
        assert session.scalars(select(SignIn).where(SignIn.person_id == person.id)).all() == []


@pytest.mark.parametrize(("role", "says"), [("king", "Not a valid choice"), ("participant", "last admin")])
def test_an_impossible_role_is_answered_at_its_field(
    site: Site, browser: Browser, admin: Person, role: str, says: str
) -> None:
    response = browser.post(f"/admin/people/{admin.id}/role", {"role": role})

    assert response.status_code == 422
    assert says in response.text
    assert person_now(site, admin).role == "admin"


@pytest.mark.parametrize(
    ("path", "form", "act"),
    [
        ("name", {"name": "Example Name"}, "person.name_attested"),
        ("email", {}, "person.email_attested"),
        ("suspend", {}, "person.suspended"),
    ],
)
def test_what_is_done_on_an_admins_word_needs_a_reason_and_is_audited(
    site: Site, browser: Browser, admin: Person, path: str, form: dict[str, str], act: str
) -> None:
    person = site.person(verified=False)
    address = f"/admin/people/{person.id}/{path}"

    shown = browser.get(address)
    refused = browser.post(address, {**form, "reason": "  "})
    unchanged = entries(site)
    done = browser.post(address, {**form, "reason": "I know them."})

    assert shown.status_code == 200
    assert (refused.status_code, unchanged) == (422, [])
    assert "Write a reason." in refused.text
    assert done.status_code == 303
    assert [(entry.actor_id, entry.act, entry.about, entry.reason) for entry in entries(site)] == [
        (admin.id, act, f"person:{person.id}", "I know them.")
    ]


def test_an_account_is_closed_and_opened_again(site: Site, browser: Browser) -> None:
    person = site.person()
    theirs = site.browser(person)

    browser.post(f"/admin/people/{person.id}/suspend", {"reason": "A reason."})
    closed = theirs.get("/certificates/mine")
    browser.post(f"/admin/people/{person.id}/reinstate", {"reason": "It was a mistake."})

    assert closed.status_code == 303
    assert person_now(site, person).suspended_at is None
    assert [entry.act for entry in entries(site)] == ["person.suspended", "person.reinstated"]


def test_a_name_that_cannot_be_printed_is_not_attested(site: Site, browser: Browser) -> None:
    person = site.person()

    response = browser.post(f"/admin/people/{person.id}/name", {"name": "Example 🎓", "reason": "A reason."})

    assert response.status_code == 422
    assert "We cannot print" in response.text
    assert 'value="Example 🎓"' in response.text
    assert person_now(site, person).name_confirmed_at is None


def test_case_5_extra_fields_change_nothing(site: Site, browser: Browser) -> None:
    person, other = site.person(), site.person()
    extra = {
        "person_id": other.id,
        "role": "admin",
        "actor_id": other.id,
        "now": "2020-01-01",
        "email": "x@example.org",
    }

    browser.post(f"/admin/people/{person.id}/name", {"name": "Example", "reason": "A reason.", **extra})

    now, others = person_now(site, person), person_now(site, other)
    assert (now.certificate_name, now.role, now.email) == ("Example", "participant", person.email)
    assert (others.certificate_name, others.role) == (None, "participant")
    assert [entry.actor_id for entry in entries(site)] != [other.id]


def a_course(site: Site, slug: str) -> int:
    from courses.outline.models import Course

    with site.writing() as session:
        course = Course(**course_row(slug))
        session.add(course)
        session.flush()
        return course.id


def course_row(slug: str) -> dict[str, object]:
    """A made-up course's row, with something in every column that must have something."""
    from sqlalchemy import JSON, Boolean, DateTime, Integer

    from courses.outline.models import Course

    row: dict[str, object] = {"slug": slug}
    for column in Course.__table__.columns:
        if column.name in row or column.nullable or column.default is not None or column.primary_key:
            continue
        kind = getattr(column.type, "impl_instance", column.type)
        if isinstance(kind, JSON):
            row[column.name] = {"en": slug}
        elif isinstance(kind, Boolean):
            row[column.name] = True
        elif isinstance(kind, Integer):
            row[column.name] = 1
        elif isinstance(kind, DateTime):
            row[column.name] = datetime.now(UTC)
        else:
            row[column.name] = "x"
    return row


def test_somebody_becomes_trainer_of_a_course_and_stops_being_one(site: Site, browser: Browser) -> None:
    course_id, person = a_course(site, "first-steps"), site.person()
    address = f"/admin/people/{person.id}/roles/trainer"

    given = browser.post(address, {"scope": "first-steps"})
    with site.reading() as session:
        held = session.scalars(select(CourseTrainer.course_id).where(CourseTrainer.person_id == person.id)).all()
    shown = browser.get(f"/admin/people/{person.id}").text
    taken = browser.post(f"{address}/withdraw", {"scope": "first-steps"})

    assert (given.status_code, taken.status_code) == (303, 303)
    assert held == [course_id]
    assert person_now(site, person).role == "trainer"
    assert "<code>first-steps</code>" in shown
    with site.reading() as session:
        assert session.scalars(select(CourseTrainer)).all() == []
    assert [(entry.act, dict(entry.facts)) for entry in entries(site)] == [
        ("person.role_changed", {"from": "participant", "to": "trainer"}),
        ("person.role_granted", {"role": "trainer", "course": "first-steps"}),
        ("person.role_withdrawn", {"role": "trainer", "course": "first-steps"}),
    ]


def test_case_4_a_role_is_only_taken_from_who_holds_it_there(site: Site, browser: Browser) -> None:
    a_course(site, "one")
    a_course(site, "other")
    holder, stranger = site.person(), site.person()
    browser.post(f"/admin/people/{holder.id}/roles/trainer", {"scope": "one"})

    answers = [
        browser.post(f"/admin/people/{stranger.id}/roles/trainer/withdraw", {"scope": "one"}).status_code,
        browser.post(f"/admin/people/{holder.id}/roles/trainer/withdraw", {"scope": "other"}).status_code,
        browser.post(f"/admin/people/{holder.id}/roles/admin/withdraw", {"scope": "one"}).status_code,
        browser.post(f"/admin/people/{holder.id}/roles/trainer", {"scope": "nothing"}).status_code,
        browser.post(f"/admin/people/{holder.id}/roles/trainer", {"scope": "no\x00thing"}).status_code,
        browser.post(f"/admin/people/{holder.id}/roles/trainer", {"scope": ""}).status_code,
    ]

    assert answers == [404, 404, 404, 422, 422, 422]
    with site.reading() as session:
        assert session.scalars(select(CourseTrainer.person_id)).all() == [holder.id]
