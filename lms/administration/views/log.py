"""The audit log in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response
from werkzeug.datastructures import MultiDict

from lms.accounts import addresses
from lms.accounts import services as accounts
from lms.administration import services
from lms.administration.forms import LogFilter
from lms.administration.services import LogLine
from lms.administration.views.pages import LARGEST_ID, Paging, asked_line, asked_page, bp, paging, show
from lms.certificates.serials import grouped
from lms.database.session import reading
from lms.errors import N_
from lms.web.forms import choices
from lms.web.languages import gettext
from lms.web.permissions import requires

ACTS: Mapping[str, str] = {
    "person.added": N_("Account made"),
    "person.role_changed": N_("Role changed"),
    "person.role_granted": N_("Role given"),
    "person.role_withdrawn": N_("Role taken back"),
    "person.name_attested": N_("Name attested"),
    "person.email_attested": N_("E-mail address attested"),
    "person.email_changed": N_("E-mail address changed"),
    "person.password_reset": N_("Password reset"),
    "person.password_set": N_("Password set"),
    "person.suspended": N_("Account closed"),
    "person.reinstated": N_("Account opened again"),
    "person.erased": N_("Account erased"),
    "certificate.issued": N_("Certificate issued"),
    "certificate.revoked": N_("Certificate revoked"),
    "certificate.corrected": N_("Certificate corrected"),
    "certificates.issued_to_all": N_("Certificates issued to many"),
    "mail.sent_again": N_("Mail sent again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act in words. ``serial`` and ``token`` lead to the certificate or to the list that it is about."""

    at: datetime
    actor_id: int | None
    actor: str | None
    act: str
    whom_id: int | None
    whom: str | None
    about: str
    serial: str | None
    token: str | None
    reason: str | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """One page of the log; ``nobody`` says that the person who was asked for is unknown."""

    form: LogFilter
    entries: tuple[Entry, ...]
    paging: Paging
    nobody: bool


@bp.get("/audit")
@requires("lms.administer")
def audit_log() -> Response:
    """Who did what to whom, when and why."""
    act, who = asked_line("act", longest=60), asked_line("person", longest=254)
    with reading() as session:
        known = services.acts(session)
        person_id = _person_id(who) if who else None
        if who and person_id is None:
            found = accounts.credentials_of(session, email=addresses.normalise_or_none(who))
            person_id = found.person_id if found else None
        nobody = bool(who) and person_id is None
        page = services.log_page(session, act=act, person_id=0 if nobody else person_id, page=asked_page())
    form = LogFilter(MultiDict({"act": act, "person": who}))
    form.act.choices = choices([("", gettext(N_("Every act"))), *((name, act_in_words(name)) for name in known)])
    return show(
        "audit_log",
        LogPage(
            form=form,
            entries=entries(page.lines),
            paging=paging(
                number=page.number, pages=page.pages, total=page.total, endpoint=".audit_log", act=act, person=who
            ),
            nobody=nobody,
        ),
    )


def entries(lines: Iterable[LogLine]) -> tuple[Entry, ...]:
    """The log's lines in words."""
    return tuple(_entry(line) for line in lines)


def act_in_words(act: str) -> str:
    """An act in words; what a plugin wrote as "key.looked_at" is read as "Key looked at"."""
    return gettext(ACTS[act]) if act in ACTS else act.replace(".", " ").replace("_", " ").capitalize()


def _entry(line: LogLine) -> Entry:
    kind, _, name = line.about.partition(":")
    return Entry(
        at=line.at,
        actor_id=line.actor_id,
        actor=line.actor,
        act=act_in_words(line.act),
        whom_id=line.whom_id,
        whom=line.whom,
        about=grouped(name) if kind == "certificate" else f"{kind} {name}",
        serial=name if kind == "certificate" else None,
        token=name if kind == "issue" else None,
        reason=line.reason,
        # The account's number and long lists say nothing to a reader; the links do.
        facts=tuple(
            (key, str(value))
            for key, value in line.facts.items()
            if key != "person" and isinstance(value, str | int | float)
        ),
    )


def _person_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_ID else None
