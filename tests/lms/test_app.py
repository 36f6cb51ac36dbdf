"""The app as a whole."""

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
