"""The outbox: at most one automatic sending, whatever breaks and when (cases 36 and 80)."""

from __future__ import annotations

import email
import importlib.util
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lms import clock
from lms.errors import NotFound, Refused
from lms.jobs import running
from lms.jobs.models import Job
from lms.mail import services
from lms.mail.models import Message
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATIENCE_SECONDS = 30


def _neighbour(name: str) -> ModuleType:
    """A module that lies beside this one: tests are imported without being packages."""
    path = Path(__file__).with_name(f"{name}.py")
    found = importlib.util.spec_from_file_location(f"lms_tests_mail_{name}", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


SmtpServer = _neighbour("smtp_server").SmtpServer


@pytest.fixture
def server() -> Iterator[Any]:
    with SmtpServer() as running_server:
        yield running_server


def write(site: Site, to: str = "amina@example.org", subject: str = "Your certificate", **rest: Any) -> int:
    with site.writing() as session:
        message = services.write(
            session, to=to, subject=subject, body=rest.pop("body", "It is here.\n"), now=NOON, **rest
        )
        assert message is not None
        return message.id


def work(site: Site, *, after: timedelta = timedelta(0)) -> None:
    """Let the worker do what is due at ``after`` the writing."""
    with site.app.app_context(), clock.fixed(NOON + after):
        running.sweep()


def message(site: Site, number: int) -> Message:
    with site.reading() as session:
        return session.get_one(Message, number)


def files(site: Site) -> list[Path]:
    return sorted((site.config.instance / "mail").glob("*"))


def test_a_mail_is_sent_once_by_smtp(site_with: Callable[..., Site], server: Any) -> None:
    site = site_with(smtp_url=server.url, mail_from="Lantern Academy <learn@example.org>")
    number = write(site)
    for hours in range(3):
        work(site, after=timedelta(hours=hours))

    (raw,) = server.taken
    mail = email.message_from_string(raw, policy=policy.default)
    assert mail["From"] == "Lantern Academy <learn@example.org>"
    assert mail["To"] == "amina@example.org"
    assert mail["Subject"] == "Your certificate"
    assert mail["Message-ID"] == message(site, number).message_id
    assert mail["Date"].datetime == NOON
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content() == "It is here.\n"
    assert server.senders == ["mail FROM:<learn@example.org>"]
    assert server.recipients == ["rcpt TO:<amina@example.org>"]
    assert (message(site, number).state, message(site, number).sent_at) == ("sent", NOON)


def test_a_password_with_any_sign_is_given_to_the_server(site_with: Callable[..., Site], server: Any) -> None:
    site = site_with(smtp_url=server.url_with_password)
    write(site)
    work(site)

    assert server.passwords == ["AGxhbnRlcm4AcEBzczp3b3Jk"]  # \0lantern\0p@ss:word
    assert len(server.taken) == 1


def test_a_name_and_a_text_in_other_scripts_arrive_as_they_were_written(
    site_with: Callable[..., Site], server: Any
) -> None:
    site = site_with(smtp_url=server.url)
    write(site, to="李@example.org", subject="شهادة · 证书", body="Молодец!\n.\nДальше\n")
    work(site)

    mail = email.message_from_bytes(server.taken[0].encode(), policy=policy.default)
    assert mail["To"] == "李@example.org"
    assert mail["Subject"] == "شهادة · 证书"
    assert mail.get_content().splitlines() == ["Молодец!", ".", "Дальше"]


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("auth", "535 wrong password"),
        ("mail", "550 not from you"),
        ("rcpt", "550 no such box"),
        ("data", "554 no"),
        ("dot", "554 spam"),
    ],
)
def test_a_mail_that_the_server_refuses_for_good_is_failed_with_its_reason(
    site_with: Callable[..., Site], server: Any, step: str, reply: str
) -> None:
    server.replies[step] = reply
    site = site_with(smtp_url=server.url_with_password)
    number = write(site)
    for hours in range(3):
        work(site, after=timedelta(hours=hours))

    assert message(site, number).state == "failed"
    assert message(site, number).fault == f"The mail server did not take the message: {reply}"
    assert server.conversations == 1


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt", "data", "dot"])
def test_a_mail_that_the_server_refuses_for_now_is_tried_again_and_sent_once(
    site_with: Callable[..., Site], server: Any, step: str
) -> None:
    server.replies[step] = "451 come back later"
    site = site_with(smtp_url=server.url)
    number = write(site)
    work(site)
    assert message(site, number).state == "queued"
    server.replies.clear()
    server.taken.clear()
    work(site, after=timedelta(hours=1))
    work(site, after=timedelta(hours=2))

    assert message(site, number).state == "sent"
    assert len(server.taken) == 1


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt"])
def test_a_connection_lost_before_anything_went_out_is_tried_again(
    site_with: Callable[..., Site], server: Any, step: str
) -> None:
    server.breaks_at = step
    site = site_with(smtp_url=server.url)
    number = write(site)
    work(site)
    assert message(site, number).state == "queued"
    server.breaks_at = "never"
    work(site, after=timedelta(hours=1))

    assert message(site, number).state == "sent"
    assert len(server.taken) == 1


