"""Case 24, the other half: what an acknowledged answer rests on when the power goes.

A kill shows that nothing is kept in a process. Beyond that stand SQLite's WAL with ``synchronous=FULL`` and
PostgreSQL's ``fsync`` and ``synchronous_commit``: every connection has them. No power is cut here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from lms.database.session import read_connection, write_connection
from lms.testing import Site
from tests.quizzes.school import School


@pytest.mark.sqlite_only
def test_case_24_every_connection_that_a_try_opens_to_sqlite_has_wal_and_full_synchronous(
    site_with: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, sqlite3.Connection]] = []
    connect = sqlite3.dbapi2.connect

    def note(path: str, *rest: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(path, *rest, **options)
        opened.append((str(path), connection))
        return connection

    monkeypatch.setattr(sqlite3.dbapi2, "connect", note)
    site = site_with(heartbeat=True)
    school = School.found(site)
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    browser.get(f"/quizzes/attempts/{attempt}")
    site.app.extensions["lms.heartbeat"].stop()

    path = site.config.database_url.removeprefix("sqlite:///")
    ours = [connection for name, connection in opened if path in name]
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    found = {tuple(one.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas) for one in ours}

    assert ours
    assert found == {("wal", 2, 1)}  # 2 is FULL


def test_case_24_reading_and_saving_connections_keep_what_they_acknowledge(site: Site) -> None:
    names = ("journal_mode", "synchronous") if site.config.is_sqlite else ("fsync", "synchronous_commit")
    ask = "PRAGMA" if site.config.is_sqlite else "SHOW"
    found = []
    with site.app.app_context():
        found.append([str(read_connection().execute(text(f"{ask} {name}")).scalar()) for name in names])
    with site.app.app_context(), write_connection() as connection:
        found.append([str(connection.execute(text(f"{ask} {name}")).scalar()) for name in names])

    assert found == [["wal", "2"] if site.config.is_sqlite else ["on", "on"]] * 2
