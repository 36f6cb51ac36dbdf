"""Pages of item analysis. They read sums, never answers."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lms.database.session import reading
from lms.web.permissions import requires
from lms.web.rendering import render
from quizzes.analysis import pages, services
from quizzes.attempts.views import words
from quizzes.kinds import kinds
from quizzes.reports.views import QUIZ, asked_page, room_of

bp = Blueprint("analysis", __name__, url_prefix="/quizzes")


@bp.get(f"{QUIZ}/figures")
@requires("quizzes.author")
def questions(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List the questions of a quiz in figures, with advice."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.quiz_figures(session, quiz_id=room.quiz_id, number=asked_page())
    return render("quizzes/analysis/questions.html", page=pages.questions_page(room, found, kinds(), words()))


@bp.get(f"{QUIZ}/figures/<question_uid>")
@requires("quizzes.author")
def question(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Show one question in figures, version by version."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.question_figures(session, quiz_id=room.quiz_id, uid=question_uid)
    return render("quizzes/analysis/question.html", page=pages.question_page(room, found, kinds(), words()))
