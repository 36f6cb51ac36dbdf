"""A real site for journeys: `lms serve` and, where mail is needed, `lms work`, on a copy of a prepared database."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from courses.authoring import services as trainers
from courses.commands import install_shipped
from lms import clock
from lms.accounts.models import Person
from lms.accounts.passwords import passwords_at
from lms.database import migrating
from lms.database.session import Engines
from lms.paths import CHECKOUT
from lms.testing import Site, config_for_tests

COURSE = "cross-border-e-commerce"
MODULE = "south-south-cooperation"
PASSWORD = "a lamp on a long road"
START_SECONDS = 60
MAIL_SECONDS = 40


def prepare(database_url: str, folder: Path) -> None:
    """Bring an empty database to what journeys start from: tables and the shipped course."""
    engines = Engines(database_url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(database_url, folder))
    with site.app.app_context():
        install_shipped(site.app)
    site.close()


class Live:
    """A site that answers on ``base``; ``site`` reads and writes the same database beside it."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.site = Site(config_for_tests(database_url, folder, base_url=self.base))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LMS_")},
            "LMS_DATABASE_URL": database_url,
            "LMS_SECRET_KEY": self.site.config.secret_key,
            "LMS_BASE_URL": self.base,
            "LMS_INSTANCE": str(folder),
            "LMS_DEMO": "1",
            "LMS_WORKERS": "1",
            "LMS_SAFE_MODE": "1",  # what another test installs as a plugin is no part of a journey
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *commands: list[str]) -> None:
        for command in commands:
            log = (self.folder / f"{command[0]}.log").open("wb")
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "lms.cli", *command, f"--end-with={os.getpid()}"],
                    cwd=CHECKOUT,
                    env=self.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
            log.close()
        opener = build_opener(ProxyHandler({}))
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                opener.open(f"{self.base}/healthz", timeout=5).close()
                return
            except (URLError, OSError):
                ended = [process for process in self.processes if process.poll() is not None]
                if ended or time.monotonic() > end:
                    raise AssertionError((self.folder / "serve.log").read_text()) from None
                time.sleep(0.1)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.site.close()

    def person(self, email: str, *, teaches: bool = False, **values: object) -> Person:
        """Somebody who signs in with `PASSWORD`."""
        hashed = passwords_at("test").hash(PASSWORD)
        person = self.site.person(email=email, password_hash=hashed, **values)
        if teaches:
            with self.site.writing() as session:
                trainers.grant(session, person_id=person.id, scope=COURSE, now=clock.now())
        return person

    def link_mailed_to(self, email: str) -> str:
        """The address in the mail that came to ``email``; waits for the worker."""
        end = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < end:
            for path in sorted((self.folder / "mail").glob("*.eml")):
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                found = re.search(rf"{re.escape(self.base)}/\S+", message.get_content()) if message["To"] else None
                if found and email in str(message["To"]):
                    return found[0]
            time.sleep(0.2)
        raise AssertionError(f"No mail came to {email}: {(self.folder / 'work.log').read_text()}")


@contextmanager
def live_on_sqlite(template: Path, folder: Path, *, worker: bool = False) -> Iterator[Live]:
    """A site on a copy of the SQLite database ``template``; both processes end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "journey.db")
    with live_on(f"sqlite:///{folder / 'journey.db'}", folder, worker=worker) as live:
        yield live


@contextmanager
def live_on(database_url: str, folder: Path, *, worker: bool = False) -> Iterator[Live]:
    live = Live(database_url, folder)
    try:
        live.start(["serve", "--port", str(live.port)], *([["work"]] if worker else []))
        yield live
    finally:
        live.stop()
