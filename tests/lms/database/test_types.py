"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from lms.jobs.models import Job
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def kept(site: Site, moment: datetime) -> datetime:
    with site.writing() as session:
        job = Job(kind="x", payload={}, state="waiting", tries=0, created_at=moment, run_after=NOON)
        session.add(job)
    with site.reading() as session:
        return session.get_one(Job, job.id).created_at


def test_a_moment_comes_back_aware_and_to_the_microsecond(site: Site) -> None:
    found = kept(site, NOON)

    assert found == NOON
    assert found.tzinfo is UTC


def test_a_moment_of_another_zone_is_the_same_moment(site: Site) -> None:
    found = kept(site, NOON.astimezone(timezone(timedelta(hours=5, minutes=45))))

    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(site: Site) -> None:
    with pytest.raises(StatementError, match="needs its time zone"):
        kept(site, NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    "payload", [{"a": [1, 2.5, None, True, "ש"]}, {}, {"deep": {"er": [[]]}}], ids=["kinds", "empty", "nested"]
)
def test_json_comes_back_as_it_was(site: Site, payload: dict[str, object]) -> None:
    with site.writing() as session:
        job = Job(kind="x", payload=payload, state="waiting", tries=0, created_at=NOON, run_after=NOON)
        session.add(job)
    with site.reading() as session:
        assert session.get_one(Job, job.id).payload == payload


def test_a_moment_is_one_text_on_sqlite_whether_it_is_a_value_or_written_into_the_statement(site: Site) -> None:
    kept(site, NOON)
    written = select(Job.id).where(Job.created_at == NOON.astimezone(timezone(timedelta(hours=2))))

    with site.reading() as session:
        connection = session.connection()
        inside = written.compile(connection, compile_kwargs={"literal_binds": True})
        found = [connection.scalar(written), connection.scalar(text(str(inside)))]
        if connection.dialect.name == "sqlite":
            assert connection.scalar(text("SELECT created_at FROM job")) == "2026-11-23 12:00:00.123456"

    assert None not in found
    assert len(set(found)) == 1


@pytest.mark.sqlite_only
def test_a_moment_that_was_written_with_an_offset_is_read_as_the_moment_that_it_names(site: Site) -> None:
    kept(site, NOON)
    with site.writing() as session:
        session.connection().execute(text("UPDATE job SET created_at = '2026-01-01 12:00:00+02:00'"))

    with site.reading() as session:
        assert session.scalars(select(Job.created_at)).one() == datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
