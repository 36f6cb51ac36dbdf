"""A small course, and the course that ships, installed into a test's site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courses.kinds import activity_types, check_servers, self_checks
from courses.packages import installing
from courses.packages.reading import read_package
from lms import clock
from lms.testing import Site
from tests.factories.courses import small_course, write_package


@pytest.fixture
def install(site: Site) -> Callable[[Path], installing.Installed]:
    """Read the package in a folder and install it."""

    def run(folder: Path) -> installing.Installed:
        types = activity_types(site.app)
        with site.app.app_context():
            checkers = {kind: one.checker for kind, one in types.items()}
            package = read_package(folder, activity_checkers=checkers, check_checkers=self_checks(site.app))
            serving = check_servers(site.app, package)
        with site.app.app_context(), site.writing() as session:
            return installing.install(session, package, types=types, checks=serving, now=clock.now())

    return run


@pytest.fixture
def small(tmp_path: Path, install: Callable[[Path], installing.Installed]) -> Path:
    """The folder of a small course that is installed: two modules ready, one in preparation."""
    folder = write_package(tmp_path / "small", small_course())
    install(folder)
    return folder
