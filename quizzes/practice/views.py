"""Pages of practice: one question after the other, without script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.database.session import reading, transaction
from lms.web.current import current_person
from lms.web.errors import answer as error_answer
from lms.web.languages import language, translate
from lms.web.limits import Rule, limited
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent
from quizzes.attempts.views import LARGEST_ANSWER_BYTES, words
from quizzes.kinds import kinds, types
from quizzes.practice import pages, services
from quizzes.question_types.base import BadAnswer

bp = Blueprint("practice", __name__, url_prefix="/quizzes")

_PRACTICE = "/<course_slug>/<module_slug>/<activity_slug>/practice"
_QUESTION = f"{_PRACTICE}/<int(max=10000):position>"


@bp.post(_PRACTICE)
@limited("practice", Rule(amount=20, seconds=60, per="account"))
@requires("quizzes.take")
def begin(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Begin to practise; what was practised before is gone."""
    place = {"course_slug": course_slug, "module_slug": module_slug, "activity_slug": activity_slug}
    with transaction() as session:
        services.begin(session, person_id=current_person().id, now=clock.now(), **place)
    return redirect(_address(place, 1), code=303)


@bp.get(_QUESTION)
@requires("quizzes.take")
def question(course_slug: str, module_slug: str, activity_slug: str, position: int) -> ResponseReturnValue:
    """Show one question, or, once it is answered, what was right."""
    return _question(course_slug, module_slug, activity_slug, position)


@bp.post(_QUESTION)
@requires("quizzes.take")
@keeps_what_was_sent
def answer(course_slug: str, module_slug: str, activity_slug: str, position: int) -> ResponseReturnValue:
    """Take an answer and show what was right."""
    if (request.content_length or 0) > LARGEST_ANSWER_BYTES:
        return error_answer(413)
    given = {name: values for name, values in request.form.to_dict(flat=False).items() if name != "csrf_token"}
    place = {"course_slug": course_slug, "module_slug": module_slug, "activity_slug": activity_slug}
    try:
        with transaction() as session:
            services.answer(
                session,
                person_id=current_person().id,
                position=position,
                given=given,
                types=types(),
                locale=language(),
                now=clock.now(),
                **place,
            )
    except BadAnswer as error:
        sentence = translate(error.message, **error.values)
        return _question(course_slug, module_slug, activity_slug, position, given=given, error=sentence)
    return redirect(_address(place, position), code=303)


def _address(place: Mapping[str, str], position: int) -> str:
    values: dict[str, Any] = {**place, "position": position}
    return url_for(".question", **values)


def _question(
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    position: int,
    *,
    given: Mapping[str, list[str]] | None = None,
    error: str | None = None,
) -> ResponseReturnValue:
    with reading() as session:
        found = services.question_at(
            session,
            person_id=current_person().id,
            course_slug=course_slug,
            module_slug=module_slug,
            activity_slug=activity_slug,
            position=position,
            now=clock.now(),
        )
    page = pages.practice_page(found, kinds(), words(), again="again" in request.args, given=given, error=error)
    return render("quizzes/practice/question.html", page=page, status=200 if error is None else 422)
