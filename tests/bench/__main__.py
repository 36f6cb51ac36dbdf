"""``make bench``: every ratio of the promise, on SQLite and on PostgreSQL, medians of several rounds."""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from courses import kinds
from courses.booklet import FORMATS
from courses.booklet.building import build
from courses.commands import install_shipped
from lms.app import create_app
from lms.certificates.words import Words
from lms.config import of_no_site
from lms.database import migrating
from lms.database.session import Engines
from lms.paths import STATIC
from lms.testing import Site, config_for_tests
from tests.bench import crowd, fill, seminar, weight
from tests.bench.load import Load, closed_loop
from tests.bench.servers import cpu_seconds, free_port, serving
from tests.databases import Postgres
from tests.quizzes.school import School, choice

ROUNDS = 5
SECONDS = 3.0
ATTEMPTS, WARM = 310, 40  # whole attempts, of which the first are not counted
TURNS = 9  # in which the others are measured


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--answers", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--seats", type=int, default=1_100, help="people in the timed quiz; 0 leaves it out")
    options.add_argument("--quiz-seconds", type=float, default=300.0, help="how long the timed quiz lasts, from 60")
    options.add_argument("--only-quiz", action="store_true", help="the timed quiz, a whole attempt and the bank alone")
    options.add_argument("--quick", action="store_true", help="a glance: 200 people in a quiz of one minute, one round")
    asked = options.parse_args()
    if asked.quick:
        asked.people, asked.answers, asked.rounds, asked.seats, asked.quiz_seconds = 500, 5_000, 1, 200, 60.0
    # On disk, not in memory: a commit must cost what it costs.
    folder = Path(tempfile.mkdtemp(prefix="lantern-bench-", dir="/var/tmp"))
    try:
        print(f"Processes: 2 web; rounds: {asked.rounds} of {SECONDS:.0f} s; CPUs: {os.cpu_count()}.")
        starting_cost()
        installing_cost(folder)
        booklet_cost()
        if asked.database in ("sqlite", "both"):
            run("SQLite", f"sqlite:///{folder / 'bench.db'}", folder, asked)
        if asked.database in ("postgresql", "both"):
            server = Postgres(folder=folder / "postgres")
            try:
                run("PostgreSQL", server.url(server.create("bench")), folder, asked)
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def starting_cost() -> None:
    """The CPU that create_app() takes once its modules are imported."""
    code = (
        "import time; from pathlib import Path\n"
        "from lms.app import create_app; from lms.testing import config_for_tests\n"
        "import lms.plugin, courses.plugin, quizzes.plugin\n"
        "c = config_for_tests('sqlite:////nowhere/x.db', Path('/nowhere')); b = time.process_time()\n"
        "create_app(c, third_party=False); print(time.process_time() - b)"
    )
    took = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3)]
    line("create_app() after its imports, CPU seconds", median(took), "at most 0.5")


def installing_cost(folder: Path) -> None:
    """The time to install the shipped course into an empty site, and once more when nothing has changed."""
    url = f"sqlite:///{folder / 'install.db'}"
    engines = Engines(url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(url, folder / "install"))
    for what, most in (("the first time", "at most 30"), ("once more, unchanged", "at most 30")):
        started = time.monotonic()
        with site.app.app_context():
            install_shipped(site.app)
        line(f"installing the shipped course {what}, seconds", time.monotonic() - started, most)
    site.close()


def booklet_cost() -> None:
    """The time to make each booklet of the shipped course from its folder, and its size."""
    app = create_app(of_no_site(), third_party=False)
    with app.app_context():
        for folder in app.extensions["lms.plugins"].collect("course_packages"):
            for name in FORMATS:
                started = time.monotonic()
                package = kinds.read(app, folder.path)
                made = build(
                    package,
                    language=package.course.source_language,
                    format=name,
                    base_url="https://learn.example.org",
                    made_at=datetime(2026, 11, 29, tzinfo=UTC),
                    translate=Words(package.course.source_language),
                    types=kinds.activity_types(app),
                    checks=kinds.check_servers(app, package),
                )
                line(f"the booklet {folder.name}.{name}, seconds", time.monotonic() - started, "at most 30")
                line(f"the booklet {folder.name}.{name}, MB", len(made) / 1e6, "at most 5")


