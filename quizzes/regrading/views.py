"""Pages on which a trainer changes a key for answers that were given already. All work without script."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_
from lms.web.current import current_person
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render
from quizzes.asking import current_spec
from quizzes.attempts.views import words
from quizzes.authoring.services import Room
from quizzes.kinds import kinds, types
from quizzes.question_types.base import BadSpec
from quizzes.regrading import pages, services
from quizzes.regrading.forms import ReasonForm
from quizzes.reports.views import NUMBER, QUIZ, asked_page, facts_of, room_of

bp = Blueprint("regrading", __name__, url_prefix="/quizzes")


@bp.get(f"{QUIZ}/regrades")
@requires("quizzes.author")
def regrades(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List the changes of keys, and the certificates to look at."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        page = _list(session, room)
    return render("quizzes/regrading/regrades.html", page=page)


@bp.get(f"{QUIZ}/figures/<question_uid>/key")
@requires("quizzes.author")
def key(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Say which answers the published key could mark."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        page = _key(session, room, question_uid, ReasonForm(formdata=None))
    return render("quizzes/regrading/key.html", page=page)


@bp.post(f"{QUIZ}/figures/<question_uid>/key")
@requires("quizzes.author")
def look(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Look at what the published key would change; nothing changes yet."""
    form = ReasonForm()
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        if not form.accepted():
            return render("quizzes/regrading/key.html", page=_key(session, room, question_uid, form), status=422)
        found = services.propose(
            session,
            quiz_id=room.quiz_id,
            uid=question_uid,
            reason=form.reason.data,
            by_id=current_person().id,
            types=types(),
            log=facts_of(room),
            now=clock.now(),
        )
        address = pages.address(room, "regrade", regrade_id=found.id)
    return redirect(address, code=303)


@bp.get(f"{QUIZ}/regrades/<{NUMBER}:regrade_id>")
@requires("quizzes.author")
def regrade(course_slug: str, module_slug: str, activity_slug: str, regrade_id: int) -> ResponseReturnValue:
    """Show what a changed key does, before and after."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.consequences(session, quiz_id=room.quiz_id, regrade_id=regrade_id, number=asked_page())
    return render("quizzes/regrading/regrade.html", page=pages.regrade_page(room, found, words()))


@bp.post(f"{QUIZ}/regrades/<{NUMBER}:regrade_id>/apply")
@requires("quizzes.author")
def apply(course_slug: str, module_slug: str, activity_slug: str, regrade_id: int) -> ResponseReturnValue:
    """Apply it: a job marks the tries anew."""
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        services.apply(
            session,
            quiz_id=room.quiz_id,
            regrade_id=regrade_id,
            by_id=current_person().id,
            log=facts_of(room),
            now=clock.now(),
        )
    flash(translate(N_("The changed key is in force. The tries are being marked anew.")), "success")
    return redirect(pages.address(room, "regrade", regrade_id=regrade_id), code=303)


@bp.post(f"{QUIZ}/regrades/<{NUMBER}:regrade_id>/leave")
@requires("quizzes.author")
def leave(course_slug: str, module_slug: str, activity_slug: str, regrade_id: int) -> ResponseReturnValue:
    """Leave everything as it is."""
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        services.leave(
            session,
            quiz_id=room.quiz_id,
            regrade_id=regrade_id,
            by_id=current_person().id,
            log=facts_of(room),
            now=clock.now(),
        )
    flash(translate(N_("Nothing was changed.")), "success")
    return redirect(pages.address(room, "regrade", regrade_id=regrade_id), code=303)


@bp.post(f"{QUIZ}/regrades/certificates/<{NUMBER}:review_id>")
@requires("quizzes.author")
def let_stand(course_slug: str, module_slug: str, activity_slug: str, review_id: int) -> ResponseReturnValue:
    """Note that a certificate stands."""
    form = ReasonForm(prefix=f"c{review_id}-")
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        if not form.accepted():
            page = _list(session, room, refused=(review_id, form))
            return render("quizzes/regrading/regrades.html", page=page, status=422)
        services.let_stand(
            session,
            course_id=room.course_id,
            review_id=review_id,
            reason=form.reason.data,
            by_id=current_person().id,
            log=facts_of(room),
            now=clock.now(),
        )
    flash(translate(N_("The certificate stands. The log says why.")), "success")
    return redirect(pages.address(room, "regrades"), code=303)


def _list(session: Session, room: Room, *, refused: tuple[int, ReasonForm] | None = None) -> pages.RegradesPage:
    return pages.regrades_page(
        room,
        services.regrades(session, quiz_id=room.quiz_id),
        services.reviews(session, course_id=room.course_id),
        words(),
        is_admin=current_person().role == "admin",
        refused=refused,
    )


def _key(session: Session, room: Room, uid: str, form: ReasonForm) -> pages.KeyPage:
    found = services.key_of(session, quiz_id=room.quiz_id, uid=uid, types=types())
    kind = kinds().get(found.kind)
    told = words()
    solution: list[str] = []
    if kind is not None:
        try:
            spec = current_spec(kind.type, found.version.spec, found.version.spec_version)
            answers = kind.type.solution(spec, languages=told.languages)
            solution = [told(one.text) if one.message else one.text for one in answers]
        except BadSpec:
            solution = []
    return pages.key_page(room, found, solution, form, told)
