"""Mail that did not surely arrive, and jobs that failed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms import clock
from lms.administration import services
from lms.administration.forms import ReasonForm
from lms.administration.services.outgoing import STATES
from lms.administration.views.pages import ID, ActPage, Paging, asked_line, asked_page, bp, do, paging, show
from lms.database.session import reading, transaction
from lms.errors import N_
from lms.web.current import current_person
from lms.web.languages import gettext, translate
from lms.web.permissions import requires

STATE_NAMES = {
    "unknown": N_("Fate unknown"),
    "failed": N_("Not sent"),
    "queued": N_("Waiting to be sent"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLink:
    """One state of the outbox with its number."""

    label: str
    number: int
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """The messages in one state."""

    states: tuple[StateLink, ...]
    state: str
    label: str
    lines: tuple[services.MailLine, ...]
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    """The jobs that failed."""

    lines: tuple[services.JobLine, ...]


@bp.get("/mail")
@requires("lms.administer")
def mail() -> Response:
    """The outbox by state; those whose fate nobody knows come first."""
    state = asked_line("state")
    state = state if state in STATES else "unknown"
    with reading() as session:
        page = services.mail_page(session, state=state, page=asked_page())
    return show(
        "mail",
        MailPage(
            states=tuple(
                StateLink(
                    label=gettext(STATE_NAMES[name]),
                    number=number,
                    href=url_for(".mail", state=name),
                    current=name == state,
                )
                for name, number in page.counts.items()
            ),
            state=state,
            label=gettext(STATE_NAMES[state]),
            lines=page.lines,
            paging=paging(number=page.number, pages=page.pages, total=page.total, endpoint=".mail", state=state),
        ),
    )


@bp.route(f"/mail/<{ID}:message_id>/send-again", methods=["GET", "POST"])
@requires("lms.administer")
def send_mail_again(message_id: int) -> BaseResponse:
    """Send a message once more: an admin's decision, never the worker's."""
    with reading() as session:
        line = services.mail_line(session, message_id=message_id)
    form = ReasonForm()

    def act() -> str:
        with transaction() as session:
            services.send_again(
                session,
                message_id=message_id,
                actor_id=current_person().id,
                reason=form.reason.data,
                now=clock.now(),
            )
        return translate(N_("The message waits to be sent again."))

    lead = N_("This message surely did not go out. It is sent once more, as it was written.")
    if line.state == "unknown":
        lead = N_("Nobody knows whether this message arrived. If it did, the person gets it twice.")
    page = ActPage(
        title=translate(N_("Send this message again")),
        lead=translate(lead),
        about=(
            (translate(N_("To")), line.to),
            (translate(N_("Subject")), line.subject),
            (translate(N_("State")), gettext(STATE_NAMES.get(line.state, line.state))),
            (translate(N_("What happened")), line.fault or translate(N_("Nothing is noted."))),
        ),
        form=form,
        act=translate(N_("Send it again")),
        kind="go",
        back=url_for(".mail", state=line.state),
        back_label=translate(N_("Back to mail")),
    )
    return do(page, act, otherwise="reason")


@bp.get("/jobs")
@requires("lms.administer")
def jobs() -> Response:
    """The jobs that failed for the last time."""
    with reading() as session:
        lines = services.failed_jobs(session)
    return show("jobs", JobsPage(lines=lines))
