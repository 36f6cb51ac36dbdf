"""Security case 73: where a sign-in may lead, and what it may carry."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lms.accounts.carrying import LARGEST_BYTES, carry, local_path, read_back
from lms.testing import Site
from tests.lms.accounts.doors import person_with_password, sign_in

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "HTTPS://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\r\nLocation: https://evil.example",
    "@evil.example",
    "evil.example",
    "//evil.example\\@localhost:8000/",
    "//localhost:8000@evil.example/",
    "/\u2028/evil.example",
    "//еvil.example",
    "//xn--vil-8cd.example",
    "/courses//evil.example",
    "/\u202egpj.exe",
    "?next=//evil.example",
    "/" + "a" * 3000,
    "",
]


@pytest.mark.parametrize("text", EVIL)
def test_case_73_what_is_not_plainly_ours_is_refused(text: str) -> None:
    assert local_path(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/", "/"),
        ("/courses/trade?page=2&q=a+b", "/courses/trade?page=2&q=a+b"),
        ("/@someone", "/@someone"),
        ("/courses/trade?q=%2F%2Fevil.example", "/courses/trade?q=%2F%2Fevil.example"),
        ("/courses/trade?back=https://evil.example", "/courses/trade?back=https://evil.example"),
        ("/admin/people?search=خديجة", "/admin/people?search=%D8%AE%D8%AF%D9%8A%D8%AC%D8%A9"),
    ],
)
def test_addresses_of_this_site_stay(text: str, address: str) -> None:
    assert local_path(text) == address
    assert local_path(address) == address


@given(st.text(max_size=40) | st.text(alphabet="/\\:@?#.\t\n\re", max_size=12).map(lambda end: "/" + end))
@example("/\\\\evil")
@example("/%09/evil.example")
def test_case_73_nothing_leads_to_another_host(text: str) -> None:
    address = local_path(text)

    if address is not None:
        assert address.isascii()
        assert urlsplit(urljoin("https://lantern.example/sign-in", address)).netloc == "lantern.example"


@pytest.mark.parametrize("text", EVIL[:-1])
def test_case_73_a_sign_in_with_an_evil_next_leads_home(site: Site, text: str) -> None:
    response = sign_in(site.browser(), person_with_password(site), next=text)

    assert response.status_code == 303
    assert response.headers["Location"] == "/"


def test_a_sign_in_leads_where_the_person_wanted_to_go(site: Site) -> None:
    browser = site.browser()
    refused = browser.get("/account/name")

    assert refused.headers["Location"] == "/sign-in?next=/account/name"
    assert 'name="next" value="/account/name"' in browser.get(refused.headers["Location"]).text
    response = sign_in(browser, person_with_password(site), next="/account/name")
    assert response.headers["Location"] == "/account/name"


def test_fields_are_carried_in_order_without_tokens_and_passwords() -> None:
    sent = [("answer", "b"), ("csrf_token", "t"), ("answer", "a"), ("password", "p"), ("present", "p"), ("nonce", "7")]

    carried = carry("/quizzes/attempts/4", sent)

    assert carried is not None
    assert carried.fields == (("answer", "b"), ("answer", "a"), ("nonce", "7"))


def test_what_is_too_large_or_goes_elsewhere_is_not_carried() -> None:
    assert carry("/quizzes", [("answer", "x" * LARGEST_BYTES)]) is None
    assert carry("//evil.example", [("answer", "a")]) is None
    assert read_back(MultiDict([("sent-to", "//evil.example"), ("sent:answer", "a")])) is None
