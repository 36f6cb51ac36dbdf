"""Fixtures that all tests share: a site on a fresh copy of a migrated database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

from lms.config import Config
from lms.database import migrating
from lms.database.session import Engines
from lms.testing import Site, config_for_tests
from tests.databases import Postgres, in_memory_folder

KINDS = ("sqlite", "postgresql")

hypothesis.settings.register_profile("lantern", deadline=None)  # how fast a busy machine is, is no test of ours
hypothesis.settings.load_profile("lantern")

# What a browser has and no test asks for. Of two lists of features Chromium obeys the last, so this one repeats
# Playwright's. The first two are pages behind the address line: each window loads them, though nobody types there.
QUIET = (
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,"
    "LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both", help="which databases to test on")
    parser.addoption("--soak", action="store_true", help="the long runs in full")
    parser.addoption("--pictures", type=Path, help="a folder for pictures of what the tests of looks see")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        kinds = KINDS if asked == "both" else (asked,)
        for only in KINDS:
            if metafunc.definition.get_closest_marker(f"{only}_only"):
                kinds = tuple(kind for kind in kinds if kind == only)
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for `soak` itself, so that ``make soak`` misses no long form that nobody thought of marking."""
    for item in items:
        if "soak" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether the long runs are asked for in full."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures are wanted, if they are."""
    folder: Path | None = request.config.getoption("--pictures")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder in memory for databases; gone after the tests."""
    folder = Path(tempfile.mkdtemp(prefix="lantern-tests-", dir=in_memory_folder()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of this run's own."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(scratch: Path) -> Path:
    path = scratch / "migrated.db"
    engines = Engines(f"sqlite:///{path}")
    migrating.upgrade(engines)
    engines.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    name = postgres.create("lantern_migrated")
    engines = Engines(postgres.url(name))
    migrating.upgrade(engines)
    engines.dispose()
    return name


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, scratch: Path, _counter: Iterator[int]
) -> Iterator[str]:
    """The address of a migrated, empty database that is this test's alone."""
    number = next(_counter)
    if database_kind == "sqlite":
        path = scratch / f"test-{number}.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        for leftover in scratch.glob(f"test-{number}.db*"):
            leftover.unlink()
    else:
        server: Postgres = request.getfixturevalue("postgres")
        name = server.create(f"test_{number}", template=request.getfixturevalue("migrated_postgres"))
        yield server.url(name)
        server.drop(name)


@pytest.fixture(scope="session")
def _counter() -> Iterator[int]:
    return itertools.count(os.getpid() * 10_000)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return config_for_tests(database_url, tmp_path / "instance")


@pytest.fixture
def site(config: Config) -> Iterator[Site]:
    """A whole site on an empty database, without third-party plugins."""
    made = Site(config)
    yield made
    made.close()


@pytest.fixture
def site_with(config: Config) -> Iterator[Callable[..., Site]]:
    """Make sites with another configuration: ``site_with(limits=True)``."""
    from dataclasses import replace

    made: list[Site] = []

    def make(*, third_party: bool = False, **changes: Any) -> Site:
        made.append(Site(replace(config, **changes), third_party=third_party))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, from LMS_CHROMIUM or PATH."""
    path = os.environ.get("LMS_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("These tests need Chromium: set LMS_CHROMIUM, or install the package chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", *QUIET])
        yield opened
        opened.close()
