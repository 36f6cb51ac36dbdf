"""Signing in, and what was sent when the session was over."""

import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Response, request

from lms import plugin
from lms.accounts.passwords import Passwords
from lms.clock import now
from lms.testing import Browser, Site, without_tokens
from lms.web.permissions import requires
from lms.web.requests import keeps_what_was_sent
from tests.lms.accounts.doors import PASSWORD, is_signed_in, person_with_password, sign_in

SENTENCE = "You are not signed in any more. What you sent is kept on this page: sign in and send it."


@pytest.fixture(autouse=True)
def a_form_that_outlives_the_sign_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A page of a feature, such as a quiz's: it says back what it got."""
    pages = Blueprint("tried", __name__)

    @pages.post("/tried/<name>")
    @requires("lms.signed_in")
    @keeps_what_was_sent
    def keep(name: str) -> Response:
        sent = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
        return Response(repr((name, request.args.to_dict(), sent)), mimetype="text/plain")

    @pages.post("/tried/forgets")
    @requires("lms.signed_in")
    def forget() -> Response:
        return Response("taken", mimetype="text/plain")

    monkeypatch.setattr(plugin, "lms_blueprints", plugin.hookimpl(lambda: [plugin.pages, pages]))
    return iter(())


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(site: Site) -> None:
    someone = person_with_password(site, email="asha@example.org")
    browser = site.browser()

    wrong = sign_in(browser, someone, "not this one")
    unknown = sign_in(browser, "nobody@example.org")

    assert wrong.status_code == unknown.status_code == 422
    assert "do not belong together" in wrong.text
    of_wrong, of_unknown = without_tokens(wrong.text), without_tokens(unknown.text)
    assert of_wrong.replace(someone.email, "") == of_unknown.replace("nobody@example.org", "")
    assert f'value="{someone.email}"' in wrong.text
    assert "not this one" not in wrong.text
    assert not is_signed_in(browser)


def test_an_unknown_address_costs_one_look_up_and_one_hash_like_a_known_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    checked: list[str | None] = []
    original = Passwords.matches
    monkeypatch.setattr(
        Passwords, "matches", lambda self, stored, given: checked.append(stored) or original(self, stored, given)
    )

    with site.statements() as for_known:
        sign_in(browser, someone, "not this one")
    with site.statements() as for_unknown:
        sign_in(browser, "nobody@example.org")

    assert len(checked) == 2
    assert len(for_known) == len(for_unknown)


@pytest.mark.parametrize("email", ["", "asha", "\x00", "a" * 5000, "asha@example.org\r\nX: y", "💥@💥"])
def test_an_impossible_address_is_refused_and_nothing_breaks(site: Site, email: str) -> None:
    assert sign_in(site.browser(), email).status_code == 422


@pytest.mark.parametrize("password", ["", "\x00", "x" * 100_000])
def test_an_impossible_password_is_refused_and_nothing_breaks(site: Site, password: str) -> None:
    assert sign_in(site.browser(), person_with_password(site), password).status_code == 422


def test_a_closed_account_is_told_so_only_with_its_password(site: Site) -> None:
    someone = person_with_password(site, suspended_at=now())
    browser = site.browser()

    assert "do not belong together" in sign_in(browser, someone, "not this one").text
    right = sign_in(browser, someone)

    assert right.status_code == 422
    assert "This account is closed." in right.text
    assert not is_signed_in(browser)


def test_somebody_who_is_signed_in_is_led_on(site: Site) -> None:
    response = site.browser(site.person()).get("/sign-in?next=/account")

    assert (response.status_code, response.headers["Location"]) == (303, "/account")


def test_what_was_sent_after_the_session_ended_comes_back_after_the_sign_in(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()

    kept = browser.post("/tried/41?question=3", {"answer": ["b", "a"], "text": '<b>"é"\nsecond line'})
    assert kept.status_code == 401
    assert SENTENCE in kept.text
    assert kept.headers["Cache-Control"] == "no-store"

    wrong = browser.client.post(
        "/sign-in", data=_form(kept.text, email=someone.email, password="no"), base_url=_base(site)
    )
    assert wrong.status_code == 422
    assert SENTENCE in wrong.text

    in_again = browser.client.post(
        "/sign-in", data=_form(wrong.text, email=someone.email, password=PASSWORD), base_url=_base(site)
    )
    assert in_again.status_code == 200
    assert "Send it now" in in_again.text
    assert re.findall(r'<form method="post" action="([^"]+)"', in_again.text) == ["/tried/41?question=3"]
    sent = browser.client.post("/tried/41?question=3", data=_form(in_again.text), base_url=_base(site))
    expected = [("answer", "b"), ("answer", "a"), ("text", '<b>"é"\nsecond line')]
    assert sent.status_code == 200
    assert sent.text.replace("\\r", "") == repr(("41", {"question": "3"}, expected))


def test_a_field_called_like_ours_does_not_fill_the_sign_in_form(site: Site) -> None:
    kept = site.browser().post("/tried/41", {"email": "mine@example.org", "next": "/x", "password": "secret-one"})

    assert '<input type="hidden" name="sent:email" value="mine@example.org">' in kept.text
    assert 'name="next"' not in kept.text
    assert "secret-one" not in kept.text
    assert not re.search(r'type="email"[^>]*value="mine@example.org"', kept.text)
    assert 'id="email-error"' not in kept.text


def test_what_is_too_large_to_keep_is_said(site: Site) -> None:
    response = site.browser().post("/tried/41", {"text": "x" * 100_001})

    assert response.status_code == 401
    assert "too large for us to keep" in response.text


def test_a_form_that_keeps_nothing_is_answered_plainly(site: Site) -> None:
    response = site.browser().post("/tried/forgets", {"answer": "b"})

    assert response.status_code == 401
    assert SENTENCE not in response.text
    assert 'href="/sign-in"' in response.text


def test_a_script_is_told_by_its_status(site: Site) -> None:
    response = site.browser().post("/tried/41", json={"answer": "b"})

    assert response.status_code == 401
    assert response.json["error"] == "You are not signed in"


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/x", "/\\evil.example"])
def test_case_73_what_is_carried_never_goes_to_another_site(site: Site, path: str) -> None:
    someone = person_with_password(site)

    response = sign_in(site.browser(), someone, **{"sent-to": path, "sent:answer": "b"})

    assert (response.status_code, response.headers["Location"]) == (303, "/")


def test_case_78_what_is_carried_is_sent_with_a_fresh_token_of_the_new_session(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    kept = browser.post("/tried/41", {"answer": "b"})
    old_token = _fields(kept.text)["csrf_token"][0]

    in_again = browser.client.post(
        "/sign-in", data=_form(kept.text, email=someone.email, password=PASSWORD), base_url=_base(site)
    )
    with_the_old = browser.post_without_token("/tried/41", {"answer": "b", "csrf_token": old_token})

    assert _fields(in_again.text)["csrf_token"][0] != old_token
    assert with_the_old.status_code == 400


def _fields(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page's one form, as a browser would send them."""
    import html

    found: dict[str, list[str]] = {}
    main = page[page.index("<main") :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', main):
        found.setdefault(html.unescape(name), []).append(html.unescape(value).replace("\n", "\r\n"))
    return found


def _form(page: str, **typed: str) -> dict[str, list[str] | str]:
    return {**_fields(page), **typed}


def _base(site: Site) -> str:
    return site.config.base_url


def test_a_browser_of_somebody_else_is_not_signed_in(site: Site) -> None:
    sign_in(site.browser(), person_with_password(site))

    assert not is_signed_in(Browser(site.app, site.app.test_client()))
