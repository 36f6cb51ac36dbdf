"""The admin issues, corrects and revokes."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.certificates import services
from lms.certificates.models import Certificate
from lms.mail.models import Message
from lms.records.models import Completion
from lms.testing import Browser, Site
from tests.factories.completions import NOW, finisher, issue


@pytest.fixture
def admin(site: Site) -> Person:
    return site.person(role="admin", name="The Admin")


@pytest.fixture
def browser(site: Site, admin: Person) -> Browser:
    return site.browser(admin)


def completion_of(site: Site, person: Person) -> int:
    with site.reading() as session:
        return session.scalars(select(Completion.id).where(Completion.person_id == person.id)).one()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def slip(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", html))


def test_from_the_list_by_names_and_rules_to_the_counts(site: Site, browser: Browser, admin: Person) -> None:
    ready, waiting = finisher(site, name="Ready"), finisher(site, name="Waiting", confirmed=False)
    issue(site, finisher(site, name="Had"))

    listed = browser.get("/admin/certificates").text
    chosen = browser.get("/admin/certificates/issue?all=1").text
    numbers = re.findall(r'name="completion" value="(\d+)"', chosen)
    done = browser.post("/admin/certificates/issue", {"completion": numbers})
    result = browser.get(done.headers["Location"]).text

    assert "1 person meets every rule and has no certificate yet." in words(listed)
    assert "<h1>Issue 1 certificate</h1>" in chosen
    assert "has read every lesson and passed every quiz." in chosen
    assert "Ready Meets all rules" in words(chosen)
    assert "Result: 87%." in chosen
    assert numbers == [str(completion_of(site, person)) for person in (ready, waiting)]
    assert done.status_code == 303
    assert "<h1>1 certificate issued</h1>" in result
    assert slip(result) == {
        "Issued": "1",
        "Had one already": "0",
        "Waiting for name": "1",
        "Letters that ask for the name": "1",
        "Waiting for e-mail": "0",
        "Refused": "0",
    }
    with site.reading() as session:
        row = session.scalars(select(Certificate).where(Certificate.person_id == ready.id)).one()
        letters = session.scalars(select(Message.subject).where(Message.person_id == waiting.id)).all()
        acts = session.execute(select(AuditEntry.act, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert row.issued_by_id == admin.id
    assert letters == ["Your certificate waits for your name: A made-up course"]
    assert [tuple(act) for act in acts[1:]] == [
        ("certificate.issued", admin.id),
        ("certificates.issued_to_all", admin.id),
    ]


def test_sending_the_same_form_twice_is_harmless(site: Site, browser: Browser) -> None:
    form = {"completion": [completion_of(site, finisher(site)), completion_of(site, finisher(site, confirmed=False))]}

    browser.post("/admin/certificates/issue", form)
    again = browser.post("/admin/certificates/issue", form)

    counts = slip(browser.get(again.headers["Location"]).text)
    assert (counts["Issued"], counts["Had one already"], counts["Letters that ask for the name"]) == ("0", "1", "0")
    with site.reading() as session:
        assert len(session.scalars(select(Certificate)).all()) == 1
        assert len(session.scalars(select(Message)).all()) == 2


@pytest.mark.parametrize("chosen", [[], ["x"], ["0"], ["999999"], ["9" * 30], ["-1"]])
def test_choosing_nobody_is_answered_on_the_list(site: Site, browser: Browser, chosen: list[str]) -> None:
    finisher(site)

    sent = browser.post("/admin/certificates/issue", {"completion": chosen})
    asked = browser.get("/admin/certificates/issue", query_string={"completion": chosen})

    assert (sent.status_code, asked.status_code) == (422, 422)
    assert "Nobody is chosen" in sent.text
    with site.reading() as session:
        assert session.scalars(select(Certificate)).all() == []


def test_case_41_the_bulk_way_issues_nothing_to_who_is_not_ready(site: Site, browser: Browser) -> None:
    people = [finisher(site, verified=False), finisher(site, certificate_name="Example 🎓"), finisher(site)]
    serial = issue(site, people[2]).serial
    with site.writing() as session:
        services.revoke(session, serial=serial, reason="A reason.", actor_id=None, now=NOW)

    done = browser.post("/admin/certificates/issue", {"completion": [completion_of(site, one) for one in people]})
    result = browser.get(done.headers["Location"]).text

    counts = slip(result)
    assert (counts["Issued"], counts["Waiting for e-mail"], counts["Refused"]) == ("0", "1", "2")
    assert "We cannot print" in result
    assert "A new one is not issued by itself." in result
    with site.reading() as session:
        assert len(session.scalars(select(Certificate)).all()) == 1


def test_the_list_is_filtered_by_state_and_course(site: Site, browser: Browser) -> None:
    finisher(site, name="One", subject="course:one")
    issue(site, finisher(site, name="Two", subject="course:two"), subject="course:two")

    def names(**query: str) -> list[str]:
        html = browser.get("/admin/certificates", query_string=query).text
        return re.findall(r"<a href=\"/admin/people/\d+\"><bdi>([^<]+)</bdi>", html)

    assert names() == ["One", "Two"]
    assert names(state="ready") == ["One"]
    assert names(state="issued") == ["Two"]
    assert names(subject="course:two") == ["Two"]
    assert names(subject="course:two", state="ready") == []
    assert names(state="nonsense", subject="\x00", page="0") == ["One", "Two"]


def test_the_list_costs_the_same_for_few_and_for_many(site: Site, browser: Browser) -> None:
    finisher(site)
    with site.statements() as few:
        browser.get("/admin/certificates")
    for _ in range(60):
        finisher(site)

    with site.statements() as many:
        page = browser.get("/admin/certificates?page=2")

    assert len(many) == len(few) == 4
    assert "61 entries. Page 2 of 2." in page.text


def test_revoking_shows_the_consequence_needs_a_reason_and_shows_on_the_public_page(
    site: Site, browser: Browser, admin: Person
) -> None:
    serial = issue(site, finisher(site)).serial
    address = f"/admin/certificates/{serial}/revoke"

    shown = browser.get(address)
    refused = browser.post(address, {"reason": ""})
    standing = site.browser().get(f"/certificates/{serial}").text
    done = browser.post(address, {"reason": "Issued to the wrong person."})

    assert "its public page says that it was revoked" in shown.text
    assert refused.status_code == 422
    assert "Write a reason." in refused.text
    assert "This certificate stands." in standing
    assert done.status_code == 303
    assert "Reason given: Issued to the wrong person." in words(site.browser().get(f"/certificates/{serial}").text)
    with site.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate.revoked")).one()
    assert (entry.actor_id, entry.about, entry.reason) == (
        admin.id,
        f"certificate:{serial}",
        "Issued to the wrong person.",
    )


def test_a_name_is_corrected_by_a_new_version(site: Site, browser: Browser) -> None:
    person = finisher(site)
    serial = issue(site, person).serial
    address = f"/admin/certificates/{serial}/correct"

    shown = browser.get(address).text
    same = browser.post(address, {"name": "Example Participant", "reason": "A reason."})
    done = browser.post(address, {"name": "Corrected Name", "reason": "A letter was missing."})
    again = browser.post(address, {"name": "Third Name", "reason": "A reason."})

    assert 'value="Example Participant"' in shown
    assert same.status_code == 422
    assert "This name is on the certificate already." in same.text
    assert (done.status_code, done.headers["Location"]) == (303, f"/admin/people/{person.id}")
    assert again.status_code == 422
    assert "A newer version replaced this one." in again.text
    with site.reading() as session:
        found = session.scalars(select(Certificate.version).order_by(Certificate.version)).all()
    assert found == [1, 2]


@pytest.mark.parametrize("act", ["revoke", "correct"])
@pytest.mark.parametrize("number", ["0" * 26, "nonsense"])
def test_an_unknown_number_is_not_found(browser: Browser, act: str, number: str) -> None:
    assert browser.get(f"/admin/certificates/{number}/{act}").status_code == 404
    assert browser.post(f"/admin/certificates/{number}/{act}", {"reason": "A reason."}).status_code == 404


@pytest.mark.parametrize("token", ["0" * 16, "nonsense", "%00"])
def test_an_unknown_result_is_not_found(browser: Browser, token: str) -> None:
    assert browser.get(f"/admin/certificates/issued/{token}").status_code == 404
