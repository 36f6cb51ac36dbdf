"""Mail that did not surely arrive, and work that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.audit import services as audit
from lms.errors import NotFound
from lms.jobs.models import Job
from lms.mail import services as mail
from lms.mail.models import Message
from lms.text.plain import clean_text

STATES: Final = ("unknown", "failed", "queued", "sending", "sent")
LINES_PER_PAGE = 50
JOBS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """One message, without its text: that may hold a link which lets somebody in."""

    id: int
    to: str
    subject: str
    state: str
    created_at: datetime
    sending_at: datetime | None
    sent_at: datetime | None
    fault: str | None
    person_id: int | None

    @property
    def can_go_again(self) -> bool:
        return self.state in ("failed", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """One page of the outbox in one state, the latest first, and how many messages each state has."""

    lines: tuple[MailLine, ...]
    counts: Mapping[str, int]
    state: str
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """A piece of work that failed for the last time."""

    id: int
    kind: str
    tries: int
    created_at: datetime
    done_at: datetime | None
    fault: str | None


def mail_page(session: Session, *, state: str, page: int = 1) -> MailPage:
    """One page of the messages in ``state`` (one of STATES); two statements."""
    found = session.execute(select(Message.state, func.count().label("number")).group_by(Message.state))
    numbers: dict[str, int] = {row.state: row.number for row in found}
    total = numbers.get(state, 0)
    pages = max(1, -(-total // LINES_PER_PAGE))
    number = min(max(1, page), pages)
    rows = session.execute(
        select(*_COLUMNS)
        .where(Message.state == state)
        .order_by(Message.id.desc())
        .limit(LINES_PER_PAGE)
        .offset((number - 1) * LINES_PER_PAGE)
    )
    return MailPage(
        lines=tuple(MailLine(**row) for row in rows.mappings()),
        counts={name: numbers.get(name, 0) for name in STATES},
        state=state,
        total=total,
        number=number,
        pages=pages,
    )


def mail_line(session: Session, *, message_id: int) -> MailLine:
    """One message. Raises NotFound."""
    row = session.execute(select(*_COLUMNS).where(Message.id == message_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return MailLine(**row)


def send_again(session: Session, *, message_id: int, actor_id: int, reason: str, now: datetime) -> None:
    """Queue a message once more on an admin's word, audited. Raises NotFound, Refused where it did not fail."""
    message = mail.send_again(session, message_id=message_id, now=now)
    facts = {"to": message.to} if message.person_id is None else {"person": message.person_id}
    audit.record(
        session,
        actor_id=actor_id,
        act="mail.sent_again",
        about=f"mail:{message_id}",
        now=now,
        reason=clean_text(reason, longest=1000) or None,
        facts=facts,
    )


def failed_jobs(session: Session) -> tuple[JobLine, ...]:
    """The latest jobs that failed; one statement."""
    rows = session.execute(
        select(Job.id, Job.kind, Job.tries, Job.created_at, Job.done_at, Job.fault)
        .where(Job.state == "failed")
        .order_by(Job.id.desc())
        .limit(JOBS_SHOWN)
    )
    return tuple(JobLine(**row) for row in rows.mappings())


_COLUMNS = (
    Message.id,
    Message.to,
    Message.subject,
    Message.state,
    Message.created_at,
    Message.sending_at,
    Message.sent_at,
    Message.fault,
    Message.person_id,
)
