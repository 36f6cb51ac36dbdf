"""The ``lms`` command: help, people, plugins, mail, database."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from courses.authoring.models import CourseTrainer
from courses.outline.models import Course
from lms import clock
from lms.accounts.models import Person, SignIn
from lms.accounts.passwords import passwords_at
from lms.audit.models import AuditEntry
from lms.cli import CORE, cli
from lms.commands.people import new_password
from lms.commands.site import CommandLine
from lms.mail.models import Message
from lms.testing import Site

Run = Callable[..., Result]


@pytest.fixture
def run(site: Site) -> Iterator[Run]:
    """Run ``lms`` on the test's site."""
    lines: list[CommandLine] = []

    def call(*arguments: str, typed: str | None = None, **changes: object) -> Result:
        lines.append(CommandLine(replace(site.config, third_party_plugins=False, **changes)))  # type: ignore[arg-type]
        return CliRunner().invoke(cli, arguments, obj=lines[-1], input=typed, prog_name="lms")

    yield call
    for line in lines:
        if "app" in line.__dict__:
            line.engines.dispose()


def person(site: Site, email: str) -> Person:
    with site.reading() as session:
        return session.scalars(select(Person).where(Person.email == email)).one()


def acts(site: Site) -> list[str]:
    with site.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def a_course(site: Site, slug: str) -> None:
    words = {"en": slug}
    with site.writing() as session:
        session.add(
            Course(
                slug=slug,
                revision=1,
                title=words,
                short_title=words,
                summary=words,
                about={},
                parts=[],
                source_language="en",
                languages=["en"],
                papers=[],
                package_version="1",
                package_hash="0",
                published_at=clock.now(),
            )
        )


def trainers(site: Site) -> list[tuple[str, str]]:
    with site.reading() as session:
        rows = session.execute(
            select(Person.email, Course.slug)
            .join(CourseTrainer, CourseTrainer.person_id == Person.id)
            .join(Course, Course.id == CourseTrainer.course_id)
            .order_by(Person.email, Course.slug)
        )
        return [(row.email, row.slug) for row in rows]


def every_command(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command, obj=CommandLine())
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from every_command(found, (*path, name))


def test_every_command_says_what_it_does() -> None:
    paths = list(every_command(cli))

    assert {path[0] for path in paths if path} >= {*CORE, "course"}
    for path in paths:
        found = CliRunner().invoke(cli, [*path, "--help"], obj=CommandLine(), prog_name="lms")
        assert found.exit_code == 0, path
        assert re.search(r"\n\n  [A-Z].+?\.\n\n", found.output, re.DOTALL), f"{path} says nothing"


def test_the_help_of_one_command_loads_no_more_than_it_needs() -> None:
    code = "import sys\nfrom lms.cli import main\nsys.argv = ['lms', 'serve', '--help']\ntry:\n    main()\nfinally:\n"
    code += "    print([name for name in ('flask', 'sqlalchemy', 'courses') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_named(run: Run) -> None:
    done = run("fly")

    assert done.exit_code == 2
    assert "No such command 'fly'" in done.output


def test_people_are_added_with_a_password_that_is_shown_once_and_works(site: Site, run: Run) -> None:
    done = run("people", "add", "Amina@Example.org", "--name", "Amina", "--country", "KE", "--verified")

    assert done.exit_code == 0, done.output
    shown = re.search(r"^Password \(shown only now\): (\S+)$", done.output, re.MULTILINE)
    assert shown is not None
    amina = person(site, "amina@example.org")
    assert passwords_at("test").matches(amina.password_hash, shown[1])
    assert (amina.role, amina.country) == ("participant", "KE")
    assert amina.email_verified_at is not None
    assert acts(site) == ["person.added"]


