"""Pages of results for trainers, and their files. All work without script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, redirect, request, send_file, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lms import clock
from lms.audit.services import record
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid, NotFound, Refused
from lms.text.plain import clean_line
from lms.text.slugs import slug
from lms.web.current import current_person
from lms.web.permissions import requires
from lms.web.rendering import render
from quizzes.attempts.views import words
from quizzes.authoring.services import Room, enter
from quizzes.kinds import kinds
from quizzes.reports import pages, services, sheets

bp = Blueprint("reports", __name__, url_prefix="/quizzes")

QUIZ = "/<course_slug>/<module_slug>/<activity_slug>"
NUMBER = "int(max=2147483647)"
MOST_IN_A_WORKBOOK = 20_000  # answers: they take some seconds to write before the first byte is sent
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get(f"{QUIZ}/results")
@requires("quizzes.author")
def people(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """List who took a quiz; a part of a name or an address narrows it."""
    search = asked_line("words")
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        quiz = services.whole_quiz(session, quiz_id=room.quiz_id)
        found = services.takers(session, quiz_id=room.quiz_id, counts=quiz.counts, search=search, number=asked_page())
    page = pages.people_page(room, quiz, found, search, words(), now=clock.now())
    return render("quizzes/reports/people.html", page=page)


@bp.get(f"{QUIZ}/results/people/<{NUMBER}:person_id>")
@requires("quizzes.author")
def person(course_slug: str, module_slug: str, activity_slug: str, person_id: int) -> ResponseReturnValue:
    """List one person's tries."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        quiz = services.whole_quiz(session, quiz_id=room.quiz_id)
        found = services.taker(session, quiz_id=room.quiz_id, counts=quiz.counts, person_id=person_id)
    page = pages.person_page(room, quiz, found, words(), now=clock.now())
    return render("quizzes/reports/person.html", page=page)


@bp.get(f"{QUIZ}/results/tries/<{NUMBER}:attempt_id>")
@requires("quizzes.author")
def attempt(course_slug: str, module_slug: str, activity_slug: str, attempt_id: int) -> ResponseReturnValue:
    """Show a try: each question, each answer that reached us, and what it came to."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.whole_try(session, quiz_id=room.quiz_id, attempt_id=attempt_id)
    return render("quizzes/reports/attempt.html", page=pages.attempt_page(room, found, kinds(), words()))


@bp.get(f"{QUIZ}/results/tries/<{NUMBER}:attempt_id>/<int(max=10000):position>")
@requires("quizzes.author")
def seen(course_slug: str, module_slug: str, activity_slug: str, attempt_id: int, position: int) -> ResponseReturnValue:
    """Show one question of a try exactly as the person saw it, with their answer."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.whole_try(session, quiz_id=room.quiz_id, attempt_id=attempt_id)
    question = next((one for one in found.questions if one.position == position), None)
    if question is None:
        raise NotFound
    return render("quizzes/reports/seen.html", page=pages.seen_page(room, found, question, kinds(), words()))


@bp.get(f"{QUIZ}/results/objectives")
@requires("quizzes.author")
def objectives(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Say how each objective went."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        found = services.objectives(session, quiz_id=room.quiz_id)
    return render("quizzes/reports/objectives.html", page=pages.objectives_page(room, found, words()))


@bp.get(f"{QUIZ}/results/export")
@requires("quizzes.author")
def export(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Say which files there are."""
    with reading() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        tries = services.number_of_tries(session, quiz_id=room.quiz_id)
        answers = services.number_of_answers(session, quiz_id=room.quiz_id)
    page = pages.export_page(room, tries=tries, answers=answers, most=MOST_IN_A_WORKBOOK, words=words())
    return render("quizzes/reports/export.html", page=page)


@bp.post(f"{QUIZ}/results/export")
@requires("quizzes.author")
def download(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Send a file; the audit log says who took which. CSV is sent as it is read, however much there is."""
    kind = request.form.get("file", "")
    with transaction() as session:
        room = room_of(session, course_slug, module_slug, activity_slug)
        if kind not in ("tries", "answers", "workbook"):
            return redirect(url_for(".export", **room.address), code=303)  # type: ignore[arg-type]
        if kind == "workbook" and services.number_of_answers(session, quiz_id=room.quiz_id) > MOST_IN_A_WORKBOOK:
            raise Refused(
                N_("A workbook takes up to %(most)s answers. Take the CSV files: they hold all."),
                most=MOST_IN_A_WORKBOOK,
            )
        record(
            session,
            actor_id=current_person().id,
            act="quiz.exported",
            about=f"quiz:{room.quiz_id}",
            now=clock.now(),
            facts={**facts_of(room), "file": kind},
        )
    day = f"{clock.now():%Y-%m-%d}"
    # Slugs are letters, digits and hyphens; made anew, so that nothing else can ever reach a header.
    name = slug(f"{room.course_slug} {room.module_slug} {room.activity_slug}") or "quiz"
    if kind == "workbook":
        told = words()
        file = sheets.as_xlsx(
            (told(title), rows)
            for title, rows in ((N_("Tries"), _rows(room, "tries")), (N_("Answers"), _rows(room, "answers")))
        )
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=f"{name}-{day}.xlsx")
    response = Response(
        stream_with_context(piece.encode() for piece in sheets.as_csv(_rows(room, kind))),
        mimetype="text/csv",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{kind}-{day}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(room: Room, kind: str) -> Iterator[Sequence[sheets.Cell]]:
    """The rows of a sheet, read in batches while they are written."""

    def read(after: int) -> list[services.ExportedTry]:
        with reading() as session:
            return services.exported_tries(session, quiz_id=room.quiz_id, after=after, answers=kind == "answers")

    tries = services.batches(read)
    if kind == "tries":
        return pages.tries_sheet(tries, words())
    with reading() as session:
        versions = services.exported_versions(session, quiz_id=room.quiz_id)
    return pages.answers_sheet(tries, versions, kinds(), words(), as_stored=_as_stored)


def _as_stored(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, sort_keys=True)


def room_of(session: Session, course_slug: str, module_slug: str, activity_slug: str) -> Room:
    """Return the quiz at this address to who may see its results; raises NotFound."""
    return enter(
        session,
        person_id=current_person().id,
        course_slug=course_slug,
        module_slug=module_slug,
        activity_slug=activity_slug,
    )


def facts_of(room: Room) -> dict[str, object]:
    """Say in the audit log which quiz is meant."""
    return {"course": room.course_slug, "quiz": f"{room.module_slug}/{room.activity_slug}"}


def asked_line(name: str) -> str:
    """Return a clean line from the address's query; empty where it is too long or absent."""
    try:
        return clean_line(request.args.get(name, ""), longest=200)
    except Invalid:
        return ""


def asked_page() -> int:
    """Return the page that is asked for, counted from 1."""
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
