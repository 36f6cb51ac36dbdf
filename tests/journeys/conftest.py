"""A browser, and sites to visit with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.live import Live, live_on_sqlite, prepare


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("LMS_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("These tests need Chromium: set LMS_CHROMIUM, or install the package chromium.")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", *quiet])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def prepared_sqlite(scratch: Path) -> Path:
    """A SQLite database with the shipped course, to be copied."""
    path = scratch / "prepared.db"
    prepare(f"sqlite:///{path}", scratch / "prepared")
    return path


@pytest.fixture(scope="module")
def live(prepared_sqlite: Path, scratch: Path, request: pytest.FixtureRequest) -> Iterator[Live]:
    """One site for the tests of a module; its worker sends mail into the instance's folder."""
    folder = scratch / f"live-{request.module.__name__.rpartition('.')[2]}"
    with live_on_sqlite(prepared_sqlite, folder, worker=True) as site:
        yield site
