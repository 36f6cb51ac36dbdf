"""People who completed a made-up course, and certificates that they have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lms.accounts.models import Person
from lms.certificates import services
from lms.certificates.models import Certificate
from lms.records import services as records
from lms.testing import Site

SUBJECT = "course:made-up"
NOW = datetime(2026, 11, 23, 12, 34, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "title": {"en": "A made-up course", "ar": "دورة مصطنعة"},
    "statement": {"en": "has read every lesson and passed every quiz."},
    "minutes": 62,
    "modules": 1,
    "score": 0.87,
    "version": "1",
    "languages": ["en"],
}


def finisher(site: Site, *, confirmed: bool = True, subject: str = SUBJECT, **values: Any) -> Person:
    """A person who completed a course; with a confirmed name unless told otherwise."""
    if confirmed:
        values = {"certificate_name": values.get("name", "Example Participant"), "name_confirmed_at": NOW, **values}
    person = site.person(**values)
    with site.writing() as session:
        records.complete(session, person_id=person.id, subject=subject, facts=FACTS, now=NOW)
    return person


def issue(site: Site, person: Person, *, actor_id: int | None = None, subject: str = SUBJECT) -> Certificate:
    """The person's certificate, issued at NOW."""
    with site.writing() as session:
        return services.issue(
            session, person_id=person.id, subject=subject, config=site.config, actor_id=actor_id, now=NOW
        )
