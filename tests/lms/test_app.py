"""The app as a whole."""

from functools import cache
from typing import Any

import pytest
from flask import Flask, url_for
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder

from lms.app import create_app
from lms.config import of_no_site
from lms.testing import Site


def test_health_asks_nothing_of_the_database(site: Site) -> None:
    with site.statements() as statements:
        response = site.browser().get("/healthz")

    assert response.json == {"status": "ok"}
    assert statements == []


def test_a_migrated_database_is_ready(site: Site) -> None:
    response = site.browser().get("/readyz")

    assert response.status_code == 200
    assert response.json == {"status": "ready"}


def test_a_start_compiles_no_address_and_the_first_that_is_written_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, compile_it = [], Rule._compile_builder

    def note(rule: Rule, *arguments: Any) -> Any:
        compiled.append(rule.endpoint)
        return compile_it(rule, *arguments)

    monkeypatch.setattr(Rule, "_compile_builder", note)
    app = create_app(of_no_site(), third_party=False)
    assert compiled == []

    with app.test_request_context():
        addresses = [url_for("courses.learning.course", course_slug=slug, seen="a b") for slug in ("tea", "thé")]

    assert addresses == ["/courses/tea?seen=a+b", "/courses/th%C3%A9?seen=a+b"]
    assert compiled == ["courses.learning.course"]


HOSTS = ["Example.org", "example.org:8080", "xn--bcher-kva.example", "[::1]:80", "10.0.0.1", "b\xfc", ""]


@cache
def of_nobody() -> Flask:
    """An app that serves no site."""
    return create_app(of_no_site(), third_party=False)


@given(
    host=st.sampled_from(HOSTS),
    scheme=st.sampled_from(["http", "https"]),
    path=st.text(alphabet="/ab%.\xe4\xff?", max_size=12),
    query=st.text(alphabet="a=&%/\xe9", max_size=12),
    mounted=st.sampled_from(["", "/site"]),
)
def test_a_request_finds_its_route_as_werkzeug_would(
    host: str, scheme: str, path: str, query: str, mounted: str
) -> None:
    app = of_nobody()
    sent = EnvironBuilder(path="/", base_url=f"{scheme}://server.example/").get_environ()
    sent |= {"HTTP_HOST": host, "PATH_INFO": f"/{path}", "QUERY_STRING": query, "SCRIPT_NAME": mounted}
    request = app.request_class(sent)
    expected = vars(Map.bind_to_environ(app.url_map, sent, subdomain=""))

    found = vars(app.create_url_adapter(request))

    for adapter in (found, expected):
        adapter["path_info"] = "/" + adapter["path_info"].lstrip("/")  # as it is matched
    assert found == expected


@pytest.mark.parametrize("host", ["a..b", ".a", f"{'a' * 64}.example"])
def test_a_name_that_no_host_can_have_is_refused_on_a_page(host: str, site: Site) -> None:
    response = site.browser().get("/", headers={"Host": host})

    assert response.status_code == 400
    assert "<h1>" in response.text
