"""``lms people``. What roles people hold for one thing (trainer of a course) comes from the plugins."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from lms.commands.site import CommandLine, command_line, with_site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lms.accounts.models import Person
    from lms.plugins import ScopedRole

ROLE = click.Choice(["participant", "trainer", "admin"])


class People(click.Group):
    """Gives each command that changes a role the options of the plugins' roles: ``--course SLUG``."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is None or cmd_name not in ("add", "role"):
            return command
        known = {parameter.name for parameter in command.params}
        for role in scoped_roles(ctx.ensure_object(CommandLine)).values():
            if role.scope not in known:
                command.params.append(
                    click.Option(
                        [f"--{role.scope}", role.scope],
                        multiple=True,
                        metavar="SLUG",
                        help=f"Make them {role.role} of this {role.scope}; may be given again.",
                    )
                )
        return command


@click.group(cls=People)
def people() -> None:
    """Add people, list them, and change their roles."""


@people.command()
@click.argument("email")
@click.option("--name", prompt="Name", help="How they are called on the site.")
@click.option("--role", type=ROLE, default="participant", show_default=True)
@click.option("--country", help="Two letters, such as KE (ISO 3166-1).")
@click.option("--time-zone", default="UTC", show_default=True, help="Such as Africa/Nairobi.")
@click.option("--language", default="en", show_default=True, help="One of those on the account page, such as zh.")
@click.option("--verified", is_flag=True, help="Take your word that the address is theirs.")
@click.option("--ask-password", is_flag=True, help="Ask for the password; else one is made and shown once.")
@with_site
def add(email: str, *, role: str, ask_password: bool, verified: bool, **rest: Any) -> None:
    """Add somebody with the address EMAIL."""
    from lms import clock
    from lms.accounts.passwords import passwords_at
    from lms.accounts.services import add_person
    from lms.database.session import transaction

    line = command_line()
    scopes = _take_scopes(line, rest)
    password = _asked_password() if ask_password else new_password()
    with transaction() as session:
        person = add_person(
            session,
            email=email,
            password=password,
            role=_role_for(line, scopes, role),
            hashing=passwords_at(line.config.password_cost),
            email_verified=verified,
            now=clock.now(),
            **rest,
        )
        _grant(session, line, person.id, scopes)
        added = f"{person.email} is added as {person.role}."
    click.echo(added)
    if not ask_password:
        click.echo(f"Password (shown only now): {password}")


@people.command("list")
@click.option("--role", type=ROLE, help="Only people with this role.")
@click.option("--search", default="", help="Only those with this part in their name or address.")
@with_site
def list_(role: str | None, search: str) -> None:
    """List people: address, name, role, what they hold, and whether the address is verified."""
    from lms.accounts.services import people_page
    from lms.database.session import reading

    roles = scoped_roles(command_line())
    number = pages = 1
    while number <= pages:
        with reading() as session:
            page = people_page(session, search=search, role=role, page=number)
            held = {
                person.id: [
                    f"{kind.scope} {slug}"
                    for kind in roles.values()
                    for slug in kind.held(session, person_id=person.id)
                ]
                for person in page.people
                if person.role != "participant"
            }
        for person in page.people:
            remarks = [*held.get(person.id, []), "verified" if person.email_verified_at else "not verified"]
            if person.suspended_at:
                remarks.append("suspended")
            click.echo(f"{person.email}\t{_printable(person.name)}\t{person.role}\t{', '.join(remarks)}")
        number, pages = number + 1, page.pages
    click.echo(f"{page.total} {'person' if page.total == 1 else 'people'}.", err=True)


@people.command()
@click.argument("email")
@click.argument("role", type=ROLE)
@click.option("--withdraw", is_flag=True, help="Take away what the other options name; the role stays.")
@with_site
def role(email: str, role: str, *, withdraw: bool, **rest: Any) -> None:
    """Give the person with the address EMAIL another ROLE; they sign in again."""
    from lms import clock
    from lms.accounts.services import change_role
    from lms.administration.services.people import withdraw_role
    from lms.database.session import transaction

    line = command_line()
    scopes = _take_scopes(line, rest)
    if withdraw and not any(scopes.values()):
        raise click.UsageError("--withdraw needs an option that says of what, such as --course.")
    with transaction() as session:
        person = _by_email(session, email)
        if withdraw:
            for name, slugs in scopes.items():
                for slug in slugs:
                    kind = scoped_roles(line)[name]
                    withdraw_role(session, kind=kind, person_id=person.id, scope=slug, actor_id=None, now=clock.now())
        else:
            _role_for(line, scopes, role)
            change_role(session, person_id=person.id, role=role, actor_id=None, now=clock.now())
            _grant(session, line, person.id, scopes)
        name = person.email
    of = ", ".join(f"{scope} {slug}" for scope, slugs in scopes.items() for slug in slugs)
    if withdraw:
        click.echo(f"{name} is no longer {role} of {of}.")
    else:
        click.echo(f"{name} is {role}{' of ' + of if of else ''}.")


