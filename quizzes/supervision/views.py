"""Pages of a trainer: time and tries, requests for more time, receipts and late answers. All work without script."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_
from lms.text.plain import clean_line
from lms.web.current import current_person
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render
from quizzes.attempts import afterwards, allowances
from quizzes.attempts.views import words
from quizzes.authoring.services import Room, enter
from quizzes.kinds import kinds, types
from quizzes.supervision import pages
from quizzes.supervision.forms import AllowanceForm, AnswerForm, DecisionForm, RefusalForm

bp = Blueprint("supervision", __name__, url_prefix="/quizzes")

_QUIZ = "/<course_slug>/<module_slug>/<activity_slug>"
_NUMBER = "int(max=2147483647)"


@bp.get(f"{_QUIZ}/time")
@requires("quizzes.author")
def time(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List who asks for more time and who has more; with an address in the query, go on to that person."""
    email = clean_line(request.args.get("email", "")[:400], longest=400)
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        person_id = allowances.participant(session, course_id=room.course_id, email=email) if email else None
        if person_id is not None:
            return redirect(pages.address(room, "allowance", person_id=person_id), code=303)
        page = _time_page(session, room, unknown=email)
    return render("quizzes/supervision/time.html", page=page)


@bp.get(f"{_QUIZ}/time/<{_NUMBER}:person_id>")
@requires("quizzes.author")
def allowance(course_slug: str, module_slug: str, activity_slug: str, person_id: int) -> ResponseReturnValue:
    """Show what one participant has more of, ready to be set."""
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        found = _found(session, room, person_id)
    return render("quizzes/supervision/allowance.html", page=pages.allowance_page(room, found, words()))


@bp.post(f"{_QUIZ}/time/<{_NUMBER}:person_id>")
@requires("quizzes.author")
def set_allowance(course_slug: str, module_slug: str, activity_slug: str, person_id: int) -> ResponseReturnValue:
    """Set what one participant gets more of."""
    form = AllowanceForm()
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        found = _found(session, room, person_id)
        if not form.accepted():
            page = pages.allowance_page(room, found, words(), form)
            return render("quizzes/supervision/allowance.html", page=page, status=422)
        allowances.set_allowance(
            session,
            quiz_id=room.quiz_id,
            course_id=room.course_id,
            person_id=person_id,
            more=form.more(),
            everywhere=form.everywhere.data,
            began_from=form.began_from.data or "",
            by_id=current_person().id,
            facts=_facts(room),
            now=clock.now(),
        )
    flash(translate(N_("It is set, also for a try that runs.")), "success")
    return redirect(pages.address(room, "time"), code=303)


@bp.post(f"{_QUIZ}/time/requests/<{_NUMBER}:request_id>")
@requires("quizzes.author")
def answer_request(course_slug: str, module_slug: str, activity_slug: str, request_id: int) -> ResponseReturnValue:
    """Give the minutes, or refuse; the participant sees the answer on their page."""
    prefix = f"r{request_id}-"
    grants = request.form.get("act") != "refuse"
    form = AnswerForm(prefix=prefix)
    refusal = RefusalForm(prefix=prefix)
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        if not (form if grants else refusal).accepted():
            page = _time_page(session, room, refused=(request_id, form))
            return render("quizzes/supervision/time.html", page=page, status=422)
        allowances.answer_request(
            session,
            quiz_id=room.quiz_id,
            request_id=request_id,
            minutes=form.minutes.data if grants else None,
            answer=(form.answer.data if grants else refusal.answer.data) or "",
            by_id=current_person().id,
            facts=_facts(room),
            now=clock.now(),
        )
    flash(translate(N_("Your answer stands on the participant's page.")), "success")
    return redirect(pages.address(room, "time"), code=303)


@bp.get(f"{_QUIZ}/receipts")
@requires("quizzes.author")
def receipts(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Look up a receipt of the course, and list the answers of this quiz that came after the end."""
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        page = _receipts_page(session, room)
    return render("quizzes/supervision/receipts.html", page=page)


@bp.post(f"{_QUIZ}/receipts/<{_NUMBER}:event_id>")
@requires("quizzes.author")
def decide(course_slug: str, module_slug: str, activity_slug: str, event_id: int) -> ResponseReturnValue:
    """Decide whether a late answer counts."""
    form = DecisionForm(prefix=f"e{event_id}-")
    counts = request.form.get("counts") == "yes"
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        if not form.accepted():
            page = _receipts_page(session, room, refused=(event_id, form))
            return render("quizzes/supervision/receipts.html", page=page, status=422)
        afterwards.decide_late(
            session,
            quiz_id=room.quiz_id,
            event_id=event_id,
            counts=counts,
            reason=form.reason.data,
            by_id=current_person().id,
            types=types(),
            facts=_facts(room),
            now=clock.now(),
        )
    said = N_("The answer counts now. The result is worked out anew.") if counts else N_("The answer does not count.")
    flash(translate(said), "success")
    return redirect(pages.address(room, "receipts"), code=303)


def _time_page(
    session: Session, room: Room, *, unknown: str = "", refused: tuple[int, AnswerForm] | None = None
) -> pages.TimePage:
    return pages.time_page(
        room,
        allowances.open_requests(session, quiz_id=room.quiz_id, now=clock.now()),
        allowances.allowances_of(session, quiz_id=room.quiz_id),
        words(),
        unknown=unknown,
        refused=refused,
    )


def _receipts_page(
    session: Session, room: Room, *, refused: tuple[int, DecisionForm] | None = None
) -> pages.ReceiptsPage:
    asked = clean_line(request.args.get("receipt", "")[:40], longest=40)
    found = afterwards.find_receipt(session, room.course_id, asked) if asked else []
    late = afterwards.late_answers(session, room.quiz_id)
    return pages.receipts_page(room, asked, found, late, kinds(), words(), refused=refused)


def _found(session: Session, room: Room, person_id: int) -> allowances.SetAllowance:
    return allowances.allowance_of(session, quiz_id=room.quiz_id, course_id=room.course_id, person_id=person_id)


def _facts(room: Room) -> dict[str, object]:
    return {"course": room.course_slug, "quiz": f"{room.module_slug}/{room.activity_slug}"}


def _enter(session: Session, course_slug: str, module_slug: str, activity_slug: str) -> Room:
    return enter(
        session,
        person_id=current_person().id,
        course_slug=course_slug,
        module_slug=module_slug,
        activity_slug=activity_slug,
    )
