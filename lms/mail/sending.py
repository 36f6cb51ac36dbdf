"""Send what lies in the outbox: at most one automatic sending a message, whatever breaks and when.

"sending" is committed before a byte leaves. After that only three ends are possible: the server took the mail ("sent"),
it surely did not ("failed"; or once more "queued" where a later try can help), or nobody knows ("unknown"): then an
admin decides, and nothing is sent again by itself.
"""

from __future__ import annotations

import logging
import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from email_validator import validate_email
from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms import clock
from lms.config import LOOPBACK, Config
from lms.database.session import transaction
from lms.mail.models import Message

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30
"""How long one step of the conversation with the mail server may take."""
ABANDONED = timedelta(minutes=9)
"""A message that has been "sending" this long has lost its worker: a whole conversation is shorter."""


class NotSent(Exception):
    """The message surely did not go out; ``again`` says whether a later try can help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class NobodyKnows(Exception):
    """The connection was lost after the message began to leave."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is sent of a message's row."""

    id: int
    message_id: str
    to: str
    subject: str
    body: str
    written_at: datetime


def send(payload: Mapping[str, Any]) -> None:
    """The work of ``lms.send_mail``: send one message, if it is still queued.

    Raises NotSent where the worker shall try again later.
    """
    number = int(payload["message"])
    config: Config = current_app.extensions["lms.config"]
    with transaction() as session:
        letter = _begin(session, number)
    if letter is None:
        return
    try:
        deliver(config, letter)
    except NobodyKnows as error:
        _end(number, "unknown", fault=str(error))
    except NotSent as error:
        _end(number, "queued" if error.again else "failed", fault=str(error))
        if error.again:
            raise
    else:
        _end(number, "sent", fault=None)


def give_up(session: Session, payload: Mapping[str, Any], fault: str) -> None:
    """The last try failed: what is still queued will not be sent by itself, and of what left nobody knows."""
    number = int(payload["message"])
    session.execute(
        update(Message)
        .where(Message.id == number, Message.state == "queued")
        .values(state="failed", fault=func.coalesce(Message.fault, fault))
    )
    _note_abandoned(session, number, clock.now())


def deliver(config: Config, letter: _Letter) -> None:
    """Hand one letter to the mail server, or write it into ``instance/mail`` where none is set.

    Raises NotSent or NobodyKnows.
    """
    mail = _written(config, letter)
    if config.smtp_url:
        _to_server(config.smtp_url, mail, sender=parseaddr(config.mail_from)[1], to=letter.to)
    else:
        _to_folder(config.instance / "mail", letter, mail)


def _begin(session: Session, number: int) -> _Letter | None:
    now = clock.now()
    begun = session.scalar(
        update(Message)
        .where(Message.id == number, Message.state == "queued")
        .values(state="sending", sending_at=now)
        .returning(Message.id)
    )
    if begun is None:
        _note_abandoned(session, number, now)
        return None
    row = session.execute(
        select(Message.id, Message.message_id, Message.to, Message.subject, Message.body, Message.created_at).where(
            Message.id == number
        )
    ).one()
    return _Letter(*row)


def _note_abandoned(session: Session, number: int, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.id == number, Message.state == "sending", Message.sending_at <= now - ABANDONED)
        .values(state="unknown", fault="The worker ended while it was sending this message.")
    )


def _end(number: int, state: str, *, fault: str | None) -> None:
    if fault:
        log.warning("message %s is %s: %s", number, state, fault)
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id == number, Message.state == "sending")
            .values(state=state, fault=fault, sent_at=clock.now() if state == "sent" else None)
        )


def _written(config: Config, letter: _Letter) -> EmailMessage:
    """The mail with its headers; one that cannot be a header is refused, never cut or repaired."""
    mail = EmailMessage(policy=policy.SMTP)
    try:
        _must_be_one_line(letter.to, letter.subject, letter.message_id)
        mail["From"] = config.mail_from
        # Address() reads no letters beyond ASCII; what is checked here holds one mailbox and no more.
        to = validate_email(letter.to, check_deliverability=False)
        mail["To"] = Address(username=to.local_part, domain=to.ascii_domain)
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(letter.written_at)
        mail["Message-ID"] = letter.message_id
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body, cte="base64" if not letter.body.isascii() else None)
    except (ValueError, IndexError, LookupError) as error:
        raise NotSent(f"This address or subject cannot stand in a mail: {error}", again=False) from None
    return mail


def _must_be_one_line(*values: str) -> None:
    for value in values:
        if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", value):
            raise ValueError("it holds a control character")


def _to_server(url: str, mail: EmailMessage, *, sender: str, to: str) -> None:
    """One conversation by SMTP (RFC 5321), ended as soon as the server has taken the message."""
    server = urlsplit(url)
    host = server.hostname or ""
    try:
        client = _connect(server.scheme, host, server.port)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"The mail server cannot be reached: {_reason(error)}", again=True) from None
    try:
        try:
            client.ehlo_or_helo_if_needed()
            if server.scheme == "smtp" and client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            elif server.scheme == "smtp" and server.username and host not in LOOPBACK:
                raise NotSent("The mail server offers no TLS, and a password is not sent in the open.", again=False)
            if server.username:
                client.login(unquote(server.username), unquote(server.password or ""))
            raw, options = _as_bytes(client, mail, to)
            _must_take(*client.mail(sender, options))
            _must_take(*client.rcpt(to))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise _not_taken(error) from None
        try:
            reply = client.data(raw)
        except smtplib.SMTPDataError as error:
            raise _not_taken(error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NobodyKnows(f"The connection was lost while the message was being sent: {_reason(error)}") from None
        _must_take(*reply)
    finally:
        _part(client)


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=PATIENCE_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 587, timeout=PATIENCE_SECONDS)


def _as_bytes(client: smtplib.SMTP, mail: EmailMessage, to: str) -> tuple[bytes, list[str]]:
    if to.isascii():
        return mail.as_bytes(), []
    if not client.has_extn("smtputf8"):
        raise NotSent("The mail server takes no address with letters beyond ASCII.", again=False)
    return mail.as_bytes(policy=policy.SMTPUTF8), ["SMTPUTF8", "BODY=8BITMIME"]


def _must_take(code: int, reply: bytes) -> None:
    if not 200 <= code < 300:
        said = f"{code} {reply.decode('utf-8', 'replace')}"
        raise NotSent(f"The mail server did not take the message: {said[:300]}", again=400 <= code < 500)


def _not_taken(error: Exception) -> NotSent:
    return NotSent(f"The mail server did not take the message: {_reason(error)}", again=_is_passing(error))


def _is_passing(error: Exception) -> bool:
    """Whether the same try can do better later: a lost connection or a code 4xx, before anything went out."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    return isinstance(error, OSError)  # SMTPServerDisconnected is one, and so is what the network says


def _part(client: smtplib.SMTP) -> None:
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):
        client.close()


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"[:300]
    return (str(error) or type(error).__name__)[:300]


def _to_folder(folder: Path, letter: _Letter, mail: EmailMessage) -> None:
    """Write the mail as a file, whole or not at all, readable by the owner alone; the same letter is the same file."""
    name = f"{letter.id:06d}-{letter.message_id.strip('<>').split('@')[0][:12]}.eml"
    unfinished = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(mail.as_bytes(policy=policy.SMTPUTF8 if not letter.to.isascii() else policy.SMTP))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except OSError as error:
        raise NotSent(f"Mail cannot be written to {folder}: {error.strerror}", again=True) from None
