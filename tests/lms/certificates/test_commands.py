"""``lms certificates``: the operator's way to issue and revoke."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.certificates.serials import grouped
from lms.cli import cli
from lms.commands.site import CommandLine
from lms.testing import Site
from tests.factories.completions import finisher, issue

Run = Callable[..., Result]


@pytest.fixture
def run(site: Site) -> Iterator[Run]:
    """Run ``lms certificates`` on the test's site."""
    lines: list[CommandLine] = []

    def call(*arguments: str, typed: str | None = None) -> Result:
        lines.append(CommandLine(replace(site.config, third_party_plugins=False)))
        return CliRunner().invoke(cli, ("certificates", *arguments), obj=lines[-1], input=typed, prog_name="lms")

    yield call
    for line in lines:
        if "app" in line.__dict__:
            line.engines.dispose()


def issued_to(site: Site) -> list[int | None]:
    with site.reading() as session:
        return list(session.scalars(select(Certificate.person_id).order_by(Certificate.id)))


def test_issue_asks_first_and_then_says_what_became_of_each(site: Site, run: Run) -> None:
    ready = finisher(site)
    finisher(site, confirmed=False)

    refused = run("issue", typed="n\n")
    before = issued_to(site)
    done = run("issue", typed="y\n")
    again = run("issue", "--yes")

    assert (refused.exit_code, before) == (1, [])
    assert done.exit_code == 0
    assert "1 issued." in done.output
    assert "1 wait for a name; 1 were asked for it now." in done.output
    assert issued_to(site) == [ready.id]
    assert again.exit_code == 0
    assert "0 issued." in again.output
    assert "1 wait for a name; 0 were asked for it now." in again.output


def test_issue_for_one_course_leaves_the_others(site: Site, run: Run) -> None:
    one, _other = finisher(site, subject="course:one"), finisher(site, subject="course:one-more")
    further = finisher(site, subject="course:one:participation")

    done = run("issue", "--course", "one", "--yes")

    assert done.exit_code == 0
    assert issued_to(site) == [one.id, further.id]


def test_a_course_that_nobody_has_completed_is_named(site: Site, run: Run) -> None:
    finisher(site, subject="course:one")

    done = run("issue", "--course", "onne", "--yes")

    assert (done.exit_code, done.stderr) == (1, "Error: Nobody has completed a course with the short name onne.\n")
    assert issued_to(site) == []


def test_a_refusal_ends_with_a_reason_and_a_failure(site: Site, run: Run) -> None:
    finisher(site, certificate_name="Example 🎓")

    done = run("issue", "--yes")

    assert done.exit_code == 1
    assert "We cannot print" in done.output
    assert issued_to(site) == []


def test_revoke_takes_the_number_as_people_write_it_and_needs_a_reason(site: Site, run: Run) -> None:
    serial = issue(site, finisher(site)).serial

    without = run("revoke", serial)
    done = run("revoke", grouped(serial).lower(), "--reason", "Issued to the wrong person.")
    again = run("revoke", serial, "--reason", "Another.")

    assert without.exit_code == 2
    assert (done.exit_code, done.output) == (0, f"The certificate {grouped(serial)} is revoked.\n")
    assert (again.exit_code, "nothing was changed" in again.output) == (0, True)
    with site.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate.revoked")).one()
    assert (entry.actor_id, entry.reason) == (None, "Issued to the wrong person.")


@pytest.mark.parametrize("number", ["nonsense", "0" * 26])
def test_revoking_an_unknown_number_fails(run: Run, number: str) -> None:
    done = run("revoke", number, "--reason", "A reason.")

    assert done.exit_code == 1
    assert "We know no certificate with this number." in done.output
