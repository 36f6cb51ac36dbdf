"""`lms people erase`: nothing that names a person is left, but the certificates that others rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import inspect, select, text

from lms import clock
from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.cli import cli
from lms.commands.site import CommandLine
from lms.database.base import db
from lms.mail import services as mail
from lms.testing import Site
from tests.house.world import World

NAME, EMAIL = "Zebunnisa Quixote", "zebunnisa@example.org"


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    """A world whose owner has a name that stands nowhere by chance, and a paper, a mail and acts with it."""
    world = World.make(site)
    owner = world.people["owner"].id
    with site.writing() as session:
        person = session.get_one(Person, owner)
        person.name, person.email, person.country = NAME, EMAIL, "KE"
        mail.write(session, to=EMAIL, subject="A letter", body=f"Dear {NAME}", now=clock.now(), person_id=owner)
        mail.write(session, to=EMAIL, subject="Another", body="To the address alone.", now=clock.now())
        accounts.attest_certificate_name(
            session, person_id=owner, name=NAME, actor_id=None, reason=f"{NAME} showed a passport.", now=clock.now()
        )
    yield world


def erase(world: World, *arguments: str, typed: str = "") -> Result:
    return lms(world, "people", "erase", *arguments, typed=typed)


def lms(world: World, *arguments: str, typed: str = "") -> Result:
    line = CommandLine(world.site.config)
    line.__dict__["app"] = world.site.app
    return CliRunner().invoke(cli, arguments, obj=line, input=typed, prog_name="lms")


def rows(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    with site.reading() as session:
        names = inspect(session.connection()).get_table_names()
        tables = [table for table in db.metadata.sorted_tables if table.name in names]
        return {table.name: [tuple(row) for row in session.execute(select(table))] for table in tables}


def naming(found: dict[str, list[tuple[Any, ...]]], words: str) -> set[str]:
    """The tables in which the words stand anywhere."""
    return {table for table, lines in found.items() if any(words.lower() in str(line).lower() for line in lines)}


def test_no_table_names_the_person_any_more_and_no_row_is_theirs(world: World) -> None:
    owner = world.people["owner"].id
    before = rows(world.site)

    done = erase(world, EMAIL, "--reason", "They asked for it on paper.", "--yes")

    assert done.exit_code == 0, done.output
    assert f"Account {owner} is erased. Certificates that stand on: 1." in done.output
    after = rows(world.site)
    assert naming(before, NAME) >= {"person", "mail_message", "audit_entry"}
    assert naming(after, NAME) == set()
    assert naming(after, EMAIL) == set()
    theirs = {}
    for table in db.metadata.sorted_tables:
        for place, column in enumerate(table.columns):
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                theirs[f"{table.name}.{column.name}"] = sum(line[place] == owner for line in after[table.name])
    assert {name: many for name, many in theirs.items() if many} == {}
    assert len(after["attempt"]) < len(before["attempt"])


def test_case_38_their_certificate_can_be_checked_and_revoked_as_before(world: World) -> None:
    guest = world.site.browser()
    shown = guest.get(f"/certificates/{world.serial}").text

    erase(world, EMAIL, "--reason", "They asked for it.", "--yes")

    assert "Amina Otieno" in shown
    after = guest.get(f"/certificates/{world.serial}").text
    assert ("This certificate stands." in after, "Amina Otieno" in after) == (True, True)
    admin = world.browser("admin")
    assert admin.post(f"/admin/certificates/{world.serial}/revoke", {"reason": "A trial."}).status_code == 303
    assert "This certificate was revoked." in guest.get(f"/certificates/{world.serial}").text


def test_the_figures_about_questions_are_those_of_the_tries_that_are_left(world: World) -> None:
    erase(world, EMAIL, "--reason", "They asked for it.", "--yes")

    rebuilt = lms(world, "quizzes", "facts", "rebuild")

    assert rebuilt.exit_code == 0
    assert ", 0 changed." in rebuilt.output


def test_nobody_gets_in_any_more_and_nobody_gets_the_number(world: World) -> None:
    owner = world.people["owner"].id
    phone = world.browser("owner")
    assert phone.get("/account").status_code == 200

    erase(world, EMAIL, "--reason", "They asked for it.", "--yes")

    assert phone.get("/account").status_code == 303
    with world.site.writing() as session:
        newcomer = world.site.person().id
    assert newcomer != owner
    with world.site.reading() as session:
        closed = session.get_one(Person, owner)
        assert (closed.name, closed.country, closed.role) == (f"Erased account {owner}", None, "participant")
        assert closed.suspended_at is not None
        act = session.scalars(select(AuditEntry).where(AuditEntry.act == "person.erased")).one()
        assert (act.about, act.actor_id, act.reason) == (f"person:{owner}", None, "They asked for it.")
    assert "Account erased" in world.browser("admin").get("/admin/audit").text


@pytest.mark.sqlite_only
def test_whose_try_gets_the_number_of_an_erased_one_can_answer(world: World) -> None:
    """A web process keeps what it read of an attempt, and SQLite gives the highest number away again."""
    answer = {"question": 1, "client": "phone", "counter": 1, "answer": {}}
    address = f"/quizzes/attempts/{world.attempt_id}/answers"
    assert world.browser("owner").post(address, json=answer).status_code == 200

    erase(world, EMAIL, "--reason", "They asked for it.", "--yes")

    browser = world.site.browser(world.spare)
    begun = browser.post("/quizzes/trade/basics/quiz").location
    assert begun == f"/quizzes/attempts/{world.attempt_id}/1"
    assert browser.post(address, json=answer).status_code == 200


def test_acts_of_somebody_who_was_erased_keep_their_author(world: World) -> None:
    admin = world.people["admin"]
    with world.site.writing() as session:
        person = session.get_one(Person, admin.id)
        person.email = "second@example.org"
        session.get_one(Person, world.people["trainer"].id).role = "admin"
    before = {line[0]: line[2] for line in rows(world.site)["audit_entry"]}

    done = erase(world, "second@example.org", "--reason", "They left.", "--yes")

    assert done.exit_code == 0, done.output
    after = {line[0]: line[2] for line in rows(world.site)["audit_entry"]}
    assert admin.id in before.values()
    assert {number: after[number] for number in before} == before


@pytest.mark.parametrize(
    ("who", "arguments", "typed", "said"),
    [
        ("owner", ("--reason", " ", "--yes"), "", "Write a reason."),
        ("admin", ("--reason", "x", "--yes"), "", "This is the last admin."),
        ("nobody", ("--reason", "x"), "", "Nobody has the address nobody@example.org."),
        ("owner", ("--reason", "x"), "n\n", "Aborted!"),
        ("owner", (), "", "Missing option '--reason'"),
    ],
)
def test_what_is_refused_erases_nothing(
    world: World, who: str, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    with world.site.reading() as session:
        person = session.get(Person, world.people[who].id) if who in world.people else None
        email = person.email if person else "nobody@example.org"
    before = rows(world.site)

    done = erase(world, email, *arguments, typed=typed)

    assert done.exit_code != 0
    assert said in done.output
    assert rows(world.site) == before


def test_rows_of_a_plugin_that_do_not_let_go_refuse_it_whole(world: World) -> None:
    owner = world.people["owner"].id
    with world.site.writing() as session:
        session.execute(text("CREATE TABLE ext_keeper_thing (person_id INTEGER NOT NULL REFERENCES person (id))"))
        session.execute(text("INSERT INTO ext_keeper_thing VALUES (:owner)"), {"owner": owner})
    before = rows(world.site)

    done = erase(world, EMAIL, "--reason", "They asked for it.", "--yes")

    assert (done.exit_code, rows(world.site)) == (1, before)
    assert "A plugin keeps rows of this person" in done.output
