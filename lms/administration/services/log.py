"""Read the audit log, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate

LINES_PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One act. ``actor`` is None for a command or a job; ``whom`` is the person it is about, if it is about one."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str | None
    act: str
    about: str
    whom_id: int | None
    whom: str | None
    reason: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """One page of the log, the latest first; ``number`` and ``pages`` count from 1."""

    lines: tuple[LogLine, ...]
    total: int
    number: int
    pages: int


def log_page(session: Session, *, act: str = "", person_id: int | None = None, page: int = 1) -> LogPage:
    """One page of the log; three statements. ``person_id`` finds what they did and what was done to them.

    A page beyond the last gives the last one.
    """
    wanted: list[ColumnElement[bool]] = []
    if act:
        wanted.append(AuditEntry.act == act)
    if person_id is not None:
        own = select(literal("certificate:") + Certificate.serial).where(Certificate.person_id == person_id)
        wanted.append(
            or_(
                AuditEntry.actor_id == person_id,
                AuditEntry.about == f"person:{person_id}",
                AuditEntry.about.in_(own),
            )
        )
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0
    pages = max(1, -(-total // LINES_PER_PAGE))
    number = min(max(1, page), pages)
    rows = session.execute(
        select(AuditEntry, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(*wanted)
        .order_by(AuditEntry.id.desc())
        .limit(LINES_PER_PAGE)
        .offset((number - 1) * LINES_PER_PAGE)
    ).all()
    names = _names(session, [entry for entry, _ in rows])
    return LogPage(
        lines=tuple(_line(entry, actor, names) for entry, actor in rows), total=total, number=number, pages=pages
    )


def acts(session: Session) -> Sequence[str]:
    """Every kind of act that the log holds."""
    return session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act)).all()


def _names(session: Session, entries: Sequence[AuditEntry]) -> dict[int, str]:
    wanted = {number for entry in entries if (number := _whom(entry)) is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _whom(entry: AuditEntry) -> int | None:
    """The person an entry is about: named by it, or in its facts (whose certificate)."""
    kind, _, name = entry.about.partition(":")
    if kind == "person" and name.isascii() and name.isdigit():
        return int(name)
    found = entry.facts.get("person")
    return found if isinstance(found, int) else None


def _line(entry: AuditEntry, actor: str | None, names: Mapping[int, str]) -> LogLine:
    whom = _whom(entry)
    return LogLine(
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        actor=actor,
        act=entry.act,
        about=entry.about,
        whom_id=whom if whom in names else None,
        whom=names.get(whom) if whom is not None else None,
        reason=entry.reason,
        facts=entry.facts,
    )
