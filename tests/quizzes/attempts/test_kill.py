"""No acknowledged answer is ever lost: not when the server is killed, not when a hundred people write at once."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quizzes.attempts.serving import Device, Server
from tests.quizzes.school import ALL_KINDS, School

NUMBER = [item for item in ALL_KINDS if item["id"] == "number"]
ATTEMPTS_OF_ONE = 4  # a thread plays several people, so that none of them is too fast
GONE = (OSError, http.client.HTTPException)


class Saver(threading.Thread):
    """One thread that saves as fast as it may, and notes what was acknowledged."""

    def __init__(self, port: int, people: list[tuple[Device, int]], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.people, self.stop = port, people, stop
        self.acknowledged: list[tuple[int, int, str]] = []  # attempt, counter, receipt
        self.unanswered: list[tuple[Device, int, int]] = []
        self.refused: list[tuple[int, object]] = []

    def run(self) -> None:
        counter = 0
        while not self.stop.is_set():
            counter += 1
            for device, attempt in self.people:
                try:
                    status, body = device.save(self.port, attempt, answer(counter))
                except GONE:
                    self.unanswered.append((device, attempt, counter))
                    return
                if status == 200:
                    self.acknowledged.append((attempt, counter, body["receipt"].replace("-", "")))
                elif status == 429:
                    time.sleep(0.2)
                else:
                    self.refused.append((status, body))


def answer(counter: int) -> dict[str, object]:
    return {"client": "phone", "counter": counter, "question": 1, "answer": {"answer": [str(counter)]}}


def people(school: School, number: int) -> list[tuple[Device, int]]:
    found = []
    for _ in range(number):
        _, browser = school.participant()
        found.append((Device.of(browser), school.begin(browser)))
    return found


def stored(school: School) -> set[tuple[int, int, str]]:
    return {(event.attempt_id, event.counter, event.receipt) for event in school.events()}


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """Two servers on the test's database."""
    running = [Server(database_url, tmp_path / "instance") for _ in range(2)]
    yield running
    for server in running:
        if server.process.poll() is None:
            server.kill()


def test_case_24_after_a_kill_in_the_middle_of_saving_no_acknowledged_answer_is_missing(
    school: School, servers: list[Server], soak: bool
) -> None:
    school.install(NUMBER)
    doomed, heir = servers
    stop = threading.Event()
    savers = [Saver(doomed.port, people(school, ATTEMPTS_OF_ONE), stop) for _ in range(8)]
    for saver in savers:
        saver.start()
    enough = 5_000 if soak else 200
    give_up = time.monotonic() + (240 if soak else 15)
    while sum(len(saver.acknowledged) for saver in savers) < enough and time.monotonic() < give_up:
        time.sleep(0.005)

    doomed.kill()
    for saver in savers:
        saver.join(timeout=30)
    acknowledged = {line for saver in savers for line in saver.acknowledged}
    kept = stored(school)

    assert len(acknowledged) >= enough
    assert acknowledged <= kept
    # What was on its way is sent again to the server that took over, and is there once.
    for device, attempt, counter in (line for saver in savers for line in saver.unanswered):
        assert device.save(heir.port, attempt, answer(counter))[0] == 200
    after = stored(school)
    assert kept <= after
    assert len({(attempt, counter) for attempt, counter, _ in after}) == len(after)
    assert [saver.refused for saver in savers] == [[]] * len(savers)


def test_case_25_many_writers_on_two_servers_see_no_locked_database(
    school: School, servers: list[Server], soak: bool
) -> None:
    school.install(NUMBER)
    stop = threading.Event()
    threads, seconds = (100, 60) if soak else (16, 3)
    savers = [Saver(servers[number % 2].port, people(school, ATTEMPTS_OF_ONE), stop) for number in range(threads)]
    for saver in savers:
        saver.start()
    time.sleep(seconds)
    stop.set()
    for saver in savers:
        saver.join(timeout=60)

    acknowledged = {line for saver in savers for line in saver.acknowledged}
    assert [saver.refused for saver in savers if saver.refused] == []
    assert [saver.unanswered for saver in savers if saver.unanswered] == []
    assert all(len(saver.acknowledged) > 3 for saver in savers)  # nobody starves
    assert stored(school) == acknowledged
