"""Statements that are built once: each is itself, with the values of each execution."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, event, insert, literal, select
from sqlalchemy.exc import SQLAlchemyError

from lms.database.statements import BuiltOnce, built_once
from lms.jobs.models import Job
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
VALUES = {"payload": {"n": 1}, "state": "waiting", "tries": 0, "created_at": NOON, "run_after": NOON}


def by_kind(column: str, said: str) -> BuiltOnce:
    """Statements that one place in the code makes, as alike as can be."""
    wanted = getattr(Job, column).label("found")
    return built_once(select(wanted, literal(said).label("said")).where(Job.kind == bindparam("kind")))


def test_statements_of_one_place_are_never_taken_for_one_another(site: Site) -> None:
    statements = [by_kind("kind", "a"), by_kind("state", "a"), by_kind("kind", "b")]

    with site.writing() as session:
        session.execute(insert(Job), [{**VALUES, "kind": "one"}, {**VALUES, "kind": "two"}])
        connection = session.connection()
        for _ in range(2):
            for kind in ("one", "two", "none"):
                rows = [statement.rows(connection, {"kind": kind}) for statement in statements]
                there = [[(kind, "a")], [("waiting", "a")], [(kind, "b")]]
                assert rows == (there if kind != "none" else [[], [], []])


def test_rows_have_their_columns_by_name_as_python_has_them(site: Site) -> None:
    new = built_once(insert(Job).returning(Job.id, Job.payload, Job.created_at))

    with site.writing() as session:
        (row,) = new.rows(session.connection(), {**VALUES, "kind": "one"})
        assert session.get_one(Job, row.id).kind == "one"

    assert (row.payload, row.created_at) == ({"n": 1}, NOON)
    assert row._asdict() == {"id": row.id, "payload": {"n": 1}, "created_at": NOON}
    with pytest.raises(AttributeError):
        _ = row.kind


def test_what_is_built_on_such_a_statement_is_another_statement(site: Site) -> None:
    first = built_once(select(Job.kind))
    both = first.add_columns(Job.state)

    with site.writing() as session:
        session.execute(insert(Job), {**VALUES, "kind": "one"})
        connection = session.connection()
        assert first.rows(connection, {}) == [("one",)]
        assert connection.execute(both).all() == [("one", "waiting")]
        assert first.rows(connection, {}) == [("one",)]


def test_its_text_is_made_once_however_often_it_runs(site: Site) -> None:
    statement = built_once(select(Job.id).where(Job.kind == bindparam("kind"), Job.tries > literal(2)))
    engine, made = site.engines.pool, []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, text: str, _values: object, context: object, _many: object) -> None:
        made.append((text, context.compiled))

    try:
        with site.reading() as session:
            for kind in ("a", "b", "c"):
                assert statement.rows(session.connection(), {"kind": kind}) == []
    finally:
        event.remove(engine, "before_cursor_execute", note)

    ours = [compiled for text, compiled in made if "job" in text]
    assert len(ours) == 3
    assert len({id(compiled) for compiled in ours}) == 1


def test_it_takes_no_more_lambdas_and_is_no_part_of_another_statement(site: Site) -> None:
    """Both would be found by its number, with the values of their first execution."""
    statement = built_once(select(Job.id))

    with pytest.raises(TypeError, match="nothing is added"):
        _ = statement + (lambda found: found.where(Job.kind == "one"))
    with site.reading() as session, pytest.raises((TypeError, SQLAlchemyError)):
        session.connection().execute(select(Job.kind).where(Job.id.in_(statement))).all()
