"""Whatever order answers arrive in, and how often: one result, and as many events as there were distinct actions."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import clock
from quizzes.attempts import journal, services
from quizzes.attempts.journal import FromDevice, FromPage, Saved, read_answer
from quizzes.attempts.models import AnswerEvent
from quizzes.attempts.receipts import receipt_key
from quizzes.attempts.saving import KeptAttempts, save
from quizzes.attempts.views import RequestDatabase
from tests.quizzes.school import ALL_KINDS, MONDAY, TYPES, School

KEY = receipt_key("for tests")
QUESTIONS = [{**ALL_KINDS[4], "id": f"n{number}"} for number in range(2)]
POSITIONS = (1, 2)
RIGHT = "150"
# Two tabs of one phone, which share its memory, and another phone.
DEVICE_OF = {"amber": "amber", "amber-2": "amber", "zinc": "zinc"}
CLIENTS = tuple(DEVICE_OF)
IN_SMALL, IN_FULL = 40, 1_000


@dataclass
class Device:
    """What a phone remembers: the highest counter that it knows, and what it has not had an answer to."""

    known: int = 0
    queue: list[tuple[str, int, int, str]] = field(default_factory=list)  # client, counter, position, typed

    def answer(self, client: str, position: int, typed: str) -> None:
        self.known += 1
        self.queue.append((client, self.known, position, typed))


TYPED = st.sampled_from([RIGHT, "1", "2"])
ACTS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(CLIENTS), st.sampled_from(POSITIONS), TYPED),
    st.tuples(st.just("answer"), st.sampled_from(CLIENTS), st.sampled_from(POSITIONS), TYPED),
    st.tuples(st.just("send, and lose the reply"), st.sampled_from(CLIENTS), st.integers(0, 5), st.just("")),
    st.tuples(st.just("exchange"), st.sampled_from(CLIENTS), st.just(0), st.just("")),
    st.tuples(st.just("page"), st.just(""), st.sampled_from(POSITIONS), TYPED),
    st.tuples(st.just("clock"), st.just(""), st.sampled_from([-1, 1]), st.just("")),
)
Act = tuple[str, str, int, str]


class Run:
    """One attempt and what the rules say of it, side by side."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.person, _ = school.participant()
        with school.site.writing() as session:
            self.attempt_id = services.start(
                session,
                person_id=self.person.id,
                course_slug="trade",
                module_slug="basics",
                activity_slug="quiz",
                types=TYPES,
                now=MONDAY,
            ).standing.attempt.id
        self.devices = {name: Device() for name in DEVICE_OF.values()}
        self.now = MONDAY
        self.expected: dict[tuple[int, str], tuple[int, str]] = {}  # (counter, client) → (position, typed)
        self.receipts: dict[tuple[int, str], str | None] = {}
        self.last_action: dict[int, str] = {}  # by position
        self.kept = KeptAttempts()
        self.highest = 0

    def do(self, act: Act) -> None:
        """Do one thing that people, networks and clocks do."""
        what, client, number, typed = act
        if what == "answer":
            self.devices[DEVICE_OF[client]].answer(client, number, typed)
            self.last_action[number] = typed
        elif what == "exchange":
            self.exchange(self.devices[DEVICE_OF[client]])
        elif what == "page":
            self.page(number, typed)
        elif what == "clock":
            self.now += number * timedelta(days=1)
        else:
            self.send(self.devices[DEVICE_OF[client]], number)

    def exchange(self, device: Device) -> None:
        """A phone sends all that it has, in order, and hears what the server knows."""
        for number in range(len(device.queue)):
            self.send(device, number)
        device.known = max(device.known, self.highest)

    def exchange_all(self) -> None:
        for device in (*self.devices.values(), *self.devices.values()):
            self.exchange(device)

    def save(self, position: int, typed: str, origin: FromDevice | FromPage) -> Saved:
        self.now += timedelta(minutes=1)
        with self.school.site.app.app_context():
            return save(
                self.kept,
                RequestDatabase,
                attempt_id=self.attempt_id,
                person_id=self.person.id,
                position=position,
                read=lambda drawn: read_answer(drawn, {"answer": [typed]}, types=TYPES, locale="en"),
                origin=origin,
                key=KEY,
                now=self.now,
            )

    def send(self, device: Device, number: int) -> None:
        """Send one answer of a phone, once more or for the first time."""
        if not device.queue:
            return
        client, counter, position, typed = device.queue[number % len(device.queue)]
        saved = self.save(position, typed, FromDevice(client, counter))
        name = (counter, client)
        assert self.receipts.setdefault(name, saved.receipt) == saved.receipt
        self.expected[name] = (position, typed)
        self.highest = max(self.highest, counter)
        assert saved.highest == self.highest
        assert saved.counts == (name == self.winner(position))

    def page(self, position: int, typed: str) -> None:
        """Open a page without script, press its button, and press it once more as the reply was lost."""
        origin = FromPage(self.highest)
        before = self.winner(position)
        saved = self.save(position, typed, origin)
        if before is None or self.expected[before][1] != typed:
            self.highest += 1
            self.expected[self.highest, journal.WEB] = (position, typed)
        self.last_action[position] = typed
        assert saved.counts
        assert self.save(position, typed, origin) == saved

    def winner(self, position: int) -> tuple[int, str] | None:
        return max((name for name, (of, _) in self.expected.items() if of == position), default=None)

    def others(self, position: int) -> list[str]:
        """What the other clients answered last, where it differs from what counts."""
        winner = self.winner(position)
        assert winner is not None
        last: dict[str, tuple[int, str]] = {}
        for (counter, client), (of, typed) in self.expected.items():
            if of == position:
                last[client] = max(last.get(client, (0, "")), (counter, typed))
        counted = self.expected[winner][1]
        return sorted(typed for client, (_, typed) in last.items() if client != winner[1] and typed != counted)

    def must_be_as_expected(self) -> None:
        with self.school.site.reading() as session:
            rows = session.query(AnswerEvent).filter_by(attempt_id=self.attempt_id).all()
            answers = journal.answers_of(session, attempt_id=self.attempt_id)
        assert sorted((row.counter, row.client) for row in rows) == sorted(self.expected)
        for position in POSITIONS:
            winner = self.winner(position)
            found = answers.at(position)
            assert (found.response and found.response["typed"]) == (winner and self.expected[winner][1])
            if winner is not None:
                assert sorted(event.answer["typed"] for event in found.elsewhere) == self.others(position)

    def submit(self) -> None:
        """Close it; the score is that of what counts, so on both databases the same."""
        right = sum(
            winner is not None and self.expected[winner][1] == RIGHT
            for winner in (self.winner(position) for position in POSITIONS)
        )
        with self.school.site.writing() as session:
            result = services.submit(
                session, attempt_id=self.attempt_id, person_id=self.person.id, types=TYPES, now=self.now
            ).result
        assert (result.score, result.number) == (right / len(POSITIONS), 1)


