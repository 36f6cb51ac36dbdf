"""Connections that stay open from one request to the next: who gets which, and what becomes of one that is gone."""

from __future__ import annotations

import os
import threading

import pytest
from sqlalchemy import Connection, QueuePool, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from lms.database import lending
from lms.database.session import read_connection, reading, transaction, write_at_once
from lms.database.statements import built_once
from lms.jobs.models import Job
from lms.testing import Site
from tests.lms.database.test_session import NOON, a_job, jobs


def driver_of(connection: Connection) -> object:
    return connection.connection.driver_connection


def taken(site: Site) -> int:
    """How many connections are out of the pool."""
    pool = site.engines.pool.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_one_request_after_the_other_gets_the_same_connection(site: Site) -> None:
    found = []
    for _ in range(3):
        with site.app.app_context():
            read_connection().execute(text("SELECT 1"))
            with reading() as session:
                session.execute(text("SELECT 1"))
            found.append(driver_of(read_connection()))

    assert len(set(found)) == 1
    assert taken(site) == 1


def test_what_is_lent_is_lent_to_nobody_else(site: Site) -> None:
    with site.app.app_context():
        outer = read_connection()
        with site.app.app_context():
            inner = read_connection()
            assert inner is not outer
            assert driver_of(inner) is not driver_of(outer)
        assert outer.scalar(text("SELECT 1")) == 1


def test_many_threads_at_once_are_lent_one_each_and_few_stay_out_of_the_pool(site: Site) -> None:
    all_have_one, together = threading.Barrier(10), []

    def act() -> None:
        connection = site.engines.lending.lend()
        connection.execute(text("SELECT 1"))
        all_have_one.wait(30)
        together.append(driver_of(connection))
        all_have_one.wait(30)
        site.engines.lending.give_back(connection)

    threads = [threading.Thread(target=act) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(set(together)) == 10
    assert taken(site) == lending.MOST


def test_disposing_closes_what_rests(site: Site) -> None:
    with site.app.app_context():
        connection = read_connection()
    site.engines.dispose()

    assert connection.closed
    assert taken(site) == 0
    assert jobs(site) == 0


@pytest.mark.postgresql_only
def test_who_rested_is_asked_whether_it_is_there_and_who_just_answered_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_of_what_rests() -> None:
        with site.app.app_context():
            number = read_connection().scalar(text("SELECT pg_backend_pid()"))
        with site.engines.writing() as other:
            other.execute(text(f"SELECT pg_terminate_backend({number})"))

    monkeypatch.setattr(lending, "SURELY_THERE_SECONDS", 0.0)
    end_of_what_rests()
    with site.app.app_context():
        assert read_connection().scalar(text("SELECT 1")) == 1

    monkeypatch.setattr(lending, "SURELY_THERE_SECONDS", 60.0)
    end_of_what_rests()
    with site.app.app_context(), pytest.raises(DBAPIError) as gone:
        read_connection().scalar(text("SELECT 1"))
    assert gone.value.connection_invalidated
    with site.app.app_context():  # only that one request
        assert read_connection().scalar(text("SELECT 1")) == 1


def test_a_fork_leaves_the_connection_of_its_parent_alone(site: Site) -> None:
    with site.app.app_context():
        of_parent = driver_of(read_connection())
    child = os.fork()
    if child == 0:
        own = site.engines.lending.lend()
        os._exit(0 if own.connection.driver_connection is not of_parent and own.scalar(text("SELECT 7")) == 7 else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    with site.app.app_context():
        assert driver_of(read_connection()) is of_parent
        assert read_connection().scalar(text("SELECT 8")) == 8


@pytest.mark.sqlite_only
def test_a_write_that_returns_rows_is_committed_and_has_let_the_next_one_in_before_they_are_read(site: Site) -> None:
    """SQLite commits at the last row: who gave up the turn before it let others run into the lock."""
    values = {"kind": "tests.one", "payload": {}, "state": "waiting", "tries": 0, "created_at": NOON, "run_after": NOON}
    with site.app.app_context():
        rows = write_at_once(built_once(insert(Job).returning(Job.kind)), values)
        assert jobs(site) == 1
        with site.app.app_context(), site.engines.writing() as other:
            other.execute(insert(Job).values({**values, "kind": "tests.two"}))
        assert [row.kind for row in rows] == ["tests.one"]

    assert jobs(site) == 2


def test_who_writes_gets_the_connection_that_wrote_last_and_leaves_it_clean(site: Site) -> None:
    values = {"kind": "tests.one", "payload": {}, "state": "waiting", "tries": 0, "created_at": NOON, "run_after": NOON}
    found = []
    for _ in range(3):
        with site.engines.writing() as connection:
            found.append(driver_of(connection))
            connection.execute(insert(Job), values)
    with pytest.raises(ZeroDivisionError), site.engines.writing() as connection:
        connection.execute(insert(Job), values)
        raise ZeroDivisionError
    with site.engines.writing() as connection:
        found.append(driver_of(connection))
        assert connection.scalar(select(func.count()).select_from(Job)) == 3

    assert len(set(found)) == 1
    assert taken(site) == 1


def test_what_was_read_before_a_transaction_is_no_part_of_it(site: Site) -> None:
    """A connection that reads has begun by SQLAlchemy's books; on SQLite the same one writes next."""
    with site.app.app_context():
        assert read_connection().scalar(text("SELECT 1")) == 1
        with pytest.raises(ZeroDivisionError), transaction() as session:
            session.add(a_job())
            session.flush()
            raise ZeroDivisionError
        assert jobs(site) == 0
        with transaction() as session:
            session.add(a_job())
    assert jobs(site) == 1
