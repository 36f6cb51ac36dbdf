"""The page of a result."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.database.session import reading
from lms.web.current import current_person, to_make_sure_of
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import finds_out_who_asks
from quizzes.attempts import services as attempts
from quizzes.attempts.views import words
from quizzes.kinds import kinds, types
from quizzes.results import pages, services

bp = Blueprint("results", __name__, url_prefix="/quizzes")


@bp.get("/attempts/<int(max=2147483647):attempt_id>")
@requires("quizzes.take")
@finds_out_who_asks
def result(attempt_id: int) -> ResponseReturnValue:
    """Say what a try came to; one that is open goes on at its first open question."""
    person_id = current_person().id
    with reading() as session:
        found = services.marked_attempt(
            session,
            attempt_id=attempt_id,
            person_id=person_id,
            types=types(),
            now=clock.now(),
            asker=to_make_sure_of(),
        )
        if found is None:
            position = attempts.first_open_position(session, attempt_id=attempt_id)
            address = url_for("quizzes.attempts.question", attempt_id=attempt_id, position=position)
            return redirect(address, code=303)
    return render("quizzes/results/result.html", page=pages.result_page(found, kinds(), words()))
