"""Waking the worker: a number in JSON, never in the way of the request, and a worker that ends in order."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from lms import clock
from lms.config import Config
from lms.jobs import services, waking
from lms.jobs.models import Job
from lms.mail import services as mail
from lms.testing import Site
from tests.bench.servers import family, free_port, wait_for

PATIENCE_SECONDS = 30


def queued(config: Config) -> list[bytes]:
    """What lies in Huey's queue."""
    if config.is_sqlite:
        with sqlite3.connect(config.instance / "jobs.db") as connection:
            return [bytes(row[0]) for row in connection.execute("SELECT data FROM task ORDER BY id")]
    with psycopg.connect(config.database_url.replace("+psycopg", "")) as connection:
        return [bytes(row[0]) for row in connection.execute("SELECT data FROM huey_task ORDER BY id")]


def test_a_committed_job_puts_its_number_into_the_queue_as_json(site: Site) -> None:
    with site.writing() as session:
        number = services.enqueue(session, "tests.work", {"secret": "stays in the row"}, now=clock.now())

    (message,) = queued(site.config)
    assert message.startswith(b'{"id": ')
    assert message.endswith(f'"args": [{number}]}}'.encode())


def test_a_job_for_later_wakes_nobody_now(site: Site) -> None:
    with site.writing() as session:
        services.enqueue(session, "tests.work", {}, now=clock.now())
        services.enqueue(session, "tests.work", {}, now=clock.now(), at=clock.now() + timedelta(minutes=5))

    assert len(queued(site.config)) == 1


def test_a_job_that_is_rolled_back_wakes_nobody(site: Site) -> None:
    with site.writing() as session:
        services.enqueue(session, "tests.work", {}, now=clock.now())
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        services.enqueue(session, "tests.work", {}, now=clock.now())
        raise ZeroDivisionError

    assert len(queued(site.config)) == 1


def test_an_app_opens_no_queue_before_there_is_a_job(site: Site) -> None:
    site.browser().get("/healthz")

    assert not (site.config.instance / "jobs.db").exists()
    if not site.config.is_sqlite:
        with psycopg.connect(site.config.database_url.replace("+psycopg", "")) as connection:
            assert connection.execute("SELECT to_regclass('huey_task')").fetchone() == (None,)


@pytest.mark.sqlite_only
def test_a_queue_that_cannot_be_opened_does_not_fail_the_work(site_with: Callable[..., Site], tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the place of the folder")
    site = site_with(instance=tmp_path / "a file")

    with site.writing() as session:
        number = services.enqueue(session, "tests.work", {}, now=clock.now())

    with site.reading() as session:
        assert session.scalars(select(Job.id)).all() == [number]


def test_what_lies_in_the_queue_runs_no_code(config: Config) -> None:
    ran: list[int] = []
    huey, put = waking.open_queue(config, run=ran.append)
    pickle = b"cos\nsystem\n(S'touch /tmp/lantern-was-here'\ntR."
    huey.storage.enqueue(pickle)
    with pytest.raises(ValueError, match=r"."):
        huey.dequeue()
    put(7)

    huey.execute(huey.dequeue())

    assert ran == [7]
    assert not Path("/tmp/lantern-was-here").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_worker_does_what_waits_and_what_comes_and_ends_in_order(
    site_with: Callable[..., Site], number: signal.Signals
) -> None:
    site = site_with()
    write_mail(site, "waits@example.org")
    worker = start_worker(site)
    try:
        wait_until_sent(site, 1)
        write_mail(site, "comes@example.org")
        began = time.monotonic()
        wait_until_sent(site, 2)
        woken_after = time.monotonic() - began
        worker.send_signal(number)
        code = worker.wait(timeout=PATIENCE_SECONDS)
    finally:
        worker.kill()
        worker.wait()

    assert code == 0
    assert woken_after < PATIENCE_SECONDS  # a sweep alone would take up to a minute


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_worker_beside_the_web_server_is_replaced_when_it_dies_and_ends_with_the_server(
    site_with: Callable[..., Site], number: signal.Signals
) -> None:
    site = site_with()
    with server_with_worker(site) as server:
        os.kill(worker_beside(server), signal.SIGKILL)
        write_mail(site, "second@example.org")
        wait_until_sent(site, 2)
        everybody = family(server.pid)
        os.killpg(server.pid, number)  # as Ctrl-C does
        code = server.wait(timeout=PATIENCE_SECONDS)

    assert code == 0
    assert len(everybody) == 5  # the server, two web processes, the worker and who keeps it
    assert [process for process in everybody if alive(process)] == []


def test_a_worker_beside_a_web_server_that_is_killed_ends_too(site_with: Callable[..., Site]) -> None:
    with server_with_worker(site_with()) as server:
        everybody = family(server.pid)

    end = time.monotonic() + PATIENCE_SECONDS
    while any(map(alive, everybody)):
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def server_with_worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """``lms serve --with-worker``, whose worker has sent a mail; killed at the end of the block."""
    port = free_port()
    server = start(site, "serve", "--with-worker", "--port", str(port))
    try:
        wait_for(port, server)
        write_mail(site, "first@example.org")
        wait_until_sent(site, 1)
        yield server
    finally:
        server.kill()
        server.wait()


def worker_beside(server: subprocess.Popen[bytes]) -> int:
    """The one process that is a child of a child of the server."""
    (worker,) = {process for child in family(server.pid)[1:] for process in family(child)[1:]}
    return worker


def alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def write_mail(site: Site, to: str) -> None:
    with site.writing() as session:
        mail.write(session, to=to, subject="Good news", body="There is mail.\n", now=clock.now())


def wait_until_sent(site: Site, many: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while len(list((site.config.instance / "mail").glob("*.eml"))) < many:
        assert time.monotonic() < end, "the worker did not send the mail in time"
        time.sleep(0.05)


def start_worker(site: Site) -> subprocess.Popen[bytes]:
    return start(site, "work")


def start(site: Site, *command: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "LMS_DATABASE_URL": site.config.database_url,
        "LMS_INSTANCE": str(site.config.instance),
        "LMS_SECRET_KEY": site.config.secret_key,
        "LMS_BASE_URL": site.config.base_url,
        "LMS_SAFE_MODE": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "lms.cli", *command, f"--end-with={os.getpid()}"],
        env=environment,
        start_new_session=True,
    )
