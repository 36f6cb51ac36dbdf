"""Everybody in one timed quiz: the size of the seminar, each saving every twenty seconds, all submitting at the end.

Nobody waits for anybody here: each request is due at a moment, and its time runs from that moment, whether the server
was ready for it or not.
"""

from __future__ import annotations

import gzip
import heapq
import itertools
import json
import random
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, insert, select

from courses.authoring import services as trainers
from courses.enrolment.models import Enrolment
from lms import clock
from lms.accounts.models import Person, SignIn
from lms.accounts.tokens import hash_of, new_token
from lms.testing import Site
from quizzes.attempts.models import AnswerEvent, Attempt, Result
from quizzes.bank.models import Quiz
from tests.bench.fill import cookie_of
from tests.quizzes.school import ALL_KINDS, School

QUESTIONS = 5
SAVES = 15  # of each person: one every twenty seconds of five minutes
LONGEST_WAIT = 120.0  # seconds after the last request was due
SLUG = "seminar"
INTRO = f"/quizzes/{SLUG}/basics/quiz"
HEAD = "Host: {host}\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n"


@dataclass
class Seat:
    """Somebody who is signed in, with what they do and what they were told."""

    cookie: str
    token: str
    person_id: int
    attempt: int = 0
    receipts: dict[int, str] = field(default_factory=dict)  # by counter

    def views(self) -> tuple[str, str, bytes]:
        return "GET", INTRO, b""

    def starts(self) -> tuple[str, str, bytes]:
        return "POST", INTRO, self._form()

    def reads(self, position: int) -> tuple[str, str, bytes]:
        return "GET", f"/quizzes/attempts/{self.attempt}/{position}", b""

    def saves(self, counter: int) -> tuple[str, str, bytes]:
        content = {
            "client": "phone",
            "counter": counter,
            "question": (counter - 1) % QUESTIONS + 1,
            "answer": {"answer": [str(counter)]},
        }
        return "POST", f"/quizzes/attempts/{self.attempt}/answers", json.dumps(content).encode()

    def saves_as_form(self, position: int) -> tuple[str, str, bytes]:
        form = urlencode({"csrf_token": self.token, "seen": "", "answer": str(position), "go": "next"}).encode()
        return "POST", f"/quizzes/attempts/{self.attempt}/{position}", form

    def checks(self) -> tuple[str, str, bytes]:
        return "GET", f"/quizzes/attempts/{self.attempt}/check", b""

    def submits(self) -> tuple[str, str, bytes]:
        return "POST", f"/quizzes/attempts/{self.attempt}/submit", self._form()

    def sees_result(self) -> tuple[str, str, bytes]:
        return "GET", f"/quizzes/attempts/{self.attempt}", b""

    def _form(self) -> bytes:
        return urlencode({"csrf_token": self.token}).encode()

    def request(self, host: str, asked: tuple[str, str, bytes], *, accept: str = "text/html") -> bytes:
        """A request as bytes, with this person's cookie and form token."""
        method, address, body = asked
        head = f"{method} {address} HTTP/1.1\r\nAccept: {accept}\r\n" + HEAD.format(host=host, cookie=self.cookie)
        if method == "POST":
            kind = "application/json" if address.endswith("/answers") else "application/x-www-form-urlencoded"
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nX-CSRFToken: {self.token}\r\n"
        return f"{head}\r\n".encode() + body


def found(site: Site, *, seconds: float) -> School:
    """Write the course and its timed quiz of five questions."""
    school = School.found(site, slug=SLUG)
    numbers = [{**ALL_KINDS[4], "id": f"n{number}"} for number in range(QUESTIONS)]
    school.install(numbers, time_limit_minutes=max(1.0, seconds / 60), counts="last")
    return school


def seats(school: School, people: int) -> list[Seat]:
    """Write people who take the course and are signed in."""
    return [Seat(*one) for one in enter(school.site, school, people)]


