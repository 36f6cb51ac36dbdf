"""The app as a whole."""

from typing import Any

import pytest
from flask import url_for
from werkzeug.routing import Rule

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