@pytest.mark.parametrize("step", ["data", "body", "dot"])
def test_a_connection_lost_while_the_message_leaves_is_unknown_and_not_sent_again(
    site_with: Callable[..., Site], server: Any, step: str
) -> None:
    server.breaks_at = step
    site = site_with(smtp_url=server.url)
    number = write(site)
    work(site)
    server.breaks_at = "never"
    for days in range(1, 4):
        work(site, after=timedelta(days=days))

    assert message(site, number).state == "unknown"
    assert "connection was lost" in str(message(site, number).fault)
    assert server.conversations == 1


def test_a_server_that_never_answers_makes_the_mail_failed_after_five_tries(site_with: Callable[..., Site]) -> None:
    with SmtpServer() as gone:
        url = gone.url
    site = site_with(smtp_url=url)
    number = write(site)
    for hours in range(8):
        work(site, after=timedelta(hours=2 * hours))

    assert message(site, number).state == "failed"
    assert "cannot be reached" in str(message(site, number).fault)


def test_case_36_a_worker_killed_while_sending_leaves_one_mail_and_the_word_unknown(
    site_with: Callable[..., Site],
) -> None:
    with SmtpServer(hold=threading.Event()) as server:
        site = site_with(smtp_url=server.url)
        with site.writing() as session:
            written = services.write(session, to="a@example.org", subject="Once", body="x\n", now=clock.now())
            assert written is not None
            number = written.id
        worker = start_worker(site)
        try:
            end = time.monotonic() + PATIENCE_SECONDS
            while not server.taken:
                assert time.monotonic() < end and worker.poll() is None, "the worker did not begin to send"
                time.sleep(0.02)
        finally:
            worker.kill()
            worker.wait()
        during = message(site, number).state
        later = clock.now() - NOON
        for minutes in (1, 11, 22, 60, 600):
            work(site, after=later + timedelta(minutes=minutes))

        assert during == "sending"
        assert (message(site, number).state, len(server.taken)) == ("unknown", 1)
        assert message(site, number).fault == "The worker ended while it was sending this message."


def test_case_36_a_mail_whose_cause_is_rolled_back_is_never_sent(site_with: Callable[..., Site], server: Any) -> None:
    site = site_with(smtp_url=server.url)
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        services.write(session, to="a@example.org", subject="Too early", body="x\n", now=NOON)
        raise ZeroDivisionError
    work(site)

    assert server.conversations == 0


def test_what_was_written_about_once_is_not_written_again(site: Site) -> None:
    write(site, once="certificate:7")
    with site.writing() as session:
        second = services.write(session, to="a@example.org", subject="x", body="x\n", now=NOON, once="certificate:7")
    work(site)

    assert second is None
    assert len(files(site)) == 1


