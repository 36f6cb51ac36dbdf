"""How the database is opened: transactions, readings, and what waits for the commit."""

from __future__ import annotations

import fcntl
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Person
from lms.config import Config
from lms.database import session
from lms.database.session import after_commit, read_connection, reading, transaction, write_at_once
from lms.database.statements import built_once
from lms.jobs.models import Job
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_job(kind: str = "tests.work") -> Job:
    return Job(kind=kind, payload={}, state="waiting", tries=0, created_at=NOON, run_after=NOON)


def jobs(site: Site) -> int:
    with site.reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def test_a_transaction_commits_at_its_end(site: Site) -> None:
    with site.writing() as session:
        session.add(a_job())

    assert jobs(site) == 1


def test_a_transaction_that_raises_leaves_nothing(site: Site) -> None:
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        session.add(a_job())
        session.flush()
        raise ZeroDivisionError

    assert jobs(site) == 0


def test_what_waits_for_the_commit_runs_after_it_in_its_order_and_may_write(site: Site) -> None:
    seen: list[object] = []

    def write_more() -> None:
        with transaction() as session:
            session.add(a_job("tests.more"))
        seen.append("wrote")

    def fail() -> None:
        raise ZeroDivisionError

    with site.writing() as session:
        session.add(a_job())
        after_commit(session, lambda: seen.append(_count()))
        after_commit(session, fail)
        after_commit(session, write_more)
        seen.append("in the block")

    assert seen == ["in the block", 1, "wrote"]
    assert jobs(site) == 2


def _count() -> int | None:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Job))


def test_what_waits_for_a_commit_that_fails_never_runs(site: Site) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        after_commit(session, lambda: seen.append("told"))
        raise ZeroDivisionError
    with site.writing() as session:
        session.add(a_job())

    assert seen == []


def test_a_reading_refuses_to_write(site: Site) -> None:
    with pytest.raises(RuntimeError, match="asked to write"), site.reading() as session:
        session.add(a_job())
        session.flush()

    assert jobs(site) == 0


def test_rows_that_were_changed_in_a_reading_are_not_written_later(site: Site) -> None:
    person = site.person(name="Amina")
    with site.app.app_context():
        with reading() as session:
            session.get_one(Person, person.id).name = "Somebody else"
        with transaction() as session:
            assert session.get_one(Person, person.id).name == "Amina"


def test_a_transaction_in_a_transaction_is_refused(site: Site) -> None:
    with pytest.raises(RuntimeError, match="open already"), site.writing(), transaction():
        pass


def test_a_reading_in_a_transaction_sees_its_rows(site: Site) -> None:
    with site.writing() as session:
        session.add(a_job())
        session.flush()
        with reading() as same:
            assert same.scalar(select(func.count()).select_from(Job)) == 1


def test_the_database_is_never_opened_by_accident(site: Site) -> None:
    from lms.database.base import db

    with site.app.app_context(), pytest.raises(RuntimeError, match="open the database with"):
        db.session.execute(text("SELECT 1"))


@pytest.mark.sqlite_only
def test_every_sqlite_connection_keeps_what_it_acknowledged(site: Site) -> None:
    with ExitStack() as opened:
        ways = (site.engines.read.connect(), site.engines.read.connect(), site.engines.writing())
        found = [
            tuple(connection.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS)
            for connection in map(opened.enter_context, ways)
        ]

    assert found == [("wal", 2, 1, 30_000)] * 3


PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")


def test_a_reading_opens_no_transaction(site: Site) -> None:
    with site.app.app_context(), reading() as session:
        session.execute(text("SELECT 1"))
        driver = read_connection().connection.driver_connection
        assert driver is not None
        state = driver.in_transaction if site.config.is_sqlite else driver.info.transaction_status.name

    assert state == (False if site.config.is_sqlite else "IDLE")


def test_of_two_writers_one_waits_and_both_succeed(site: Site) -> None:
    first_has_begun, order = threading.Event(), []

    def slow() -> None:
        with site.writing() as session:
            session.add(a_job())
            session.flush()
            first_has_begun.set()
            time.sleep(0.5)
            order.append("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    first_has_begun.wait(10)
    with site.writing() as session:
        session.add(a_job())
        session.flush()
        order.append("quick")
    thread.join()

    assert jobs(site) == 2
    assert order == (["slow", "quick"] if site.config.is_sqlite else ["quick", "slow"])


def test_many_threads_that_read_and_write_find_the_database_free(site: Site) -> None:
    faults: list[BaseException] = []

    def act() -> None:
        try:
            for _ in range(5):
                jobs(site)
                with site.writing() as session:
                    session.add(a_job())
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=act) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert jobs(site) == 60


@pytest.mark.sqlite_only
def test_of_many_writers_of_a_process_one_at_a_time_asks_sqlite(site: Site) -> None:
    """Those that SQLite lets wait ask the more seldom the longer they wait, and some would never have their turn."""
    asked: list[str] = []
    event.listen(
        site.engines.pool,
        "before_cursor_execute",
        lambda *given: asked.append(given[2]) if "BEGIN" in given[2] else None,
    )

    def write() -> None:
        with site.writing() as session:
            session.add(a_job())

    with site.writing() as session:
        session.add(a_job())
        session.flush()
        waiting = [threading.Thread(target=write) for _ in range(5)]
        for thread in waiting:
            thread.start()
        time.sleep(0.2)
        assert len(asked) == 1
    for thread in waiting:
        thread.join()

    assert len(asked) == 6
    assert jobs(site) == 6


@pytest.mark.sqlite_only
def test_who_fails_and_who_writes_one_statement_lets_the_next_one_have_the_turn(site: Site) -> None:
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        session.add(a_job())
        session.flush()
        raise ZeroDivisionError
    with site.app.app_context():
        values = {"kind": "tests.alone", "payload": {}, "state": "waiting", "tries": 0}
        write_at_once(built_once(insert(Job).returning(Job.id)), {**values, "created_at": NOON, "run_after": NOON})
        with pytest.raises(IntegrityError):
            write_at_once(built_once(insert(Job).returning(Job.id)), {**values, "created_at": None, "run_after": NOON})
        started = time.monotonic()
        thread = threading.Thread(target=lambda: jobs(site))
        thread.start()
        thread.join()
    with site.writing() as session:
        session.add(a_job())

    assert jobs(site) == 2
    assert time.monotonic() - started < 10  # nobody waited for a turn that was not given back


@pytest.mark.sqlite_only
def test_turns_go_from_process_to_process_and_nobody_waits_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(session, "SQLITE_WAIT_SECONDS", 0.5)
    with Path(f"{database_url.removeprefix('sqlite:///')}-turn").open("w") as held:  # as another process holds it
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        with site.writing() as writing:
            writing.add(a_job())
        waited = time.monotonic() - began
    began = time.monotonic()
    with site.writing() as writing:
        writing.add(a_job())

    assert waited >= 0.5
    assert time.monotonic() - began < 0.5
    assert jobs(site) == 2


@pytest.mark.sqlite_only
def test_a_site_that_is_closed_leaves_no_open_file(config: Config) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        made = Site(config)
        with made.writing() as writing:
            writing.add(a_job())
        made.close()

    assert len(list(Path("/proc/self/fd").iterdir())) <= before
