"""Pages of the marking queue. All work without script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect
from flask.typing import ResponseReturnValue

from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_
from lms.web.current import current_person
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent
from quizzes.attempts.counting import DIFFER, MARKED
from quizzes.attempts.views import words
from quizzes.kinds import kinds, types
from quizzes.queue import pages, services
from quizzes.queue.forms import form_for
from quizzes.reports.views import NUMBER, QUIZ, asked_page, facts_of, room_of

bp = Blueprint("queue", __name__, url_prefix="/quizzes")


@bp.get(f"{QUIZ}/open-answers")
@requires("quizzes.author")
def waiting(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List the answers that wait for a trainer, the oldest first."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.queue(
            session, quiz_id=room.quiz_id, person_id=current_person().id, number=asked_page(), now=clock.now()
        )
    return render("quizzes/queue/waiting.html", page=pages.queue_page(room, found, words()))


@bp.post(f"{QUIZ}/open-answers")
@requires("quizzes.author")
def take(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Take the oldest answer that nobody else has."""
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        event_id = services.take_next(session, quiz_id=room.quiz_id, person_id=current_person().id, now=clock.now())
    if event_id is None:
        flash(translate(N_("No answer waits for you now.")), "note")
        return redirect(pages.address(room, "waiting"), code=303)
    return redirect(pages.address(room, "answer", event_id=event_id), code=303)


@bp.get(f"{QUIZ}/open-answers/<{NUMBER}:event_id>")
@requires("quizzes.author")
def answer(course_slug: str, module_slug: str, activity_slug: str, event_id: int) -> ResponseReturnValue:
    """Show an answer to the trainer who has taken it."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.to_mark(
            session,
            quiz_id=room.quiz_id,
            event_id=event_id,
            person_id=current_person().id,
            types=types(),
            now=clock.now(),
        )
    page = pages.answer_page(room, found, form_for(found.lines, _said), kinds(), words())
    return render("quizzes/queue/answer.html", page=page)


@bp.post(f"{QUIZ}/open-answers/<{NUMBER}:event_id>")
@requires("quizzes.author")
@keeps_what_was_sent
def mark(course_slug: str, module_slug: str, activity_slug: str, event_id: int) -> ResponseReturnValue:
    """Give the marks, and go on with the next answer."""
    now, person_id = clock.now(), current_person().id
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.to_mark(
            session, quiz_id=room.quiz_id, event_id=event_id, person_id=person_id, types=types(), now=now
        )
        form = form_for(found.lines, _said)
        if not form.accepted():
            page = pages.answer_page(room, found, form, kinds(), words())
            return render("quizzes/queue/answer.html", page=page, status=422)
        marked = services.give(
            session,
            quiz_id=room.quiz_id,
            event_id=event_id,
            by_id=person_id,
            points=form.points(found.lines),
            comment=form.comment.data or "",
            types=types(),
            config=current_app.extensions["lms.config"],
            log=facts_of(room),
            now=now,
        )
        state = marked.state
        following = services.take_next(session, quiz_id=room.quiz_id, person_id=person_id, now=now)
    if state == MARKED:
        flash(translate(N_("The answer is marked.")), "success")
    elif state == DIFFER:
        flash(translate(N_("Your mark is kept. It is far from the other one, so a trainer decides.")), "note")
    else:
        flash(translate(N_("Your mark is kept. Another trainer marks the answer too.")), "success")
    if following is None:
        return redirect(pages.address(room, "waiting"), code=303)
    return redirect(pages.address(room, "answer", event_id=following), code=303)


@bp.post(f"{QUIZ}/open-answers/<{NUMBER}:event_id>/back")
@requires("quizzes.author")
def give_back(course_slug: str, module_slug: str, activity_slug: str, event_id: int) -> ResponseReturnValue:
    """Let others take the answer."""
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        services.give_back(session, quiz_id=room.quiz_id, event_id=event_id, person_id=current_person().id)
    flash(translate(N_("The answer is back in the queue.")), "success")
    return redirect(pages.address(room, "waiting"), code=303)


def _said(text: Any, message: bool) -> str:
    return pages.said(text, message, words())