def test_a_password_can_be_typed_and_is_then_not_shown(site: Site, run: Run) -> None:
    typed = "long enough and odd\nlong enough and odd\n"

    done = run("people", "add", "a@example.org", "--name", "Amina", "--ask-password", typed=typed)

    assert done.exit_code == 0, done.output
    assert "long enough" not in done.output
    assert passwords_at("test").matches(person(site, "a@example.org").password_hash, "long enough and odd")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("people", "add", "not an address", "--name", "x"), "This is not yet an e-mail address"),
        (("people", "add", "a@example.org", "--name", " "), "Write a name."),
        (("people", "add", "a@example.org", "--name", "x", "--country", "ZZ"), "There is no country ZZ."),
        (
            ("people", "add", "a@example.org", "--name", "x", "--language", "klingon!"),
            "There is no language klingon! here",
        ),
        (("people", "add", "known@example.org", "--name", "x"), "known@example.org has an account already"),
        (("people", "role", "nobody@example.org", "admin"), "Nobody has the address nobody@example.org."),
        (("people", "password", "nobody@example.org"), "Nobody has the address nobody@example.org."),
        (("mail", "test", "not an address"), "This is not yet an e-mail address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    site: Site, run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    site.person(email="known@example.org")
    done = run(*arguments)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    with site.reading() as session:
        assert session.scalars(select(Person.email)).all() == ["known@example.org"]


def test_a_trainer_is_trainer_of_a_course(site: Site, run: Run) -> None:
    a_course(site, "trade")
    a_course(site, "tea")
    added = run("people", "add", "t@example.org", "--name", "T", "--role", "trainer", "--course", "trade")
    more = run("people", "role", "t@example.org", "trainer", "--course", "tea", "--course", "trade")
    listed = run("people", "list", "--role", "trainer")
    less = run("people", "role", "t@example.org", "trainer", "--withdraw", "--course", "trade")

    assert [done.exit_code for done in (added, more, listed, less)] == [0, 0, 0, 0], more.output
    assert listed.stdout == "t@example.org\tT\ttrainer\tcourse tea, course trade, not verified\n"
    assert less.output == "t@example.org is no longer trainer of course trade.\n"
    assert trainers(site) == [("t@example.org", "tea")]
    with site.reading() as session:
        acts = session.execute(select(AuditEntry.act, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    granted, withdrawn = ("person.role_granted", None), ("person.role_withdrawn", None)
    assert [tuple(act) for act in acts if "role_" in act.act] == [granted, granted, withdrawn]


def test_a_course_that_is_not_there_changes_nothing(site: Site, run: Run) -> None:
    site.person(email="p@example.org")
    done = run("people", "role", "p@example.org", "trainer", "--course", "nowhere")

    assert done.exit_code == 1
    assert person(site, "p@example.org").role == "participant"


def test_a_participant_is_trainer_of_nothing(site: Site, run: Run) -> None:
    a_course(site, "trade")
    done = run("people", "add", "p@example.org", "--name", "P", "--course", "trade")

    assert done.exit_code == 2
    assert "--course is for the role trainer" in done.stderr
    assert trainers(site) == []


def test_another_role_ends_the_sign_ins_and_is_in_the_audit_log(site: Site, run: Run) -> None:
    somebody = site.person(email="p@example.org")
    site.browser(somebody)
    done = run("people", "role", "p@example.org", "admin")

    assert done.output == "p@example.org is admin.\n"
    assert acts(site) == ["person.role_changed"]
    with site.reading() as session:
        assert session.scalars(select(SignIn.id)).all() == []


def test_the_last_admin_stays_admin(site: Site, run: Run) -> None:
    site.person(email="only@example.org", role="admin")
    done = run("people", "role", "only@example.org", "participant")

    assert done.exit_code == 1
    assert person(site, "only@example.org").role == "admin"


def test_a_new_password_signs_out_everywhere(site: Site, run: Run) -> None:
    somebody = site.person(email="p@example.org")
    site.browser(somebody)
    done = run("people", "password", "p@example.org")

    shown = done.output.strip().rpartition(" ")[2]
    assert passwords_at("test").matches(person(site, "p@example.org").password_hash, shown)
    assert acts(site) == ["person.password_set"]
    with site.reading() as session:
        assert session.scalars(select(SignIn.id)).all() == []


def test_many_people_are_listed_to_the_last_and_a_name_does_no_harm_to_the_terminal(site: Site, run: Run) -> None:
    site.person(email="evil@example.org", name="A\x1b[31m red\nb@example.org\tadmin")
    for _ in range(60):
        site.person()
    done = run("people", "list")

    lines = done.stdout.splitlines()
    assert len(lines) == 61
    assert "evil@example.org\tA?[31m red?b@example.org?admin\tparticipant\tverified" in lines
    assert done.stderr == "61 people.\n"


def test_generated_passwords_are_long_random_and_can_be_read_out() -> None:
    found = {new_password() for _ in range(500)}

    assert len(found) == 500
    assert all(
        re.fullmatch(r"([abcdefghjkmnpqrstuvwxyz2-9]{5}-){3}[abcdefghjkmnpqrstuvwxyz2-9]{5}", one) for one in found
    )


def test_the_built_in_plugins_are_listed(run: Run) -> None:
    done = run("plugins", "list")

    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()] == ["lms", "courses", "quizzes"]


def test_an_upgrade_says_what_it_did(run: Run) -> None:
    done = run("db", "upgrade")

    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"lantern: is at \w+\n", done.output)


def test_a_test_mail_goes_the_way_of_all_mail(site: Site, run: Run) -> None:
    done = run("mail", "test", "operator@example.org")

    assert done.output == f"The mail to operator@example.org lies in {site.config.instance / 'mail'}.\n"
    (file,) = (site.config.instance / "mail").glob("*.eml")
    assert b"To: operator@example.org" in file.read_bytes()
    with site.reading() as session:
        assert session.scalars(select(Message.state)).all() == ["sent"]


def test_a_test_mail_that_is_not_sent_is_a_failure_with_its_reason(run: Run) -> None:
    done = run("mail", "test", "operator@example.org", smtp_url="smtp://127.0.0.1:1")

    assert done.exit_code == 1
    assert "The mail server cannot be reached" in done.stderr


def test_a_command_of_a_plugin_that_takes_our_name_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import click\nfrom lms.plugins import About, hookimpl\nabout = About(name='thief', title='x', version='1')\n"
        "@click.command()\ndef serve():\n    'Serve something else.'\n"
        "@hookimpl\ndef lms_commands():\n    return [serve]\n"
    )
    (tmp_path / "lantern_test_thief.py").write_text(code)
    described = tmp_path / "thief-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: thief\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[lms.plugins.v1]\nthief = lantern_test_thief\n")
    monkeypatch.syspath_prepend(tmp_path)
    line = CommandLine()

    found = line.commands_of_plugins(taken=CORE)

    assert "serve" not in found
    assert [fault.name for fault in line.plugins.quarantined] == ["thief"]


def test_commands_beside_a_site_that_works_find_the_database_free(site: Site, run: Run) -> None:
    stop = threading.Event()

    def write_all_the_time() -> None:
        while not stop.is_set():
            site.person()

    thread = threading.Thread(target=write_all_the_time)
    thread.start()
    try:
        done = run("people", "add", "a@example.org", "--name", "Amina")
    finally:
        stop.set()
        thread.join()

    assert done.exit_code == 0, done.output
