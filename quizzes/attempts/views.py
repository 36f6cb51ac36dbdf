"""Pages and addresses of attempts: begin, answer, look over, submit. All of it works without script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lms import clock
from lms.database.session import read_connection, reading, transaction, write_at_once, write_connection
from lms.errors import N_, Invalid, LmsError
from lms.web.current import current_person, to_make_sure_of
from lms.web.errors import answer as error_answer
from lms.web.errors import wants_json
from lms.web.languages import language, time_zone, translate
from lms.web.limits import Rule, TooManyTries, limited
from lms.web.permissions import requires
from lms.web.rendering import framed_main, render, render_framed, render_kept, told
from lms.web.requests import finds_out_who_asks, keeps_what_was_sent, made_sure
from quizzes.asking import advice_on, current_spec
from quizzes.attempts import journal, pages, saving, services
from quizzes.attempts.forms import MoreTimeForm
from quizzes.attempts.journal import (
    NO_ANSWERS,
    AnsweredDifferently,
    DrawnForAnswer,
    FromDevice,
    FromPage,
    Journal,
    Saved,
    TooFastError,
)
from quizzes.attempts.receipts import receipt_key, shown
from quizzes.attempts.saving import KeptAttempts
from quizzes.attempts.services import BeginsTooOften, DrawnQuestion, Standing
from quizzes.kinds import kinds, types
from quizzes.question_types.base import BadAnswer

bp = Blueprint("attempts", __name__, url_prefix="/quizzes")

# The longest answer, 5,000 letters of four bytes in a form without script, is 60,000 bytes.
LARGEST_ANSWER_BYTES = 64_000
_ATTEMPT = "/attempts/<int(max=2147483647):attempt_id>"
_QUESTION = f"{_ATTEMPT}/<int(max=10000):position>"
_PAGE = "quizzes/attempts/question.html"
_OWN_FIELDS = ("csrf_token", "seen", "go")


@bp.get("/<course_slug>/<module_slug>/<activity_slug>")
@requires("quizzes.take")
@finds_out_who_asks
def intro(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Say the rules of a quiz, and list one's tries."""
    now = clock.now()
    with reading() as session:
        found = services.overview(
            session,
            person_id=current_person().id,
            course_slug=course_slug,
            module_slug=module_slug,
            activity_slug=activity_slug,
            now=now,
            asker=to_make_sure_of(),
        )
    page = pages.intro_page(found, words(), now=now)
    return render_kept(
        (page, time_zone().key), "quizzes/attempts/intro.html", lambda: page, slots={"person": str(current_person().id)}
    )