@people.command()
@click.argument("email")
@click.option("--ask-password", is_flag=True, help="Ask for the password; else one is made and shown once.")
@with_site
def password(email: str, ask_password: bool) -> None:
    """Give the person with the address EMAIL a new password; every device is signed out."""
    from lms import clock
    from lms.accounts.passwords import check_new, passwords_at
    from lms.accounts.services import sign_out_everywhere
    from lms.audit import services as audit
    from lms.database.session import transaction

    fresh = _asked_password() if ask_password else new_password()
    with transaction() as session:
        person = _by_email(session, email)
        check_new(fresh, email=person.email, name=person.name)
        person.password_hash = passwords_at(command_line().config.password_cost).hash(fresh)
        sign_out_everywhere(session, person_id=person.id)
        audit.record(session, actor_id=None, act="person.password_set", about=f"person:{person.id}", now=clock.now())
        name = person.email
    click.echo(f"{name} has a new password.")
    if not ask_password:
        click.echo(f"Password (shown only now): {fresh}")


@people.command()
@click.argument("email")
@click.option("--reason", required=True, help="Kept in the audit log; leave name and address out of it.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@with_site
def erase(email: str, reason: str, yes: bool) -> None:
    """Erase the person with the address EMAIL and all that they did. It cannot be undone.

    Certificates stand, with the name on them: who relies on one can still check it.
    """
    from lms import clock
    from lms.accounts.passwords import passwords_at
    from lms.administration import services
    from lms.database.session import reading, transaction

    line = command_line()
    with reading() as session:
        _by_email(session, email)
    if not yes:
        click.confirm(f"Erase {email} and everything but the certificates? It cannot be undone.", abort=True)
    with transaction() as session:
        person_id = _by_email(session, email).id
        standing = services.erase(
            session,
            person_id=person_id,
            password_hash=passwords_at(line.config.password_cost).hash(new_password()),
            forget=[one.run for one in line.plugins.collect("lms_erasures")],
            actor_id=None,
            reason=reason,
            now=clock.now(),
        )
    click.echo(f"Account {person_id} is erased. Certificates that stand on: {standing}.")


def scoped_roles(line: CommandLine) -> dict[str, ScopedRole]:
    """The roles that are held for one thing, by the name of their option."""
    return {role.scope: role for role in line.plugins.collect("lms_roles")}


def new_password() -> str:
    """A random password of 90 bits that can be read out: four groups, without letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _asked_password() -> str:
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _take_scopes(line: CommandLine, options: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: options.pop(name, ()) for name in scoped_roles(line)}


def _role_for(line: CommandLine, scopes: dict[str, tuple[str, ...]], role: str) -> str:
    """``role``, if it may hold what is asked for: a participant is trainer of nothing."""
    for name, slugs in scopes.items():
        needed = scoped_roles(line)[name].role
        if slugs and role not in (needed, "admin"):
            raise click.UsageError(f"--{name} is for the role {needed}.")
    return role


def _grant(session: Session, line: CommandLine, person_id: int, scopes: dict[str, tuple[str, ...]]) -> None:
    from lms import clock
    from lms.administration.services.people import grant_role

    for name, slugs in scopes.items():
        for slug in slugs:
            kind = scoped_roles(line)[name]
            grant_role(session, kind=kind, person_id=person_id, scope=slug, actor_id=None, now=clock.now())


def _by_email(session: Session, email: str) -> Person:
    from sqlalchemy import select

    from lms.accounts.addresses import normalise
    from lms.accounts.models import Person
    from lms.errors import NotFound

    person = session.scalar(select(Person).where(Person.email == normalise(email)))
    if person is None:
        raise NotFound("Nobody has the address %(email)s.", email=email)
    return person


def _printable(name: str) -> str:
    """A name as one harmless line in a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
