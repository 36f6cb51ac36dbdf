"""What a demo needs before it runs: tables, people and what plugins add; all of it is kept from run to run."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import or_, select

from lms import clock
from lms.accounts.models import ROLES, Person
from lms.accounts.passwords import passwords_at
from lms.accounts.services import add_person
from lms.app import create_app
from lms.commands.people import new_password
from lms.config import Config, must_be_writable, write_whole
from lms.database import migrating
from lms.database.session import transaction
from lms.errors import StartRefused
from lms.plugins import DemoStep
from lms.serving.demo import SIGN_INS, kept_sign_ins

Say = Callable[[str], None]


def prepare(config: Config, *, say: Say) -> None:
    """Tables, people and what plugins add to a demo; all of it is kept, so a second time changes nothing."""
    must_be_writable(config.instance)
    app = create_app(config)
    engines = app.extensions["lms.engines"]
    say("Bringing the database to this version.")
    migrating.upgrade(engines)
    for history in app.extensions["lms.plugins"].histories():
        try:
            migrating.upgrade(engines, [history])
        except StartRefused as refusal:
            say(str(refusal))
    with app.app_context():
        people = _people(config)
        steps: list[DemoStep] = app.extensions["lms.plugins"].collect("lms_demo")
        for step in steps:
            step.prepare(people, say)
    engines.dispose()


def _people(config: Config) -> dict[str, int]:
    """One person per role where there is none; gives the numbers of the demo's people by role."""
    path = config.instance / SIGN_INS
    lines = kept_sign_ins(path)
    now = clock.now()
    with transaction() as session:
        for role in ROLES:
            email, password = f"{role}@example.org", new_password()
            # Somebody with the role, or the demo's own person with another one by now.
            there = select(Person.id).where(or_(Person.role == role, Person.email == email)).limit(1)
            if session.scalar(there) is not None:
                continue
            add_person(
                session,
                email=email,
                name=f"Demo {role}",
                password=password,
                hashing=passwords_at(config.password_cost),
                role=role,
                email_verified=True,
                now=now,
            )
            lines[email] = password
        found = session.execute(select(Person.role, Person.id, Person.email)).all()
        people = {row.role: row.id for row in found if row.email == f"{row.role}@example.org"}
        known = {row.email for row in found}
        # Written before the commit: a password without its account is made anew, an account without one is lost.
        write_whole(path, "".join(f"{email}\t{lines[email]}\n" for email in lines if email in known))
    return people
