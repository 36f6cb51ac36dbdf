"""How the site stands, counted: people, certificates, and what needs an admin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, distinct, func, select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.certificates import services as certificates
from lms.jobs.models import Job
from lms.mail.models import Message
from lms.records.models import Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Numbers that can be counted in rows; ``states`` counts completions by the state of their certificate."""

    people: int
    trainers: int
    admins: int
    unverified: int
    suspended: int
    finished: int  # people with at least one completion
    states: Mapping[certificates.State, int]
    mails_unknown: int
    mails_failed: int
    jobs_failed: int


def overview(session: Session) -> Overview:
    """Count; two statements."""

    def people(*which: object) -> ScalarSelect[int]:
        return select(func.count()).select_from(Person).where(*which).scalar_subquery()  # type: ignore[arg-type]

    def mails(state: str) -> ScalarSelect[int]:
        return select(func.count()).select_from(Message).where(Message.state == state).scalar_subquery()

    row = session.execute(
        select(
            people().label("people"),
            people(Person.role == "trainer").label("trainers"),
            people(Person.role == "admin").label("admins"),
            people(Person.email_verified_at.is_(None)).label("unverified"),
            people(Person.suspended_at.is_not(None)).label("suspended"),
            select(func.count(distinct(Completion.person_id))).scalar_subquery().label("finished"),
            mails("unknown").label("mails_unknown"),
            mails("failed").label("mails_failed"),
            select(func.count()).select_from(Job).where(Job.state == "failed").scalar_subquery().label("jobs_failed"),
        )
    ).one()
    return Overview(**row._mapping, states=certificates.counts(session))
