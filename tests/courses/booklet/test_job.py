"""Booklets after an installation: made once by the worker, kept for every machine, made anew when they should be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courses import kinds
from courses.booklet import building, services
from courses.commands import install_package
from courses.outline.models import Booklet, Course
from lms import clock
from lms.jobs import running
from lms.jobs.models import Job
from lms.testing import Site
from tests.factories.courses import SMALL, small_course, write_package

Install = Callable[[dict[str, Any]], None]


@pytest.fixture
def install(site: Site, tmp_path: Path) -> Install:
    """Install a package as the command does."""

    def run(files: dict[str, Any]) -> None:
        with site.app.app_context():
            install_package(kinds.read(site.app, write_package(tmp_path / "small", files)))

    return run


def work(site: Site) -> int:
    """Do what waits, once it is due."""
    with site.app.app_context(), clock.fixed(clock.now() + services.WAIT):
        return sum(running.run_job(number) for number in asked(site))


def asked(site: Site, state: str = "waiting") -> list[int]:
    with site.reading() as session:
        where = (Job.kind == services.JOB, Job.state == state)
        return list(session.scalars(select(Job.id).where(*where).order_by(Job.id)))


def kept(site: Site) -> dict[str, Booklet]:
    with site.reading() as session:
        return {row.format: row for row in session.scalars(select(Booklet))}


def revision(site: Site) -> int:
    with site.reading() as session:
        return session.scalars(select(Course.revision)).one()


def test_an_installation_asks_for_both_formats_and_the_worker_makes_them(site: Site, install: Install) -> None:
    install(small_course())
    before = revision(site)

    assert len(asked(site)) == 2
    assert work(site) == 2

    found = kept(site)
    assert set(found) == {"pdf", "epub"}
    with site.reading() as session:
        for row in session.scalars(select(Booklet)):
            assert row.content.startswith(b"%PDF-" if row.format == "pdf" else b"PK")
            assert (row.size_bytes, row.sha256) == (len(row.content), hashlib.sha256(row.content).hexdigest())
    assert revision(site) == before + 2  # so that no page is kept that does not offer them


def test_an_unchanged_course_is_not_made_again(site: Site, install: Install) -> None:
    install(small_course())
    install(small_course())
    assert len(asked(site)) == 2
    work(site)
    made, at = {name: row.sha256 for name, row in kept(site).items()}, revision(site)

    install(small_course())

    assert asked(site) == []
    assert {name: row.sha256 for name, row in kept(site).items()} == made
    assert revision(site) == at


def test_a_job_that_runs_twice_makes_one_booklet(site: Site, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(small_course())
    number = asked(site)[0]
    with site.reading() as session:
        payload = dict(session.get_one(Job, number).payload)
    work(site)
    at = revision(site)
    monkeypatch.setattr(building, "build", None)  # it would be called in vain

    with site.app.app_context():
        kinds_of_jobs = running.kinds()
        kinds_of_jobs[services.JOB].run_in_steps(payload)  # type: ignore[misc]

    assert revision(site) == at


def test_a_changed_course_is_made_anew_and_what_was_asked_before_is_overtaken(site: Site, install: Install) -> None:
    install(small_course())
    changed = small_course()
    changed["alpha/second.en.md"] = changed["alpha/second.en.md"].replace("More text.", "Other text.")
    install(changed)

    assert len(asked(site)) == 4
    work(site)

    with site.reading() as session:
        current = session.scalars(select(Course.package_hash)).one()
    assert {row.package_hash for row in kept(site).values()} == {current}
    assert len(kept(site)) == 2


def test_another_address_of_the_site_calls_for_other_codes(site: Site, install: Install) -> None:
    install(small_course())
    work(site)
    before = {name: row.sha256 for name, row in kept(site).items()}
    site.app.extensions["lms.config"] = replace(site.config, base_url="http://127.0.0.1:9999")

    with site.writing() as session:
        running.kinds()["courses.plan_booklets"].run(session, {})  # type: ignore[misc]
    work(site)

    after = {name: row.sha256 for name, row in kept(site).items()}
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def test_a_booklet_that_cannot_be_made_is_a_failed_job_that_says_where(site: Site, install: Install) -> None:
    files = small_course()
    files["alpha/second.en.md"] += "\nA smile \U0001f600.\n"
    install(files)
    for _ in range(running.TRIES):
        with site.writing() as session:
            for job in session.scalars(select(Job).where(Job.kind == services.JOB)):
                job.run_after = job.created_at
        work(site)

    assert set(kept(site)) == {"epub"}
    assert len(asked(site, "failed")) == 1
    page = site.browser(site.person(role="admin")).get("/admin/jobs").text
    assert "alpha/second.en.md:13: The fonts of the booklet have no sign for" in page
    with site.writing() as session:  # it is not tried again each hour
        assert services.plan(session, base_url=site.config.base_url, now=clock.now()) == 0


def test_the_files_of_the_package_are_kept_as_they_were_read(site: Site, install: Install, tmp_path: Path) -> None:
    install(small_course())

    with site.reading() as session:
        files, _ = services.kept_package(session, course_slug=SMALL)

    folder = tmp_path / "small"
    on_disk = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert dict(files) == on_disk
    with site.app.app_context():
        assert kinds.read(site.app, files) == kinds.read(site.app, folder)