def enter(site: Site, school: School, people: int) -> Iterator[tuple[str, str, int]]:
    """Write people who take a course; the cookie, form token and number of each."""
    now = clock.now()
    with site.writing() as session:
        number = session.scalar(select(func.count()).select_from(Person)) or 0
        columns = {
            "country": "KE",
            "time_zone": "Africa/Nairobi",
            "language": "en",
            "password_hash": "!",
            "role": "participant",
            "email_verified_at": now,
            "registered_at": now,
        }
        rows = [
            {"email": f"seat{number + one}@example.org", "name": f"Seat {number + one}", **columns}
            for one in range(people)
        ]
        ids = list(session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows))
        enrolments = [{"course_id": school.course_id, "person_id": one, "enrolled_at": now} for one in ids]
        session.execute(insert(Enrolment), enrolments)
        tokens = [new_token() for _ in ids]
        ends = now + timedelta(days=1)
        signed_in = [
            {"token_hash": hash_of(token), "person_id": one, "begun_at": now, "expires_at": ends}
            for token, one in zip(tokens, ids, strict=True)
        ]
        session.execute(insert(SignIn), signed_in)
    for token, one in zip(tokens, ids, strict=True):
        cookie, form_token = cookie_of(site, token)
        yield cookie, form_token, one


def trainer(site: Site, slug: str) -> str:
    """The cookie of somebody who edits a course."""
    person, token, now = site.person(role="trainer", email=f"trainer-{slug}@example.org"), new_token(), clock.now()
    with site.writing() as session:
        trainers.grant(session, person_id=person.id, scope=slug, now=now)
        session.add(
            SignIn(token_hash=hash_of(token), person_id=person.id, begun_at=now, expires_at=now + timedelta(days=1))
        )
    return cookie_of(site, token)[0]


class Talk:
    """One connection on which one request follows the answer to the last."""

    def __init__(self, port: int, host: str) -> None:
        self.host, self.line = host, _Line(port)

    def ask(
        self, seat: Seat, asked: tuple[str, str, bytes], good: int = 200, *, accept: str = "text/html"
    ) -> tuple[str, bytes]:
        """Send a request; where its answer leads, and its body. Ends the run at any other status."""
        self.line.send(seat.request(self.host, asked, accept=accept))
        while (answer := self.line.answer()) is None:
            pass
        if answer[0] != good:
            raise SystemExit(f"{asked[0]} {asked[1]} was answered with {answer[0]}")
        return answer[1], answer[2]

    def view(self, seat: Seat) -> None:
        """Read the rules; what is sent from then on has the token of this page, as from a browser."""
        page = _plain(self.ask(seat, seat.views())[1]).decode()
        seat.token = page.split('name="csrf_token" value="')[1].split('"')[0]

    def start(self, seat: Seat) -> None:
        """Begin a try, or go on with the open one."""
        seat.attempt = int(self.ask(seat, seat.starts(), 303)[0].split("/")[-2])

    def steps(self) -> dict[str, Callable[[Seat], object]]:
        """What a whole attempt is made of, in order, as our script asks for it: what follows a form comes with it."""

        def start(seat: Seat) -> None:
            pages = self._told(seat, seat.starts())
            seat.attempt = int(pages["address"].split("/")[-2])
            if len(pages["pages"]) != QUESTIONS:
                raise SystemExit(f"{len(pages['pages'])} pages of questions came with the start")

        def save(seat: Seat) -> None:
            for number in range(1, QUESTIONS + 1):
                self.ask(seat, seat.saves(number))

        def submit(seat: Seat) -> None:
            if "<h1>" not in self._told(seat, seat.submits())["page"]:
                raise SystemExit("no page of the result came with submitting")

        return {
            "view": self.view,
            "start, with the question pages": start,
            "answers": save,
            "submit, with the result": submit,
        }

    def steps_without_script(self) -> dict[str, Callable[[Seat], object]]:
        """The same as a browser without script asks for it, each page and each answer by itself."""

        def answer(seat: Seat) -> None:
            for number in range(1, QUESTIONS + 1):
                self.ask(seat, seat.reads(number))
                self.ask(seat, seat.saves_as_form(number), 303)

        def submit(seat: Seat) -> None:
            self.ask(seat, seat.checks())
            self.ask(seat, seat.submits(), 303)

        return {
            "view": self.view,
            "start": self.start,
            "questions and answers": answer,
            "submit": submit,
            "review": lambda seat: self.ask(seat, seat.sees_result()),
        }

    def _told(self, seat: Seat, asked: tuple[str, str, bytes]) -> Any:
        return json.loads(_plain(self.ask(seat, asked, accept="application/json")[1]))


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


