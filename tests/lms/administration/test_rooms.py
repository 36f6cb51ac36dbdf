"""Overview, mail, jobs and plugins; who may come in."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.jobs.models import Job
from lms.mail import services as mail
from lms.mail.models import Message
from lms.plugins.loading import Quarantined
from lms.testing import Browser, Site
from tests.factories.completions import NOW, finisher, issue

ROOMS = ("", "/people", "/certificates", "/audit", "/mail", "/jobs", "/plugins")


@pytest.fixture
def admin(site: Site) -> Person:
    return site.person(role="admin")


@pytest.fixture
def browser(site: Site, admin: Person) -> Browser:
    return site.browser(admin)


def message(site: Site, state: str, *, subject: str = "A subject") -> int:
    with site.writing() as session:
        written = mail.write(session, to="someone@example.org", subject=subject, body="A secret link", now=NOW)
        assert written is not None
        written.state, written.fault = state, "The server was away."
        return written.id


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_for_admins_and_kept_by_no_browser(site: Site, browser: Browser, room: str) -> None:
    inside = browser.get(f"/admin{room}")
    outside = [site.browser(site.person(role=role)).get(f"/admin{room}") for role in ("participant", "trainer")]
    guest = site.browser().get(f"/admin{room}")

    assert (inside.status_code, inside.headers["Cache-Control"]) == (200, "no-store")
    assert [answer.status_code for answer in outside] == [403, 403]
    assert (guest.status_code, guest.headers["Location"]) == (303, f"/sign-in?next=/admin{room}")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_leads_to_every_other_and_marks_itself(browser: Browser, room: str) -> None:
    html = browser.get(f"/admin{room}").text

    nav = html[html.index('<nav aria-label="Admin">') :].split("</nav>", 1)[0]
    assert re.findall(r'href="([^"]+)"', nav) == [f"/admin{one}" for one in ROOMS]
    assert re.findall(r'href="([^"]+)" aria-current="page"', nav) == [f"/admin{room}"]


def test_the_overview_counts_what_is_there(site: Site, browser: Browser) -> None:
    site.app.extensions["lms.plugins"].quarantined.append(Quarantined("broken", "it failed"))
    issue(site, finisher(site))
    finisher(site)
    finisher(site, confirmed=False)
    finisher(site, verified=False)
    site.person(role="trainer", suspended_at=NOW)
    message(site, "unknown")
    message(site, "failed")
    with site.writing() as session:
        session.add(
            Job(kind="a", payload={}, state="failed", tries=5, created_at=NOW, run_after=NOW, fault="It broke.")
        )

    html = browser.get("/admin").text

    words = " ".join(re.sub("<[^>]+>", " ", html).split())
    for sentence in (
        "1 person meets every rule and has no certificate yet.",
        "1 certificate waits for a name.",
        "1 certificate waits for a verified e-mail address.",
        "Nobody knows whether 1 mail arrived.",
        "1 mail was not sent.",
        "1 job failed.",
        "1 plugin is in quarantine.",
        "People 6 Trainers 1 Admins 1 E-mail not verified 1 Accounts closed 1 Finished a course 4",
        "Issued 1 Ready 1 Waiting for name 1 Waiting for e-mail 1 Revoked 0",
    ):
        assert sentence in words


def test_an_empty_site_needs_nobody(browser: Browser) -> None:
    assert "Nothing needs you now." in browser.get("/admin").text


def test_the_overview_costs_the_same_for_few_and_many(site: Site, browser: Browser) -> None:
    with site.statements() as few:
        browser.get("/admin")
    for _ in range(20):
        finisher(site)

    with site.statements() as many:
        browser.get("/admin")

    assert len(many) == len(few) == 3


def test_mail_is_listed_by_state_without_its_text(site: Site, browser: Browser) -> None:
    message(site, "unknown", subject="An unknown one")
    message(site, "failed", subject="A failed one")

    unknown, failed = browser.get("/admin/mail").text, browser.get("/admin/mail?state=failed").text

    assert ("An unknown one" in unknown, "A failed one" in unknown) == (True, False)
    assert ("An unknown one" in failed, "A failed one" in failed) == (False, True)
    assert "The server was away." in failed
    assert "A secret link" not in unknown + failed


def test_a_message_is_sent_again_only_by_an_admins_decision_which_is_audited(
    site: Site, browser: Browser, admin: Person
) -> None:
    number = message(site, "unknown")
    address = f"/admin/mail/{number}/send-again"

    shown = browser.get(address)
    refused = browser.post(address, {"reason": ""})
    done = browser.post(address, {"reason": "They never got it."})
    again = browser.post(address, {"reason": "Once more."})

    assert "the person gets it twice" in shown.text
    assert (refused.status_code, done.status_code, again.status_code) == (422, 303, 422)
    with site.reading() as session:
        assert session.get_one(Message, number).state == "queued"
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.act, entry.about, entry.reason) == (
        admin.id,
        "mail.sent_again",
        f"mail:{number}",
        "They never got it.",
    )


@pytest.mark.parametrize("number", ["0", "99999", "99999999999999999999"])
def test_an_unknown_message_is_not_found(browser: Browser, number: str) -> None:
    assert browser.get(f"/admin/mail/{number}/send-again").status_code == 404


def test_failed_jobs_are_listed_with_their_fault(site: Site, browser: Browser) -> None:
    with site.writing() as session:
        for state, fault in (("failed", "It broke <b>badly</b>."), ("done", "Not this one.")):
            session.add(Job(kind="a.b", payload={}, state=state, tries=5, created_at=NOW, run_after=NOW, fault=fault))

    html = browser.get("/admin/jobs").text

    assert "It broke &lt;b&gt;badly&lt;/b&gt;." in html
    assert "Not this one." not in html


def test_plugins_are_listed_and_the_quarantined_ones_with_the_reason(site: Site, browser: Browser) -> None:
    site.app.extensions["lms.plugins"].quarantined.append(Quarantined("broken", "its table is <b>wrong</b>"))

    html = browser.get("/admin/plugins").text

    assert "its table is &lt;b&gt;wrong&lt;/b&gt;" in html
    assert [name in html for name in ("Lantern", "Courses", "Quizzes")] == [True, True, True]
