"""Write messages into the outbox."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import N_, NotFound, Refused
from lms.jobs.services import enqueue
from lms.mail.models import Message


def write(
    session: Session,
    *,
    to: str,
    subject: str,
    body: str,
    now: datetime,
    person_id: int | None = None,
    once: str | None = None,
) -> Message | None:
    """Put one mail into the outbox, with the job that sends it, in the caller's transaction.

    ``once`` names what the mail is about: where a message with that key exists, nothing is written and None comes back.
    A line break in ``to`` or ``subject`` is folded into a space, so that neither can add a header.
    """
    if once is not None and session.scalar(select(Message.id).where(Message.once == once)) is not None:
        return None
    message = Message(
        message_id=f"<{secrets.token_hex(16)}@lantern>",
        once=once,
        person_id=person_id,
        to=" ".join(to.split()),
        subject=" ".join(subject.split())[:250],
        body=body,
        state="queued",
        created_at=now,
    )
    session.add(message)
    session.flush()
    enqueue(session, "lms.send_mail", {"message": message.id}, now=now)
    return message


def send_again(session: Session, *, message_id: int, now: datetime) -> Message:
    """Queue a message that failed, or whose fate nobody knows, once more: an admin's word, never the worker's.

    Raises NotFound for an unknown message, Refused for one that waits, is being sent or was sent.
    """
    message = session.get(Message, message_id, with_for_update=True)
    if message is None:
        raise NotFound
    if message.state not in ("failed", "unknown"):
        raise Refused(N_("This message is not one that failed."))
    message.state, message.fault, message.sending_at = "queued", None, None
    session.flush()
    enqueue(session, "lms.send_mail", {"message": message.id}, now=now)
    return message
