"""What the whole site weighs after an hour of use: web server and worker, started as operators do."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import select

from courses.learning.services import subject_of
from courses.outline.models import Course, Lesson, Module
from lms import clock
from lms.jobs.models import Job
from lms.jobs.running import LEASE
from lms.records import services as records
from lms.testing import Site
from lms.typesetting.typesetter import IDLE_SECONDS
from tests.bench.fill import Filled
from tests.bench.load import closed_loop
from tests.bench.servers import ROOT, wait_for, weight_mb

SECONDS = 20.0  # long enough for the pages that a process keeps to reach their bound
CERTIFICATES = 40
TYPESETTERS = "and for seconds the processes that set type"


@contextmanager
def whole_site(environment: Mapping[str, str], *, port: int, apart: bool) -> Iterator[list[int]]:
    """Web processes and worker, until the block ends; gives the ids of what was started: one service, or two."""
    lms = [sys.executable, "-m", "lms.cli"]
    env = {**os.environ, **environment}
    commands = (
        [["serve", "--port", str(port)], ["work"]] if apart else [["serve", "--port", str(port), "--with-worker"]]
    )
    started = [subprocess.Popen([*lms, *one], cwd=ROOT, env=env, start_new_session=True) for one in commands]
    try:
        wait_for(port, started[0])
        yield [one.pid for one in started]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(20)


def weigh(
    site: Site, filled: Filled, environment: Mapping[str, str], *, port: int, apart: bool = False
) -> dict[str, float]:
    """MB of PSS, summed: at rest, when many have read every lesson in each web process, with certificates issued.

    While they are set the most counts that was seen; the processes that set type then are told of by themselves.
    """
    found = dict[str, float]()
    host = f"127.0.0.1:{port}"
    addresses = _lessons(site)
    chance = random.Random(2026)
    with whole_site(environment, port=port, apart=apart) as processes:
        time.sleep(3)  # the worker's first round
        for _ in range(120):  # a booklet that is being made takes a gigabyte for seconds, which is told of by itself
            if not _works(site):
                break
            time.sleep(1)
        time.sleep(IDLE_SECONDS + 2)

        def now(what: str) -> None:
            every, typesetters = map(sum, zip(*map(weight_mb, processes), strict=True))
            found[what] = max(found.get(what, 0), every - typesetters)
            if typesetters:
                found[TYPESETTERS] = max(found.get(TYPESETTERS, 0), typesetters)

        now("at rest")
        by_turns = itertools.cycle(addresses)
        closed_loop(port, lambda: _get(host, next(by_turns), chance.choice(filled.cookies)), seconds=SECONDS)
        now("after every lesson, read by many")
        takers = iter(_complete(site, filled, first=CERTIFICATES if apart else 0))

        def claim() -> bytes:
            saver = next(takers, None)
            return _claim(host, *saver) if saver else _get(host, addresses[0], filled.cookies[0])

        with ThreadPoolExecutor() as pool:
            setting = pool.submit(closed_loop, port, claim, seconds=5.0, good=(200, 303))
            while not setting.done():
                now("while certificates are set")
                time.sleep(0.2)
        setting.result()
        time.sleep(IDLE_SECONDS + 2)
        now("after certificates")
    return found


def _works(site: Site) -> bool:
    """Whether a job is due that the worker has not done yet."""
    with site.reading() as session:
        due = (Job.state == "waiting", Job.done_at.is_(None), Job.run_after <= clock.now() + LEASE)
        return session.scalar(select(Job.id).where(*due).limit(1)) is not None


def _lessons(site: Site) -> list[str]:
    with site.reading() as session:
        rows = session.execute(
            select(Course.slug, Module.slug, Lesson.slug)
            .join(Module, Module.course_id == Course.id)
            .join(Lesson, Lesson.module_id == Module.id)
            .where(Course.slug.not_like("%-%0"), Lesson.retired_at.is_(None))
        ).all()
    return ["/courses/" + "/".join(row) for row in rows]


def _complete(site: Site, filled: Filled, *, first: int) -> Iterator[tuple[str, str, str]]:
    """Record that people have completed the course: its address, their cookie and form token."""
    these = slice(first, first + CERTIFICATES)
    slug = filled.course.rsplit("/", 1)[1]
    words = {"en": "Made up for the bench"}
    facts = {"title": words, "paper": words, "statement": words, "minutes": 600, "modules": 15, "score": 0.9}
    with site.writing() as session:
        for person in filled.people[these]:
            records.complete(
                session,
                person_id=person,
                subject=subject_of(slug),
                facts={**facts, "version": "1", "languages": ["en"]},
                now=clock.now(),
            )
    for saver in filled.savers[these]:
        yield f"{filled.course}/certificate", saver.cookie, saver.token


def _get(host: str, address: str, cookie: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n\r\n".encode()


def _claim(host: str, address: str, cookie: str, token: str) -> bytes:
    body = b"name=Made-up+Person"
    head = (
        f"POST {address} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-CSRFToken: {token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
