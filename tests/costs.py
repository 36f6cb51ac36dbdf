"""What a request costs the database, counted and not timed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from lms.testing import Site

STEPS_AT_ONCE = 10  # SQLite tells of so many steps of its machine together


def cost_of(site: Site, request: Callable[[], Any]) -> int:
    """How much the database does for a request, whose first run fills what is kept.

    On PostgreSQL it is the rows that are read, those that are thrown away again included; on SQLite the steps of its
    machine, some for each row.
    """
    with site.engines.writing() as connection:  # planners go by what they know of the tables
        connection.execute(text("ANALYZE"))
    request()
    return _steps(site, request) if site.engines.pool.dialect.name == "sqlite" else _rows(site, request)


def _steps(site: Site, request: Callable[[], Any]) -> int:
    steps = [0]

    def count() -> None:
        steps[0] += STEPS_AT_ONCE

    def watch(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.set_progress_handler(count, STEPS_AT_ONCE)

    def leave(connection: Any, _record: Any) -> None:
        connection.set_progress_handler(None, 0)

    site.engines.lending.close()  # what rests outside the pool is not taken from it
    with _listening(site, {"checkout": watch, "checkin": leave}):
        request()
        site.engines.lending.close()
    return steps[0]


def _rows(site: Site, request: Callable[[], Any]) -> int:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.upper().startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    with _listening(site, {"before_cursor_execute": note}):
        request()
    with site.engines.read.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters).scalar()
            for statement, parameters in asked
        ]
    return sum(_read(one) for plan in plans for one in (json.loads(plan) if isinstance(plan, str) else plan))


def _read(node: Mapping[str, Any]) -> int:
    """The rows that the scans of a plan have read."""
    if "Plan" in node:
        return _read(node["Plan"])
    below = sum(_read(child) for child in node.get("Plans", ()))
    if "Scan" not in node["Node Type"] or node["Node Type"] == "Bitmap Index Scan":
        return below
    gone = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return below + int((node["Actual Rows"] + gone) * node["Actual Loops"])


@contextmanager
def _listening(site: Site, listeners: Mapping[str, Callable[..., None]]) -> Iterator[None]:
    for name, listener in listeners.items():
        event.listen(site.engines.pool, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(site.engines.pool, name, listener)
