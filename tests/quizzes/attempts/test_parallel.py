"""Fifty at once, in threads over two server processes: one attempt, one result, one decision."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from courses.learning.models import ActivityResult
from quizzes.attempts.models import AttemptQuestion
from tests.quizzes.attempts.serving import Device, Server
from tests.quizzes.school import ALL_KINDS, School

AT_ONCE = 50
_Outcome = TypeVar("_Outcome")


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """Two server processes on the test's database."""
    running = [Server(database_url, tmp_path / "instance") for _ in range(2)]
    yield running
    for server in running:
        server.kill()


def at_once(servers: list[Server], act: Callable[[int, int], _Outcome]) -> list[_Outcome]:
    """Do ``act(number, port)`` fifty times at the same moment, by turns on each server."""
    gate = threading.Barrier(AT_ONCE)
    outcomes: list[_Outcome] = []

    def run(number: int) -> None:
        gate.wait()
        outcomes.append(act(number, servers[number % len(servers)].port))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("tries", [1, 2], ids=["the first try", "the last of two"])
def test_case_14_fifty_starts_over_two_processes_with_one_try_left_give_one_attempt(
    school: School, servers: list[Server], tries: int
) -> None:
    school.install(tries=tries)
    person, browser = school.participant()
    for _ in range(tries - 1):
        browser.post(f"/quizzes/attempts/{school.begin(browser)}/submit")
    devices = [Device.of(school.site.browser(person)) for _ in range(AT_ONCE)]

    outcomes = at_once(servers, lambda number, port: devices[number].post(port, school.intro))

    attempts = school.attempts()
    assert [attempt.number for attempt in attempts] == list(range(1, tries + 1))
    assert set(outcomes) == {(303, f"/quizzes/attempts/{attempts[-1].id}/1")}
    assert len(outcomes) == AT_ONCE
    assert school.count(AttemptQuestion) == tries * len(ALL_KINDS)


def test_case_15_fifty_submits_over_two_processes_give_one_result_and_one_decision(
    school: School, servers: list[Server]
) -> None:
    school.install()
    person, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    devices = [Device.of(school.site.browser(person)) for _ in range(AT_ONCE)]

    outcomes = at_once(servers, lambda number, port: devices[number].post(port, f"/quizzes/attempts/{attempt}/submit"))

    assert outcomes == [(303, f"/quizzes/attempts/{attempt}")] * AT_ONCE
    assert [(result.number, result.score) for result in school.results()] == [(1, 1.0)]
    assert school.count(ActivityResult) == 1


def test_case_15_answers_that_race_with_the_submit_count_or_are_flagged_and_the_result_fits_them(
    school: School, servers: list[Server]
) -> None:
    """Whatever came first: the marks are those of the answers that are not flagged as late."""
    school.install([ALL_KINDS[4]])
    person, browser = school.participant()
    attempt = school.begin(browser)
    devices = [Device.of(school.site.browser(person)) for _ in range(AT_ONCE)]

    def act(number: int, port: int) -> int:
        if number == AT_ONCE // 2:
            return devices[number].post(port, f"/quizzes/attempts/{attempt}/submit")[0]
        body = {
            "client": f"phone{number}",
            "counter": number + 1,
            "question": 1,
            "answer": {"answer": ["150" if number % 2 else "7"]},
        }
        return devices[number].save(port, attempt, body)[0]

    outcomes = at_once(servers, act)

    assert sorted(set(outcomes) - {429}) == [200, 303]  # a flood waits; nothing breaks
    in_time = [event for event in school.events() if not event.late]
    last = max(in_time, key=lambda event: (event.counter, event.client), default=None)
    expected = 1.0 if last is not None and last.answer["number"] == "150" else 0.0
    assert [result.score for result in school.results()] == [expected]
