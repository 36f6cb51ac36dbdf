"""Links in mails: verifying an address, and a new password."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms import clock
from lms.accounts.models import EmailToken
from lms.audit.models import AuditEntry
from lms.jobs.models import Job
from lms.testing import BASE_URL, Site
from tests.lms.accounts.doors import (
    PASSWORD,
    devices,
    form,
    is_signed_in,
    link_in,
    mails,
    person,
    person_with_password,
    run_reset_jobs,
    sign_in,
)

NEW = "a second lamp beside the first"


def test_opening_the_verifying_link_writes_nothing_and_its_button_verifies(site: Site) -> None:
    browser = site.browser()
    browser.post("/register", form())
    link = link_in(mails(site)[0])

    with site.statements() as statements:
        opened = browser.get(link)

    assert "Is this your address?" in opened.text
    assert not [one for one in statements if not one.startswith("SELECT")]
    assert person(site, "asha@example.org").email_verified_at is None
    assert browser.post(link).status_code == 303
    assert person(site, "asha@example.org").email_verified_at is not None


def test_a_verifying_link_works_once_and_for_a_week(site: Site) -> None:
    browser = site.browser()
    browser.post("/register", form())
    link = link_in(mails(site)[0])

    with clock.fixed(clock.now() + timedelta(days=7, minutes=1)):
        assert browser.get(link).status_code == 404
        browser.post(link)
    assert person(site, "asha@example.org").email_verified_at is None
    browser.post(link)
    assert "This link does not work any more" in browser.get(link).text


def test_a_new_mail_can_be_asked_for_and_kills_the_earlier_link(site: Site) -> None:
    someone = site.person(verified=False)
    browser = site.browser(someone)

    browser.post("/verify")
    browser.post("/verify")

    first, second = (link_in(mail) for mail in mails(site))
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200
    assert "Not yet verified" in browser.get("/verify").text
    browser.post(second)
    assert "There is nothing more to do." in browser.get("/verify").text
    browser.post("/verify")
    assert len(mails(site)) == 2


def test_case_71_a_reset_link_sets_the_password_and_signs_out_every_device(site: Site) -> None:
    someone = person_with_password(site, verified=False)
    phone, stranger = site.browser(someone), site.browser()

    stranger.post("/reset", {"email": someone.email.upper()})
    run_reset_jobs(site)
    link = link_in(mails(site)[0])
    response = stranger.post(link, {"password": NEW})

    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(phone)
    assert not is_signed_in(stranger)
    assert sign_in(stranger, someone, PASSWORD).status_code == 422
    assert sign_in(stranger, someone, NEW).status_code == 303
    assert person(site, someone.email).email_verified_at is not None
    assert mails(site)[1].subject == "Your password was changed"
    with site.reading() as session:
        assert session.scalars(select(AuditEntry.act)).all() == ["person.password_reset"]


def test_case_71_a_reset_link_is_used_once(site: Site) -> None:
    link = _reset_link(site, person_with_password(site).email)
    browser = site.browser()

    assert browser.post(link, {"password": NEW}).status_code == 303
    again = browser.post(link, {"password": "a third lamp, by a thief"})

    assert again.status_code == 404
    assert browser.get(link).status_code == 404


def test_case_71_a_reset_link_used_by_two_at_once_works_for_one(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    link = _reset_link(site, person_with_password(site).email)
    browsers = [site.browser() for _ in range(4)]
    for browser in browsers:
        browser.token()

    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda pair: pair[1].post(link, {"password": f"{NEW} {pair[0]}"}), enumerate(browsers))
        )

    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]


def test_case_71_a_reset_link_lasts_an_hour(site: Site) -> None:
    link = _reset_link(site, person_with_password(site).email)

    with clock.fixed(clock.now() + timedelta(minutes=59)):
        assert site.browser().get(link).status_code == 200
    with clock.fixed(clock.now() + timedelta(minutes=61)):
        assert site.browser().get(link).status_code == 404
        assert site.browser().post(link, {"password": NEW}).status_code == 404


def test_case_71_a_reset_link_is_stored_hashed(site: Site) -> None:
    token = _reset_link(site, person_with_password(site).email).rpartition("/")[2]

    with site.reading() as session:
        row = session.scalars(select(EmailToken)).one()
        assert token not in {row.token_hash, row.email, row.purpose}
        assert len(row.token_hash) == 64


def test_case_71_a_reset_link_is_bound_to_its_account_and_purpose(site: Site) -> None:
    victim = person_with_password(site)
    attacker = site.person(verified=False)
    site.browser(attacker).post("/verify")
    token = link_in(mails(site)[0]).rpartition("/")[2]

    assert site.browser().post(f"/reset/{token}", {"password": NEW, "email": victim.email}).status_code == 404
    link = _reset_link(site, attacker.email)
    site.browser().post(link, {"password": NEW, "email": victim.email, "person_id": victim.id})
    assert sign_in(site.browser(), victim).status_code == 303
    assert sign_in(site.browser(), attacker, NEW).status_code == 303


def test_case_71_a_reset_link_dies_when_the_password_changes(site: Site) -> None:
    someone = person_with_password(site)
    link = _reset_link(site, someone.email)

    site.browser(someone).post("/account/password", {"present": PASSWORD, "password": NEW})

    assert site.browser().post(link, {"password": "a third lamp"}).status_code == 404


def test_case_71_a_reset_link_dies_when_the_address_changes(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)
    link = _reset_link(site, someone.email)

    browser.post("/account/email", {"email": "new@example.org", "password": PASSWORD})
    browser.post(link_in(next(mail for mail in mails(site) if mail.to == "new@example.org")))

    assert person(site, "new@example.org").id == someone.id
    assert site.browser().post(link, {"password": "a third lamp"}).status_code == 404


def test_case_71_known_and_unknown_addresses_are_answered_alike_by_the_same_work(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    browser.get("/reset")

    with site.statements() as for_known:
        known = browser.post("/reset", {"email": someone.email})
    with site.statements() as for_unknown:
        unknown = browser.post("/reset", {"email": "nobody@example.org"})

    assert (known.status_code, known.data, known.headers["Location"]) == (
        unknown.status_code,
        unknown.data,
        unknown.headers["Location"],
    )
    assert for_known == for_unknown
    assert run_reset_jobs(site) == 2
    assert [mail.to for mail in mails(site)] == [someone.email]


def test_a_job_keeps_no_address_of_who_asked(site: Site) -> None:
    site.browser().post("/reset", {"email": "nobody@example.org"})

    with site.reading() as session:
        assert session.scalars(select(Job.payload)).all() == [{"person": None}]


def test_a_suspended_person_gets_no_link(site: Site) -> None:
    someone = person_with_password(site, suspended_at=clock.now())

    site.browser().post("/reset", {"email": someone.email})
    run_reset_jobs(site)

    assert mails(site) == []


def test_case_74_a_reset_refuses_a_password_that_is_too_easy(site: Site) -> None:
    link = _reset_link(site, person_with_password(site).email)

    response = site.browser().post(link, {"password": "password123"})

    assert response.status_code == 422
    assert "Many people use this password" in response.text
    assert site.browser().post(link, {"password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("headers", "base_url"),
    [
        ({"Host": "evil.example"}, None),
        ({"X-Forwarded-Host": "evil.example"}, BASE_URL),
        ({"X-Original-URL": "/admin"}, BASE_URL),
        ({}, "http://evil.example"),
        ({}, "http://localhost:8000@evil.example"),
    ],
    ids=["host", "forwarded", "original", "absolute", "userinfo"],
)
def test_case_72_a_foreign_host_is_refused_and_mails_nothing(
    site: Site, headers: dict[str, str], base_url: str | None
) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    token = browser.token()

    response = browser.client.post(
        "/reset",
        data={"email": someone.email, "csrf_token": token},
        headers=headers,
        base_url=base_url or BASE_URL,
    )

    assert response.status_code == 400
    assert run_reset_jobs(site) == 0


def test_case_72_links_in_mails_begin_with_the_configured_address(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    token = browser.token()

    # 127.0.0.1 is the same machine and allowed, yet the link goes to the address that the operator set.
    browser.client.set_cookie(
        "lantern", browser.client.get_cookie("lantern", domain="localhost").value, domain="127.0.0.1"
    )
    response = browser.client.post(
        "/reset", data={"email": someone.email, "csrf_token": token}, base_url="http://127.0.0.1:8000"
    )
    run_reset_jobs(site)

    assert response.status_code == 303
    assert f"{BASE_URL}/reset/" in mails(site)[0].body
    assert "127.0.0.1" not in mails(site)[0].body


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "..%2f..", "%ff%fe", "💥", "' OR 1=1 --"])
def test_a_made_up_link_is_a_dead_link(site: Site, token: str) -> None:
    for door in ("verify", "reset"):
        response = site.browser().get(f"/{door}/{token}")

        assert response.status_code == 404, door


def test_pages_behind_links_are_not_kept_by_the_browser(site: Site) -> None:
    link = _reset_link(site, person_with_password(site).email)

    assert site.browser().get(link).headers["Cache-Control"] == "no-store"


def test_a_link_of_a_person_who_was_suspended_since_is_dead(site: Site) -> None:
    from lms.accounts import services

    someone = person_with_password(site)
    link = _reset_link(site, someone.email)

    with site.writing() as session:
        services.suspend(session, person_id=someone.id, actor_id=None, reason="asked for it", now=clock.now())

    assert site.browser().post(link, {"password": NEW}).status_code == 404
    assert devices(site, someone.id) == 0


def _reset_link(site: Site, email: str) -> str:
    site.browser().post("/reset", {"email": email})
    run_reset_jobs(site)
    return link_in([mail for mail in mails(site) if mail.subject == "Choose a new password"][-1])