@pytest.fixture
def with_quiz(school: School) -> School:
    school.install(QUESTIONS)
    return school


def schedules(soak: bool) -> Any:
    return settings(
        max_examples=IN_FULL if soak else IN_SMALL,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_any_schedule_of_saving_resending_reordering_tabs_and_devices_gives_one_result(
    with_quiz: School, soak: bool
) -> None:
    """Saves, lost replies, resends in any order, a second tab, a second device, pages, clocks wrong by a day."""

    @schedules(soak)
    @given(st.lists(ACTS, max_size=24), st.randoms(use_true_random=False))
    def check(acts: list[Act], chance: Any) -> None:
        run = Run(with_quiz)
        for act in acts:
            run.do(act)
        left = [(device, number) for device in run.devices.values() for number in range(len(device.queue))] * 2
        chance.shuffle(left)
        for device, number in left:
            run.send(device, number)

        run.must_be_as_expected()
        run.submit()

    check()


def test_on_devices_that_exchanged_in_between_the_last_action_is_the_answer(with_quiz: School, soak: bool) -> None:
    @schedules(soak)
    @given(st.lists(ACTS, max_size=16))
    def check(acts: list[Act]) -> None:
        run = Run(with_quiz)
        for act in acts:
            if act[0] in ("answer", "page"):
                run.exchange_all()
            run.do(act)
        run.exchange_all()

        run.must_be_as_expected()
        for position, typed in run.last_action.items():
            winner = run.winner(position)
            assert winner is not None
            assert run.expected[winner][1] == typed
        run.submit()

    check()


def test_on_one_device_the_last_action_is_the_answer_however_what_was_sent_arrives(
    with_quiz: School, soak: bool
) -> None:
    one_device = ACTS.filter(lambda act: act[1] in ("amber", "amber-2"))

    @schedules(soak)
    @given(st.lists(one_device, max_size=16), st.randoms(use_true_random=False))
    def check(acts: list[Act], chance: Any) -> None:
        run = Run(with_quiz)
        for act in acts:
            run.do(act)
        amber = run.devices["amber"]
        left = list(range(len(amber.queue))) * 2
        chance.shuffle(left)
        for number in left:
            run.send(amber, number)

        run.must_be_as_expected()
        assert {position: run.expected[run.winner(position) or (0, "")][1] for position in run.last_action} == (
            run.last_action
        )
        run.submit()

    check()


def test_a_clock_of_the_site_that_was_a_day_ahead_makes_nobody_wait(with_quiz: School) -> None:
    run = Run(with_quiz)
    run.now += timedelta(days=1)
    for counter in range(1, 31):
        run.save(1, str(counter), FromDevice("amber", counter))
    run.now -= timedelta(days=1)

    saved = run.save(1, RIGHT, FromDevice("amber", 31))
    page = run.save(2, RIGHT, FromPage(31))

    assert (saved.counts, page.counts) == (True, True)


def test_what_two_devices_answered_apart_is_both_kept_and_shown(with_quiz: School) -> None:
    run = Run(with_quiz)
    for client, typed in (("zinc", "2"), ("amber", RIGHT)):
        run.devices[client].answer(client, 1, typed)
    for client in ("zinc", "amber"):
        run.send(run.devices[client], 0)
    run.must_be_as_expected()
    with clock.fixed(run.now):
        page = with_quiz.site.browser(run.person).get(f"/quizzes/attempts/{run.attempt_id}/1").text

    assert run.others(1) == [RIGHT]  # of equal counters the higher name counts
    assert re.search(r"Another device answered: “150[^”]*”. The answer above counts.", page)
    assert len(with_quiz.events()) == 2


def test_the_order_of_arrival_changes_nothing(with_quiz: School) -> None:
    sent = [("amber", 1, "1"), ("zinc", 1, "2"), ("amber", 2, "3"), ("zinc", 3, "1"), ("amber", 3, "2")]
    outcomes = set()

    for order in itertools.islice(itertools.permutations(sent), 0, 120, 17):
        run = Run(with_quiz)
        for client, counter, typed in order:
            run.save(1, typed, FromDevice(client, counter))
        with with_quiz.site.reading() as session:
            response = journal.answers_of(session, attempt_id=run.attempt_id).at(1).response
        outcomes.add(str(response and response["typed"]))

    assert outcomes == {"1"}
