"""A person's own account."""

import re

import pytest
from sqlalchemy import select

from lms.audit.models import AuditEntry
from lms.testing import Site, without_tokens
from tests.lms.accounts.doors import PASSWORD, is_signed_in, link_in, mails, person, person_with_password, sign_in

NEW = "a second lamp beside the first"


def test_the_account_page_shows_what_is_kept_in_three_statements(site: Site) -> None:
    someone = site.person(name="Asha Mwangi", country="KE", time_zone="Africa/Nairobi", language="sw")
    browser = site.browser(someone)

    with site.statements() as statements:
        page = browser.get("/account").text

    for words in ("Asha Mwangi", someone.email, "Kenya", "Africa/Nairobi", "Kiswahili", "1 device", "Verified"):
        assert words in page
    assert len(statements) <= 3


def test_an_unverified_person_reads_on_the_account_page_how_to_verify(site: Site) -> None:
    page = site.browser(site.person(verified=False)).get("/account").text

    assert "not verified yet" in page
    assert 'href="/verify"' in page
    assert (
        "An admin of this site can confirm your address"
        in site.browser(site.person(verified=False)).get("/verify").text
    )


def test_a_name_is_changed_and_the_confirmed_one_for_certificates_stays(site: Site) -> None:
    someone = site.person(certificate_name="Asha W. Mwangi")
    browser = site.browser(someone)

    browser.post("/account/name", {"name": "  Asha\u200b   M. "})

    changed = person(site, someone.email)
    assert (changed.name, changed.certificate_name) == ("Asha M.", "Asha W. Mwangi")
    assert browser.post("/account/name", {"name": "\u202e"}).status_code == 422


def test_place_and_language_are_changed_and_only_to_known_ones(site: Site) -> None:
    someone = site.person()
    browser = site.browser(someone)
    wanted = {"country": "BR", "time_zone": "America/Sao_Paulo", "language": "pt"}

    shown = browser.get("/account/preferences").text
    refused = browser.post("/account/preferences", {**wanted, "language": "xx"})
    browser.post("/account/preferences", wanted)

    changed = person(site, someone.email)
    assert '<option selected value="Africa/Nairobi">' in shown
    assert refused.status_code == 422
    assert (changed.country, changed.time_zone, changed.language) == ("BR", "America/Sao_Paulo", "pt")


def test_another_address_needs_the_password_a_mail_to_both_and_its_link(site: Site) -> None:
    someone = person_with_password(site, email="old@example.org")
    browser = site.browser(someone)

    wrong = browser.post("/account/email", {"email": "new@example.org", "password": "not this one"})
    asked = browser.post("/account/email", {"email": "New@example.org", "password": PASSWORD})

    assert wrong.status_code == 422
    assert re.search(r'id="password-error">[^<]*not your present password', wrong.text)
    assert 'value="new@example.org"' in wrong.text
    assert asked.status_code == 303
    to_new, to_old = mails(site)
    assert (to_new.to, to_old.to) == ("new@example.org", "old@example.org")
    assert "new@example.org" in to_old.body
    assert "/verify/" not in to_old.body
    assert person(site, "old@example.org").id == someone.id
    assert "Open its link to use that address." in browser.get("/account").text
    link = link_in(to_new)
    assert "new@example.org" in browser.get(link).text
    browser.post(link)
    assert person(site, "new@example.org").id == someone.id
    assert person(site, "new@example.org").email_verified_at is not None
    assert mails(site)[2].to == "old@example.org"
    with site.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.act, entry.about, entry.actor_id) == ("person.email_changed", f"person:{someone.id}", someone.id)


def test_an_address_of_somebody_else_is_answered_alike_and_never_taken(site: Site) -> None:
    owner = person_with_password(site, email="owner@example.org")
    someone = person_with_password(site)
    browser = site.browser(someone)

    known = browser.post("/account/email", {"email": "owner@example.org", "password": PASSWORD})
    page_after_known = browser.get("/account").text.replace("owner@", "x@")
    new = browser.post("/account/email", {"email": "free@example.org", "password": PASSWORD})
    page_after_new = browser.get("/account").text.replace("free@", "x@")

    assert (known.status_code, known.headers["Location"]) == (new.status_code, new.headers["Location"])
    assert without_tokens(page_after_known) == without_tokens(page_after_new)
    to_owner = mails(site)[0]
    assert to_owner.to == "owner@example.org"
    assert "/verify/" not in to_owner.body
    assert person(site, "owner@example.org").id == owner.id


def test_an_address_that_somebody_took_in_the_meantime_is_refused(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)
    browser.post("/account/email", {"email": "new@example.org", "password": PASSWORD})
    link = link_in(mails(site)[0])
    site.person(email="new@example.org")

    response = browser.post(link)

    assert "This address belongs to another account." in browser.get(response.headers["Location"]).text
    assert person(site, someone.email).id == someone.id


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"present": "not this one", "password": NEW}, "present", "not your present password"),
        ({"present": PASSWORD, "password": "12345678"}, "password", "Many people"),
        ({"present": PASSWORD, "password": ""}, "password", "Choose a password."),
        ({"password": NEW}, "present", "Write your password."),
    ],
)
def test_a_password_is_not_changed_where_something_needs_a_change(
    site: Site, sent: dict[str, str], field: str, words: str
) -> None:
    someone = person_with_password(site)

    response = site.browser(someone).post("/account/password", sent)

    assert response.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{words}', response.text)
    assert sign_in(site.browser(), someone).status_code == 303


def test_a_changed_password_is_told_by_mail(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)

    browser.post("/account/password", {"present": PASSWORD, "password": NEW})

    assert [(mail.to, mail.subject) for mail in mails(site)] == [(someone.email, "Your password was changed")]
    assert NEW not in mails(site)[0].body
    assert is_signed_in(browser)