def test_without_a_mail_server_mail_becomes_a_file_that_only_its_owner_reads(site: Site) -> None:
    number = write(site)
    work(site)

    (file,) = files(site)
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.suffix == ".eml"
    assert (mail["To"], mail.get_content().split()) == ("amina@example.org", ["It", "is", "here."])
    assert message(site, number).state == "sent"


def test_a_folder_that_cannot_be_written_is_tried_again(site: Site) -> None:
    site.config.instance.mkdir(exist_ok=True)
    (site.config.instance / "mail").write_text("a file in the place of the folder")
    number = write(site)
    work(site)
    assert message(site, number).state == "queued"
    (site.config.instance / "mail").unlink()
    work(site, after=timedelta(hours=1))

    assert message(site, number).state == "sent"


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.org\r\nBcc: everybody@example.org", "x"),
        ("a@example.org\nBcc: everybody@example.org", "x"),
        ("a@example.org, b@example.org", "x"),
        ("a@example.org> RCPT TO:<b@example.org", "x"),
        ("a@example.org", "x\r\nBcc: everybody@example.org"),
        ("a@example.org", "x\r\n\r\nAnother body"),
        ("a@example.org", "x\u2028Bcc: everybody@example.org"),
    ],
)
def test_case_80_no_name_or_subject_adds_a_header_or_a_recipient(
    site_with: Callable[..., Site], server: Any, to: str, subject: str
) -> None:
    site = site_with(smtp_url=server.url)
    number = write(site, to=to, subject=subject)
    work(site)

    for raw in server.taken:
        mail = email.message_from_string(raw, policy=policy.default)
        assert mail.get_all("To") == ["a@example.org"]
        assert mail.get_all("Bcc") is None
        assert mail.get_content() == "It is here.\n"
    assert set(server.recipients) <= {"rcpt TO:<a@example.org>"}
    assert message(site, number).state == ("sent" if server.taken else "failed")


@pytest.mark.parametrize("field", ["to", "subject"])
def test_case_80_a_row_with_a_line_break_is_refused_even_if_it_got_there(
    site_with: Callable[..., Site], server: Any, field: str
) -> None:
    site = site_with(smtp_url=server.url)
    number = write(site)
    with site.writing() as session:
        setattr(session.get_one(Message, number), field, "a@example.org\r\nBcc: b@example.org")
    work(site)

    assert message(site, number).state == "failed"
    assert server.taken == []


def test_an_admin_can_send_a_message_of_unknown_fate_again(site_with: Callable[..., Site], server: Any) -> None:
    server.breaks_at = "dot"
    site = site_with(smtp_url=server.url)
    number = write(site)
    work(site)
    server.breaks_at = "never"
    with site.writing() as session:
        services.send_again(session, message_id=number, now=NOON)
    work(site)

    assert message(site, number).state == "sent"
    first, second = (email.message_from_string(raw)["Message-ID"] for raw in server.taken)
    assert first == second


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_a_message_that_did_not_fail_is_not_sent_again(site: Site, state: str) -> None:
    number = write(site)
    with site.writing() as session:
        session.get_one(Message, number).state = state

    with pytest.raises(Refused), site.writing() as session:
        services.send_again(session, message_id=number, now=NOON)
    with pytest.raises(NotFound), site.writing() as session:
        services.send_again(session, message_id=number + 1, now=NOON)
    with site.reading() as session:
        assert len(session.query(Job).all()) == 1


def start_worker(site: Site) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "LMS_DATABASE_URL": site.config.database_url,
        "LMS_INSTANCE": str(site.config.instance),
        "LMS_SECRET_KEY": site.config.secret_key,
        "LMS_BASE_URL": site.config.base_url,
        "LMS_SMTP_URL": site.config.smtp_url or "",
        "LMS_SAFE_MODE": "1",
    }
    return subprocess.Popen([sys.executable, "-m", "lms.cli", "work", f"--end-with={os.getpid()}"], env=environment)
