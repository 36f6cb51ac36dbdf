"""Events: frozen values that plugins are told after the commit, each plugin by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from lms.database.session import after_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened and is committed; its hook is its name in snake case."""

    @classmethod
    def hook(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCompleted(Event):
    """A person met every rule of one of a course's papers: ``course:<id>`` or ``course:<id>:<paper>``."""

    person_id: int
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued(Event):
    """A certificate was issued; ``serial`` finds it."""

    person_id: int
    subject: str
    serial: str
    at: datetime


def tell(session: Session, event: Event) -> None:
    """Tell the plugins of ``event`` once the session's transaction is committed; a plugin that fails is logged."""
    announce = session.info.get("announce")
    if announce is not None:
        after_commit(session, partial(announce, event))
