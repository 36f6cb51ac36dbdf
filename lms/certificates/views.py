"""Pages of certificates: the public check, one's own certificates, the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from lms import clock
from lms.accounts import services as accounts
from lms.certificates import services
from lms.certificates.design import CertificateFacts
from lms.certificates.facts import read_back
from lms.certificates.forms import NameForm, NumberForm
from lms.certificates.models import Certificate
from lms.certificates.serials import grouped, read_serial
from lms.certificates.services import Candidate, PublicCertificate
from lms.config import Config
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid, NotFound, Refused
from lms.text.localised import Localised
from lms.web.current import current_person, signed_in
from lms.web.languages import format_day, translate
from lms.web.limits import MINUTE, Rule, count
from lms.web.permissions import requires
from lms.web.rendering import render, said

bp = Blueprint("certificates", __name__, url_prefix="/certificates")

# Of 2 to the 128 numbers nobody finds one by trying; this only keeps those who try from costing much.
MISSES = Rule(amount=120, seconds=MINUTE, per="address")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPage:
    """The form for a number; ``typed`` is one that we do not know."""

    form: NumberForm
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One version in the history; ``href`` is None for the one that the page shows."""

    number: int
    issued_at: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePage:
    """The public page: every line of the paper, whether it stands, and its history. All moments are in UTC."""

    facts: CertificateFacts
    title: Localised
    statement: Localised
    number: str
    state: str  # stands, replaced, revoked
    checked_at: str
    revoked_at: str
    revoked_reason: str | None
    history: tuple[HistoryLine, ...]
    newest: str
    newest_at: str
    pdf_sha256: str
    qr: Markup
    may_download: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """One certificate in the list of one's own."""

    serial: str
    number: str
    title: Localised
    name: str
    issued_on: str
    is_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """Something completed whose certificate is not issued, and why."""

    title: Localised
    completed_at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MinePage:
    """One's own certificates, and those that wait."""

    certificates: tuple[OwnLine, ...]
    waiting: tuple[WaitingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePage:
    """Confirm how one's name is printed; ``waiting`` are the certificates that it is for."""

    form: NameForm
    waiting: tuple[WaitingLine, ...]
    email_verified: bool


@bp.get("")
@requires("lms.anyone")
def check() -> BaseResponse:
    """Type the number of a certificate and get to its page."""
    typed = request.args.get("number", "")
    if not typed.strip():
        return render("lms/certificates/check.html", page=UnknownPage(form=NumberForm(MultiDict()), typed=""))
    serial = read_serial(typed)
    if serial is None:
        return _unknown(typed)
    return redirect(url_for(".certificate", serial=serial), code=303)


@bp.get("/mine")
@requires("lms.signed_in")
def mine() -> Response:
    """The certificates of the person who asks."""
    person = current_person()
    with reading() as session:
        own = services.of_person(session, person_id=person.id)
        found = services.candidates(session, people=(person.id,))
    page = MinePage(certificates=tuple(_own(one) for one in own), waiting=_waiting(found))
    return render("lms/certificates/mine.html", page=page)


@bp.route("/name", methods=["GET", "POST"])
@requires("lms.signed_in")
def name() -> BaseResponse:
    """Confirm how one's name is printed, and get the certificates that waited for it."""
    person = current_person()
    form = NameForm()
    if form.accepted():
        try:
            return _confirm(form.name.data)
        except Invalid as error:
            form.blame(error, otherwise="name")
        except Refused as error:
            form.blame(Invalid(error.message, field="name", **error.values), otherwise="name")
    with reading() as session:
        profile = accounts.profile_of(session, person_id=person.id, now=clock.now())
        found = services.candidates(session, people=(person.id,))
    if request.method == "GET":
        form.name.data = profile.certificate_name or profile.name
    page = NamePage(form=form, waiting=_waiting(found), email_verified=profile.email_verified)
    return render("lms/certificates/name.html", page=page, status=200 if request.method == "GET" else 422)


@bp.get("/<serial>")
@requires("lms.anyone")
def certificate(serial: str) -> BaseResponse:
    """Anybody may see who was certified for what, when and by whom, and whether it still stands."""
    stored = read_serial(serial)
    if stored is None:
        return _unknown(serial)
    try:
        with reading() as session:
            found = services.check(session, serial=stored)
    except NotFound:
        return _unknown(serial)
    if stored != serial:
        return _quiet(redirect(url_for(".certificate", serial=stored), code=301))
    return _quiet(render("lms/certificates/certificate.html", page=_public(found)))


@bp.get("/<serial>.pdf")
@requires("lms.signed_in")
def pdf(serial: str) -> BaseResponse:
    """The file as it was issued, for its holder and for admins."""
    person = current_person()
    with reading() as session:
        body = services.pdf_of(
            session, serial=read_serial(serial) or "", person_id=person.id, is_admin=person.role == "admin"
        )
    response = Response(body, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"certificate-{read_serial(serial)}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    return _quiet(response)


def _unknown(typed: str) -> BaseResponse:
    """One answer for a number that we do not know and for what is none."""
    count("certificate-miss", MISSES)
    form = NumberForm(MultiDict({"number": typed[:200]}))
    return _quiet(render("lms/certificates/unknown.html", page=UnknownPage(form=form, typed=typed), status=404))


def _quiet(response: BaseResponse) -> BaseResponse:
    """Keep search engines away: who has the number may look, nobody need find it."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _confirm(name: str) -> BaseResponse:
    person, now = current_person(), clock.now()
    config: Config = current_app.extensions["lms.config"]
    with transaction() as session:
        services.confirm_name(session, person_id=person.id, name=name, now=now)
        issued = services.issue_own(session, person_id=person.id, config=config, now=now)
    if len(issued) == 1:
        return redirect(url_for(".certificate", serial=issued[0].serial), code=303)
    flash(translate(N_("Your name is confirmed.")), "success")
    return redirect(url_for(".mine"), code=303)


def _public(found: PublicCertificate) -> CertificatePage:
    facts = found.facts.certificate
    person = signed_in()
    is_admin = person is not None and person.role == "admin"
    latest = found.versions[-1]
    return CertificatePage(
        facts=facts,
        title=Localised(facts.course_title, found.facts.title_language),
        statement=Localised(facts.statement, found.facts.statement_language),
        number=grouped(facts.serial),
        state=found.state,
        checked_at=_moment(clock.now()),
        revoked_at=_day(found.revoked_at) if found.revoked_at else "",
        revoked_reason=found.revoked_reason,
        history=tuple(
            HistoryLine(
                number=one.number,
                issued_at=_day(one.issued_at),
                href=None if one.serial == facts.serial else url_for(".certificate", serial=one.serial),
            )
            for one in found.versions
        ),
        newest=found.newest,
        newest_at=_day(latest.issued_at),
        pdf_sha256=found.pdf_sha256,
        qr=_qr_code(facts.address),
        may_download=person is not None and (is_admin or person.id == found.holder_id),
    )


def _own(one: Certificate) -> OwnLine:
    facts = read_back(one.facts)
    return OwnLine(
        serial=one.serial,
        number=grouped(one.serial),
        title=Localised(facts.certificate.course_title, facts.title_language),
        name=facts.certificate.person_name,
        issued_on=_day(one.issued_at),
        is_revoked=one.revoked_at is not None,
    )


def _waiting(found: list[Candidate]) -> tuple[WaitingLine, ...]:
    return tuple(
        WaitingLine(title=said(dict(one.title)), completed_at=one.completed_at, state=one.state)
        for one in found
        if one.serial is None
    )


def _day(moment: datetime) -> str:
    """A day in UTC, in the reader's language: the paper's days are days in UTC, too."""
    return format_day(moment.astimezone(UTC).date())


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


@lru_cache(maxsize=256)
def _qr_code(address: str) -> Markup:
    """The address as inline SVG, the quiet zone of four modules included."""
    import segno

    code = segno.make(address, micro=False, error="m")
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704 - squares of our own
