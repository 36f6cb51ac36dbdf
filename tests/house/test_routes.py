"""Every route against every role, and what no route may do: from the route list that the app itself makes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse
from werkzeug.wsgi import get_current_url

from courses.outline.models import Course
from lms.accounts.models import SignIn
from lms.app import create_app
from lms.config import Config
from lms.testing import BASE_URL, Browser, Site, config_for_tests, without_tokens
from lms.web.requests import FOR_EVERYBODY_ALIKE
from tests.databases import Postgres
from tests.house.world import ROLES, World, fill, routes, rules

# What each role gets: guest, owner, another participant, trainer of another course, trainer, admin.
#   303 for a guest's GET is the way to the sign-in; 401 a guest's POST; 403 the wrong role; 404 somebody else's thing;
#   422 and 409 are answers of the view itself: this role may send that form.
OPEN = "200 200 200 200 200 200"
SIGNED_IN = "303 200 200 200 200 200"
SIGNED_IN_SENDS = "401 303 303 303 303 303"
SIGNED_IN_IS_TOLD = "401 422 422 422 422 422"
OWNER = "303 200 404 404 404 404"
OWNER_SENDS = "401 303 404 404 404 404"
TRAINER = "303 403 403 404 200 200"
TRAINER_SENDS = "401 403 403 404 303 303"
ADMIN = "303 403 403 403 403 200"
ADMIN_IS_TOLD = "401 403 403 403 403 422"

TABLE: dict[str, str] = {
    "GET assets.static_file": OPEN,
    "GET courses.authoring.my_courses": "303 403 403 200 200 200",
    "GET courses.learning.about": OPEN,
    "GET courses.learning.booklet": OPEN,
    "GET courses.learning.catalogue": "301 301 301 301 301 301",
    "GET courses.learning.certificate": SIGNED_IN,
    "POST courses.learning.check": "422 422 422 422 422 422",
    "POST courses.learning.claim": SIGNED_IN_IS_TOLD,
    "GET courses.learning.course": OPEN,
    "POST courses.learning.enrol": SIGNED_IN_SENDS,
    "GET courses.learning.home": OPEN,
    "GET courses.learning.lesson": OPEN,
    "POST courses.learning.mark": SIGNED_IN_SENDS,
    "GET courses.learning.module": OPEN,
    "GET courses.learning.picture": OPEN,
    "GET courses.learning.welcome": OPEN,
    "GET courses.worksheets.handed_in": TRAINER,
    "GET courses.worksheets.one_handed_in": TRAINER,
    "POST courses.worksheets.keep": "401 200 200 200 200 200",
    "POST courses.worksheets.save": SIGNED_IN_SENDS,
    "GET courses.worksheets.sheet": SIGNED_IN,
    "GET lms.accounts.account": SIGNED_IN,
    "GET lms.accounts.change_email": SIGNED_IN,
    "POST lms.accounts.change_email": SIGNED_IN_IS_TOLD,
    "GET lms.accounts.change_name": SIGNED_IN,
    "POST lms.accounts.change_name": SIGNED_IN_SENDS,
    "GET lms.accounts.change_password": SIGNED_IN,
    "POST lms.accounts.change_password": SIGNED_IN_IS_TOLD,
    "GET lms.accounts.change_preferences": SIGNED_IN,
    "POST lms.accounts.change_preferences": SIGNED_IN_SENDS,
    "GET lms.accounts.forgotten": OPEN,
    "POST lms.accounts.forgotten": "422 422 422 422 422 422",
    "GET lms.accounts.link": OPEN,
    "POST lms.accounts.link": "303 303 303 303 303 303",
    "GET lms.accounts.link_sent": OPEN,
    "GET lms.accounts.new_password": OPEN,
    "POST lms.accounts.new_password": "422 422 422 422 422 422",
    "GET lms.accounts.register": "200 303 303 303 303 303",
    "POST lms.accounts.register": "422 303 303 303 303 303",
    "GET lms.accounts.registered": OPEN,
    "POST lms.accounts.send_verification": SIGNED_IN_SENDS,
    "GET lms.accounts.sign_in": "200 303 303 303 303 303",
    "POST lms.accounts.sign_in": "422 422 422 422 422 422",
    "POST lms.accounts.sign_out": "303 303 303 303 303 303",
    "POST lms.accounts.sign_out_everywhere": SIGNED_IN_SENDS,
    "GET lms.accounts.verify": SIGNED_IN,
    "GET lms.administration.attest_email": ADMIN,
    "POST lms.administration.attest_email": ADMIN_IS_TOLD,
    "GET lms.administration.attest_name": ADMIN,
    "POST lms.administration.attest_name": ADMIN_IS_TOLD,
    "GET lms.administration.audit_log": ADMIN,
    "GET lms.administration.certificates": ADMIN,
    "GET lms.administration.change_role": ADMIN,
    "POST lms.administration.change_role": "401 403 403 403 403 303",
    "GET lms.administration.correct_certificate": ADMIN,
    "POST lms.administration.correct_certificate": ADMIN_IS_TOLD,
    "GET lms.administration.give_role": ADMIN,
    "POST lms.administration.give_role": ADMIN_IS_TOLD,
    "GET lms.administration.issue_certificates": "303 403 403 403 403 422",
    "POST lms.administration.issue_to_chosen": ADMIN_IS_TOLD,
    "GET lms.administration.issued": ADMIN,
    "GET lms.administration.jobs": ADMIN,
    "GET lms.administration.mail": ADMIN,
    "GET lms.administration.overview": ADMIN,
    "GET lms.administration.people": ADMIN,
    "GET lms.administration.person": ADMIN,
    "GET lms.administration.plugins": ADMIN,
    "GET lms.administration.reinstate": ADMIN,
    "POST lms.administration.reinstate": ADMIN_IS_TOLD,
    "GET lms.administration.revoke_certificate": ADMIN,
    "POST lms.administration.revoke_certificate": ADMIN_IS_TOLD,
    "GET lms.administration.send_mail_again": ADMIN,
    "POST lms.administration.send_mail_again": ADMIN_IS_TOLD,
    "GET lms.administration.suspend": ADMIN,
    "POST lms.administration.suspend": ADMIN_IS_TOLD,
    "POST lms.administration.take_role_back": ADMIN_IS_TOLD,
    "GET lms.certificates.certificate": OPEN,
    "GET lms.certificates.check": OPEN,
    "GET lms.certificates.mine": SIGNED_IN,
    "GET lms.certificates.name": SIGNED_IN,
    "POST lms.certificates.name": SIGNED_IN_IS_TOLD,
    "GET lms.certificates.pdf": "303 200 404 404 404 200",
    "GET lms.site.guide": OPEN,
    "GET lms.site.health": OPEN,
    "GET lms.site.offline": OPEN,
    "GET lms.site.privacy": OPEN,
    "GET lms.site.ready": OPEN,
    "GET quizzes.analysis.question": TRAINER,
    "GET quizzes.analysis.questions": TRAINER,
    "POST quizzes.attempts.answer": OWNER_SENDS,
    "POST quizzes.attempts.answers": "401 200 404 404 404 404",
    "POST quizzes.attempts.ask_for_hint": "401 404 404 404 404 404",
    "POST quizzes.attempts.ask_for_time": OWNER_SENDS,
    "GET quizzes.attempts.ahead": OWNER,
    "GET quizzes.attempts.check": OWNER,
    "GET quizzes.attempts.intro": SIGNED_IN,
    "GET quizzes.attempts.more_time": "303 303 404 404 404 404",  # this try has no end
    "GET quizzes.attempts.question": OWNER,
    "POST quizzes.attempts.start": SIGNED_IN_SENDS,
    "POST quizzes.results.submit": OWNER_SENDS,
    "POST quizzes.authoring.add": TRAINER_SENDS,
    "GET quizzes.authoring.bank": TRAINER,
    "POST quizzes.authoring.bring_back": TRAINER_SENDS,
    "GET quizzes.authoring.edit": TRAINER,
    "GET quizzes.authoring.preview": TRAINER,
    "POST quizzes.authoring.publish": "401 403 403 404 409 409",
    "GET quizzes.authoring.retire": TRAINER,
    "POST quizzes.authoring.retire_now": TRAINER_SENDS,
    "POST quizzes.authoring.save": "401 403 403 404 422 422",
    "POST quizzes.mistakes.answer": "401 404 404 404 404 404",
    "POST quizzes.mistakes.begin": "401 409 409 409 409 409",  # nothing is due
    "GET quizzes.mistakes.overview": SIGNED_IN,
    "GET quizzes.mistakes.question": "303 404 404 404 404 404",
    # Nobody practises with a try open, and who does not take the course has nothing to practise.
    "POST quizzes.practice.answer": "401 409 409 409 409 409",
    "POST quizzes.practice.begin": "401 409 409 409 409 409",
    "GET quizzes.practice.question": "303 404 409 404 404 404",
    # The owner has finished a quiz, so it is too late for a first time.
    "POST quizzes.pretest.begin": "401 409 303 303 303 303",
    "POST quizzes.pretest.decline": SIGNED_IN_SENDS,
    "GET quizzes.pretest.overview": SIGNED_IN,
    # No open answer waits here.
    "GET quizzes.queue.answer": "303 403 403 404 404 404",
    "POST quizzes.queue.give_back": "401 403 403 404 404 404",
    "POST quizzes.queue.mark": "401 403 403 404 404 404",
    "POST quizzes.queue.take": TRAINER_SENDS,
    "GET quizzes.queue.waiting": TRAINER,
    # No key was changed here, so there is nothing to decide.
    "POST quizzes.regrading.apply": "401 403 403 404 404 404",
    "GET quizzes.regrading.key": TRAINER,
    "POST quizzes.regrading.leave": "401 403 403 404 404 404",
    "POST quizzes.regrading.let_stand": "401 403 403 404 422 422",
    "POST quizzes.regrading.look": "401 403 403 404 422 422",
    "GET quizzes.regrading.regrade": "303 403 403 404 404 404",
    "GET quizzes.regrading.regrades": TRAINER,
    "GET quizzes.reports.attempt": TRAINER,
    "POST quizzes.reports.download": TRAINER_SENDS,
    "GET quizzes.reports.export": TRAINER,
    "GET quizzes.reports.objectives": TRAINER,
    "GET quizzes.reports.people": TRAINER,
    "GET quizzes.reports.person": TRAINER,
    "GET quizzes.reports.seen": TRAINER,
    "GET quizzes.results.result": OWNER,
    "GET quizzes.supervision.allowance": TRAINER,
    "POST quizzes.supervision.answer_request": "401 403 403 404 422 422",
    "POST quizzes.supervision.decide": "401 403 403 404 422 422",
    "GET quizzes.supervision.receipts": TRAINER,
    "POST quizzes.supervision.set_allowance": "401 403 403 404 422 422",
    "GET quizzes.supervision.time": TRAINER,
}

# What is sent where an empty form would be answered before anybody asks whose thing it is.
SENT: dict[str, dict[str, Any]] = {
    "courses.worksheets.keep": {
        "json": {"client": "phone", "counter": 1, "seen": 0, "changes": {"field:market": "Abroad"}}
    },
    "quizzes.attempts.answers": {
        "json": {"client": "device-1", "counter": 1, "question": 1, "answer": {"unknown": ["x"]}}
    },
    "quizzes.authoring.add": {"form": {"kind": "numeric"}},
}

WRITES = ("INSERT", "UPDATE", "DELETE")

HEADERS = {
    # Written out: a policy that is loosened by mistake must not loosen what is asked of it.
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def address_of_database(database_kind: str, request: pytest.FixtureRequest, scratch: Path) -> Iterator[str]:
    """A migrated database for all tests of this module: each asks, none but the sweep changes what others look at."""
    if database_kind == "sqlite":
        path = scratch / "routes.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        name = server.create("routes", template=request.getfixturevalue("migrated_postgres"))
        yield server.url(name)
        server.drop(name)


@pytest.fixture(scope="module")
def config_of_world(address_of_database: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    return config_for_tests(address_of_database, tmp_path_factory.mktemp("instance"))


@pytest.fixture(scope="module")
def world(config_of_world: Config) -> Iterator[World]:
    site = Site(config_of_world)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    with pytest.MonkeyPatch.context() as patch:
        # The client reads host and path from its address, to choose cookies; to decode our long queries took longer
        # than many an answer to them.
        patch.setattr("werkzeug.test.get_current_url", partial(get_current_url, strip_querystring=True))
        yield World.make(site)
    site.close()


def ask(browser: Browser, method: str, address: str, endpoint: str) -> TestResponse:
    """Send the request that a page of ours would send."""
    if method == "GET":
        return browser.get(address)
    sent = SENT.get(endpoint, {})
    if "json" in sent:
        return browser.post(address, json=sent["json"])
    return browser.post(address, sent.get("form"))


def written(statements: list[str]) -> list[str]:
    return [statement for statement in statements if statement.lstrip().upper().startswith(WRITES)]


def statuses(name: str) -> dict[str, int]:
    return dict(zip(ROLES, map(int, TABLE[name].split()), strict=True))


# --- case 1 ----------------------------------------------------------------------------------------------------------


def test_the_table_names_every_route_and_no_other_case_1(world: World) -> None:
    named = [f"{method} {rule.endpoint}" for rule, method in routes(world.site)]

    assert sorted(TABLE) == sorted(named)
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", TABLE)
def test_each_role_gets_what_the_table_says_case_1(world: World, name: str) -> None:
    found = {}
    for rule, method in routes(world.site):
        if f"{method} {rule.endpoint}" == name:
            for role in ROLES:
                response = ask(world.browser(role), method, world.address(rule), rule.endpoint)
                found[role] = response.status_code
                if role == "guest" and response.status_code == 303 and method == "GET":
                    assert response.location.startswith("/sign-in?next=")

    assert found == statuses(name)


def test_who_was_signed_out_elsewhere_is_a_guest_at_once_case_1(world: World) -> None:
    """Also where a page does not look up who asks before it runs."""
    found, expected = {}, {}
    for rule, method in routes(world.site):
        browser = world.browser("owner")
        headers = {"X-CSRFToken": browser.token()}
        browser.get("/account")  # now this process knows who asks with the cookie
        with world.site.writing() as session:
            session.execute(delete(SignIn).where(SignIn.person_id == world.people["owner"].id))
        sent = SENT.get(rule.endpoint, {})
        with world.site.statements() as statements:
            if method == "GET":
                response = browser.get(world.address(rule))
            elif "json" in sent:
                response = browser.post(world.address(rule), json=sent["json"], headers=headers)
            else:
                response = browser.post_without_token(world.address(rule), sent.get("form"), headers=headers)
        name = f"{method} {rule.endpoint}"
        found[name], expected[name] = response.status_code, statuses(name)["guest"]
        if (
            name != "POST quizzes.attempts.answers"
        ):  # its one INSERT asks first: tests/quizzes/attempts/test_who_saves.py
            assert response.status_code not in (401, 403) or written(statements) == [], name
        if response.mimetype == "text/html":
            assert '<a href="/account">Account</a>' not in response.text, name

    assert found == expected


def test_no_get_writes_a_row_whoever_asks_case_78(world: World) -> None:
    faults = []
    for rule, method in routes(world.site):
        if method == "GET":
            address = world.address(rule)
            for role in ROLES:
                browser = world.browser(role)
                with world.site.statements() as statements:
                    browser.get(address)
                faults += [(rule.endpoint, role, statement) for statement in written(statements)]

    assert faults == []


def test_a_permission_check_that_breaks_denies_case_82(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("no answer")

    monkeypatch.setattr("lms.web.requests.allows", broken)

    for rule, method in routes(world.site):
        if rule.endpoint in FOR_EVERYBODY_ALIKE:  # nobody is asked there
            continue
        response = ask(world.browser("admin"), method, world.address(rule), rule.endpoint)
        assert response.status_code == 500, rule.endpoint
        assert "no answer" not in response.text


# --- cases 2 and 8 ---------------------------------------------------------------------------------------------------


def test_the_thing_of_another_is_answered_as_one_that_is_not_there_case_2(world: World) -> None:
    unknown = {"attempt_id": 2_000_000, "serial": "0" * 26}
    compared = []
    for rule, method in routes(world.site):
        name = f"{method} {rule.endpoint}"
        for role, status in statuses(name).items():
            ids = {argument: unknown[argument] for argument in rule.arguments if argument in unknown}
            if status != 404 or not ids:
                continue
            of_another = ask(world.browser(role), method, world.address(rule), rule.endpoint)
            of_nobody = ask(world.browser(role), method, world.address(rule, **ids), rule.endpoint)
            compared.append(name)
            assert of_nobody.status_code == of_another.status_code == 404, name
            assert without_tokens(of_nobody.text) == without_tokens(of_another.text), name

    assert len(set(compared)) >= 7


@pytest.fixture
def unpublished(world: World) -> Iterator[None]:
    with world.site.reading() as session:
        moment = session.scalars(select(Course.published_at).where(Course.slug == "trade")).one()
    for at in (None, moment):
        with world.site.writing() as session:
            session.execute(
                update(Course).where(Course.slug == "trade").values(published_at=at, revision=Course.revision + 1)
            )
        if at is None:
            yield


def test_a_course_that_is_not_published_is_not_there_case_8(world: World, unpublished: None) -> None:
    faults = []
    for rule, method in routes(world.site):
        if "course_slug" not in rule.arguments or rule.endpoint.startswith("quizzes.authoring"):
            continue
        for role in ("guest", "outsider"):
            hidden = ask(world.browser(role), method, world.address(rule), rule.endpoint)
            missing = ask(world.browser(role), method, world.address(rule, course_slug="nothing"), rule.endpoint)
            if hidden.status_code != missing.status_code or (role == "outsider" and hidden.status_code != 404):
                faults.append((method, rule.endpoint, role, hidden.status_code, missing.status_code))

    assert faults == []


# --- case 78 ---------------------------------------------------------------------------------------------------------


def forged(world: World, way: str, browser: Browser, address: str) -> TestResponse:
    """A POST that no page of ours sends."""
    if way == "without a token":
        return browser.post_without_token(address, {"name": "Mallory"})
    if way == "with the token of another person":
        return browser.post_without_token(address, {"csrf_token": world.browser("other").token()})
    if way == "with an empty token":
        return browser.post_without_token(address, {"csrf_token": ""})
    if way == "from a foreign origin":
        return browser.post(address, {"name": "Mallory"}, headers={"Origin": "https://evil.example"})
    if way == "from an opaque origin":
        return browser.post(address, {"name": "Mallory"}, headers={"Origin": "null"})
    text = json.dumps({"csrf_token": browser.token()})
    return browser.client.post(address, base_url=BASE_URL, data=text, content_type="text/plain")


WAYS = (
    "without a token",
    "with the token of another person",
    "with an empty token",
    "from a foreign origin",
    "from an opaque origin",
    "as JSON in plain text",
)


@pytest.mark.parametrize("way", WAYS)
def test_a_forged_post_is_refused_and_writes_nothing_case_78(world: World, way: str) -> None:
    faults = []
    for rule, method in routes(world.site):
        if method != "POST":
            continue
        role = "owner" if statuses(f"POST {rule.endpoint}")["owner"] not in (403, 404) else "admin"
        browser, address = world.browser(role), world.address(rule)
        with world.site.statements() as statements:
            response = forged(world, way, browser, address)
        made = [one for one in written(statements) if "sign_in" not in one]  # another person's browser signs in
        if response.status_code != 400 or made:
            faults.append((rule.endpoint, response.status_code, made))

    assert faults == []


def test_what_takes_a_post_only_is_refused_by_get_case_78(world: World) -> None:
    methods: dict[str, set[str]] = {}
    for rule, method in routes(world.site):
        methods.setdefault(rule.rule, set()).add(method)
    for rule in rules(world.site):
        if methods[rule.rule] == {"POST"}:
            browser = world.browser("admin")
            with world.site.statements() as statements:
                response = browser.get(world.address(rule))
            # 404 where the address is also that of a lesson or question that is not there.
            assert response.status_code in (404, 405), rule.endpoint
            assert written(statements) == []


# --- cases 46, 81 ----------------------------------------------------------------------------------------------------


def answers_of_all_kinds(world: World, browser: Browser) -> Iterator[tuple[str, TestResponse]]:
    for rule, method in routes(world.site):
        if rule.endpoint != "lms.accounts.sign_out" and "everywhere" not in rule.endpoint:
            yield f"{method} {rule.endpoint}", ask(browser, method, world.address(rule), rule.endpoint)
    yield "not there", browser.get("/nowhere")
    yield "wrong method", browser.get("/sign-out")
    yield "no token", browser.post_without_token("/sign-in")
    yield "foreign host", browser.client.get("/", base_url="http://evil.example")
    yield "too large", browser.post("/sign-in", {"email": "x" * 1_100_000})
    yield "static that is not there", browser.get("/static/css/none.css")


@pytest.mark.parametrize("role", ["guest", "owner", "admin"])
def test_every_answer_carries_the_headers_cases_46_and_81(world: World, role: str) -> None:
    faults = []
    for name, response in answers_of_all_kinds(world, world.browser(role)):
        policy = (
            {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
            if name == "GET courses.learning.picture"
            else {}
        )
        for header, value in {**HEADERS, **policy}.items():
            if response.headers.get(header) != value:
                faults.append((name, header, response.headers.get(header)))
        if response.mimetype.startswith("text/") and response.mimetype_params.get("charset") != "utf-8":
            faults.append((name, "Content-Type", response.headers["Content-Type"]))
        if "Strict-Transport-Security" in response.headers:
            faults.append((name, "Strict-Transport-Security", "on http"))

    assert faults == []


def test_a_site_on_https_asks_for_https_everywhere_case_81(world: World, config_of_world: Config) -> None:
    base = "https://learn.example.org"
    app = create_app(replace(config_of_world, base_url=base), third_party=False)
    client = app.test_client()
    for address in ("/", "/nowhere", "/healthz", "/sign-out", "/sign-in", "/account", "/static/none.css"):
        response = client.get(address, base_url=base)
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000", address
        for cookie in response.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-")
            assert "Secure" in cookie
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
    assert client.get("/", base_url="http://evil.example").headers["Strict-Transport-Security"]
    app.extensions["lms.engines"].dispose()


# --- case 72 ---------------------------------------------------------------------------------------------------------

FOREIGN: dict[str, dict[str, str]] = {
    "Host": {"Host": "evil.example"},
    "Host with our port": {"Host": "evil.example:8000"},
    "Host that ends like ours": {"Host": "evil-localhost:8000"},
    "Host with a name before": {"Host": "localhost:8000@evil.example"},
    "Host without the port": {"Host": "localhost"},
    "no Host": {"Host": ""},
    "X-Forwarded-Host": {"X-Forwarded-Host": "evil.example"},
    "X-Original-URL": {"X-Original-URL": "/admin"},
    "X-Rewrite-URL": {"X-Rewrite-URL": "/admin"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_request_under_a_foreign_name_is_refused_case_72(world: World, headers: dict[str, str]) -> None:
    for role in ("guest", "admin"):
        browser = world.browser(role)
        for address in ("/", "/sign-in", "/admin", "/healthz", "/certificates/" + world.serial):
            response = browser.client.get(address, base_url=BASE_URL, headers=headers)
            assert response.status_code == 400, address
            assert "evil" not in response.text
            assert "evil" not in str(response.headers)


def test_a_mail_asked_for_under_a_foreign_name_is_not_written_case_72(world: World) -> None:
    browser = world.browser("guest")
    with world.site.statements() as statements:
        response = browser.post("/reset", {"email": world.people["owner"].email}, headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert written(statements) == []


# --- case 82 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["an exception", "a statement"])
@pytest.mark.parametrize("role", ["guest", "admin"])
def test_a_fault_of_ours_shows_a_number_and_no_insides_case_82(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str, role: str
) -> None:
    secret = world.site.config.secret_key

    def broken(**_: object) -> str:
        if fault == "a statement":
            with world.site.reading() as session:
                session.scalar(select(Course.slug).where(Course.slug == 10**400))  # no database takes it
        raise RuntimeError(f"{secret} in {__file__}")

    faults = []
    for rule, method in routes(world.site):
        if statuses(f"{method} {rule.endpoint}")[role] not in (200, 303, 409, 422) or rule.endpoint.startswith(
            "assets"
        ):
            continue
        with monkeypatch.context() as patch:
            patch.setitem(world.site.app.view_functions, rule.endpoint, broken)
            response = ask(world.browser(role), method, world.address(rule), rule.endpoint)
        if role == "guest" and response.status_code == 303:
            continue  # sent to the sign-in before the view
        number = caplog.records[-1].getMessage().split()[1]
        shown = response.text + str(response.headers)
        inside = [
            word for word in (secret, "Traceback", "SELECT", ".py", "RuntimeError", "course.slug") if word in shown
        ]
        if response.status_code != 500 or inside or number not in response.text:
            faults.append((method, rule.endpoint, response.status_code, inside))

    assert faults == []
    assert "csrf" not in caplog.text


# --- case 20: any address and any field ------------------------------------------------------------------------------

HOSTILE: dict[str, str] = {
    "NUL": "a\0b",
    "lone surrogate": "\ud800",
    "beyond every number": "1e999",
    "huge number": "9" * 400,
    "just over 32 bits": "2147483648",
    "just over 64 bits": "9223372036854775808",
    "minus one": "-1",
    "Arabic digits": "١٢٣",
    "not a number": "NaN",
    "directions": "\u202egnp.exe\u2066",
    "many letters": "ä" * 100 + "a" * 3_000,
    "path": "../../../etc/passwd",
    "template": "{{config}}{% raw %}",
    "markup": '"><script>alert(1)</script>',
    "line breaks": "a\r\nSet-Cookie: x=y",
}


def in_address(value: str) -> str:
    """A value as a path or query carries it; a lone surrogate becomes the bytes that a careless client makes of it."""
    return quote_from_bytes(value.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture(scope="module")
def fields(world: World) -> list[str]:
    """Every name that a field of any page has, and those that scripts and links send."""
    found = {"next", "page", "number", "all", "subject", "go", "seen", "add", "began_from", "completion", "done"}
    for role in ("guest", "owner", "admin"):
        for rule, method in routes(world.site):
            if method == "GET":
                found |= set(
                    re.findall(
                        r'name="([\w:-]+)"',
                        world.browser(role).get(world.address(rule)).data.decode("utf-8", "replace"),
                    )
                )
    return sorted(found - {"csrf_token", "viewport", "color-scheme", "robots"})


def is_refused_well(response: TestResponse) -> bool:
    return response.status_code < 500 and "Set-Cookie: x" not in str(response.headers)


# One database is enough for the whole sweep: what differs between the two is asked of both below.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_value_anywhere_is_no_fault_of_ours_case_20(
    world: World, fields: list[str], kind: str, role: str
) -> None:
    assert hostile_faults(world, fields, HOSTILE[kind], role) == []


@pytest.mark.parametrize("kind", ["NUL", "lone surrogate", "huge number", "just over 32 bits", "just over 64 bits"])
def test_a_hostile_value_reaches_neither_database_as_a_fault_case_20(
    world: World, fields: list[str], kind: str
) -> None:
    assert hostile_faults(world, fields, HOSTILE[kind], "admin") == []


def hostile_faults(world: World, fields: list[str], value: str, role: str) -> list[tuple[str, str, int]]:
    """Ask every route with one value in each variable part of the address, each query word and each field."""
    faults = []
    query = "&".join(f"{name}={in_address(value)}" for name in fields)
    body = "&".join(f"{name}={in_address(value)}&{name}={in_address(value)}" for name in fields)
    for rule, method in routes(world.site):
        browser = world.browser(role)
        values = world.values(rule.endpoint)
        addresses = [
            world.address(rule),
            *(fill(rule.rule, {**values, name: in_address(value)}) for name in rule.arguments),
        ]
        for address in addresses:
            if method == "GET":
                responses = [browser.get(f"{address}?{query}")]
            else:
                token = browser.token()
                responses = [
                    browser.client.post(
                        address,
                        base_url=BASE_URL,
                        data=f"csrf_token={token}&{body}",
                        content_type="application/x-www-form-urlencoded",
                    ),
                    browser.post(address, json={name: [value] for name in fields}),
                ]
            faults += [
                (f"{method} {rule.endpoint}", address[:80], response.status_code)
                for response in responses
                if not is_refused_well(response)
            ]
    return faults


def test_a_file_in_place_of_a_text_is_no_fault_of_ours_case_20(world: World, fields: list[str]) -> None:
    faults = []
    for rule, method in routes(world.site):
        if method == "POST":
            browser = world.browser("admin")
            files = {name: (BytesIO(b"x"), "a.txt") for name in fields}
            response = browser.client.post(
                world.address(rule), base_url=BASE_URL, data={"csrf_token": browser.token(), **files}
            )
            if not is_refused_well(response):
                faults.append((rule.endpoint, response.status_code))

    assert faults == []


def test_ten_megabytes_are_refused_by_every_form_case_20(world: World) -> None:
    large = b"answer=" + b"x" * 10_000_000
    for rule, method in routes(world.site):
        if method == "POST":
            browser = world.browser("admin")
            token = {"X-CSRFToken": browser.token()}
            response = browser.client.post(
                world.address(rule),
                base_url=BASE_URL,
                data=large,
                headers=token,
                content_type="application/x-www-form-urlencoded",
            )
            assert response.status_code == 413, rule.endpoint


BROKEN_BODIES: dict[str, tuple[bytes, str]] = {
    "JSON that nests": (b"[" * 100_000, "application/json"),
    "JSON with a huge number": (b'{"counter": 1e999, "question": ' + b"9" * 5000 + b"}", "application/json"),
    "JSON that is no UTF-8": (b'{"client": "\xed\xa0\x80\xff"}', "application/json"),
    "JSON that is a list": (b"[null]", "application/json"),
    "JSON that is nothing": (b"", "application/json"),
    "a form that is no UTF-8": (b"name=\xff\xfe&answer=\xed\xa0\x80&choice=%ff", "application/x-www-form-urlencoded"),
    "ten thousand fields": (
        b"&".join(b"choice=%d" % number for number in range(10_000)),
        "application/x-www-form-urlencoded",
    ),
    "a multipart without an end": (
        b'--b\r\nContent-Disposition: form-data; name="answer"\r\n\r\nx',
        "multipart/form-data; boundary=b",
    ),
    "a multipart without a boundary": (b"x", "multipart/form-data"),
    "an unknown charset": (b"name=x", "application/x-www-form-urlencoded; charset=utf-99"),
}


@pytest.mark.parametrize(("body", "content_type"), BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_a_broken_body_is_no_fault_of_ours_case_20(world: World, body: bytes, content_type: str) -> None:
    faults = []
    for rule, method in routes(world.site):
        if method != "POST":
            continue
        for role in ("guest", "owner", "admin"):
            browser = world.browser(role)
            response = browser.client.post(
                world.address(rule),
                base_url=BASE_URL,
                data=body,
                headers={"X-CSRFToken": browser.token()},
                content_type=content_type,
            )
            if response.status_code >= 500:
                faults.append((rule.endpoint, role, response.status_code))

    assert faults == []


@pytest.mark.parametrize("cookie", ["lantern=x", "lantern=" + "x" * 5000, "lantern=\xff", "lantern=.eJw.x.y", "=;;=="])
def test_a_broken_cookie_makes_a_guest_case_20(world: World, cookie: str) -> None:
    client = world.site.app.test_client(use_cookies=False)

    assert client.get("/", base_url=BASE_URL, headers={"Cookie": cookie}).status_code == 200
    assert client.get("/account", base_url=BASE_URL, headers={"Cookie": cookie}).status_code == 303
