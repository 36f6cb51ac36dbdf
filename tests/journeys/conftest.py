"""Sites to visit with a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.live import Live, live_on_sqlite, prepare


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
