"""Submitting, and the page of the result."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from lms import clock
from lms.database.session import reading, transaction
from lms.web.current import current_person, to_make_sure_of
from lms.web.errors import wants_json
from lms.web.permissions import requires
from lms.web.rendering import render, render_main, told
from lms.web.requests import finds_out_who_asks, keeps_what_was_sent
from quizzes.attempts import journal
from quizzes.attempts import services as attempts
from quizzes.attempts.pages import address_of
from quizzes.attempts.views import words
from quizzes.kinds import kinds, types
from quizzes.results import pages, services

bp = Blueprint("results", __name__, url_prefix="/quizzes")


_ATTEMPT = "/attempts/<int(max=2147483647):attempt_id>"
_PAGE = "quizzes/results/result.html"


@bp.get(_ATTEMPT)
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
            answers = journal.answers_of(session, attempt_id=attempt_id)
            positions = attempts.positions_of(session, attempt_id=attempt_id)
            position = attempts.first_open_position(positions, answers)
            return redirect(address_of(attempt_id, position), code=303)
    return render(_PAGE, page=pages.result_page(found, kinds(), words()))


@bp.post(f"{_ATTEMPT}/submit")
@requires("quizzes.take")
@keeps_what_was_sent
@finds_out_who_asks
def submit(attempt_id: int) -> ResponseReturnValue:
    """Close a try and mark it; twice is the same as once.

    Our script gets the result at once: ``{"address": of the result, "page": its title and its main part}``.
    """
    now = clock.now()
    with transaction() as session:
        submitted = attempts.submit(
            session,
            attempt_id=attempt_id,
            person_id=current_person().id,
            types=types(),
            now=now,
            asker=to_make_sure_of(),
        )
        found = services.marked_just_now(session, submitted, now=now) if wants_json() else None
    address = address_of(attempt_id)
    if found is None:
        return redirect(address, code=303)
    page = render_main(_PAGE, page=pages.result_page(found, kinds(), words()))
    return told({"address": address, "page": page})
