"""Sessions: how they begin and end, what the cookie is, and that only our own forms change anything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_wtf import csrf
from sqlalchemy import select

from lms import clock
from lms.accounts import services
from lms.accounts.models import Person, SignIn
from lms.accounts.tokens import hash_of
from lms.app import SIGNED_IN_FOR
from lms.testing import BASE_URL, Browser, Site
from lms.web.current import SIGN_IN_KEY
from tests.lms.accounts.doors import PASSWORD, devices, is_signed_in, person, person_with_password, sign_in

NEW = "a second lamp beside the first"
OVER_HTTPS = "https://learn.example.org"


def _cookie(browser: Browser) -> dict[str, Any]:
    with browser.client.session_transaction(base_url=BASE_URL) as cookie:
        return dict(cookie)


def test_case_67_a_sign_in_begins_a_new_session_and_adopts_no_planted_one(site: Site) -> None:
    attacker, victim = person_with_password(site), person_with_password(site)
    browser = site.browser(attacker)  # the attacker's own cookie, planted into the victim's browser
    browser.token()
    planted = _cookie(browser)

    sign_in(browser, victim)

    begun = _cookie(browser)
    assert begun[SIGN_IN_KEY] != planted[SIGN_IN_KEY]
    assert "csrf_token" not in begun or begun["csrf_token"] != planted["csrf_token"]
    assert victim.email in browser.get("/account").text
    assert devices(site, attacker.id) == 0


def test_case_67_a_made_up_session_id_is_nobody(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    with browser.client.session_transaction(base_url=BASE_URL) as cookie:
        cookie[SIGN_IN_KEY] = "chosen by an attacker"

    assert not is_signed_in(browser)
    sign_in(browser, someone)
    assert _cookie(browser)[SIGN_IN_KEY] != "chosen by an attacker"
    with site.reading() as session:
        assert hash_of("chosen by an attacker") not in session.scalars(select(SignIn.token_hash)).all()


def test_case_67_a_changed_password_changes_the_session_id(site: Site) -> None:
    browser = site.browser(person_with_password(site))
    before = _cookie(browser)[SIGN_IN_KEY]

    browser.post("/account/password", {"present": PASSWORD, "password": NEW})

    assert is_signed_in(browser)
    assert _cookie(browser)[SIGN_IN_KEY] != before


def test_case_67_a_changed_role_ends_the_sessions_of_the_person(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)

    with site.writing() as session:
        services.change_role(session, person_id=someone.id, role="trainer", actor_id=None, now=clock.now())

    assert not is_signed_in(browser)
    sign_in(browser, someone)
    assert is_signed_in(browser)


def test_case_68_over_https_the_cookie_is_bound_to_the_host_and_kept_from_scripts(
    site_with: Callable[..., Site],
) -> None:
    site = site_with(base_url=OVER_HTTPS)
    someone = person_with_password(site)
    client = site.app.test_client()

    page = client.get("/sign-in", base_url=OVER_HTTPS)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    response = client.post(
        "/sign-in", data={"csrf_token": token, "email": someone.email, "password": PASSWORD}, base_url=OVER_HTTPS
    )

    (cookie,) = response.headers.getlist("Set-Cookie")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-lantern=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
    assert not any(part.startswith("Domain") for part in attributes)
    assert client.get("/account", base_url=OVER_HTTPS).status_code == 200


def test_case_68_no_session_lies_in_an_address_and_no_page_in_a_shared_cache(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()

    response = sign_in(browser, someone)
    page = browser.get("/account")

    assert response.headers["Location"] == "/"
    assert _cookie(browser)[SIGN_IN_KEY] not in page.text
    assert page.headers["Cache-Control"] in ("private, no-cache", "no-store")
    assert "Cookie" in page.headers["Vary"]


def test_the_cookie_holds_the_token_and_the_database_only_its_hash(site: Site) -> None:
    browser = site.browser()
    sign_in(browser, person_with_password(site))
    token = _cookie(browser)[SIGN_IN_KEY]

    with site.reading() as session:
        (stored,) = session.scalars(select(SignIn.token_hash)).all()

    assert stored == hash_of(token) != token


def test_a_phone_stays_signed_in_for_30_days(site: Site) -> None:
    begun = clock.now()
    browser = site.browser()
    response = sign_in(browser, person_with_password(site))

    assert timedelta(days=30) == SIGNED_IN_FOR
    assert "Expires=" in response.headers["Set-Cookie"]
    with clock.fixed(begun + timedelta(days=29, hours=23)):
        assert is_signed_in(browser)
    with clock.fixed(begun + timedelta(days=30, minutes=1)):
        assert not is_signed_in(browser)


def test_case_69_a_sign_out_ends_the_session_on_the_server(site: Site) -> None:
    someone = person_with_password(site)
    browser, other = site.browser(someone), site.browser(someone)
    stolen = _cookie(browser)

    response = browser.post("/sign-out")

    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")
    thief = site.browser()
    with thief.client.session_transaction(base_url=BASE_URL) as cookie:
        cookie.update(stolen)
    assert not is_signed_in(thief)
    assert not is_signed_in(browser)
    assert is_signed_in(other)
    assert devices(site, someone.id) == 1


def test_case_69_sign_out_everywhere_ends_all_of_ones_own_and_nobody_elses(site: Site) -> None:
    someone, other = person_with_password(site), person_with_password(site)
    phone, library, others = site.browser(someone), site.browser(someone), site.browser(other)

    phone.post("/account/sign-out-everywhere")

    assert not is_signed_in(phone)
    assert not is_signed_in(library)
    assert is_signed_in(others)
    assert devices(site, someone.id) == 0


def test_case_69_a_changed_password_ends_the_others(site: Site) -> None:
    someone = person_with_password(site)
    phone, library = site.browser(someone), site.browser(someone)

    phone.post("/account/password", {"present": PASSWORD, "password": NEW})

    assert is_signed_in(phone)
    assert not is_signed_in(library)


def test_case_7_a_suspended_person_is_refused_within_one_request(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)
    assert is_signed_in(browser)

    with site.writing() as session:
        services.suspend(session, person_id=someone.id, actor_id=None, reason="Shared account.", now=clock.now())

    assert browser.post("/account/name", {"name": "Still here"}).status_code == 401
    assert person(site, someone.email).name == someone.name
    assert devices(site, someone.id) == 0


def test_case_7_a_row_that_survived_lets_no_suspended_person_in(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)

    with site.writing() as session:
        session.get_one(Person, someone.id).suspended_at = clock.now()

    assert devices(site, someone.id) == 1
    assert not is_signed_in(browser)


def _changing(site: Site) -> list[str]:
    """The addresses of accounts that change something."""
    found = [
        str(rule).replace("<token>", "a-made-up-token")
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("lms.accounts.") and "POST" in (rule.methods or ())
    ]
    assert len(found) >= 12
    return found


@pytest.mark.parametrize(
    "way",
    ["no token", "another session's token", "foreign origin", "null origin", "text/plain JSON", "JSON without token"],
)
def test_case_78_only_our_own_forms_change_anything(site: Site, way: str) -> None:
    someone = person_with_password(site)
    browser, other = site.browser(someone), site.browser(person_with_password(site))
    values = {"name": "Changed", "email": "new@example.org", "password": NEW, "present": PASSWORD}

    for address in _changing(site):
        with site.statements() as statements:
            if way == "no token":
                response = browser.post_without_token(address, values)
            elif way == "another session's token":
                response = browser.post_without_token(address, {**values, "csrf_token": other.token()})
            elif way == "foreign origin":
                response = browser.post(address, values, headers={"Origin": "https://evil.example"})
            elif way == "null origin":
                response = browser.post(address, values, headers={"Origin": "null"})
            elif way == "text/plain JSON":
                response = browser.client.post(address, data='{"a":"b"}', content_type="text/plain", base_url=BASE_URL)
            else:
                response = browser.client.post(address, json=values, base_url=BASE_URL)

        assert response.status_code == 400, address
        assert [one for one in statements if not one.startswith("SELECT")] == [], address
    assert is_signed_in(browser)


def test_case_78_a_get_changes_nothing(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser(someone)

    for address in _changing(site):
        with site.statements() as statements:
            browser.get(address, query_string={"name": "Changed", "password": NEW, "present": PASSWORD})

        assert [one for one in statements if not one.startswith("SELECT")] == [], address
    assert is_signed_in(browser)
    assert browser.get("/sign-out").status_code == 405


def test_our_own_origin_is_ours(site: Site) -> None:
    browser = site.browser(person_with_password(site))

    response = browser.post("/account/name", {"name": "Changed"}, headers={"Origin": BASE_URL})

    assert response.status_code == 303


def test_the_header_leads_guests_to_sign_in_and_people_to_their_account(site: Site) -> None:
    for_guest = site.browser().get("/help").text
    for_person = site.browser(site.person()).get("/help").text

    header = for_guest[for_guest.index("<header") : for_guest.index("</header>")]
    assert 'href="/sign-in"' in header
    assert 'href="/account"' not in header
    header = for_person[for_person.index("<header") : for_person.index("</header>")]
    assert 'href="/account"' in header
    assert 'href="/sign-in"' not in header


def test_a_form_kept_by_the_browser_is_not_taken_for_current_in_another_session(site: Site) -> None:
    someone = person_with_password(site)
    browser = site.browser()
    etag = browser.get("/reset").headers["ETag"]
    assert browser.get("/reset", headers={"If-None-Match": etag}).status_code == 304

    sign_in(browser, someone)
    with site.writing() as session:
        services.sign_out_everywhere(session, person_id=someone.id)

    # The page's words are the same and its token is not: with the kept page nobody could send the form.
    assert browser.get("/reset", headers={"If-None-Match": etag}).status_code == 200


def test_a_token_that_was_good_in_a_form_is_not_read_again_and_each_other_one_is(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    check = csrf.validate_csrf

    def note(data: str, *rest: Any) -> None:
        read.append(data)
        check(data, *rest)

    monkeypatch.setattr(csrf, "validate_csrf", note)
    browser = site.browser(site.person())
    good = browser.token()
    for token, status in ((good, 404), (good, 404), (f"{good}x", 400), (good, 404)):
        assert browser.post_without_token("/courses/none/enrol", {"csrf_token": token}).status_code == status

    assert read == [good, f"{good}x"]