@dataclass(frozen=True)
class Outcome:
    """What came of it; latencies in seconds by kind of request, sorted, from the moment that each was due."""

    latencies: dict[str, Sequence[float]]
    faults: list[str]
    sent_late: float  # how late the slowest request left us: above a tenth of a second the machine was too busy

    def percentile(self, share: float, *kinds: str) -> float:
        found = sorted(itertools.chain.from_iterable(self.latencies[kind] for kind in kinds or self.latencies))
        return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


class _Line:
    """The connection of one seat; opened when it is needed, and again if the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.buffer = b""
        self.request = b""
        self.resent = False

    def send(self, request: bytes) -> None:
        self.request, self.buffer, self.resent = request, b"", False
        try:
            self._open().sendall(request)
        except OSError:
            self.again()

    def again(self) -> None:
        """Send once more over a new connection, as browsers do where an idle one was closed."""
        self.close()
        self.buffer, self.resent = b"", True
        self._open().sendall(self.request)

    def _open(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def answer(self) -> tuple[int, str, bytes] | None:
        """(status, where it leads, body) once the answer is complete; raises ConnectionError where it ends."""
        assert self.socket is not None
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("closed")
        self.buffer += part
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        }
        if len(body) < int(headers.get(b"content-length", b"0")):
            return None
        return int(head[9:12]), headers.get(b"location", b"").decode(), body


def run(seats: Sequence[Seat], *, port: int, host: str, seconds: float) -> Outcome:
    """Let everybody begin in the first fifteenth, save in each fifteenth, and submit in the last fifth of the time."""
    chance = random.Random(2026)
    due: list[tuple[float, int, int, str]] = []  # seconds after the start, order, seat, what
    order = itertools.count()
    step = seconds / SAVES
    for number in range(len(seats)):
        begins = chance.uniform(0, step)
        heapq.heappush(due, (begins, next(order), number, "start"))
        for counter in range(1, SAVES):
            at = begins + counter * step - chance.uniform(0, step / 4)
            heapq.heappush(due, (min(at, seconds * 0.79), next(order), number, f"save {counter}"))
        heapq.heappush(due, (chance.uniform(seconds * 0.8, seconds * 0.99), next(order), number, "submit"))
    return _drive(seats, due, port=port, host=host)


def _drive(seats: Sequence[Seat], due: list[tuple[float, int, int, str]], *, port: int, host: str) -> Outcome:
    selector = selectors.DefaultSelector()
    lines = [_Line(port) for _ in seats]
    waiting: list[list[tuple[float, str]]] = [[] for _ in seats]  # what is due while the last answer is not there
    under_way: dict[int, tuple[float, str]] = {}
    latencies: dict[str, list[float]] = {"start": [], "question": [], "save": [], "submit": [], "result": []}
    faults: list[str] = []
    sent_late = 0.0
    last = max(at for at, *_ in due)
    begun = time.perf_counter()

    def send(number: int, at: float, what: str) -> None:
        seat, line = seats[number], lines[number]
        before = line.socket
        name, _, counter = what.partition(" ")
        asked = {
            "start": seat.starts,
            "question": lambda: seat.reads(1),
            "save": lambda: seat.saves(int(counter)),
            "submit": seat.submits,
            "result": seat.sees_result,
        }[name]()
        under_way[number] = (at, what)
        line.send(seat.request(host, asked))
        watch(number, before)

    def watch(number: int, before: socket.socket | None) -> None:
        now = lines[number].socket
        if before is not None and before is not now:
            selector.unregister(before)
        if now is not None and before is not now:
            selector.register(now, selectors.EVENT_READ, number)

    def read(number: int) -> None:
        line = lines[number]
        before = line.socket
        try:
            answer = line.answer()
        except OSError as error:
            if line.resent or number not in under_way:
                if number in under_way:  # servers close what is idle; the next request opens another one
                    faults.append(f"{under_way.pop(number)[1]}: {error}")
                if before is not None:
                    selector.unregister(before)
                line.close()
                return
            if before is not None:
                selector.unregister(before)
            line.again()
            assert line.socket is not None
            selector.register(line.socket, selectors.EVENT_READ, number)
            return
        if answer is None:
            return
        at, what = under_way.pop(number)
        took = time.perf_counter() - begun - at
        follows = note(seats[number], what, answer, took)
        if follows:
            waiting[number].insert(0, (time.perf_counter() - begun, follows))
        if waiting[number]:
            send(number, *waiting[number].pop(0))

    def note(seat: Seat, what: str, answer: tuple[int, str, bytes], took: float) -> str:
        """Keep what was told; what the person does at once after it."""
        status, location, body = answer
        name, _, counter = what.partition(" ")
        latencies[name].append(took)
        if status != {"start": 303, "question": 200, "save": 200, "submit": 303, "result": 200}[name]:
            faults.append(f"{what}: {status}")
            return ""
        if name == "start":
            seat.attempt = int(location.split("/")[-2])
            return "question"
        if name == "save":
            told = json.loads(body)
            if told["state"] != "saved":
                faults.append(f"{what}: {told['state']}")
            seat.receipts[int(counter)] = told["receipt"].replace("-", "")
        return "result" if name == "submit" else ""

    while due or under_way:
        now = time.perf_counter() - begun
        while due and due[0][0] <= now:
            at, _, number, what = heapq.heappop(due)
            sent_late = max(sent_late, now - at)
            if number in under_way:
                waiting[number].append((at, what))
            else:
                send(number, at, what)
        pause = max(0.0, due[0][0] - now) if due else 1.0
        for key, _ in selector.select(timeout=min(pause, 1.0)):
            read(key.data)
        if not due and now > last + LONGEST_WAIT:
            faults.append(f"{len(under_way)} requests were never answered")
            break
    for line in lines:
        line.close()
    return Outcome({name: sorted(found) for name, found in latencies.items()}, faults, sent_late)


def lost(site: Site, seats: Sequence[Seat]) -> list[str]:
    """What is missing in the database of what people were told: receipts, results, or answers that came late."""
    missing: list[str] = []
    with site.reading() as session:
        quiz_id = session.scalars(select(Quiz.id).order_by(Quiz.id.desc()).limit(1)).one()
        events = {
            (row.attempt_id, row.counter): (row.receipt, row.late)
            for row in session.execute(
                select(AnswerEvent.attempt_id, AnswerEvent.counter, AnswerEvent.receipt, AnswerEvent.late)
                .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
                .where(Attempt.quiz_id == quiz_id)
            )
        }
        results = session.scalar(
            select(func.count()).select_from(Result).join(Attempt).where(Attempt.quiz_id == quiz_id)
        )
    for seat in seats:
        for counter, receipt in seat.receipts.items():
            if events.get((seat.attempt, counter)) != (receipt, False):
                missing.append(f"answer {counter} of attempt {seat.attempt}")
    if results != len(seats):
        missing.append(f"{len(seats) - (results or 0)} results")
    return missing
