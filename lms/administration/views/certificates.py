"""Certificates for admins: who waits for one, issuing to many, revoking and correcting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Response, current_app, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from lms import clock
from lms.administration.forms import CertificatesFilter, NameForm, RevokeForm
from lms.administration.views.pages import (
    LARGEST_ID,
    ActPage,
    Paging,
    asked_line,
    asked_page,
    bp,
    do,
    paging,
    show,
)
from lms.certificates import services
from lms.certificates.facts import read_back
from lms.certificates.serials import grouped, read_serial
from lms.certificates.services import STATES, Candidate, Outcome, State
from lms.database.session import reading, transaction
from lms.errors import N_, NotFound
from lms.text.localised import Localised
from lms.web.current import current_person
from lms.web.forms import choices
from lms.web.languages import format_share, gettext, ngettext, translate
from lms.web.permissions import requires
from lms.web.rendering import said

STATE_NAMES: Final[dict[State, tuple[str, str]]] = {
    "ready": (N_("Meets all rules, ready to issue"), "met"),
    "waiting for name": (N_("Waiting for name"), "open"),
    "waiting for e-mail": (N_("Waiting for e-mail"), "open"),
    "issued": (N_("Issued %(day)s"), ""),
    "revoked": (N_("Revoked %(day)s"), "bad"),
}
FILTER_NAMES: Final[dict[State, str]] = {
    "ready": N_("Ready"),
    "waiting for name": N_("Waiting for name"),
    "waiting for e-mail": N_("Waiting for e-mail"),
    "issued": N_("Issued"),
    "revoked": N_("Revoked"),
}
LINES_PER_PAGE = 50
MOST_AT_ONCE = 100  # so that the page answers in a few seconds; `lms certificates issue` knows no limit
OPEN: Final[tuple[State, ...]] = ("ready", "waiting for name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One completion in a list."""

    completion_id: int
    person_id: int
    name: str
    printed: str | None
    email: str
    title: Localised
    rules: Localised  # what was met: the course's own words
    effort: str  # when it was completed, and the score
    state: State
    words: str
    look: str
    serial: str | None
    may_choose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesPage:
    """Completions with the state of their certificate."""

    form: CertificatesFilter
    rows: tuple[Row, ...]
    ready: int
    waiting_for_name: int
    all_href: str | None
    paging: Paging
    none_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """Everybody who is chosen, before anything is issued."""

    title: str
    act: str
    rows: tuple[Row, ...]
    ready: int
    asked: int
    more: int  # ready ones that do not fit on this page
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """One person who got none, and why."""

    person_id: int
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePage:
    """What issuing to many came to."""

    title: str
    at: datetime
    issued: int
    had_one: int
    waiting_for_name: int
    asked_for_name: int
    waiting_for_email: int
    refused: tuple[OutcomeLine, ...]


@bp.get("/certificates")
@requires("lms.administer")
def certificates() -> Response:
    """Who completed what, by the state of the certificate."""
    return _list()


@bp.get("/certificates/issue")
@requires("lms.administer")
def issue_certificates() -> BaseResponse:
    """List all names, the rules that they met and the number, before anything is issued."""
    if request.args.get("all"):
        return show("issue", _issue_page(_all(_asked_subject())))
    chosen = _chosen(_numbers(request.args.getlist("completion")))
    return show("issue", _issue_page(chosen)) if chosen else _list(none_chosen=True, status=422)


@bp.post("/certificates/issue")
@requires("lms.administer")
def issue_to_chosen() -> BaseResponse:
    """Issue to everybody who is listed on the page; twice is harmless."""
    chosen = _chosen(_numbers(request.form.getlist("completion")))
    if not chosen:
        return _list(none_chosen=True, status=422)
    outcome = services.issue_to_all(
        transaction,
        chosen=[(one.person_id, one.subject) for one in chosen],
        config=current_app.extensions["lms.config"],
        actor_id=current_person().id,
        now=clock.now(),
    )
    return redirect(url_for(".issued", token=outcome.token), code=303)


