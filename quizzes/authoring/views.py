"""Pages of the trainer's room: the bank, the editor, the preview, publishing and retiring. All work without script."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from courses.outline.services import lesson_links
from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_, Refused
from lms.web.current import current_person
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent
from quizzes.attempts.views import words
from quizzes.authoring import pages, services
from quizzes.authoring.forms import QuestionForm
from quizzes.authoring.pages import ProblemLine
from quizzes.authoring.services import ChangedSince, Room, Written
from quizzes.bank.services import BankQuestion
from quizzes.bank.services import question_in as question_of
from quizzes.hooks import QuestionKind
from quizzes.kinds import kinds, types

bp = Blueprint("authoring", __name__, url_prefix="/quizzes")

_ROOM = "/<course_slug>/<module_slug>/<activity_slug>/edit"
_QUESTION = f"{_ROOM}/<question_uid>"


@bp.get(_ROOM)
@requires("quizzes.author")
def bank(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List the questions of a quiz; the filters stand in the address."""
    turn, number = pages.turn_of(request.args)
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        form = pages.filters(request.args, room, kinds(), words())
        wanted = form.wanted()
        found = services.listing(session, room, wanted=wanted, turn=turn)
    page = pages.bank_page(room, found, form, wanted, kinds(), words(), number=number)
    return render("quizzes/authoring/bank.html", page=page)


