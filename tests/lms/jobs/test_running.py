"""Jobs: a row in the transaction of its cause, run once, tried again, given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.models import EmailToken, SignIn
from lms.database.session import transaction
from lms.jobs import running, services
from lms.jobs.models import Job
from lms.plugins import JobKind
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Work:
    """A kind of job that notes what it was given and fails as often as it is told."""

    failures: int = 0
    seen: list[Mapping[str, Any]] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    def run(self, session: Session, payload: Mapping[str, Any]) -> None:
        self.seen.append(payload)
        services.enqueue(session, "tests.trace", {}, now=clock.now())
        if self.failures:
            self.failures -= 1
            raise OSError("the printer is on fire")

    def give_up(self, session: Session, payload: Mapping[str, Any], fault: str) -> None:
        self.given_up.append(fault)


@pytest.fixture
def work(site: Site) -> Work:
    work = Work()
    add(site, JobKind(name="tests.work", run=work.run, give_up=work.give_up))
    return work


def add(site: Site, kind: JobKind) -> None:
    """Add a kind of job, as a plugin does."""
    plugins = site.app.extensions["lms.plugins"]
    plugins._candidates[0].added["lms_jobs"].append(kind)
    plugins._collected.clear()


def enqueue(site: Site, kind: str = "tests.work", **payload: Any) -> int:
    with site.writing() as session:
        return services.enqueue(session, kind, payload, now=clock.now())


def job(site: Site, number: int) -> Job:
    with site.reading() as session:
        return session.get_one(Job, number)


def traces(site: Site) -> int:
    with site.reading() as session:
        return len(session.scalars(select(Job.id).where(Job.kind == "tests.trace")).all())


def run(site: Site, number: int) -> bool:
    with site.app.app_context():
        return running.run_job(number)


def sweep(site: Site) -> int:
    with site.app.app_context():
        return running.sweep()


def test_a_job_is_run_once_and_noted_as_done_with_its_own_rows(site: Site, work: Work) -> None:
    with clock.fixed(NOON):
        number = enqueue(site, page=7)
        first, second = run(site, number), run(site, number)

    assert (first, second) == (True, False)
    assert work.seen == [{"page": 7}]
    assert traces(site) == 1
    assert (job(site, number).state, job(site, number).tries, job(site, number).done_at) == ("done", 1, NOON)


def test_a_job_whose_cause_is_rolled_back_does_not_exist(site: Site, work: Work) -> None:
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        services.enqueue(session, "tests.work", {}, now=NOON)
        raise ZeroDivisionError

    sweep(site)

    assert work.seen == []


def test_a_failed_try_leaves_no_rows_and_waits_longer_each_time(site: Site, work: Work) -> None:
    work.failures = 2
    with clock.fixed(NOON):
        number = enqueue(site)
        run(site, number)
        again_at_once = run(site, number)

    assert again_at_once is False
    assert traces(site) == 0
    assert job(site, number).run_after == NOON + timedelta(seconds=30)
    assert job(site, number).fault == "OSError: the printer is on fire"
    with clock.fixed(NOON + HOUR):
        run(site, number)
    assert job(site, number).run_after == NOON + HOUR + timedelta(minutes=2)
    with clock.fixed(NOON + 2 * HOUR):
        assert run(site, number) is True
    assert (job(site, number).state, job(site, number).tries, job(site, number).fault) == ("done", 3, None)


def test_after_five_tries_a_job_is_failed_and_its_kind_is_told(site: Site, work: Work) -> None:
    work.failures = 99
    with clock.fixed(NOON):
        number = enqueue(site)
    for hour in range(9):
        with clock.fixed(NOON + hour * 2 * HOUR):
            run(site, number)

    assert len(work.seen) == 5
    assert work.given_up == ["OSError: the printer is on fire"]
    assert (job(site, number).state, job(site, number).fault) == ("failed", "OSError: the printer is on fire")


def test_a_worker_that_dies_with_its_job_has_used_up_a_try(site: Site) -> None:
    deaths = []

    def die(_payload: Mapping[str, Any]) -> None:
        deaths.append(clock.now())
        raise SystemExit  # as little is noted as at a kill

    add(site, JobKind(name="tests.deadly", run_in_steps=die))
    with clock.fixed(NOON):
        number = enqueue(site, "tests.deadly")
    for minutes in (0, 1, 11, 22, 33, 44, 55):
        with clock.fixed(NOON + timedelta(minutes=minutes)):
            try:
                run(site, number)
            except SystemExit:
                continue

    assert [moment - NOON for moment in deaths] == [timedelta(minutes=minutes) for minutes in (0, 11, 22, 33, 44)]
    assert job(site, number).state == "failed"


def test_of_many_workers_one_does_a_job(site: Site, work: Work) -> None:
    numbers = [enqueue(site, number=number) for number in range(5)]
    done: list[bool] = []
    threads = [threading.Thread(target=lambda n=number: done.append(run(site, n))) for number in numbers * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done.count(True) == 5
    assert sorted(payload["number"] for payload in work.seen) == [0, 1, 2, 3, 4]


def test_work_of_an_overtaken_worker_does_not_stand(site: Site) -> None:
    def slow(session: Session, _payload: Mapping[str, Any]) -> None:
        services.enqueue(session, "tests.trace", {}, now=NOON)
        session.get_one(Job, number).tries += 1  # as a second worker's claim does
        session.flush()

    add(site, JobKind(name="tests.slow", run=slow))
    number = enqueue(site, "tests.slow")

    assert run(site, number) is False
    assert traces(site) == 0
    assert job(site, number).state == "waiting"


def test_the_sweep_runs_what_is_due_and_nothing_else(site: Site, work: Work) -> None:
    with clock.fixed(NOON + HOUR):
        later = enqueue(site, when="later")
    with clock.fixed(NOON):
        enqueue(site, when="now")
        sweep(site)

    assert work.seen == [{"when": "now"}]
    assert job(site, later).state == "waiting"


def test_the_sweep_stops_when_it_is_asked_to(site: Site, work: Work) -> None:
    for _ in range(3):
        enqueue(site)

    with site.app.app_context():
        running.sweep(stopping=lambda: len(work.seen) == 2)

    assert len(work.seen) == 2


def test_a_kind_that_nobody_knows_waits_for_its_plugin(site: Site, work: Work) -> None:
    number = enqueue(site, "essays.mark")
    sweep(site)
    assert run(site, number) is False
    assert (job(site, number).state, job(site, number).tries) == ("waiting", 0)

    add(site, JobKind(name="essays.mark", run=work.run))
    sweep(site)

    assert job(site, number).state == "done"


def test_work_by_the_clock_is_started_once_in_its_time(site: Site, work: Work) -> None:
    add(site, JobKind(name="tests.hourly", run=work.run, every=HOUR))
    for minutes in (0, 1, 59, 60, 61):
        with clock.fixed(NOON + timedelta(minutes=minutes)):
            sweep(site)

    assert len(work.seen) == 2
    with site.reading() as session:
        assert len(session.scalars(select(Job.id).where(Job.kind == "tests.hourly")).all()) == 1


def test_rows_of_old_work_go_and_failed_ones_stay(site: Site, work: Work) -> None:
    with clock.fixed(NOON):
        done, failed = enqueue(site), enqueue(site)
        run(site, done)
    with site.writing() as session:
        session.get_one(Job, failed).state = "failed"
    with clock.fixed(NOON + timedelta(days=31)):
        sweep(site)

    with site.reading() as session:
        left = session.scalars(select(Job.id).where(Job.kind == "tests.work")).all()
    assert left == [failed]


def test_sign_ins_and_links_that_have_run_out_are_forgotten(site: Site) -> None:
    person = site.person()
    with site.writing() as session:
        for name, end in (("old", NOON - HOUR), ("living", NOON + HOUR)):
            session.add(SignIn(token_hash=name, person_id=person.id, begun_at=NOON - 2 * HOUR, expires_at=end))
            session.add(
                EmailToken(
                    token_hash=name,
                    purpose="reset",
                    person_id=person.id,
                    email=person.email,
                    created_at=NOON - 2 * HOUR,
                    expires_at=end,
                )
            )
    with clock.fixed(NOON):
        sweep(site)

    with site.reading() as session:
        assert session.scalars(select(SignIn.token_hash)).all() == ["living"]
        assert session.scalars(select(EmailToken.token_hash)).all() == ["living"]


@pytest.mark.parametrize(
    "ways",
    [{}, {"run": lambda session, payload: None, "run_in_steps": lambda payload: None}],
    ids=["neither way", "both ways"],
)
def test_a_kind_works_in_exactly_one_way(ways: dict[str, Callable[..., None]]) -> None:
    with pytest.raises(ValueError, match="either run or run_in_steps"):
        JobKind(name="tests.unclear", **ways)


def test_a_job_may_write_mail_and_tell_of_it_after_its_commit(site: Site) -> None:
    told: list[str] = []

    def tell(session: Session, _payload: Mapping[str, Any]) -> None:
        from lms.database.session import after_commit

        after_commit(session, lambda: told.append("committed"))

    add(site, JobKind(name="tests.tell", run=tell))
    number = enqueue(site, "tests.tell")
    with site.app.app_context():
        running.run_job(number)
        with transaction() as session:
            assert session.get_one(Job, number).state == "done"

    assert told == ["committed"]
