"""Security case 77: limits hold, across processes too, and a class behind one address can still work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Blueprint, Response
from sqlalchemy import select

from lms import clock, plugin
from lms.limiting.models import RateLimit
from lms.limiting.services import forget_counts
from lms.limiting.storage import DatabaseStorage
from lms.testing import Browser, Site
from lms.web.limits import RULES, Rule, limited
from lms.web.permissions import requires
from tests.lms.accounts.doors import HASH, form, mails, person_with_password, run_reset_jobs, sign_in

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
AT_SCHOOL = "203.0.113.7"
AT_HOME = "198.51.100.9"


@pytest.fixture
def limited_site(site_with: Callable[..., Site]) -> Site:
    return site_with(limits=True)


def _from(browser: Browser, address: str) -> Browser:
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def test_case_77_the_eleventh_wrong_password_in_five_minutes_is_refused(limited_site: Site) -> None:
    someone = person_with_password(limited_site)
    browser = limited_site.browser()

    with clock.fixed(MONDAY):
        answers = [sign_in(browser, someone, f"guess {number}") for number in range(11)]
        right = sign_in(browser, someone)
    with clock.fixed(MONDAY + timedelta(minutes=5, seconds=1)):
        later = sign_in(browser, someone)

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[10].headers["Retry-After"] == "300"
    assert "Wait 5 minutes, then go on." in answers[10].text
    assert right.status_code == 429
    assert later.status_code == 303


def test_case_77_an_account_is_not_locked_for_its_owner_elsewhere(limited_site: Site) -> None:
    someone = person_with_password(limited_site)
    attacker, owner = _from(limited_site.browser(), AT_SCHOOL), _from(limited_site.browser(), AT_HOME)

    for number in range(11):
        sign_in(attacker, someone, f"guess {number}")

    assert sign_in(attacker, someone).status_code == 429
    assert sign_in(owner, someone).status_code == 303


def test_case_77_a_class_of_forty_behind_one_address_signs_in_with_a_typing_error_each(limited_site: Site) -> None:
    pupils = [limited_site.person(password_hash=HASH) for _ in range(40)]

    for pupil in pupils:
        browser = _from(limited_site.browser(), AT_SCHOOL)
        assert sign_in(browser, pupil, "a typing error").status_code == 422
        assert sign_in(browser, pupil).status_code == 303


def test_case_77_a_class_of_forty_behind_one_address_registers(limited_site: Site) -> None:
    for number in range(40):
        browser = _from(limited_site.browser(), AT_SCHOOL)
        assert browser.post("/register", form(email=f"pupil{number}@example.org")).status_code == 303


def test_case_77_guessing_through_many_accounts_is_stopped_at_the_address(
    limited_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = _from(limited_site.browser(), AT_SCHOOL)

    answers = [sign_in(browser, f"guess{number}@example.org").status_code for number in range(301)]

    assert answers == [422] * 300 + [429]
    assert sign_in(_from(limited_site.browser(), AT_HOME), "guess@example.org").status_code == 422


def test_case_77_the_count_begins_anew_after_the_right_password(limited_site: Site) -> None:
    someone = person_with_password(limited_site)

    for _ in range(3):
        for number in range(9):
            assert sign_in(limited_site.browser(), someone, f"typing error {number}").status_code == 422
        assert sign_in(limited_site.browser(), someone).status_code == 303


def test_case_77_an_address_gets_five_reset_mails_an_hour_whether_known_or_not(limited_site: Site) -> None:
    someone = person_with_password(limited_site)

    known = [limited_site.browser().post("/reset", {"email": someone.email}).status_code for _ in range(6)]
    unknown = [limited_site.browser().post("/reset", {"email": "nobody@example.org"}).status_code for _ in range(6)]

    assert known == unknown == [303] * 5 + [429]
    run_reset_jobs(limited_site)
    assert len(mails(limited_site)) == 5


def test_case_77_an_address_gets_five_mails_an_hour_by_registering(limited_site: Site) -> None:
    answers = [limited_site.browser().post("/register", form()).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]
    assert len(mails(limited_site)) == 5


def test_case_77_a_person_gets_five_verifying_mails_an_hour(limited_site: Site) -> None:
    browser = limited_site.browser(limited_site.person(verified=False))

    assert [browser.post("/verify").status_code for _ in range(6)] == [303] * 5 + [429]
    assert browser.get("/verify").status_code == 200


def test_case_77_the_password_is_not_guessed_on_the_account_page(limited_site: Site) -> None:
    browser = limited_site.browser(person_with_password(limited_site))
    guess = {"present": "a guess", "password": "a lamp that is new"}

    answers = [browser.post("/account/password", guess).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert browser.post("/account/email", {"email": "x@example.org", "password": "a guess"}).status_code == 429


def test_case_77_limits_hold_across_processes(site_with: Callable[..., Site]) -> None:
    first, second = site_with(limits=True), site_with(limits=True)
    someone = person_with_password(first)

    answers = [sign_in(one.browser(), someone, "a guess").status_code for one in [first, second] * 6]

    assert answers == [422] * 10 + [429] * 2


def test_case_77_no_count_is_lost_when_many_count_at_once(site: Site) -> None:
    storage = DatabaseStorage(site.engines, secret="s" * 32)

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: storage.incr("one key", 60), range(40)))

    assert sorted(counts) == list(range(1, 41))


def test_a_window_that_is_over_begins_anew_and_is_cleared_away(site: Site) -> None:
    storage = DatabaseStorage(site.engines, secret="s" * 32)

    with clock.fixed(MONDAY):
        assert (storage.incr("a", 60), storage.incr("a", 60), storage.incr("b", 3600)) == (1, 2, 1)
        assert storage.get("a") == 2
        assert storage.get_expiry("a") == (MONDAY + timedelta(seconds=60)).timestamp()
    with clock.fixed(MONDAY + timedelta(seconds=60)):
        assert storage.get("a") == 0
        with site.writing() as session:
            forget_counts(session, {})
            assert len(session.scalars(select(RateLimit.key)).all()) == 1
        assert storage.incr("a", 60) == 1
        assert storage.get("b") == 1
        storage.clear("b")
        assert storage.get("b") == 0
        assert storage.check()
        assert storage.reset() == 1


def test_what_is_stored_names_neither_account_nor_address(limited_site: Site) -> None:
    sign_in(_from(limited_site.browser(), AT_SCHOOL), "asha@example.org")

    with limited_site.reading() as session:
        keys = session.scalars(select(RateLimit.key)).all()

    assert len(keys) == 2
    assert all(len(key) == 64 and "asha" not in key and "203" not in key for key in keys)


def test_addresses_of_one_household_count_as_one(limited_site: Site) -> None:
    someone = person_with_password(limited_site)

    answers = [
        sign_in(_from(limited_site.browser(), f"2001:db8:1:2::{number:x}"), someone, "a guess").status_code
        for number in range(1, 12)
    ]

    assert answers[-1] == 429
    assert sign_in(_from(limited_site.browser(), "2001:db8:1:3::1"), someone).status_code == 303
    assert sign_in(_from(limited_site.browser(), f"::ffff:{AT_HOME}"), someone).status_code == 303


def test_limits_can_be_switched_off(site_with: Callable[..., Site]) -> None:
    site = site_with(limits=False)
    someone = person_with_password(site)

    answers = {sign_in(site.browser(), someone, "a guess").status_code for _ in range(15)}

    assert answers == {422}
    with site.reading() as session:
        assert session.scalars(select(RateLimit)).all() == []


def test_another_view_is_limited_by_the_decorator(
    site_with: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Blueprint("tried", __name__)

    @pages.post("/tried")
    @requires("lms.signed_in")
    @limited("trying", Rule(amount=2, seconds=60, per="account"))
    def attempt() -> Response:
        return Response("done")

    monkeypatch.setattr(plugin, "lms_blueprints", plugin.hookimpl(lambda: [plugin.pages, pages]))
    site = site_with(limits=True)
    first, second = site.browser(site.person()), site.browser(site.person())

    assert [first.post("/tried").status_code for _ in range(3)] == [200, 200, 429]
    assert second.post("/tried").status_code == 200
    assert (
        first.post("/tried", headers={"Accept": "application/json"}).json["error"] == "Too many tries in a short time"
    )


def test_an_act_without_a_rule_is_refused_when_the_page_is_made() -> None:
    with pytest.raises(LookupError):
        limited("unknown act")


def test_reading_costs_no_count(limited_site: Site) -> None:
    with limited_site.statements() as statements:
        limited_site.browser().get("/sign-in")
        limited_site.browser().get("/help")

    assert statements == []


def test_a_class_fits_every_rule_of_an_address() -> None:
    wide: dict[str, Any] = {act: rule.amount for act, rules in RULES.items() for rule in rules if rule.per == "address"}

    assert wide
    assert min(wide.values()) >= 40
