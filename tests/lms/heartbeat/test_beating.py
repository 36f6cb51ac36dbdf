"""One beat for all processes, a row for each gap, and a thread that ends with its process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms import clock
from lms.database.session import Engines
from lms.heartbeat.beating import Beating
from lms.heartbeat.models import Heartbeat, Outage
from lms.heartbeat.services import gaps_since, note_beat
from lms.testing import Site

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def outages(site: Site) -> list[tuple[float, float]]:
    """Each outage in seconds after Monday noon."""
    with site.reading() as session:
        rows = session.scalars(select(Outage).order_by(Outage.id)).all()
    return [((row.began_at - MONDAY).total_seconds(), (row.ended_at - MONDAY).total_seconds()) for row in rows]


@pytest.mark.parametrize(
    ("gap", "expected"), [(5, []), (15, []), (15.1, [(0, 15.1)]), (7200, [(0, 7200)])], ids="{} s".format
)
def test_a_gap_of_more_than_fifteen_seconds_is_an_outage(
    site: Site, gap: float, expected: list[tuple[float, float]]
) -> None:
    note_beat(site.engines, now=MONDAY)

    note_beat(site.engines, now=MONDAY + gap * SECOND)

    assert outages(site) == expected


def test_the_first_beat_of_all_is_no_outage(site: Site) -> None:
    assert note_beat(site.engines, now=MONDAY)
    assert outages(site) == []


def test_a_beat_that_another_process_has_just_noted_is_not_written_again(site: Site) -> None:
    note_beat(site.engines, now=MONDAY)

    assert not note_beat(site.engines, now=MONDAY + 3 * SECOND)
    assert note_beat(site.engines, now=MONDAY + 5 * SECOND)


def test_a_clock_that_was_set_back_begins_anew_and_makes_no_outage(site: Site) -> None:
    note_beat(site.engines, now=MONDAY)

    note_beat(site.engines, now=MONDAY - 3600 * SECOND)
    note_beat(site.engines, now=MONDAY - 3595 * SECOND)

    assert outages(site) == []
    with site.reading() as session:
        assert session.scalars(select(Heartbeat.at)).one() == MONDAY - 3595 * SECOND


def test_of_twenty_processes_that_come_back_at_once_one_writes_the_outage(site: Site) -> None:
    note_beat(site.engines, now=MONDAY)
    engines = [Engines(site.config.database_url) for _ in range(20)]
    gate = threading.Barrier(20)
    wrote: list[bool] = []

    def beat(of: Engines) -> None:
        gate.wait()
        wrote.append(note_beat(of, now=MONDAY + 60 * SECOND))

    threads = [threading.Thread(target=beat, args=(one,)) for one in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in engines:
        one.dispose()

    assert wrote.count(True) == 1
    assert outages(site) == [(0, 60)]


def test_a_gap_that_is_not_noted_yet_is_listed_with_those_that_are(site: Site) -> None:
    for moment in (0, 60, 65):
        note_beat(site.engines, now=MONDAY + moment * SECOND)

    with site.reading() as session:
        during = gaps_since(session, MONDAY, now=MONDAY + 100 * SECOND)
        fresh = gaps_since(session, MONDAY, now=MONDAY + 70 * SECOND)
        after = gaps_since(session, MONDAY + 61 * SECOND, now=MONDAY + 70 * SECOND)

    assert [(gap.began_at, gap.ended_at) for gap in during] == [
        (MONDAY, MONDAY + 60 * SECOND),
        (MONDAY + 65 * SECOND, MONDAY + 100 * SECOND),
    ]
    assert [gap.ended_at for gap in fresh] == [MONDAY + 60 * SECOND]
    assert after == []


def test_a_process_beats_from_its_first_request_on(site_with: Callable[..., Site]) -> None:
    site = site_with(heartbeat=True)
    beating: Beating = site.app.extensions["lms.heartbeat"]
    with site.reading() as session:
        assert session.scalars(select(Heartbeat)).all() == []

    site.browser().get("/")
    beating.stop()

    with site.reading() as session:
        beat = session.scalars(select(Heartbeat.at)).one()
    assert abs(clock.now() - beat) < timedelta(minutes=1)
    assert not [thread for thread in threading.enumerate() if thread is getattr(beating, "_thread", None)]


def test_a_beat_that_cannot_be_noted_is_logged_and_the_next_one_is_tried(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sqlalchemy.exc import OperationalError

    from lms.heartbeat import beating as module

    tried = threading.Event()
    calls: list[Any] = []

    def note(_engines: Engines, *, now: datetime) -> bool:
        calls.append(now)
        if len(calls) == 1:
            raise OperationalError("UPDATE heartbeat", {}, Exception("the database is away"))
        tried.set()
        return True

    monkeypatch.setattr(module, "note_beat", note)
    monkeypatch.setattr(module, "EVERY", timedelta(0))
    beating = Beating(site.engines)
    beating.start()
    assert tried.wait(30)
    beating.stop()

    assert "the heartbeat was not noted: OperationalError" in caplog.text
