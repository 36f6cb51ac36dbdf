"""Making an account."""

import html
import re

import pytest
from sqlalchemy import func, select

from lms.accounts.models import EmailToken, Person
from lms.testing import Site
from tests.lms.accounts.doors import PASSWORD, form, is_signed_in, link_in, mails, person, person_with_password, sign_in


def test_a_new_person_registers_signs_in_and_may_learn_before_the_address_is_verified(site: Site) -> None:
    browser = site.browser()

    response = browser.post("/register", form(next="/courses/trade"))

    assert response.status_code == 303
    done = browser.get(response.headers["Location"])
    assert "Look into your mail" in done.text
    assert 'href="/sign-in?next=/courses/trade"' in done.text
    asha = person(site, "asha@example.org")
    assert (asha.name, asha.country, asha.time_zone, asha.language) == ("Asha Mwangi", "KE", "Africa/Nairobi", "sw")
    assert (asha.role, asha.email_verified_at) == ("participant", None)
    assert asha.consented_at == asha.registered_at
    assert asha.password_hash.startswith("$argon2id$")
    assert sign_in(browser, asha, next="/courses/trade").headers["Location"] == "/courses/trade"
    assert is_signed_in(browser)


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(site: Site) -> None:
    owner = person_with_password(site, email="asha@example.org", name="Asha the First")

    known = site.browser().post("/register", form(email=" ASHA@Example.org", name="Somebody Else"))
    new = site.browser().post("/register", form(email="new@example.org"))

    assert (known.status_code, known.headers["Location"], known.data) == (
        new.status_code,
        new.headers["Location"],
        new.data,
    )
    assert person(site, "asha@example.org").name == "Asha the First"
    assert person(site, "asha@example.org").password_hash == owner.password_hash
    to_owner, to_new = mails(site)
    assert (to_owner.to, to_owner.subject) == ("asha@example.org", "You have an account already")
    assert f"{site.config.base_url}/sign-in" in to_owner.body
    assert f"{site.config.base_url}/reset" in to_owner.body
    assert "Somebody Else" not in to_owner.body
    assert link_in(to_new).startswith("/verify/")


def test_a_known_address_costs_as_many_statements_and_hashes_as_a_new_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.accounts.passwords import Passwords

    person_with_password(site, email="asha@example.org")
    hashed: list[str] = []
    original = Passwords.hash
    monkeypatch.setattr(Passwords, "hash", lambda self, password: hashed.append(password) or original(self, password))

    with site.statements() as for_known:
        site.browser().post("/register", form())
    with site.statements() as for_new:
        site.browser().post("/register", form(email="new@example.org"))

    assert len(hashed) == 2
    assert abs(len(for_known) - len(for_new)) <= 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "  ", "Write your name."),
        ("name", "\u200b\u202e\u2066", "Write a name."),
        ("name", "x" * 201, "longer than 200"),
        ("name", "x" * 100_000, "longer than 200"),
        ("email", "asha", "This is not yet an e-mail address."),
        ("email", "asha@example.org\r\nBcc: b@example.org", "This is not yet an e-mail address."),
        ("password", "short", "at least 8"),
        ("password", "", "Choose a password."),
        ("country", "", "Choose your country"),
        ("country", "XX", "Choose one from the list."),
        ("time_zone", "Mars/Olympus", "Choose one from the list."),
        ("time_zone", "../../etc/passwd", "Choose one from the list."),
        ("language", "tlh", "Choose one from the list."),
        ("consent", None, "An account needs your agreement."),
    ],
)
def test_what_needs_a_change_is_said_at_its_field_and_nothing_typed_is_lost(
    site: Site, field: str, value: str | None, words: str
) -> None:
    sent = {name: one for name, one in form(**{field: value}).items() if one is not None}

    response = site.browser().post("/register", sent)

    page = html.unescape(response.text)
    assert response.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{re.escape(words)}', page)
    for other in {"name", "email"} - {field}:
        assert f'value="{form()[other]}"' in page
    assert '<option selected value="Africa/Nairobi">' in page or field == "time_zone"
    assert PASSWORD not in page
    with site.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_case_5_fields_that_the_form_does_not_have_are_ignored(site: Site) -> None:
    site.browser().post(
        "/register",
        form(role="admin", id="1", user_id="1", email_verified_at="2026-01-01", certificate_name="Dr X", is_admin="1"),
    )

    asha = person(site, "asha@example.org")
    assert (asha.role, asha.email_verified_at, asha.certificate_name) == ("participant", None, None)


HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}} {% raw %} {{ config }}",
    "\\input{/etc/passwd}",
    "&lt;b&gt;twice&lt;/b&gt;",
    "</title><svg onload=alert(1)>",
    "%(name)s %s {0}",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_case_43_a_hostile_name_is_text_wherever_it_is_shown(site: Site, name: str) -> None:
    browser = site.browser()
    browser.post("/register", form(name=name))
    sign_in(browser, "asha@example.org")

    page = browser.get("/account").text

    assert html.escape(name, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")
    assert "<img" not in page
    assert "<script>alert" not in page
    assert "<svg onload" not in page
    assert person(site, "asha@example.org").name == name


def test_case_43_hidden_signs_do_not_get_into_a_name(site: Site) -> None:
    site.browser().post("/register", form(name="Asha\u202e\u200b\x00 \ufeff  Mwangi\r\nBcc: x"))

    assert person(site, "asha@example.org").name == "Asha Mwangi Bcc: x"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_case_48_a_refused_form_shows_hostile_input_as_text(site: Site, name: str) -> None:
    response = site.browser().post(
        "/register", form(name=name, email=name, country=name, time_zone=name, language=name)
    )

    assert response.status_code == 422
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
    assert "<svg onload" not in response.text


def test_a_mail_to_an_address_that_nobody_verified_carries_no_word_of_who_registered_it(site: Site) -> None:
    site.browser().post("/register", form(name="You have won! www.example.net"))

    assert "example.net" not in mails(site)[0].body
    assert "example.net" not in mails(site)[0].subject


def test_registering_twice_at_once_makes_one_account(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: site.browser().post("/register", form()), range(4)))

    assert {answer.status_code for answer in answers} == {303}
    assert [mail.subject for mail in mails(site)].count("Verify your e-mail address") == 1
    with site.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(EmailToken)) == 1


def test_the_list_of_countries_is_in_the_order_of_its_names(site: Site) -> None:
    page = site.browser().get("/register").text

    assert page.index(">Afghanistan<") < page.index(">Åland Islands<") < page.index(">Albania<")
    assert '<optgroup label="Africa">' in page
    assert '<option selected value="UTC">' in page


def test_somebody_who_is_signed_in_is_not_asked_to_register(site: Site) -> None:
    response = site.browser(site.person()).get("/register?next=/account")

    assert (response.status_code, response.headers["Location"]) == (303, "/account")


def test_everything_that_needs_a_change_is_told_at_once(site: Site) -> None:
    """On a slow network each round costs a minute."""
    response = site.browser().post("/register", form(email="no address", password="password", consent=""))

    assert response.status_code == 422
    for field in ("email", "password", "consent"):
        assert f'id="{field}-error"' in response.text, field
