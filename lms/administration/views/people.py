"""People: the list, one person, and what an admin may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, abort, current_app, flash, redirect, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from lms import clock
from lms.accounts import services as accounts
from lms.accounts.models import ROLES
from lms.administration import services
from lms.administration.forms import ROLE_NAMES, NameForm, PeopleFilter, ReasonForm, RoleForm, ScopeForm
from lms.administration.views.certificates import STATE_NAMES
from lms.administration.views.log import Entry, entries
from lms.administration.views.pages import ID, ActPage, Paging, asked_line, asked_page, bp, do, paging, show
from lms.certificates import services as certificates
from lms.database.session import reading, transaction
from lms.errors import N_, NotFound
from lms.plugins.contributions import ScopedRole
from lms.text import countries
from lms.text.localised import Localised
from lms.web.current import current_person
from lms.web.languages import gettext, language, translate
from lms.web.permissions import requires
from lms.web.rendering import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A completed course and where its certificate is, in words."""

    title: Localised
    state: str
    words: str
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person in the list."""

    id: int
    name: str
    email: str
    country: str
    role: str
    account: str  # what is unusual about it
    finished: tuple[Finished, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """One page of people."""

    form: PeopleFilter
    people: tuple[PersonRow, ...]
    total: int
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Everything about one person, and what can be done."""

    record: services.PersonRecord
    country: str
    role: str
    waiting: tuple[Finished, ...]
    log: tuple[Entry, ...]
    log_total: int


@bp.get("/people")
@requires("lms.administer")
def people() -> Response:
    """Everybody, with the courses that they finished; filtered by the address's query."""
    words, role = asked_line("words"), asked_line("role")
    role = role if role in ROLES else ""
    with reading() as session:
        found = services.people_list(session, search=words, role=role or None, page=asked_page())
    page = found.page
    return show(
        "people",
        PeoplePage(
            form=PeopleFilter(MultiDict({"words": words, "role": role})),
            people=tuple(_row(person, found.completed.get(person.id, ())) for person in page.people),
            total=page.total,
            paging=paging(
                number=page.number, pages=page.pages, total=page.total, endpoint=".people", words=words, role=role
            ),
        ),
    )


@bp.get(f"/people/<{ID}:person_id>")
@requires("lms.administer")
def person(person_id: int) -> Response:
    """One person: facts, roles, certificates, and what the audit log says."""
    with reading() as session:
        record = services.person_record(session, person_id=person_id, roles=_scoped_roles())
    return show(
        "person",
        PersonPage(
            record=record,
            country=countries.name(record.person.country, language()),
            role=str(ROLE_NAMES.get(record.person.role, record.person.role)),
            waiting=tuple(_finished(one) for one in record.waiting),
            log=entries(record.log.lines),
            log_total=record.log.total,
        ),
    )


@bp.route(f"/people/<{ID}:person_id>/role", methods=["GET", "POST"])
@requires("lms.administer")
def change_role(person_id: int) -> BaseResponse:
    """Change what a person may do on the site."""
    who = _line(person_id)
    form = RoleForm(role=who.role)

    def act() -> str:
        with transaction() as session:
            accounts.change_role(
                session, person_id=person_id, role=form.role.data, actor_id=current_person().id, now=clock.now()
            )
        return translate(N_("The role is changed. The person signs in again."))

    lead = N_("Participants learn, trainers also edit their courses, admins also see these pages and everybody.")
    return do(_act(who, form, N_("Change the role"), lead), act, otherwise="role")


@bp.route(f"/people/<{ID}:person_id>/roles/<role>", methods=["GET", "POST"])
@requires("lms.administer")
def give_role(person_id: int, role: str) -> BaseResponse:
    """Give a person a role for one thing: trainer of a course."""
    kind, who, form = _scoped_role(role), _line(person_id), ScopeForm()

    def act() -> str:
        with transaction() as session:
            services.grant_role(
                session,
                kind=kind,
                person_id=person_id,
                scope=form.scope.data,
                actor_id=current_person().id,
                now=clock.now(),
            )
        return translate(N_("The role is given."))

    lead = N_("The role holds for this one thing only. A participant becomes a trainer with it.")
    return do(_act(who, form, N_("Give a role for one thing"), lead), act, otherwise="scope")


@bp.post(f"/people/<{ID}:person_id>/roles/<role>/withdraw")
@requires("lms.administer")
def take_role_back(person_id: int, role: str) -> BaseResponse:
    """End a role for one thing."""
    kind, form = _scoped_role(role), ScopeForm()
    if not form.accepted():
        abort(422)
    with transaction() as session:
        services.withdraw_role(
            session,
            kind=kind,
            person_id=person_id,
            scope=form.scope.data,
            actor_id=current_person().id,
            now=clock.now(),
        )
    flash(translate(N_("The role is taken back.")), "success")
    return redirect(url_for(".person", person_id=person_id), code=303)