@bp.post(f"{_ROOM}/new")
@requires("quizzes.author")
def add(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Add an empty question of the chosen kind and open it."""
    if "began_from" in request.form:  # the editor of a question that a package calls "new"
        return save(course_slug, module_slug, activity_slug, "new")
    kind = request.form.get("kind", "")
    if pages.form_of(kinds().get(kind)) is None:
        raise Refused(N_("Questions of this kind cannot be written on this site."))
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        uid = services.add(session, room, kind=kind, person_id=current_person().id, types=types(), now=clock.now())
    return redirect(pages.address(room, "edit", uid), code=303)


@bp.get(_QUESTION)
@requires("quizzes.author")
def edit(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Show a question as it is saved, ready to be edited, with what it still needs."""
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        question = question_of(session, quiz_id=room.quiz_id, uid=question_uid)
        places = services.explanations(session, room)
        holdings = services.in_the_middle(session, question_id=question.question_id, now=clock.now())
    kind = kinds().get(question.kind)
    form = pages.filled_form(kind, room, question, places, words())
    lines: Sequence[ProblemLine] = ()
    if kind is not None and form is not None and question.newest is not None and question.newest.spec:
        spec = pages.spec_to_edit(kind.type, question.newest)
        lines = pages.problem_lines(form, kind.type.check(spec), words())
    page = pages.editor_page(room, question, form, words(), holdings=holdings, problems=lines)
    return render("quizzes/authoring/editor.html", page=page)


@bp.post(_QUESTION)
@requires("quizzes.author")
@keeps_what_was_sent
def save(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Save the draft, ready or not; or add a row to one of its lists, and save nothing."""
    return _write(course_slug, module_slug, activity_slug, question_uid, publishing=False)


@bp.post(f"{_QUESTION}/publish")
@requires("quizzes.author")
@keeps_what_was_sent
def publish(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Save what the form holds and publish it; a draft that is not ready is saved and not published."""
    return _write(course_slug, module_slug, activity_slug, question_uid, publishing=True)


def _write(
    course_slug: str, module_slug: str, activity_slug: str, question_uid: str, *, publishing: bool
) -> ResponseReturnValue:
    now, person_id = clock.now(), current_person().id
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        question = services.hold(session, room, uid=question_uid)
        places = services.explanations(session, room)
        kind = kinds().get(question.kind)
        form = pages.filled_form(kind, room, question, places, words())
        if kind is None or form is None:
            raise Refused(N_("Questions of this kind cannot be written on this site."))
        # The button of the preview sends no text: what it showed is what it publishes.
        has_text = "prompt" in request.form or not publishing
        if has_text:
            form = type(form)()
            pages.offer(form, room, question, places, words())
            if "add" in request.form:
                form.add_row(request.form["add"])
                return _editor(session, room, question, form)
            if not form.accepted():
                return _editor(session, room, question, form, lines=pages.refused_lines(form), status=422)
        try:
            if has_text:
                written = _written(form, room, question, kind)
                question = services.save(session, room, question, written, person_id=person_id, types=types(), now=now)
            else:
                services.must_be_seen(question, began_from=request.form.get("began_from", ""))
        except ChangedSince:
            return _meanwhile(session, room, question, kind, form)
        if publishing:
            problems = services.publish(session, room, question, person_id=person_id, types=types(), now=now)
            if problems:
                lines = pages.problem_lines(form, problems, words())
                return _editor(session, room, question, form, lines=lines, status=422)
    if publishing:
        number = question.newest.number if question.newest else 0
        flash(translate(N_("Version %(number)s is published. New attempts get it."), number=number), "success")
    elif question.draft is not None:
        flash(translate(N_("The draft is saved. Participants do not see it.")), "success")
    else:
        flash(translate(N_("Saved. The text is the one that is published.")), "success")
    return redirect(pages.address(room, "edit", question_uid), code=303)


def _written(form: QuestionForm, room: Room, question: BankQuestion, kind: QuestionKind) -> Written:
    """What the trainer sent, as a spec: ids and other languages come from what is saved."""
    return Written(
        spec=form.spec(pages.spec_to_edit(kind.type, question.newest), language=room.language),
        objective=form.objective.data or None,
        explains=form.explains.data or None,
        began_from=form.began_from.data or "",
    )


def _editor(
    session: Session,
    room: Room,
    question: BankQuestion,
    form: QuestionForm,
    *,
    lines: Sequence[ProblemLine] = (),
    meanwhile: pages.SavedMeanwhile | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The editor with what was typed; the next saving begins from what is saved now."""
    form.began_from.data = services.mark_of(question)
    holdings = services.in_the_middle(session, question_id=question.question_id, now=clock.now())
    page = pages.editor_page(
        room, question, form, words(), holdings=holdings, problems=lines, refused=status == 422, meanwhile=meanwhile
    )
    return render("quizzes/authoring/editor.html", page=page, status=status)


def _meanwhile(
    session: Session, room: Room, question: BankQuestion, kind: QuestionKind, form: QuestionForm
) -> ResponseReturnValue:
    """Both texts on one page: what somebody else saved, and what was typed here."""
    newest = question.newest
    if newest is None:
        raise Refused(N_("Somebody saved this question after you opened it."))
    other = pages.SavedMeanwhile(
        name=services.name_of(session, person_id=newest.made_by_id),
        at=newest.made_at,
        shown=pages.shown(kind, newest, words()),
        href=pages.address(room, "edit", question.uid),
    )
    return _editor(session, room, question, form, meanwhile=other, status=409)


@bp.get(f"{_QUESTION}/preview")
@requires("quizzes.author")
def preview(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Show a question exactly as a participant sees it, and what they see afterwards."""
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        question = question_of(session, quiz_id=room.quiz_id, uid=question_uid)
        links = lesson_links(session, course_id=room.course_id, module_slug=room.module_slug)
    page = pages.preview_page(room, question, kinds().get(question.kind), links, words())
    return render("quizzes/authoring/preview.html", page=page)


@bp.get(f"{_QUESTION}/retire")
@requires("quizzes.author")
def retire(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Say what follows if a question is retired."""
    with reading() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        found = services.retirement(session, room, uid=question_uid, now=clock.now())
    return render("quizzes/authoring/retire.html", page=pages.retire_page(room, found, words()))


@bp.post(f"{_QUESTION}/retire")
@requires("quizzes.author")
def retire_now(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Retire a question: no new attempt draws it."""
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        services.retire(session, room, uid=question_uid, person_id=current_person().id, now=clock.now())
    flash(translate(N_("The question is retired. New attempts do not draw it.")), "success")
    return redirect(pages.address(room, "bank"), code=303)


@bp.post(f"{_QUESTION}/bring-back")
@requires("quizzes.author")
def bring_back(course_slug: str, module_slug: str, activity_slug: str, question_uid: str) -> ResponseReturnValue:
    """Draw a retired question again."""
    with transaction() as session:
        room = _enter(session, course_slug, module_slug, activity_slug)
        services.bring_back(session, room, uid=question_uid, person_id=current_person().id, now=clock.now())
    flash(translate(N_("The question is in use again, as it was.")), "success")
    return redirect(pages.address(room, "edit", question_uid), code=303)


def _enter(session: Session, course_slug: str, module_slug: str, activity_slug: str) -> Room:
    return services.enter(
        session,
        person_id=current_person().id,
        course_slug=course_slug,
        module_slug=module_slug,
        activity_slug=activity_slug,
    )