@bp.post("/<course_slug>/<module_slug>/<activity_slug>")
@requires("quizzes.take")
@finds_out_who_asks
def start(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Begin a try, or go on with the one that is open.

    Our script gets all question pages at once: ``{"address": where to go on, "pages": as in `ahead`}``.
    """
    now = clock.now()
    try:
        with transaction() as session:
            started = services.start(
                session,
                person_id=current_person().id,
                course_slug=course_slug,
                module_slug=module_slug,
                activity_slug=activity_slug,
                types=types(),
                now=now,
                asker=to_make_sure_of(),
                limited=current_app.extensions["lms.config"].limits,
            )
            attempt_id, drawn, saved = started.standing.attempt.id, started.drawn, NO_ANSWERS
            if drawn is None:
                drawn = services.questions_of(session, attempt_id=attempt_id)
                saved = journal.answers_of(session, attempt_id=attempt_id)
    except BeginsTooOften as error:
        raise TooManyTries(error.seconds) from None
    position = services.first_open_position((one.position for one in drawn), saved)
    address = pages.address_of(attempt_id, position)
    if not wants_json():
        return redirect(address, code=303)
    return told({"address": address, "pages": _pages_of(started.standing, drawn, saved, now=now)})


@bp.get(_QUESTION)
@requires("quizzes.take")
@finds_out_who_asks
def question(attempt_id: int, position: int) -> ResponseReturnValue:
    """Show one question, with the answer that is saved."""
    return _question(attempt_id, position)


@bp.get(f"{_ATTEMPT}/ahead/<int(max=10000):position>")
@requires("quizzes.take")
@finds_out_who_asks
def ahead(attempt_id: int, position: int) -> ResponseReturnValue:
    """Give the pages of all questions but one, for the device of somebody whose network may go away.

    ``{address: title and main part of the page}``; nothing of an attempt that is over.
    """
    now = clock.now()
    with reading() as session:
        found = _standing(session, attempt_id, now)
        services.must_take_part(found)
        drawn = services.questions_of(session, attempt_id=attempt_id) if found.is_open(now) else []
        saved = journal.answers_of(session, attempt_id=attempt_id)
    return told(_pages_of(found, drawn, saved, now=now, without=position))


def _pages_of(
    found: Standing, drawn: Sequence[DrawnQuestion], saved: Journal, *, now: datetime, without: int | None = None
) -> dict[str, str]:
    """Make the pages of questions, by their address: of each its title and its main part."""
    if not drawn:
        return {}
    _kept().put(found.attempt, drawn, course_id=found.place.course_id)  # its answers come next
    made = pages.QuestionPages(found, len(drawn), saved, kinds(), words(), person_id=current_person().id, now=now)
    return {
        pages.address_of(found.attempt.id, one.position): framed_main(
            _PAGE, made.frame(one.position), slots=made.slots(one)
        )
        for one in drawn
        if one.position != without
    }


@bp.post(_QUESTION)
@requires("quizzes.take")
@keeps_what_was_sent
def answer(attempt_id: int, position: int) -> ResponseReturnValue:
    """Save the answer to one question and go where the pressed button leads."""
    if _is_too_large():
        return error_answer(413)
    given = {name: values for name, values in request.form.to_dict(flat=False).items() if name not in _OWN_FIELDS}
    seen = request.form.get("seen", "")
    known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None
    try:
        saved, advice = _save(attempt_id, position, given, FromPage(known))
    except BadAnswer as error:
        said = translate(error.message, **error.values)
        return _question(attempt_id, position, given=given, error=said, error_fields=error.fields)
    except TooFastError as error:
        return _too_fast(error)
    if advice is not None:
        flash(translate(N_("Question %(number)s: %(said)s"), number=position, said=advice), "notice")
    return redirect(_next_address(attempt_id, position, saved), code=303)


@bp.post(f"{_ATTEMPT}/answers")
@requires("quizzes.take")
@finds_out_who_asks
def answers(attempt_id: int) -> ResponseReturnValue:
    """Save one answer for a device that numbers its answers; sending it again gives the same receipt.

    Takes ``{"client", "counter", "question": position, "answer": {field: [values]}}`` and gives ``{"receipt", "state":
    "saved" | "late", "counts", "counter": the highest known}``, with what there is to say about the answer as "advice";
    409 with the receipt of the answer that holds the number, 429 with Retry-After where a device must wait.
    """
    tried = _kept().get(attempt_id) is not None
    saved, advice = _save_at_once(attempt_id)
    if saved is None:
        refusal = made_sure()
        if refusal is not None:
            return refusal
        if _is_too_large():
            return error_answer(413)
        if not request.is_json:
            return error_answer(415)
        try:
            client, counter, position, given = _sent()
            saved, advice = _save(attempt_id, position, given, FromDevice(client, counter), at_once=not tried)
        except AnsweredDifferently as error:
            conflict = told({"error": translate(error.message), "receipt": shown(error.receipt)})
            conflict.status_code = 409
            return conflict
        except TooFastError as error:
            return _too_fast(error)
    receipt = {
        "receipt": shown(saved.receipt or ""),
        "state": "late" if saved.late else "saved",
        "counts": saved.counts,
        "counter": saved.highest,
        **({} if advice is None else {"advice": advice}),
    }
    return told(receipt)


@bp.get(f"{_ATTEMPT}/check")
@requires("quizzes.take")
@finds_out_who_asks
def check(attempt_id: int) -> ResponseReturnValue:
    """Look over all answers before submitting them."""
    now = clock.now()
    with reading() as session:
        found = _standing(session, attempt_id, now)
        if not found.is_open(now):
            return redirect(url_for("quizzes.results.result", attempt_id=attempt_id), code=303)
        services.must_take_part(found)
        positions = services.positions_of(session, attempt_id=attempt_id)
        saved = journal.answers_of(session, attempt_id=attempt_id)
    return render("quizzes/attempts/check.html", page=pages.check_page(found, positions, saved, words()))


@bp.post(f"{_QUESTION}/hint")
@requires("quizzes.take")
def ask_for_hint(attempt_id: int, position: int) -> ResponseReturnValue:
    """Give the hint of a question, at the cost that its page has told."""
    with transaction() as session:
        services.ask_for_hint(
            session, attempt_id=attempt_id, person_id=current_person().id, position=position, now=clock.now()
        )
    return redirect(url_for(".question", attempt_id=attempt_id, position=position, _anchor="hint"), code=303)


@bp.get(f"{_ATTEMPT}/more-time")
@requires("quizzes.take")
def more_time(attempt_id: int) -> ResponseReturnValue:
    """Show where more time is asked for, and what became of it."""
    return _more_time(attempt_id, MoreTimeForm(formdata=None))


@bp.post(f"{_ATTEMPT}/more-time")
@limited("more-time", Rule(amount=10, seconds=600, per="account"))
@requires("quizzes.take")
@keeps_what_was_sent
def ask_for_time(attempt_id: int) -> ResponseReturnValue:
    """Send the words to the trainers of the course; the attempt goes on."""
    form = MoreTimeForm()
    if not form.accepted():
        return _more_time(attempt_id, form, status=422)
    with transaction() as session:
        services.ask_for_time(
            session, attempt_id=attempt_id, person_id=current_person().id, words=form.words.data, now=clock.now()
        )
    flash(
        translate(N_("Your words are with the trainers. Go on meanwhile; their answer stands on this page.")), "notice"
    )
    return redirect(url_for(".more_time", attempt_id=attempt_id), code=303)


def _more_time(attempt_id: int, form: MoreTimeForm, *, status: int = 200) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        found = _standing(session, attempt_id, now)
        services.must_take_part(found)
    if found.ends_at is None or not found.is_open(now):
        return redirect(url_for("quizzes.results.result", attempt_id=attempt_id), code=303)
    return render("quizzes/attempts/more_time.html", page=pages.more_time_page(found, form, words()), status=status)


class RequestDatabase:
    """How a request reaches the database to save."""

    reading = staticmethod(read_connection)
    write_at_once = staticmethod(write_at_once)
    together = staticmethod(write_connection)


class _Reader:
    """Reads what was sent as an answer, and knows what there is to say about it."""

    def __init__(self, given: Mapping[str, list[str]]) -> None:
        self.given = given
        self.types = types()
        self.drawn: DrawnForAnswer | None = None
        self.answer: Mapping[str, Any] = {}

    def __call__(self, drawn: DrawnForAnswer) -> Mapping[str, Any]:
        self.drawn = drawn
        self.answer = journal.read_answer(drawn, self.given, types=self.types, locale=language())
        return self.answer

    def advice(self) -> str | None:
        if self.drawn is None:
            return None
        of_kind = self.types[self.drawn.kind]
        spec = current_spec(of_kind, self.drawn.spec, self.drawn.spec_version)
        advice = advice_on(of_kind, spec, self.answer or None)
        return None if advice is None else translate(advice.message, **advice.values)


def _save_at_once(attempt_id: int) -> tuple[Saved | None, str | None]:
    """Store what a device sent with the statement that also finds out who asks; None where more must be asked."""
    if _is_too_large() or not request.is_json:
        return None, None
    try:
        client, counter, position, given = _sent()
        origin = FromDevice(client, counter)
    except LmsError:
        return None, None
    reader = _Reader(given)
    saved = saving.save_at_once(
        _kept(),
        RequestDatabase,
        attempt_id=attempt_id,
        asker=current_person().as_known,
        position=position,
        read=reader,
        origin=origin,
        key=_key(),
        now=clock.now(),
    )
    return saved, reader.advice() if saved is not None and saved.counts else None


def _save(
    attempt_id: int,
    position: int,
    given: Mapping[str, list[str]],
    origin: FromPage | FromDevice,
    *,
    at_once: bool = True,
) -> tuple[Saved, str | None]:
    """Save an answer; also give what there is to say about it, where it counts."""
    reader = _Reader(given)
    saved = saving.save(
        _kept(),
        RequestDatabase,
        attempt_id=attempt_id,
        person_id=current_person().id,
        position=position,
        read=reader,
        origin=origin,
        key=_key(),
        now=clock.now(),
        at_once=at_once,
    )
    return saved, reader.advice() if saved.counts else None


def _standing(session: Session, attempt_id: int, now: datetime) -> Standing:
    person = current_person()
    return services.standing(session, attempt_id=attempt_id, person_id=person.id, now=now, asker=to_make_sure_of())


def _kept() -> KeptAttempts:
    kept: KeptAttempts | None = current_app.extensions.get("quizzes.kept_attempts")
    if kept is None:
        kept = current_app.extensions["quizzes.kept_attempts"] = KeptAttempts()
    return kept


def words() -> pages.Words:
    """Return how this request's pages speak."""
    return pages.Words(language=language(), translate=translate)


def _question(
    attempt_id: int,
    position: int,
    *,
    given: Mapping[str, list[str]] | None = None,
    error: str | None = None,
    error_fields: Sequence[str] = (),
) -> ResponseReturnValue:
    now = clock.now()
    with reading() as session:
        found = _standing(session, attempt_id, now)
        if not found.is_open(now):
            return redirect(url_for("quizzes.results.result", attempt_id=attempt_id), code=303)
        services.must_take_part(found)
        drawn, of = services.question_at(session, attempt_id=attempt_id, position=position)
        saved = journal.answers_of(session, attempt_id=attempt_id)
    made = pages.QuestionPages(found, of, saved, kinds(), words(), person_id=current_person().id, now=now)
    slots = made.slots(drawn, given=given, error=error, error_fields=error_fields)
    return render_framed(_PAGE, made.frame(position), slots=slots, status=200 if error is None else 422)


def _next_address(attempt_id: int, position: int, saved: Saved) -> str:
    if saved.late:
        flash(translate(N_("Saved after the end. It is kept and does not count.")), "notice")
        return url_for("quizzes.results.result", attempt_id=attempt_id)
    if saved.receipt is not None and not saved.counts:
        flash(translate(N_("You saved a newer answer to this question since. The newer one counts.")), "notice")
        return url_for(".question", attempt_id=attempt_id, position=position)
    go = request.form.get("go", "")
    if go == "check":
        return url_for(".check", attempt_id=attempt_id)
    if go == "back" and position > 1:
        return url_for(".question", attempt_id=attempt_id, position=position - 1)
    attempt = _kept().get(attempt_id)
    if go == "last" or (attempt is not None and position + 1 not in attempt.questions):
        return url_for(".check", attempt_id=attempt_id)
    return url_for(".question", attempt_id=attempt_id, position=position + 1)


def _sent() -> tuple[str, int, int, dict[str, list[str]]]:
    """Read the body of `answers`; raises Invalid, naming the field."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):  # also too many digits, and bytes that are no UTF-8
        raise Invalid(N_("What was sent cannot be read.")) from None
    if not isinstance(body, dict):
        raise Invalid(N_("What was sent cannot be read."))
    client, counter, position, given = (body.get(name) for name in ("client", "counter", "question", "answer"))
    if not isinstance(client, str):
        raise Invalid(N_("What was sent cannot be read."), field="client")
    if not isinstance(counter, int) or isinstance(counter, bool) or not 0 < counter < 2**53:
        raise Invalid(N_("What was sent cannot be read."), field="counter")
    if not isinstance(position, int) or isinstance(position, bool) or not 0 < position <= 10_000:
        raise Invalid(N_("What was sent cannot be read."), field="question")
    if not isinstance(given, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in given.values()
    ):
        raise Invalid(N_("What was sent cannot be read."), field="answer")
    return client, counter, position, given


def _is_too_large() -> bool:
    return (request.content_length or 0) > LARGEST_ANSWER_BYTES


def _too_fast(error: TooFastError) -> Response:
    response = error_answer(429, text=translate(error.message))
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _key() -> bytes:
    return receipt_key(current_app.extensions["lms.config"].secret_key)