def run(name: str, url: str, folder: Path, asked: argparse.Namespace) -> None:
    print(f"\n{name}: {asked.people} people, {asked.answers} answers")
    port, floor_port = free_port(), free_port()
    config = config_for_tests(url, folder / f"instance-{name}", base_url=f"http://127.0.0.1:{port}")
    config.instance.mkdir(parents=True, exist_ok=True)
    site = Site(config)
    filled = fill.fill(site, people=asked.people, answers=asked.answers)
    environment = {
        "LMS_DATABASE_URL": url,
        "LMS_SECRET_KEY": config.secret_key,
        "LMS_BASE_URL": config.base_url,
        "LMS_INSTANCE": str(config.instance),
        "LMS_DEMO": "1",
        "LANTERN_BENCH_BODIES": str(folder / f"bodies-{name}"),
    }
    (folder / f"bodies-{name}").mkdir()
    host = Host(f"127.0.0.1:{port}")
    with serving("wsgi:app", environment, port=port) as ours:
        pages = {"lesson": filled.lesson, "course": filled.course}
        for page, address in pages.items():
            body = fetch(port, address, filled.cookies[0])
            (folder / f"bodies-{name}" / f"{page}.html").write_bytes(body)
        school = seminar.found(site, seconds=asked.quiz_seconds)
        if asked.seats:
            timed_quiz(school, host, (port, ours.pid), asked)
        talk = seminar.Talk(port, host.name)
        ways = {"": talk.steps(), ", without script": talk.steps_without_script()}
        takers = seminar.seats(school, ATTEMPTS * len(ways) + 1)
        talk.start(takers[0])
        body = fetch(port, takers[0].reads(1)[1], takers[0].cookie)
        (folder / f"bodies-{name}" / "question.html").write_bytes(body)
        with serving("tests.bench.floor:app", environment, port=floor_port) as floor:
            for number, (way, steps) in enumerate(ways.items()):
                seats = takers[1 + number * ATTEMPTS : 1 + (number + 1) * ATTEMPTS]
                whole_attempt(way, steps, seats, host, filled.people, ours.pid, (floor_port, floor.pid))
            bank_page(site, host, (port, ours.pid))
            analysis_page(site, host, (port, ours.pid))
            if asked.only_quiz:
                site.close()
                return
            for page, address in pages.items():
                cookies = itertools.cycle(filled.cookies)
                numbers = itertools.cycle(filled.people)
                compare(
                    f"{page} page, signed in",
                    lambda a=address, c=cookies: host.get(a, next(c)),  # type: ignore[misc]
                    lambda p=page, n=numbers: host.get(f"/page/{p}/{next(n)}", ""),  # type: ignore[misc]
                    (port, ours.pid),
                    (floor_port, floor.pid),
                    rounds=asked.rounds,
                )
            savers = itertools.cycle(filled.savers)
            counter = itertools.count(1_000)

            def save() -> bytes:
                saver = next(savers)
                address = f"/quizzes/attempts/{saver.attempt_id}/answers"
                return host.post(address, saver.content(next(counter)), saver.cookie, saver.token)

            compare(
                "saving one answer",
                save,
                lambda: host.post("/save", {"client": "0" * 16, "counter": next(counter), "answer": ["12"]}, "", ""),
                (port, ours.pid),
                (floor_port, floor.pid),
                rounds=asked.rounds,
            )
        page_bytes = len(gzip.compress(fetch(port, filled.lesson, ""), 5))
    css_bytes = len(gzip.compress((STATIC / "css" / "lantern.css").read_bytes(), 9))
    line("first visit to a lesson, HTML + CSS, KB compressed", (page_bytes + css_bytes) / 1024, "at most 14")
    for apart in (False, True):
        worker = "the worker apart" if apart else "the worker beside them"
        for what, megabytes in weight.weigh(site, filled, environment, port=port, apart=apart).items():
            wanted = "on top" if what == weight.TYPESETTERS else "under 300"
            line(f"the whole site (two web processes, {worker}) {what}, MB of PSS", megabytes, wanted)
    site.close()


