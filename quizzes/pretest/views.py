"""The page of the pre-test: what it is, what is open now, and, after both times, what was gained."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from courses.hooks import Offer
from courses.learning.services import Progress
from courses.outline.services import Outline
from lms import clock
from lms.database.session import read_connection, transaction
from lms.errors import N_
from lms.web.current import current_person
from lms.web.languages import translate
from lms.web.limits import Rule, limited
from lms.web.permissions import requires
from lms.web.rendering import render
from quizzes.attempts import journal
from quizzes.attempts import services as attempts
from quizzes.attempts.views import words
from quizzes.kinds import types
from quizzes.pretest import pages, services

bp = Blueprint("pretest", __name__, url_prefix="/quizzes")

_PRETEST = "/<course_slug>/pretest"


@bp.get(_PRETEST)
@requires("quizzes.take")
def overview(course_slug: str) -> ResponseReturnValue:
    """Say what the pre-test is and what of it is open, or what one gained."""
    found = services.pretest_of(read_connection(), person_id=current_person().id, course_slug=course_slug)
    return render("quizzes/pretest/pretest.html", page=pages.pretest_page(found, words()))


@bp.post(_PRETEST)
@limited("quiz-start", Rule(amount=20, seconds=60, per="account"))
@requires("quizzes.take")
def begin(course_slug: str) -> ResponseReturnValue:
    """Begin the time that is open, or go on with it."""
    with transaction() as session:
        attempt = services.begin(
            session, person_id=current_person().id, course_slug=course_slug, types=types(), now=clock.now()
        )
        answers = journal.answers_of(session, attempt_id=attempt.id)
        positions = attempts.positions_of(session, attempt_id=attempt.id)
        position = attempts.first_open_position(positions, answers)
    return redirect(url_for("quizzes.attempts.question", attempt_id=attempt.id, position=position), code=303)


@bp.post(f"{_PRETEST}/decline")
@requires("quizzes.take")
def decline(course_slug: str) -> ResponseReturnValue:
    """Offer it no more, and go on with the course."""
    with transaction() as session:
        services.decline(session, person_id=current_person().id, course_slug=course_slug, now=clock.now())
    flash(translate(N_("All right. The course does not ask you again.")), "notice")
    return redirect(url_for("courses.learning.course", course_slug=course_slug), code=303)


def offer(connection: Connection, outline: Outline, progress: Progress, *, person_id: int) -> Offer | None:
    """Offer what is open of a course's pre-test on the page of the course."""
    stage = services.offered(connection, outline, progress, person_id=person_id)
    if stage is None or outline.pretest is None:
        return None
    return pages.offer(outline, stage, words())
