"""No acknowledged answer is ever lost: not when a server or its database is killed, not when many write."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.database import migrating
from lms.database.session import Engines
from lms.paths import CHECKOUT
from lms.testing import Site, config_for_tests
from tests.databases import Postgres
from tests.quizzes.attempts.serving import Device, Server
from tests.quizzes.school import ALL_KINDS, School

NUMBER = [item for item in ALL_KINDS if item["id"] == "number"]
GONE = (OSError, http.client.HTTPException, ValueError)
WRITING = 4  # processes of case 25


class Saver(threading.Thread):
    """One thread that saves as fast as it may until the server is gone, and notes what was acknowledged."""

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
                    self.stop.wait(0.2)
                elif status in (500, 503):  # the database is gone: not acknowledged
                    self.unanswered.append((device, attempt, counter))
                    return
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


def savers_of(school: School, server: Server, stop: threading.Event, *, soak: bool) -> list[Saver]:
    """Twenty savers, two hundred in `make soak`; each plays some people, so that none of them is too fast."""
    threads, people_of_one = (200, 1) if soak else (20, 2)
    return [Saver(server.port, people(school, people_of_one), stop) for _ in range(threads)]


def save_until(savers: list[Saver], acknowledged: int, *, seconds: float) -> None:
    """Let them save until so many answers are acknowledged; they go on after this."""
    for saver in savers:
        saver.start()
    give_up = time.monotonic() + seconds
    while sum(len(saver.acknowledged) for saver in savers) < acknowledged and time.monotonic() < give_up:
        time.sleep(0.005)


def stored(school: School) -> set[tuple[int, int, str]]:
    return {(event.attempt_id, event.counter, event.receipt) for event in school.events()}


def must_have_kept_all(school: School, savers: list[Saver], heir: Server, enough: int) -> None:
    """Every acknowledged answer is there; what was on its way is sent again and is there once."""
    for saver in savers:
        saver.join(timeout=60)
    assert not [saver for saver in savers if saver.is_alive()]
    acknowledged = {line for saver in savers for line in saver.acknowledged}
    kept = stored(school)

    assert len(acknowledged) >= enough
    assert acknowledged <= kept
    unanswered = [line for saver in savers for line in saver.unanswered]
    assert unanswered  # it was killed in the middle
    for device, attempt, counter in unanswered:
        assert device.save(heir.port, attempt, answer(counter))[0] == 200
    after = stored(school)
    assert kept <= after
    assert {(attempt, counter) for _, attempt, counter in unanswered} <= {line[:2] for line in after}
    assert len({(attempt, counter) for attempt, counter, _ in after}) == len(after)
    assert [saver.refused for saver in savers] == [[]] * len(savers)


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
    enough = 5_000 if soak else 200
    savers = savers_of(school, doomed, threading.Event(), soak=soak)
    save_until(savers, enough, seconds=240 if soak else 30)

    doomed.kill()

    must_have_kept_all(school, savers, heir, enough)


@pytest.fixture
def doomed_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, to be killed."""
    server = Postgres()
    yield server
    server.stop()


def test_case_24_after_a_kill_of_postgresql_in_the_middle_of_saving_no_acknowledged_answer_is_missing(
    doomed_postgres: Postgres, tmp_path: Path, soak: bool
) -> None:
    """The web server lives on, says that it could not save, and saves again once the database is back."""
    url = doomed_postgres.url(doomed_postgres.create("doomed"))
    engines = Engines(url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(url, tmp_path / "instance"))
    server = Server(url, tmp_path / "instance")
    try:
        school = School.found(site)
        school.install(NUMBER)
        enough = 5_000 if soak else 200
        savers = savers_of(school, server, threading.Event(), soak=soak)
        save_until(savers, enough, seconds=240 if soak else 30)

        doomed_postgres.kill()
        for saver in savers:
            saver.join(timeout=60)
        doomed_postgres.start_again()
        site.engines.dispose()  # what the test itself held is gone too

        must_have_kept_all(school, savers, server, enough)
    finally:
        server.kill()
        site.close()


def test_case_25_many_writers_on_two_servers_see_no_locked_database(
    school: School, servers: list[Server], soak: bool
) -> None:
    school.install(NUMBER)
    stop = threading.Event()
    threads, seconds = (100, 60) if soak else (16, 3)
    savers = [Saver(servers[number % 2].port, people(school, 4), stop) for number in range(threads)]
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


@pytest.mark.sqlite_only
def test_case_25_a_hundred_threads_in_four_processes_write_by_the_services_and_meet_no_lock(
    school: School, database_url: str, tmp_path: Path, soak: bool
) -> None:
    """Without a web server between them: each thread begins tries, saves, and submits."""
    school.install(NUMBER)
    threads, seconds = (25, 60) if soak else (5, 3)
    persons = [[school.participant()[0].id for _ in range(threads)] for _ in range(WRITING)]
    command = [sys.executable, "-m", "tests.quizzes.attempts.writing", database_url, str(tmp_path), str(seconds)]
    processes = [
        subprocess.Popen(
            [*command, ",".join(map(str, of_process))],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for of_process in persons
    ]
    try:
        told = [process.communicate(timeout=seconds + 120) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()

    assert [(process.returncode, error) for process, (_, error) in zip(processes, told, strict=True)] == [(0, "")] * 4
    written = [tuple(line.split()) for output, _ in told for line in output.split("\n") if line]
    # One line a thread: the person, the answers that it was told are saved, the results, and its slowest save.
    saved = [int(one) for _, one, _, _ in written]
    slowest = max(float(one) for _, _, _, one in written)
    print(f"{sum(saved)} saves, each thread {min(saved)} to {max(saved)}; the slowest took {slowest} s")
    assert len(written) == WRITING * threads
    assert all(saved)  # nobody starves
    assert sum(saved) == len(school.events())
    assert sum(int(results) for _, _, results, _ in written) == len(school.results())
