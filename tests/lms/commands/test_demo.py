"""``make run``: from nothing to a site with a worker, stopped in order, and all of it there again the next time."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from sqlalchemy import select

from lms import clock
from lms.accounts.models import Person
from lms.accounts.passwords import passwords_at
from lms.config import Config
from lms.config import from_environment as config_from
from lms.database.session import Engines
from lms.mail import services as mail
from lms.paths import CHECKOUT
from lms.serving import preparing
from lms.testing import Site

PATIENCE_SECONDS = 90
LMS_DEMO = (sys.executable, "-m", "lms.cli", "demo")


class Demo:
    """One run of ``lms demo`` in a folder, or of a command that ends in it."""

    def __init__(self, folder: Path, port: int, *, command: Sequence[str] = LMS_DEMO) -> None:
        self.folder = folder
        self.port = port
        self.lines: list[str] = []
        env = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
        self.env = {**env, "LMS_INSTANCE": str(folder / "instance"), "LMS_SAFE_MODE": "1", "PORT": str(port)}
        self.process = subprocess.Popen(
            [*command],
            cwd=CHECKOUT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(re.search(pattern, line) for line in self.lines):
            assert self.process.poll() is None, "\n".join(self.lines)
            assert time.monotonic() < end, "\n".join(self.lines)
            time.sleep(0.05)

    def get(self, address: str) -> int:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{self.port}{address}", timeout=10) as response:
            return int(response.status)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        try:
            code = self.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            self.kill()
        self._reader.join(10)
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def config(self) -> Config:
        secret = (self.folder / "instance" / "secret-key").read_text().strip()
        return config_from({**self.env, "LMS_SECRET_KEY": secret, "LMS_BASE_URL": f"http://127.0.0.1:{self.port}"})

    def sign_ins(self) -> list[list[str]]:
        path = self.folder / "instance" / "demo-sign-ins.txt"
        return [line.split("\t") for line in path.read_text().splitlines()]


@pytest.fixture
def demos(tmp_path: Path) -> Iterator[Any]:
    made: list[Demo] = []

    def start(**how: Any) -> Demo:
        made.append(Demo(tmp_path, made[0].port if made else free_port(), **how))
        return made[-1]

    yield start
    for one in made:
        one.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def processes_of(folder: Path) -> list[int]:
    """Every process that was started with this folder as its instance."""
    wanted = f"LMS_INSTANCE={folder / 'instance'}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_from_nothing_to_a_site_and_everything_there_the_next_time(demos: Any, tmp_path: Path) -> None:
    first = demos()
    first.wait_for("Stop it with Ctrl-C")
    sign_ins = first.sign_ins()

    assert f"Lantern is at http://127.0.0.1:{first.port}" in first.lines
    assert [email for email, _ in sign_ins] == ["participant@example.org", "trainer@example.org", "admin@example.org"]
    for email, password in sign_ins:
        assert any(email in line and password in line for line in first.lines)
    assert stat.S_IMODE((tmp_path / "instance" / "demo-sign-ins.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "instance" / "secret-key").stat().st_mode) == 0o600
    assert (first.get("/healthz"), first.get("/readyz"), first.get("/privacy")) == (200, 200, 200)
    site = Site(first.config)
    with site.reading() as session:
        people = {person.email: person for person in session.scalars(select(Person))}
    assert {person.role: email for email, person in people.items()} == {
        role: f"{role}@example.org" for role in ("participant", "trainer", "admin")
    }
    assert all(person.email_verified_at for person in people.values())
    assert all(passwords_at("full").matches(people[email].password_hash, word) for email, word in sign_ins)
    beside = subprocess.run(
        [sys.executable, "-m", "lms.cli", "people", "list"],
        env={name: value for name, value in first.env.items() if name != "PORT"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "trainer@example.org\tDemo trainer\ttrainer\tcourse cross-border-e-commerce, verified" in beside.stdout
    assert first.get("/courses/cross-border-e-commerce") == 200
    other = Demo(tmp_path, free_port())
    assert other.process.wait(timeout=PATIENCE_SECONDS) == 1
    assert (tmp_path / "instance" / "address").read_text() == f"http://127.0.0.1:{first.port}\n"
    with site.writing() as session:
        mail.write(session, to="a@example.org", subject="x", body="x\n", now=clock.now())
    wait_for_files(tmp_path / "instance" / "mail", 1)
    site.close()

    assert first.end(signal.SIGINT) == 0
    assert first.lines[-1].startswith("Lantern has stopped.")
    assert not any("Traceback" in line for line in first.lines)
    assert processes_of(tmp_path) == []

    second = demos()
    second.wait_for("Stop it with Ctrl-C")

    assert second.sign_ins() == sign_ins
    assert all(any(email in line and word in line for line in second.lines) for email, word in sign_ins)
    assert second.get("/readyz") == 200
    assert second.end() == 0
    assert processes_of(tmp_path) == []
    engines = Engines(f"sqlite:///{tmp_path / 'instance' / 'lantern.db'}")
    with engines.read.connect() as connection:
        assert len(connection.execute(select(Person.id)).all()) == 3
    engines.dispose()


def test_people_who_changed_their_role_do_not_stop_the_next_start(site: Site) -> None:
    preparing.prepare(site.config, say=str)
    with site.writing() as session:
        session.scalars(select(Person).where(Person.role == "participant")).one().role = "trainer"
    preparing.prepare(site.config, say=str)

    with site.reading() as session:
        found = session.execute(select(Person.email, Person.role).order_by(Person.id)).all()
    assert [tuple(row) for row in found] == [
        ("participant@example.org", "trainer"),
        ("trainer@example.org", "trainer"),
        ("admin@example.org", "admin"),
    ]


def test_if_the_web_server_dies_everything_is_stopped(demos: Any, tmp_path: Path) -> None:
    demo = demos()
    demo.wait_for("Stop it with Ctrl-C")
    for process in processes_of(tmp_path):
        if Path(f"/proc/{process}/stat").read_text().split()[3] == str(demo.process.pid):
            os.kill(process, signal.SIGKILL)
    code = demo.process.wait(timeout=PATIENCE_SECONDS)
    demo._reader.join(10)

    assert code == 1
    assert any(line.startswith("Error: The web server ended by itself") for line in demo.lines)
    wait_until_gone(tmp_path)


def test_nothing_lives_on_when_make_run_is_killed(demos: Any, tmp_path: Path) -> None:
    demo = demos()
    demo.wait_for("Stop it with Ctrl-C")
    assert len(processes_of(tmp_path)) >= 4
    demo.kill()

    wait_until_gone(tmp_path)


def test_who_ends_make_ends_the_site_in_order(demos: Any, tmp_path: Path) -> None:
    """A shell between make and Lantern would die of the signal and leave the site behind."""
    port, programs = free_port(), Path(sys.executable).parent
    ready = ("-o", ".venv/.run-stamp", f"BIN={programs}")  # what make would build is there
    demo = Demo(tmp_path, port, command=("make", "run", f"PORT={port}", *ready))
    try:
        demo.wait_for("Stop it with Ctrl-C")
    finally:
        demo.end(signal.SIGTERM)

    assert any(line.startswith("Lantern has stopped.") for line in demo.lines)
    assert processes_of(tmp_path) == []


def wait_until_gone(folder: Path) -> None:
    end = time.monotonic() + 30
    while processes_of(folder):
        assert time.monotonic() < end, processes_of(folder)
        time.sleep(0.1)


def wait_for_files(folder: Path, many: int) -> None:
    end = time.monotonic() + 30
    while len(list(folder.glob("*.eml"))) < many:
        assert time.monotonic() < end, "the worker sent nothing"
        time.sleep(0.05)
