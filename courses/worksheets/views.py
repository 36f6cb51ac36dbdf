"""Fill a worksheet, hand it in, print it; and what was handed in, for trainers."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.worksheets import pages, services
from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid
from lms.text.plain import clean_text
from lms.web.current import current_person
from lms.web.languages import language, translate
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent

bp = Blueprint("worksheets", __name__, url_prefix="/worksheets")

LONGEST = 5_000
TOO_LONG = N_("This is longer than 5,000 characters. Nothing is saved yet; write less here.")
_SHEET = "/<course_slug>/<module_slug>/<activity_slug>"


@bp.get(_SHEET)
@requires("courses.learn")
def sheet(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """A worksheet with what the person wrote in it."""
    found = _open(course_slug, module_slug, activity_slug)
    return render("courses/worksheets/sheet.html", page=pages.sheet_page(found, _words()))


@bp.post(_SHEET)
@requires("courses.learn")
@keeps_what_was_sent
def save(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Keep what was written, complete or not; hand it in if that button was pressed and nothing needed is missing."""
    place = {"course": course_slug, "module": module_slug, "activity": activity_slug}
    hand_in, seen = request.form.get("go") == "hand-in", request.form.get("seen", "")
    given: dict[str, str] = {}
    too_long: dict[str, str] = {}
    for name, sent in request.form.items():
        key = pages.key_of(name)
        if key is None:
            continue
        try:
            given[key] = clean_text(sent, longest=LONGEST)
        except Invalid:
            given[key] = sent
            too_long[key.partition(":")[0]] = TOO_LONG
    if too_long:
        page = pages.sheet_page(_open(**place), _words(), given=given, errors=too_long)
        return render("courses/worksheets/sheet.html", page=page, status=422)
    with transaction() as session:
        saved = services.save(
            session,
            person_id=current_person().id,
            **place,
            given=given,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
            hand_in=hand_in,
            now=clock.now(),
        )
    if saved.missing:
        page = pages.sheet_page(_open(**place), _words(), errors=saved.missing)
        return render("courses/worksheets/sheet.html", page=page, status=422)
    flash(translate(N_("Your worksheet is handed in.") if hand_in else N_("Your worksheet is saved.")), "success")
    return redirect(
        url_for(".sheet", course_slug=course_slug, module_slug=module_slug, activity_slug=activity_slug), code=303
    )


@bp.get(f"{_SHEET}/handed-in")
@requires("courses.author")
def handed_in(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Who handed the worksheet in, for a trainer of the course."""
    with reading() as session:
        found, people = services.handed_in(
            session,
            trainer_id=current_person().id,
            course=course_slug,
            module=module_slug,
            activity=activity_slug,
        )
    return render("courses/worksheets/handed_in.html", page=pages.handed_in_page(found, people, _words()))


@bp.get(f"{_SHEET}/handed-in/<int(max=2147483647):person_id>")
@requires("courses.author")
def one_handed_in(course_slug: str, module_slug: str, activity_slug: str, person_id: int) -> ResponseReturnValue:
    """One worksheet as it was handed in, to read."""
    with reading() as session:
        found, person = services.sheet_handed_in(
            session,
            trainer_id=current_person().id,
            course=course_slug,
            module=module_slug,
            activity=activity_slug,
            person_id=person_id,
        )
    page = replace(
        pages.sheet_page(found, _words(), read_only=True),
        of_person=person.name,
        crumbs=pages.crumbs(found, _words(), here=translate(N_("Handed in"))),
    )
    return render("courses/worksheets/sheet.html", page=page)


def _open(course: str, module: str, activity: str) -> services.OpenSheet:
    with reading() as session:
        return services.open_sheet(
            session, person_id=current_person().id, course=course, module=module, activity=activity
        )


def _words() -> pages.Words:
    return pages.Words(language=language(), translate=translate)
