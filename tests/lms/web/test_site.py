"""Pages of the site itself, and the pages that errors become."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from lms.testing import Site


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/privacy", "What this site keeps of you"),
        ("/help", "How learning works here"),
        ("/offline", "The network is away"),
    ],
)
def test_a_page_of_the_site_is_open_to_all_and_asks_nothing_of_the_database(
    site: Site, address: str, title: str
) -> None:
    with site.statements() as statements:
        response = site.browser().get(address)

    assert response.status_code == 200
    assert f"<h1>{title}</h1>" in response.text
    assert statements == []
    assert "Set-Cookie" not in response.headers


def test_the_privacy_page_names_who_runs_the_site(site_with: Callable[..., Site]) -> None:
    site = site_with(issuer="The Lamp School", mail_from="The Lamp School <school@example.org>")

    page = site.browser().get("/privacy").text

    assert "The Lamp School" in page
    assert "school@example.org" in page


def test_the_privacy_page_gives_no_address_that_reaches_nobody(site: Site) -> None:
    assert "lantern@localhost" not in site.browser().get("/privacy").text


def test_the_footer_of_every_page_leads_to_help_and_privacy(site: Site) -> None:
    page = site.browser().get("/sign-in").text
    footer = page[page.index("<footer") :]

    assert 'href="/help"' in footer
    assert 'href="/privacy"' in footer


def test_what_the_privacy_page_says_of_a_guests_cookie_is_true(site: Site) -> None:
    browser = site.browser()

    assert "Set-Cookie" not in browser.get("/help").headers
    cookie = browser.get("/register").headers["Set-Cookie"]
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_what_the_privacy_page_says_of_other_sites_is_true(site: Site) -> None:
    import re

    for address in ("/privacy", "/help", "/offline", "/sign-in", "/register", "/reset"):
        page = site.browser().get(address).text
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == [], address
        assert not re.search(r"<(?:script(?![^>]*src=)|style)|\son\w+=|\sstyle=", page), address


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/nowhere", 404, "We cannot find this page"),
        ("/static/nothing.css", 404, "We cannot find this page"),
        ("/sign-out", 405, "This page cannot be used in this way"),
    ],
)
def test_an_error_is_a_page_with_a_way_on(site: Site, address: str, status: int, title: str) -> None:
    response = site.browser().get(address)

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in response.text
    assert response.text.count(title) == 2  # in the head and in the h1: the sentence below says something else
    assert 'href="/"' in response.text[response.text.index("<main") :]
    assert 'href="/help"' in response.text


def test_a_guest_who_sends_a_form_of_members_is_led_to_sign_in(site: Site) -> None:
    response = site.browser().post("/account/name", {"name": "x"})

    assert response.status_code == 401
    assert 'href="/sign-in"' in response.text[response.text.index("<main") :]


def let_help_fail(site: Site, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def broken() -> None:
        raise fault

    monkeypatch.setitem(site.app.view_functions, "lms.site.guide", broken)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False


def test_a_fault_of_ours_shows_its_number_and_nothing_of_our_insides(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    let_help_fail(site, monkeypatch, RuntimeError("the secret is hunter2"))

    response = site.browser().get("/help")

    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    number = caplog.records[-1].getMessage().split()[1]
    assert f"<code>{number}</code>" in response.text


@pytest.mark.parametrize(
    ("fault", "status"), [(RuntimeError(), 500), (OperationalError("", {}, Exception()), 503)], ids=["500", "503"]
)
def test_a_fault_of_ours_says_what_to_do_next_and_nobody_seems_signed_out(
    site: Site, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    let_help_fail(site, monkeypatch, fault)

    response = site.browser(site.person()).get("/help")

    assert response.status_code == status
    assert "again in a minute" in response.text
    assert "Most browsers keep what you typed." in response.text
    assert ">Who runs this site<" in response.text
    assert 'href="/account"' in response.text
    assert 'href="/sign-in"' not in response.text


def test_a_database_that_is_away_is_not_ready_and_the_process_still_answers(site: Site, tmp_path: object) -> None:
    from lms.database.session import Engines

    site.app.extensions["lms.engines"].dispose()
    site.app.extensions["lms.engines"] = Engines("sqlite:////nowhere/at/all.db")

    ready, healthy = site.browser().get("/readyz"), site.browser().get("/healthz")

    assert (ready.status_code, ready.json) == (503, {"status": "not ready"})
    assert healthy.status_code == 200


@pytest.mark.parametrize(
    "path", ["/courses/%00", "/courses/a/b/x%00y", "/quizzes/a/b/%00", "/certificates/%00", "/%00"]
)
def test_case_20_an_address_with_a_nul_is_no_page(site: Site, path: str) -> None:
    browser = site.browser(site.person())

    assert [browser.get(path).status_code, browser.post(path).status_code] == [404, 404]