def timed_quiz(school: School, host: Host, server: tuple[int, int], asked: argparse.Namespace) -> None:
    """Everybody in one timed quiz: no error, no answer lost."""
    port, process = server
    seats = seminar.seats(school, asked.seats)
    before = cpu_seconds(process)
    outcome = seminar.run(seats, port=port, host=host.name, seconds=asked.quiz_seconds)
    cpu = cpu_seconds(process) - before
    missing = seminar.lost(school.site, seats)
    saved = sum(len(seat.receipts) for seat in seats)
    print(
        f"  {len(seats)} people in a timed quiz of {asked.quiz_seconds:.0f} s: {saved} answers, "
        f"{len(outcome.faults)} errors, {len(missing)} lost; CPU of the servers {cpu / asked.quiz_seconds:.2f} of "
        f"{os.cpu_count()}; the slowest request left the bench {1000 * outcome.sent_late:.0f} ms late"
    )
    for kind in outcome.latencies:
        times = ", ".join(f"p{share} {1000 * outcome.percentile(share / 100, kind):.1f} ms" for share in (50, 95, 99))
        print(f"    {kind}: {times} ({len(outcome.latencies[kind])} requests)", flush=True)
    if outcome.faults or missing:
        raise SystemExit("\n".join([*outcome.faults[:10], *missing[:10]]))


def whole_attempt(
    way: str,
    steps: Mapping[str, Callable[[seminar.Seat], object]],
    seats: Sequence[seminar.Seat],
    host: Host,
    people: Sequence[int],
    process: int,
    floor_server: tuple[int, int],
) -> None:
    """The CPU of a whole attempt of five questions as a multiple of one bare request, both over one connection.

    Each step is told in the bare requests of the moment after it, as the machine is faster and slower by turns.
    """
    floor_port, floor_process = floor_server
    warm, counted = seats[:WARM], seats[WARM:]
    numbers = itertools.cycle(people)

    def bare_request(body: str) -> bytes:
        return host.get(f"/page/{body}/{next(numbers)}", "")

    bare: dict[str, list[float]] = {"lesson": [], "question": []}  # what is returned: bytes of which page
    ratios: dict[str, dict[str, list[float]]] = {body: {name: [] for name in steps} for body in bare}
    for step in steps.values():
        for seat in warm:
            step(seat)
    for turn in range(TURNS):
        for name, step in steps.items():  # step by step for everybody, so that what a step needs is at hand for it
            before = cpu_seconds(process)
            for seat in counted[turn::TURNS]:
                step(seat)
            took = (cpu_seconds(process) - before) / len(counted[turn::TURNS])
            for body, floors in bare.items():
                before = cpu_seconds(floor_process)
                load = closed_loop(floor_port, partial(bare_request, body), seconds=0.5, connections=1)
                floors.append((cpu_seconds(floor_process) - before) / len(load.latencies))
                ratios[body][name].append(took / floors[-1])
    goal = "no goal" if way else "at most 18"
    for body, wanted in (("lesson", goal), ("question", "the same with the bytes of a question's page")):
        parts = {name: median(found) for name, found in ratios[body].items()}
        whole = median(map(sum, zip(*ratios[body].values(), strict=True)))
        what = f"a whole attempt of five questions{way}, CPU in bare one-SELECT requests with a {body}'s bytes"
        line(what, whole, wanted)
        said = ", ".join(f"{name} {ratio:.1f}" for name, ratio in parts.items())
        print(f"    {said}; a bare request has {1000 * median(bare[body]):.2f} ms of CPU", flush=True)


def bank_page(site: Site, host: Host, server: tuple[int, int]) -> None:
    """The page of a bank with many questions against one with few."""
    port, process = server
    took = {}
    for size in (100, 10_000):
        slug = f"bank-{size}"
        school = School.found(site, slug=slug)
        school.install([choice(f"q{number}") for number in range(size)], draw=10)
        cookie = seminar.trainer(site, slug)
        request = host.get(f"/quizzes/{slug}/basics/quiz/edit", cookie)
        closed_loop(port, lambda r=request: r, seconds=1, connections=1)  # type: ignore[misc]
        before = cpu_seconds(process)
        load = closed_loop(port, lambda r=request: r, seconds=SECONDS, connections=1)  # type: ignore[misc]
        if load.faults:
            raise SystemExit(f"the page of the bank: {load.faults} requests were not answered with 200")
        took[size] = (load.percentile(0.5), (cpu_seconds(process) - before) / len(load.latencies))
    line(
        "the page of a bank with 10,000 questions, CPU against one with 100", took[10_000][1] / took[100][1], "about 1"
    )
    print(f"    p50 {1000 * took[10_000][0]:.1f} ms against {1000 * took[100][0]:.1f} ms", flush=True)


