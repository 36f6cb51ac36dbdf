"""``lms certificates``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from lms.commands.site import command_line, with_site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lms.certificates.services import Outcome


@click.group()
def certificates() -> None:
    """Issue certificates to those who completed a course, and revoke one."""


@certificates.command()
@click.option("--course", metavar="SLUG", help="Only for this course; without it for every course.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@with_site
def issue(course: str | None, yes: bool) -> None:
    """Issue to everybody who met the rules. Twice is harmless: what is issued is not touched again.

    Those who have not confirmed their name get one letter that asks for it.
    """
    from lms import clock
    from lms.certificates import services
    from lms.database.session import reading, transaction
    from lms.errors import Refused

    with reading() as session:
        numbers, open_ones = Counter[str](), []
        for subject in _subjects(session, course) if course else (None,):
            numbers.update(services.counts(session, subject=subject))
            open_ones += services.candidates(
                session, subject=subject, states=("ready", "waiting for name", "waiting for e-mail")
            )
    for state in services.STATES:
        click.echo(f"{numbers[state]:6}  {state}")
    if not open_ones:
        click.echo("Nobody waits for a certificate.")
        return
    if not yes:
        click.confirm(f"Issue {numbers['ready']} certificates now?", abort=True)
    chosen = [(one.person_id, one.subject) for one in open_ones]
    with click.progressbar(length=len(chosen), label="Issuing") as bar:
        outcome = services.issue_to_all(
            transaction,
            chosen=chosen,
            config=command_line().config,
            actor_id=None,
            now=clock.now(),
            note=lambda _done: bar.update(1),
        )
    _report(outcome)
    if outcome.refused:
        raise Refused("%(number)s were refused; the reasons are above.", number=len(outcome.refused))


def _subjects(session: Session, course: str) -> list[str]:
    """Every paper of a course that somebody has met the rules of."""
    from lms.certificates import services
    from lms.errors import NotFound

    own = f"course:{course}"
    found = [name for name, _ in services.subjects(session) if name == own or name.startswith(f"{own}:")]
    if not found:
        raise NotFound("Nobody has completed a course with the short name %(course)s.", course=course)
    return found


@certificates.command()
@click.argument("serial")
@click.option("--reason", required=True, help="Shown on the public page and kept in the audit log.")
@with_site
def revoke(serial: str, reason: str) -> None:
    """Revoke the certificate with the number SERIAL. Its public page says so at once."""
    from lms import clock
    from lms.certificates import services
    from lms.certificates.serials import grouped, read_serial
    from lms.database.session import transaction
    from lms.errors import NotFound

    stored = read_serial(serial)
    if stored is None:
        raise NotFound(services.UNKNOWN)
    with transaction() as session:
        was_revoked = services.by_serial(session, serial=stored).revoked_at is not None
        services.revoke(session, serial=stored, reason=reason, actor_id=None, now=clock.now())
    if was_revoked:
        click.echo(f"The certificate {grouped(stored)} was revoked before; nothing was changed.")
    else:
        click.echo(f"The certificate {grouped(stored)} is revoked.")


def _report(outcome: Outcome) -> None:
    click.echo(f"{len(outcome.issued)} issued.")
    click.echo(f"{len(outcome.had_one)} had one already.")
    click.echo(f"{len(outcome.waiting_for_name)} wait for a name; {len(outcome.asked_for_name)} were asked for it now.")
    click.echo(f"{len(outcome.waiting_for_email)} wait for a verified e-mail address.")
    for person_id, message, values in outcome.refused:
        click.echo(f"Person {person_id}: {message % values if values else message}", err=True)
