"""Pages of one's mistakes: what is due today, and one question after the other, without script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lms import clock
from lms.database.session import reading, transaction
from lms.web.current import current_person
from lms.web.errors import answer as error_answer
from lms.web.languages import language, time_zone, translate
from lms.web.limits import Rule, limited
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent
from quizzes.attempts.views import LARGEST_ANSWER_BYTES, words
from quizzes.kinds import kinds, types
from quizzes.mistakes import pages, services
from quizzes.question_types.base import BadAnswer

bp = Blueprint("mistakes", __name__, url_prefix="/quizzes")

_MISTAKES = "/<course_slug>/mistakes"
_QUESTION = f"{_MISTAKES}/<int(max=100):position>"


@bp.get(_MISTAKES)
@requires("quizzes.take")
def overview(course_slug: str) -> ResponseReturnValue:
    """Say how many of one's mistakes are due today."""
    now = clock.now()
    with reading() as session:
        found = services.mistakes_of(
            session, person_id=current_person().id, course_slug=course_slug, day_began=_day_began(now), now=now
        )
    return render("quizzes/mistakes/overview.html", page=pages.overview_page(found, words()))


@bp.post(_MISTAKES)
@limited("mistakes", Rule(amount=20, seconds=60, per="account"))
@requires("quizzes.take")
def begin(course_slug: str) -> ResponseReturnValue:
    """Begin with what is due; a set that was begun before is gone, what was answered in it stays known."""
    now = clock.now()
    with transaction() as session:
        services.begin(
            session, person_id=current_person().id, course_slug=course_slug, day_began=_day_began(now), now=now
        )
    return redirect(pages.address(course_slug, 1), code=303)


@bp.get(_QUESTION)
@requires("quizzes.take")
def question(course_slug: str, position: int) -> ResponseReturnValue:
    """Show one question, or, once it is answered, what was right and when it comes again."""
    return _question(course_slug, position)


@bp.post(_QUESTION)
@requires("quizzes.take")
@keeps_what_was_sent
def answer(course_slug: str, position: int) -> ResponseReturnValue:
    """Take an answer and show what was right."""
    if (request.content_length or 0) > LARGEST_ANSWER_BYTES:
        return error_answer(413)
    given = {name: values for name, values in request.form.to_dict(flat=False).items() if name != "csrf_token"}
    try:
        with transaction() as session:
            services.answer(
                session,
                person_id=current_person().id,
                course_slug=course_slug,
                position=position,
                given=given,
                types=types(),
                locale=language(),
                now=clock.now(),
            )
    except BadAnswer as error:
        sentence = translate(error.message, **error.values)
        return _question(course_slug, position, given=given, error=sentence)
    return redirect(pages.address(course_slug, position), code=303)


def _question(
    course_slug: str, position: int, *, given: Mapping[str, list[str]] | None = None, error: str | None = None
) -> ResponseReturnValue:
    with reading() as session:
        found = services.question_at(
            session, person_id=current_person().id, course_slug=course_slug, position=position, now=clock.now()
        )
    page = pages.question_page(found, kinds(), words(), given=given, error=error)
    return render("quizzes/mistakes/question.html", page=page, status=200 if error is None else 422)


def _day_began(now: datetime) -> datetime:
    """When the day of the person who asks began."""
    return now.astimezone(time_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