def analysis_page(site: Site, host: Host, server: tuple[int, int]) -> None:
    """The page of item analysis of a quiz with a million answers against one with ten thousand."""
    port, process = server
    few, many = 10_000, 1_000_000
    pages = {}
    for answers in (few, many):
        address = crowd.taken(site, slug=f"crowd-{answers}", answers=answers)
        pages[answers] = host.get(address, seminar.trainer(site, f"crowd-{answers}"))
    times: dict[int, list[float]] = {few: [], many: []}
    cpu: dict[int, list[float]] = {few: [], many: []}
    for _ in range(3):
        for answers, request in pages.items():
            before = cpu_seconds(process)
            load = closed_loop(port, lambda r=request: r, seconds=SECONDS, connections=1)  # type: ignore[misc]
            if load.faults:
                raise SystemExit(f"the page of item analysis: {load.faults} requests were not answered with 200")
            times[answers].append(load.percentile(0.5))
            cpu[answers].append((cpu_seconds(process) - before) / len(load.latencies))
    ratio = median(times[many]) / median(times[few])
    line("the page of item analysis with 1,000,000 answers, its time against one with 10,000", ratio, "at most 2")
    told = [f"p50 {1000 * median(times[one]):.1f} ms, CPU {1000 * median(cpu[one]):.1f} ms" for one in (many, few)]
    print(f"    {told[0]} against {told[1]}", flush=True)


def compare(
    what: str,
    ours: Callable[[], bytes],
    floor: Callable[[], bytes],
    our_server: tuple[int, int],
    floor_server: tuple[int, int],
    *,
    rounds: int,
) -> None:
    """Ours and the floor in turn; the ratio of requests per second, and of CPU a request, as medians of the rounds."""
    pairs = []
    for _ in range(rounds):
        measured = []
        for (port, process), request in ((floor_server, floor), (our_server, ours)):
            before = cpu_seconds(process)
            load = closed_loop(port, request, seconds=SECONDS)
            cpu = (cpu_seconds(process) - before) / max(1, len(load.latencies))
            if load.faults:
                raise SystemExit(f"{what}: {load.faults} requests were not answered with 200")
            measured.append((load, cpu))
        pairs.append(measured)
    ratio = median(ours[0].per_second / floor[0].per_second for floor, ours in pairs)
    cpu_ratio = median(floor[1] / ours[1] for floor, ours in pairs)
    loads: list[Load] = [ours[0] for _, ours in pairs]
    floors: list[Load] = [floor[0] for floor, _ in pairs]
    line(f"{what}: requests per second, ours / floor", ratio, "at least 0.5")

    def of_all(loads: list[Load], figure: Callable[[Load], float]) -> float:
        return median(figure(load) for load in loads)

    times = ", ".join(
        f"p{share} {1000 * of_all(loads, lambda load, share=share: load.percentile(share / 100)):.1f} ms"  # type: ignore[misc]
        for share in (50, 95, 99)
    )
    print(
        f"    {of_all(loads, lambda load: load.per_second):.0f} / {of_all(floors, lambda load: load.per_second):.0f} "
        f"a second; CPU a request, floor / ours {cpu_ratio:.2f}; ours {times}"
    )


def line(what: str, figure: float, wanted: str) -> None:
    print(f"  {what}: {figure:.2f} ({wanted})", flush=True)


@dataclass(frozen=True)
class Host:
    """Requests to one host, as bytes."""

    name: str

    def get(self, address: str, cookie: str) -> bytes:
        head = f"GET {address} HTTP/1.1\r\nHost: {self.name}\r\nAccept-Encoding: gzip\r\n"
        return f"{head}Cookie: {cookie}\r\n\r\n".encode() if cookie else f"{head}\r\n".encode()

    def post(self, address: str, content: object, cookie: str, token: str) -> bytes:
        body = json.dumps(content).encode()
        head = (
            f"POST {address} HTTP/1.1\r\nHost: {self.name}\r\nAccept: application/json\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Cookie: {cookie}\r\nX-CSRFToken: {token}\r\n\r\n"
        )
        return head.encode() + body


def fetch(port: int, address: str, cookie: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{address}", headers={"Cookie": cookie})
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    main()
