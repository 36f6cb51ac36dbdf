"""Who has completed what, and how far their certificate is: one query, counted and paged in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.certificates.models import Certificate
from lms.records.models import Completion
from lms.text.localised import Text

State = Literal["ready", "waiting for name", "waiting for e-mail", "issued", "revoked"]
STATES: Final[tuple[State, ...]] = get_args(State)

_PLACES = {state: place for place, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person's one completion and where its certificate is; ``serial`` is that of the newest version."""

    completion_id: int
    person_id: int
    name: str
    email: str
    certificate_name: str | None
    subject: str
    completed_at: datetime
    facts: Mapping[str, Any]  # of the completion: title and statement (language maps), minutes, score, …
    state: State
    serial: str | None
    issued_at: datetime | None
    revoked_at: datetime | None

    @property
    def title(self) -> Text:
        """The course's title with that of the paper, a language map."""
        return title_in(self.facts)


def title_in(facts: Mapping[str, Any]) -> Text:
    """The title of a course and, where a completion tells it, that of the paper, as one language map."""
    title, paper = facts.get("title") or {}, facts.get("paper") or {}
    return {
        language: f"{words}: {paper[language]}" if language in paper else words for language, words in title.items()
    }


def _state() -> ColumnElement[str]:
    return case(
        (Certificate.revoked_at.is_not(None), "revoked"),
        (Certificate.id.is_not(None), "issued"),
        (Person.name_confirmed_at.is_(None), "waiting for name"),
        (Person.email_verified_at.is_(None), "waiting for e-mail"),
        else_="ready",
    )


def _joined(selected: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Completions with their person and the newest version of their certificate; closed accounts are left out."""
    newest = and_(
        Certificate.person_id == Completion.person_id,
        Certificate.subject == Completion.subject,
        Certificate.replaced_by_id.is_(None),
    )
    return (
        selected.select_from(Completion)
        .join(Person, Person.id == Completion.person_id)
        .outerjoin(Certificate, newest)
        .where(Person.suspended_at.is_(None))
    )


def candidates(
    session: Session,
    *,
    subject: str | None = None,
    states: Collection[State] = STATES,
    completions: Collection[int] | None = None,
    people: Collection[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Candidate]:
    """Completions with their state, by state (in the order of STATES) and name; one statement.

    ``completions`` and ``people`` narrow to rows with those ids.
    """
    state = _state().label("state")
    wanted = _joined(
        select(
            Completion.id.label("completion_id"),
            Person.id.label("person_id"),
            Person.name,
            Person.email,
            Person.certificate_name,
            Completion.subject,
            Completion.completed_at,
            Completion.facts,
            state,
            Certificate.serial,
            Certificate.issued_at,
            Certificate.revoked_at,
        )
    )
    if subject is not None:
        wanted = wanted.where(Completion.subject == subject)
    if completions is not None:
        wanted = wanted.where(Completion.id.in_(completions))
    if people is not None:
        wanted = wanted.where(Completion.person_id.in_(people))
    if set(states) != set(STATES):
        wanted = wanted.where(_state().in_(states))
    order = case(_PLACES, value=_state())
    wanted = wanted.order_by(order, func.lower(Person.name), Completion.id).limit(limit).offset(offset)
    return [Candidate(**row) for row in session.execute(wanted).mappings()]


def counts(session: Session, *, subject: str | None = None) -> dict[State, int]:
    """How many completions are in each state; one statement."""
    state = _state().label("state")
    wanted = _joined(select(state, func.count().label("number")))
    if subject is not None:
        wanted = wanted.where(Completion.subject == subject)
    found = {row.state: row.number for row in session.execute(wanted.group_by(state))}
    return {state: found.get(state, 0) for state in STATES}


def subjects(session: Session) -> Sequence[tuple[str, Text]]:
    """What people have completed: each subject with the title that its latest completion has; one statement."""
    latest = select(func.max(Completion.id)).group_by(Completion.subject)
    rows = session.execute(
        select(Completion.subject, Completion.facts).where(Completion.id.in_(latest)).order_by(Completion.subject)
    )
    return [(subject, title_in(facts)) for subject, facts in rows]
