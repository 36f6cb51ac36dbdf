"""Whatever order answers arrive in, and how often: one result, and as many events as there were distinct answers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.attempts import journal, services
from quizzes.attempts.journal import FromDevice, FromPage, Saved, read_answer
from quizzes.attempts.models import AnswerEvent
from quizzes.attempts.receipts import receipt_key
from quizzes.attempts.saving import KeptAttempts, save
from quizzes.attempts.views import RequestDatabase
from tests.quizzes.school import ALL_KINDS, MONDAY, TYPES, School

KEY = receipt_key("for tests")
QUESTIONS = [{**ALL_KINDS[4], "id": f"n{number}"} for number in range(2)]
CLIENTS = ("amber", "zinc")


@dataclass
class Phone:
    """A device: answers wait in its queue until they are sent; its clock follows what it sends and hears."""

    client: str
    known: int = 0
    queue: list[tuple[int, int, str]] = field(default_factory=list)  # counter, position, typed

    def answer(self, position: int, typed: str) -> None:
        self.known += 1
        self.queue.append((self.known, position, typed))


ACTS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(CLIENTS), st.integers(1, 2), st.sampled_from("123")),
    st.tuples(st.just("send"), st.sampled_from(CLIENTS), st.integers(0, 5), st.just("")),
    st.tuples(st.just("hear"), st.sampled_from(CLIENTS), st.just(0), st.just("")),
    st.tuples(st.just("page"), st.just(""), st.integers(1, 2), st.sampled_from("123")),
)


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
            ).id
        self.moments = (MONDAY + timedelta(minutes=number) for number in itertools.count())
        self.expected: dict[tuple[int, str], tuple[int, str]] = {}  # (counter, client) → (position, typed)
        self.receipts: dict[tuple[int, str], str | None] = {}
        self.kept = KeptAttempts()
        self.highest = 0

    def save(self, position: int, typed: str, origin: FromDevice | FromPage) -> Saved:
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
                now=next(self.moments),
            )

    def send(self, phone: Phone, number: int) -> None:
        """Send one waiting or sent answer of a phone, once more or for the first time."""
        if not phone.queue:
            return
        counter, position, typed = phone.queue[number % len(phone.queue)]
        saved = self.save(position, typed, FromDevice(phone.client, counter))
        name = (counter, phone.client)
        assert self.receipts.setdefault(name, saved.receipt) == saved.receipt
        self.expected[name] = (position, typed)
        self.highest = max(self.highest, counter)
        assert saved.highest == self.highest
        assert saved.counts == (name == self.winner(position))

    def page(self, position: int, typed: str) -> None:
        """Open a page without script, press its button, and press it once more."""
        origin = FromPage(self.highest)
        before = self.winner(position)
        saved = self.save(position, typed, origin)
        if before is None or self.expected[before][1] != typed:
            self.highest += 1
            self.expected[self.highest, journal.WEB] = (position, typed)
        assert saved.counts
        assert self.save(position, typed, origin) == saved

    def winner(self, position: int) -> tuple[int, str] | None:
        return max((name for name, (of, _) in self.expected.items() if of == position), default=None)

    def must_be_as_expected(self) -> None:
        with self.school.site.reading() as session:
            rows = session.query(AnswerEvent).filter_by(attempt_id=self.attempt_id).all()
            answers = journal.answers_of(session, attempt_id=self.attempt_id)
        assert sorted((row.counter, row.client) for row in rows) == sorted(self.expected)
        for position in (1, 2):
            winner = self.winner(position)
            response = answers.at(position).response
            assert (response and response["typed"]) == (winner and self.expected[winner][1])


@pytest.fixture
def with_quiz(school: School) -> School:
    school.install(QUESTIONS)
    return school


def test_any_schedule_of_saving_resending_reordering_and_a_second_device_gives_one_result(
    with_quiz: School, soak: bool
) -> None:
    @settings(
        max_examples=400 if soak else 25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(ACTS, max_size=24), st.randoms(use_true_random=False))
    def check(acts: list[tuple[str, str, int, str]], chance: object) -> None:
        run = Run(with_quiz)
        phones = {client: Phone(client) for client in CLIENTS}
        for act, client, number, typed in acts:
            if act == "answer":
                phones[client].answer(number, typed)
            elif act == "send":
                run.send(phones[client], number)
            elif act == "hear":
                phones[client].known = max(phones[client].known, run.highest)
            else:
                run.page(number, typed)
        left = [(phone, number) for phone in phones.values() for number in range(len(phone.queue))] * 2
        chance.shuffle(left)  # type: ignore[attr-defined]
        for phone, number in left:
            run.send(phone, number)
        run.must_be_as_expected()

        with with_quiz.site.writing() as session:
            result = services.submit(
                session, attempt_id=run.attempt_id, person_id=run.person.id, types=TYPES, now=next(run.moments)
            )
        assert (result.score, result.number) == (0.0, 1)

    check()


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