@bp.get("/certificates/issued/<token>")
@requires("lms.administer")
def issued(token: str) -> Response:
    """What issuing to many came to; the page stays, as the audit log does."""
    with reading() as session:
        at, outcome = services.outcome_of(session, token=token)
        names = services.names_of(session, people=[person_id for person_id, _, _ in outcome.refused])
    return show("issued", _outcome_page(at, outcome, names))


@bp.route("/certificates/<serial>/revoke", methods=["GET", "POST"])
@requires("lms.administer")
def revoke_certificate(serial: str) -> BaseResponse:
    """Revoke a certificate, with a reason that everybody can read."""
    stored, form = _stored(serial), RevokeForm()

    def act() -> str:
        with transaction() as session:
            services.revoke(
                session, serial=stored, reason=form.reason.data, actor_id=current_person().id, now=clock.now()
            )
        return translate(N_("The certificate is revoked. Its public page says so."))

    lead = N_("From now on its public page says that it was revoked, when and why. This cannot be undone.")
    return do(_act(stored, form, N_("Revoke this certificate"), lead, kind="danger"), act, otherwise="reason")


@bp.route("/certificates/<serial>/correct", methods=["GET", "POST"])
@requires("lms.administer")
def correct_certificate(serial: str) -> BaseResponse:
    """Issue the next version with a corrected name."""
    stored, form = _stored(serial), NameForm()
    page = _act(
        stored,
        form,
        N_("Correct the name"),
        N_("The person gets a new version with a new number. The page of the old one stays and leads to the new one."),
    )
    if request.method == "GET":
        form.name.data = page.about[0][1]

    def act() -> str:
        with transaction() as session:
            services.correct(
                session,
                serial=stored,
                name=form.name.data,
                reason=form.reason.data,
                config=current_app.extensions["lms.config"],
                actor_id=current_person().id,
                now=clock.now(),
            )
        return translate(N_("The corrected certificate is issued. The person gets a mail."))

    return do(page, act, otherwise="name")


