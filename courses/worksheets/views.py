"""Fill a worksheet, hand it in, print it; and what was handed in, for trainers."""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.learning.pages import Words
from courses.worksheets import pages, services
from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid
from lms.text.plain import clean_text
from lms.web.current import current_person
from lms.web.errors import answer as error_answer
from lms.web.languages import language, translate
from lms.web.permissions import requires
from lms.web.rendering import render
from lms.web.requests import keeps_what_was_sent

bp = Blueprint("worksheets", __name__, url_prefix="/worksheets")

LONGEST = 5_000
LARGEST_BYTES = 300_000
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


@bp.post(f"{_SHEET}/events")
@requires("courses.learn")
def keep(course_slug: str, module_slug: str, activity_slug: str) -> ResponseReturnValue:
    """Keep what a device wrote while its page stays open; sending it again changes nothing.

    Takes ``{"client", "counter", "seen", "changes": {field: text}}`` and gives ``{"counter": the highest, "fields":
    what stands in every field now}``; 409 where the device has sent other words under this number.
    """
    if (request.content_length or 0) > LARGEST_BYTES:
        return error_answer(413)
    if not request.is_json:
        return error_answer(415)
    client, counter, seen, changes = _sent()
    with transaction() as session:
        filled = services.save_from_device(
            session,
            person_id=current_person().id,
            course=course_slug,
            module=module_slug,
            activity=activity_slug,
            client=client,
            counter=counter,
            seen=seen,
            changes=changes,
            now=clock.now(),
        )
    told = {"counter": filled.highest, "fields": {pages.name_of(key): text for key, text in filled.values.items()}}
    return Response(json.dumps(told), mimetype="application/json")


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


def _sent() -> tuple[str, int, int, dict[str, str]]:
    """Read the body of `keep`; raises Invalid, naming the part."""
    unreadable = N_("What was sent cannot be read.")
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):  # also too many digits, and bytes that are no UTF-8
        raise Invalid(unreadable) from None
    if not isinstance(body, dict):
        raise Invalid(unreadable)
    client, counter, seen, changes = (body.get(name) for name in ("client", "counter", "seen", "changes"))
    if not isinstance(client, str):
        raise Invalid(unreadable, field="client")
    if not isinstance(counter, int) or isinstance(counter, bool) or not 0 < counter < 2**53:
        raise Invalid(unreadable, field="counter")
    if not isinstance(seen, int) or isinstance(seen, bool) or not 0 <= seen < 2**53:
        raise Invalid(unreadable, field="seen")
    if not isinstance(changes, dict) or not all(isinstance(text, str) for text in changes.values()):
        raise Invalid(unreadable, field="changes")
    texts = {}
    for name, text in changes.items():
        key = pages.key_of(name)
        if key is not None:
            texts[key] = clean_text(text, longest=LONGEST)
    return client, counter, seen, texts


def _words() -> Words:
    return Words(language=language(), translate=translate)
