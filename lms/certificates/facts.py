"""The facts of a certificate: gathered once when it is issued, kept on its row, read back for every later look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from lms.accounts.models import Person
from lms.certificates.design import (
    LONGEST_FACT,
    LONGEST_HOURS,
    LONGEST_STATEMENT,
    LONGEST_TITLE,
    CertificateFacts,
)
from lms.certificates.words import Words, language_for
from lms.config import Config
from lms.records.models import Completion
from lms.text.localised import Localised, pick
from lms.text.plain import clean_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a certificate says, and in which language its course's own words really are (for the ``lang`` attribute)."""

    certificate: CertificateFacts
    title_language: str
    statement_language: str


def gather(person: Person, completion: Completion, *, serial: str, config: Config, now: datetime) -> Gathered:
    """The facts of a new certificate, from the completion's own copy of the course's facts.

    The address begins with the site's configured one. Raises Invalid where a text is too long for the paper.
    """
    language = language_for(person.language, site=config.languages)
    words = Words(language)
    course = completion.facts
    title = _line(course.get("title"), person.language, longest=LONGEST_TITLE)
    statement = _line(course.get("statement"), person.language, longest=LONGEST_STATEMENT)
    minutes, score = course.get("minutes"), course.get("score")
    certificate = CertificateFacts(
        person_name=person.certificate_name or "",
        course_title=title.text,
        statement=statement.text,
        issuer=clean_line(config.issuer, longest=LONGEST_FACT),
        hours=clean_line(words.hours(minutes), longest=LONGEST_HOURS) if minutes else None,
        completed_on=completion.completed_at.astimezone(UTC).date(),
        issued_on=now.astimezone(UTC).date(),
        serial=serial,
        address=address_of(serial, config),
        language=language,
        demonstration=config.is_loopback,
        score=None if score is None else clean_line(words.share(score), longest=LONGEST_FACT),
        version=1,
        paper_title=_line(course.get("paper"), person.language, longest=LONGEST_FACT).text or None,
    )
    return Gathered(certificate=certificate, title_language=title.language, statement_language=statement.language)


def corrected(before: Gathered, *, name: str, serial: str, version: int, config: Config, now: datetime) -> Gathered:
    """The same facts with another name: a new number, a new day of issue, this site's address and issuer of today."""
    certificate = replace(
        before.certificate,
        person_name=name,
        serial=serial,
        address=address_of(serial, config),
        issuer=clean_line(config.issuer, longest=LONGEST_FACT),
        issued_on=now.astimezone(UTC).date(),
        demonstration=before.certificate.demonstration or config.is_loopback,
        version=version,
    )
    return replace(before, certificate=certificate)


def address_of(serial: str, config: Config) -> str:
    """The public page of a certificate, under the site's configured address."""
    return f"{config.base_url}/certificates/{serial}"


def written(facts: Gathered) -> dict[str, Any]:
    """The facts as they are kept in JSON; days as ISO 8601."""
    certificate = asdict(facts.certificate)
    for name in ("completed_on", "issued_on"):
        certificate[name] = certificate[name].isoformat()
    return {
        **certificate,
        "title_language": facts.title_language,
        "statement_language": facts.statement_language,
    }


def read_back(kept: Mapping[str, Any]) -> Gathered:
    """The facts of a certificate's row."""
    values = dict(kept)
    title_language, statement_language = values.pop("title_language"), values.pop("statement_language")
    for name in ("completed_on", "issued_on"):
        values[name] = date.fromisoformat(values[name])
    return Gathered(
        certificate=CertificateFacts(**values), title_language=title_language, statement_language=statement_language
    )


def _line(text: object, language: str, *, longest: int) -> Localised:
    """One clean line of a language map, in the person's language if it is there."""
    found = pick(text, (language,)) if isinstance(text, Mapping) else Localised("", "")
    return Localised(clean_line(found.text, longest=longest), found.language)
