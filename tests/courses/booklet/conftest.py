"""Two booklets: of the course that ships, and of a small one in Arabic, half of it not yet translated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from courses import kinds
from courses.booklet.contents import Booklet
from courses.booklet.gathering import gather
from courses.packages import installing
from courses.plugin import LIBRARY
from lms import clock
from lms.app import create_app
from lms.config import of_no_site
from lms.testing import Site
from tests.courses.booklet.small import hostile_course
from tests.factories.courses import small_course, write_package

SITE = "https://lantern.example"
MADE_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def gathered() -> Callable[[Path, str], Booklet]:
    """Read the package in a folder, and gather its booklet in a language."""

    def run(folder: Path, language: str) -> Booklet:
        app = create_app(of_no_site(), third_party=False)
        with app.app_context():
            types, package = kinds.activity_types(app), kinds.read(app, folder)
            checks = kinds.check_servers(app, package)
            return gather(package, language=language, base_url=SITE, made_at=MADE_AT, types=types, checks=checks)

    return run


@pytest.fixture(scope="session")
def shipped(gathered: Callable[[Path, str], Booklet]) -> Booklet:
    """The booklet of the course that ships."""
    return gathered(LIBRARY / "cross-border-e-commerce", "en")


@pytest.fixture(scope="session")
def small(gathered: Callable[[Path, str], Booklet], tmp_path_factory: pytest.TempPathFactory) -> Booklet:
    """The booklet of a small course in Arabic that holds every kind of block, and texts that look like markup."""
    return gathered(write_package(tmp_path_factory.mktemp("hostile"), hostile_course()), "ar")


@pytest.fixture
def installed(site: Site, tmp_path: Path) -> None:
    """A small course in the site, without a booklet and without the files to make one of."""
    with site.app.app_context():
        package, types = (
            kinds.read(site.app, write_package(tmp_path / "small", small_course())),
            kinds.activity_types(site.app),
        )
        serving = kinds.check_servers(site.app, package)
    with site.writing() as session:
        types = kinds.activity_types(site.app)
        installing.install(session, package, types=types, checks=serving, now=clock.now())