@bp.route(f"/people/<{ID}:person_id>/name", methods=["GET", "POST"])
@requires("lms.administer")
def attest_name(person_id: int) -> BaseResponse:
    """Say how a person's name is printed, on one's own word."""
    who = _line(person_id)
    form = NameForm(name=who.certificate_name or who.name)

    def act() -> str:
        with transaction() as session:
            certificates.attest_name(
                session,
                person_id=person_id,
                name=form.name.data,
                actor_id=current_person().id,
                reason=form.reason.data,
                now=clock.now(),
            )
        return translate(N_("The name is attested."))

    lead = N_("For somebody who cannot confirm the name themselves. Certificates that are issued stay as they are.")
    return do(_act(who, form, N_("Attest the name"), lead), act, otherwise="name")


@bp.route(f"/people/<{ID}:person_id>/email", methods=["GET", "POST"])
@requires("lms.administer")
def attest_email(person_id: int) -> BaseResponse:
    """Say that an e-mail address is the person's own, on one's own word."""
    who, form = _line(person_id), ReasonForm()

    def act() -> str:
        with transaction() as session:
            accounts.attest_email(
                session,
                person_id=person_id,
                actor_id=current_person().id,
                reason=form.reason.data,
                now=clock.now(),
            )
        return translate(N_("The e-mail address is attested."))

    lead = N_("For somebody whose mail does not arrive and whom you know. A certificate needs a verified address.")
    return do(_act(who, form, N_("Attest the e-mail address"), lead), act, otherwise="reason")


@bp.route(f"/people/<{ID}:person_id>/suspend", methods=["GET", "POST"])
@requires("lms.administer")
def suspend(person_id: int) -> BaseResponse:
    """Close an account."""
    who, form = _line(person_id), ReasonForm()

    def act() -> str:
        with transaction() as session:
            accounts.suspend(
                session,
                person_id=person_id,
                actor_id=current_person().id,
                reason=form.reason.data,
                now=clock.now(),
            )
        return translate(N_("The account is closed."))

    lead = N_("Every device is signed out at once and no sign-in works. What was learned and issued stays.")
    return do(_act(who, form, N_("Close the account"), lead, kind="danger"), act, otherwise="reason")


@bp.route(f"/people/<{ID}:person_id>/reinstate", methods=["GET", "POST"])
@requires("lms.administer")
def reinstate(person_id: int) -> BaseResponse:
    """Open a closed account again."""
    who, form = _line(person_id), ReasonForm()

    def act() -> str:
        with transaction() as session:
            accounts.reinstate(
                session,
                person_id=person_id,
                actor_id=current_person().id,
                reason=form.reason.data,
                now=clock.now(),
            )
        return translate(N_("The account is open again."))

    lead = N_("The person can sign in again. Everything is as it was.")
    return do(_act(who, form, N_("Open the account again"), lead), act, otherwise="reason")


def _act(
    who: accounts.PersonLine,
    form: RoleForm | ScopeForm | NameForm | ReasonForm,
    title: str,
    lead: str,
    *,
    kind: str = "go",
) -> ActPage:
    return ActPage(
        title=gettext(title),
        lead=gettext(lead),
        about=((gettext(N_("Person")), who.name), (gettext(N_("E-mail")), who.email)),
        form=form,
        act=gettext(title),
        kind=kind,
        back=url_for(".person", person_id=who.id),
        back_label=gettext(N_("Back to the person")),
    )


def _line(person_id: int) -> accounts.PersonLine:
    with reading() as session:
        return services.person_line(session, person_id=person_id)


def _scoped_roles() -> Sequence[ScopedRole]:
    found: list[ScopedRole] = current_app.extensions["lms.plugins"].collect("lms_roles")
    return found


def _scoped_role(name: str) -> ScopedRole:
    for kind in _scoped_roles():
        if kind.role == name:
            return kind
    raise NotFound


def _row(person: accounts.PersonLine, completed: Sequence[certificates.Candidate]) -> PersonRow:
    account = ""
    if person.suspended_at is not None:
        account = gettext(N_("Account closed"))
    elif person.email_verified_at is None:
        account = gettext(N_("E-mail not verified"))
    return PersonRow(
        id=person.id,
        name=person.name,
        email=person.email,
        country=countries.name(person.country, language()),
        role=str(ROLE_NAMES.get(person.role, person.role)),
        account=account,
        finished=tuple(_finished(one) for one in completed),
    )


def _finished(one: certificates.Candidate) -> Finished:
    when: datetime = one.revoked_at or one.issued_at or one.completed_at
    words, look = STATE_NAMES[one.state]
    return Finished(title=said(dict(one.title)), state=one.state, words=translate(words, day=when.date()), look=look)
