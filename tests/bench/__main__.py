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
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lms.paths import STATIC
from lms.testing import Site, config_for_tests
from tests.bench import fill
from tests.bench.load import Load, closed_loop
from tests.bench.servers import cpu_seconds, free_port, serving, weight_mb
from tests.databases import Postgres

ROUNDS = 5
SECONDS = 3.0


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--answers", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = options.parse_args()
    # On disk, not in memory: a commit must cost what it costs.
    folder = Path(tempfile.mkdtemp(prefix="lantern-bench-", dir="/var/tmp"))
    try:
        print(f"Processes: 2 web; rounds: {asked.rounds} of {SECONDS:.0f} s; CPUs: {os.cpu_count()}.")
        starting_cost()
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
        with serving("tests.bench.floor:app", environment, port=floor_port) as floor:
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
        environment_of_worker = {**os.environ, **environment}
        worker = subprocess.Popen([sys.executable, "-m", "lms.cli", "work"], env=environment_of_worker)
        try:
            closed_loop(port, lambda: host.get(filled.lesson, filled.cookies[0]), seconds=2)
            weight = weight_mb(ours.pid) + weight_mb(worker.pid)
            line("the whole site (two web processes, worker), MB of PSS", weight, "under 300")
        finally:
            worker.terminate()
            worker.wait(15)
        page_bytes = len(gzip.compress(fetch(port, filled.lesson, ""), 5))
    css_bytes = len(gzip.compress((STATIC / "css" / "lantern.css").read_bytes(), 9))
    line("first visit to a lesson, HTML + CSS, KB compressed", (page_bytes + css_bytes) / 1024, "at most 14")
    site.close()


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