def _list(*, none_chosen: bool = False, status: int = 200) -> Response:
    subject, state = _asked_subject(), asked_line("state")
    states: Sequence[State] = [one for one in STATES if one == state] or STATES
    with reading() as session:
        counts = services.counts(session, subject=subject)
        subjects = services.subjects(session)
        total = sum(counts[one] for one in states)
        pages = max(1, -(-total // LINES_PER_PAGE))
        number = min(asked_page(), pages)
        found = services.candidates(
            session, subject=subject, states=states, limit=LINES_PER_PAGE, offset=(number - 1) * LINES_PER_PAGE
        )
    form = CertificatesFilter(MultiDict({"state": state, "subject": subject or ""}))
    form.state.choices = choices(
        [
            ("", gettext(N_("Every state"))),
            *((one, f"{gettext(FILTER_NAMES[one])} ({counts[one]})") for one in STATES),
        ]
    )
    form.subject.choices = choices(
        [("", gettext(N_("Every course"))), *((name, said(dict(title)).text or name) for name, title in subjects)]
    )
    is_open = counts["ready"] or counts["waiting for name"]
    page = CertificatesPage(
        form=form,
        rows=tuple(_row(one) for one in found),
        ready=counts["ready"],
        waiting_for_name=counts["waiting for name"],
        all_href=url_for(".issue_certificates", all=1, subject=subject) if is_open else None,
        paging=paging(number=number, pages=pages, total=total, endpoint=".certificates", state=state, subject=subject),
        none_chosen=none_chosen,
    )
    return show("certificates", page, status=status)


def _asked_subject() -> str | None:
    return asked_line("subject", longest=120) or None


def _numbers(texts: Sequence[str]) -> list[int]:
    """Ids out of a form or an address; what is none is left out."""
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 11]
    return [number for number in numbers if number <= LARGEST_ID][:MOST_AT_ONCE]


def _chosen(numbers: Sequence[int]) -> list[Candidate]:
    if not numbers:
        return []
    with reading() as session:
        return services.candidates(session, completions=numbers)


def _all(subject: str | None) -> list[Candidate]:
    with reading() as session:
        return services.candidates(session, subject=subject, states=OPEN, limit=MOST_AT_ONCE)


def _issue_page(chosen: Sequence[Candidate]) -> IssuePage:
    ready = sum(one.state == "ready" for one in chosen)
    asked = sum(one.state == "waiting for name" for one in chosen)
    with reading() as session:
        more = services.counts(session)["ready"] - ready if request.args.get("all") else 0
    if not ready and not asked:
        act = ""
    elif ready:
        act = ngettext("Issue %(num)d certificate", "Issue %(num)d certificates", ready) % {"num": ready}
    else:
        act = ngettext("Ask %(num)d person for the name", "Ask %(num)d people for their names", asked)
        act = act % {"num": asked}
    return IssuePage(
        title=act or gettext(N_("Nobody here can get a certificate now")),
        act=act,
        rows=tuple(_row(one) for one in chosen),
        ready=ready,
        asked=asked,
        more=max(0, more) if len(chosen) == MOST_AT_ONCE else 0,
        back=url_for(".certificates"),
    )


def _row(one: Candidate) -> Row:
    words, look = STATE_NAMES[one.state]
    when = one.revoked_at or one.issued_at or one.completed_at
    effort = translate(N_("Completed %(day)s."), day=one.completed_at.astimezone(UTC).date())
    score = one.facts.get("score")
    if score is not None:
        effort = f"{effort} {translate(N_('Result: %(score)s.'), score=format_share(score))}"
    return Row(
        completion_id=one.completion_id,
        person_id=one.person_id,
        name=one.name,
        printed=one.certificate_name,
        email=one.email,
        title=said(dict(one.title)),
        rules=said(dict(one.facts.get("statement", {}))),
        effort=effort,
        state=one.state,
        words=translate(words, day=when.date()),
        look=look,
        serial=one.serial,
        may_choose=one.state in OPEN,
    )


def _outcome_page(at: datetime, outcome: Outcome, names: dict[int, str]) -> OutcomePage:
    number = len(outcome.issued)
    title = ngettext("%(num)d certificate issued", "%(num)d certificates issued", number)
    return OutcomePage(
        title=title % {"num": number},
        at=at,
        issued=number,
        had_one=len(outcome.had_one),
        waiting_for_name=len(outcome.waiting_for_name),
        asked_for_name=len(outcome.asked_for_name),
        waiting_for_email=len(outcome.waiting_for_email),
        refused=tuple(
            OutcomeLine(
                person_id=person_id,
                name=names.get(person_id, gettext(N_("An account that is gone"))),
                why=translate(message, **values),
            )
            for person_id, message, values in outcome.refused
        ),
    )


def _stored(serial: str) -> str:
    stored = read_serial(serial)
    if stored is None:
        raise NotFound(services.UNKNOWN)
    return stored


def _act(stored: str, form: RevokeForm | NameForm, title: str, lead: str, *, kind: str = "go") -> ActPage:
    with reading() as session:
        found = services.by_serial(session, serial=stored)
        facts = read_back(found.facts).certificate
        person_id = found.person_id
    back = url_for(".certificates") if person_id is None else url_for(".person", person_id=person_id)
    return ActPage(
        title=gettext(title),
        lead=gettext(lead),
        about=(
            (gettext(N_("Awarded to")), facts.person_name),
            (gettext(N_("For completing")), facts.course_title),
            (gettext(N_("Certificate number")), grouped(stored)),
        ),
        form=form,
        act=gettext(title),
        kind=kind,
        back=back,
        back_label=gettext(N_("Back")),
    )
