"""Several last steps of a course at one moment, from several devices: it is completed once, and never missed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest
from sqlalchemy import text

from courses.learning import services
from courses.packages.installing import Installed
from lms.accounts.models import Person
from lms.plugins.events import CourseCompleted
from lms.records import services as records
from lms.records.models import Completion
from lms.testing import Browser, Site
from tests.factories.courses import SMALL, with_worksheets, write_package
from tests.quizzes.school import options_of, seen_by

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE = 20  # seconds; who waits in a circle, or for nobody, is found out then
LESSONS = [("alpha", "first"), ("alpha", "second"), ("alpha", "third"), ("beta", "first"), ("beta", "second")]
STEPS = (*(f"{module}/{lesson}" for module, lesson in LESSONS), "alpha/quiz", "beta/quiz", "beta/worksheet")

Step = Callable[[Browser], Any]


@pytest.fixture(autouse=True)
def course(tmp_path: Path, install: Callable[[Path], Installed]) -> None:
    """Five lessons, two quizzes, and a worksheet that a rule asks for."""
    install(write_package(tmp_path / "small", with_worksheets()))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[CourseCompleted]:
    """What plugins would be told of completions."""
    events: list[CourseCompleted] = []
    tell = records.tell

    def note(session: Any, event: Any) -> None:
        events.append(event)
        tell(session, event)

    monkeypatch.setattr(records, "tell", note)
    return events


class Meeting:
    """Holds steps together where they could miss each other.

    None asks whether the course is complete before each has written what it did, and none commits before each has
    asked, or waits in the database for one that has.
    """

    def __init__(self, site: Site, of: int) -> None:
        self.site, self.of = site, of
        self._written, self._asked, self._counting = Barrier(of), 0, Lock()
        self._insert, self._ask = services.insert_if_new, services._complete_if_met

    def write(self, *given: Any, **named: Any) -> bool:
        is_new = self._insert(*given, **named)
        self._written.wait(PATIENCE)
        return is_new

    def ask(self, *given: Any, **named: Any) -> None:
        self._ask(*given, **named)
        with self._counting:
            self._asked += 1
        until = time.monotonic() + PATIENCE
        while self._asked + self._waiting() < self.of:
            assert time.monotonic() < until, "a step neither asked nor waits"
            time.sleep(0.005)

    def _waiting(self) -> int:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with self.site.engines.read.connect() as connection:
            return int(connection.scalar(text(statement)) or 0)


@pytest.fixture
def meet(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the next so many steps meet; on SQLite they cannot, as the second waits before its first statement."""

    def arrange(of: int) -> None:
        if not site.config.is_sqlite:
            meeting = Meeting(site, of)
            monkeypatch.setattr(services, "insert_if_new", meeting.write)
            monkeypatch.setattr(services, "_complete_if_met", meeting.ask)

    return arrange


def prepared(site: Site, learner: Person, last: Sequence[str]) -> list[Callable[[], Any]]:
    """Do the whole course but for its ``last`` steps; these as acts, each of a device of its own."""
    browser = site.browser(learner)
    browser.post(f"/courses/{SMALL}/enrol")
    for name in STEPS:
        if name not in last:
            step_of(browser, name)(browser)
    steps = [(step_of(browser, name), site.browser(learner)) for name in last]
    return [lambda step=step, device=device: step(device) for step, device in steps]


def step_of(browser: Browser, name: str) -> Step:
    """Make ready what comes before a step; what is left is one request."""
    module, activity = name.split("/")
    if activity == "quiz":
        attempt = answered(browser, f"/quizzes/{SMALL}/{module}/quiz")
        return lambda device: device.post(f"{attempt}/submit")
    if activity == "worksheet":
        sheet = {"field:product": "Garlic", "field:market": "Abroad", "go": "hand-in"}
        return lambda device: device.post(f"/worksheets/{SMALL}/{module}/{activity}", sheet)
    return lambda device: device.post(f"/courses/{SMALL}/{module}/{activity}/done")


def answered(browser: Browser, quiz: str) -> str:
    """Begin a try and answer every question right; its address."""
    attempt = str(browser.post(quiz).location).rpartition("/")[0]
    for position in (1, 2, 3):
        page = browser.get(f"{attempt}/{position}").text
        answer = {"choice": options_of(page)["The right one"], "seen": seen_by(page)}
        assert browser.post(f"{attempt}/{position}", answer).status_code == 303
    return attempt


def at_once(acts: Sequence[Callable[[], Any]]) -> list[int]:
    """Do all acts at one moment; the status of each."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> int:
        ready.wait(PATIENCE)
        return int(act().status_code)

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(2 * PATIENCE) for one in [pool.submit(run, act) for act in acts]]


def completions(site: Site) -> list[tuple[int, str]]:
    with site.reading() as session:
        rows = session.query(Completion.person_id, Completion.subject).order_by(Completion.person_id)
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    "last",
    [
        ("alpha/first", "alpha/quiz"),
        ("alpha/quiz", "beta/quiz"),
        ("alpha/first", "alpha/third"),
        ("beta/quiz", "beta/worksheet"),
        ("alpha/first", "alpha/quiz", "beta/quiz", "beta/worksheet"),
    ],
    ids=["a lesson and a quiz", "two quizzes", "two lessons", "a quiz and a worksheet", "four steps"],
)
def test_last_steps_that_meet_complete_the_course_once(
    site: Site, meet: Callable[[int], None], told: list[CourseCompleted], last: tuple[str, ...]
) -> None:
    learner = site.person()
    acts = prepared(site, learner, last)
    assert completions(site) == []
    meet(len(last))

    assert at_once(acts) == [303] * len(last)

    assert completions(site) == [(learner.id, f"course:{SMALL}")]
    assert [(one.person_id, one.subject) for one in told] == [(learner.id, f"course:{SMALL}")]


def test_last_steps_as_they_come_complete_the_course_of_each_person_once(
    site: Site, told: list[CourseCompleted], soak: bool
) -> None:
    """Nobody holds them together: where they meet is left to chance, and nobody waits in a circle."""
    for number in range(300 if soak else 4):
        learner = site.person()
        last = [STEPS[(number - place) % len(STEPS)] for place in range(2 + number % 3)]

        assert at_once(prepared(site, learner, last)) == [303] * len(last)

        assert completions(site)[-1:] == [(learner.id, f"course:{SMALL}")]
        assert len(completions(site)) == len(told) == number + 1
