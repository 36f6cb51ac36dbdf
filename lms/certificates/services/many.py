"""Issue to many people at once: each by themselves, and one account of it all."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.audit import services as audit
from lms.audit.models import AuditEntry
from lms.certificates import letters
from lms.certificates.candidates import Candidate, State, candidates
from lms.certificates.services.issuing import issue
from lms.config import Config
from lms.errors import N_, LmsError, NotFound
from lms.mail import services as mail
from lms.text.localised import pick
from lms.text.plain import clean_line

_TOKEN = re.compile("[0-9a-f]{16}")

log = logging.getLogger(__name__)

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What issuing to many people came to: people by id, serials of what was issued. ``token`` finds its entry."""

    token: str
    issued: list[str] = field(default_factory=list)
    had_one: list[int] = field(default_factory=list)
    waiting_for_name: list[int] = field(default_factory=list)
    asked_for_name: list[int] = field(default_factory=list)  # those of them who get the letter now
    waiting_for_email: list[int] = field(default_factory=list)
    refused: list[tuple[int, str, dict[str, str | int]]] = field(default_factory=list)  # person, message id, values

    def refuse(self, person_id: int, message: str, values: Mapping[str, object]) -> None:
        plain = {name: value if isinstance(value, str | int) else str(value) for name, value in values.items()}
        self.refused.append((person_id, message, plain))


def issue_to_all(
    transaction: Transaction,
    *,
    chosen: Sequence[tuple[int, str]],
    config: Config,
    actor_id: int | None,
    now: datetime,
    note: Callable[[int], None] | None = None,
) -> Outcome:
    """Issue to each chosen ``(person_id, subject)`` in a transaction of its own; twice is harmless.

    One person's failure does not stop the others. Who has not confirmed a name gets one letter that asks for it, ever.
    ``note`` is told after each person how many are done. What it came to is kept in an audit entry (`outcome_of`).
    """
    outcome = Outcome(token=secrets.token_hex(8))
    for done, (person_id, subject) in enumerate(chosen, start=1):
        try:
            with transaction() as session:
                act = _issue_one(session, person_id, subject, config=config, actor_id=actor_id, now=now)
        except LmsError as error:
            outcome.refuse(person_id, error.message, error.values)
        except Exception:
            log.exception("the certificate of person %s for %s could not be issued", person_id, subject)
            outcome.refuse(person_id, N_("Something broke on our side; the log says what."), {})
        else:
            act(outcome)
        if note is not None:
            note(done)
    kept = asdict(outcome)
    with transaction() as session:
        audit.record(
            session,
            actor_id=actor_id,
            act="certificates.issued_to_all",
            about=f"issue:{kept.pop('token')}",
            now=now,
            facts=kept,
        )
    return outcome


def outcome_of(session: Session, *, token: str) -> tuple[datetime, Outcome]:
    """When many certificates were issued at once, and what it came to. Raises NotFound."""
    if not _TOKEN.fullmatch(token):
        raise NotFound
    entry = session.scalar(
        select(AuditEntry).where(AuditEntry.about == f"issue:{token}", AuditEntry.act == "certificates.issued_to_all")
    )
    if entry is None:
        raise NotFound
    return entry.at, Outcome(token=token, **entry.facts)


def names_of(session: Session, *, people: Collection[int]) -> dict[int, str]:
    """What the people with these ids are called; those whose account is gone are left out."""
    if not people:
        return {}
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))}


def _issue_one(
    session: Session, person_id: int, subject: str, *, config: Config, actor_id: int | None, now: datetime
) -> Callable[[Outcome], None]:
    """Do one person's share; gives what is to be noted of it once it is committed."""
    found = candidates(session, subject=subject, people=(person_id,))
    state: State | None = found[0].state if found else None
    if state == "issued":
        return lambda outcome: outcome.had_one.append(person_id)
    if state == "waiting for e-mail":
        return lambda outcome: outcome.waiting_for_email.append(person_id)
    if state == "waiting for name":
        asked = _ask_for_name(session, found[0], config=config, now=now)

        def waiting(outcome: Outcome) -> None:
            outcome.waiting_for_name.append(person_id)
            if asked:
                outcome.asked_for_name.append(person_id)

        return waiting
    issued = issue(session, person_id=person_id, subject=subject, config=config, actor_id=actor_id, now=now)
    serial = issued.serial
    return lambda outcome: outcome.issued.append(serial)


def _ask_for_name(session: Session, one: Candidate, *, config: Config, now: datetime) -> bool:
    """Write the letter that asks for the name, once for a person and subject; whether it was written now."""
    # Locked, so that of two admins at once the second one sees the first one's letter.
    person = session.get_one(Person, one.person_id, with_for_update=True)
    title = clean_line(pick(one.title, (person.language,)).text, longest=1000)
    letter = letters.name_is_missing(course_title=title, language=person.language, config=config)
    message = mail.write(
        session,
        to=person.email,
        subject=letter.subject,
        body=letter.body,
        now=now,
        person_id=person.id,
        once=f"certificate-name:{one.completion_id}",
    )
    return message is not None
