"""The catalogue, a course, a module, a lesson, and why the certificate is or is not yet there."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.enrolment import services as enrolment
from courses.hooks import ActivityType, CourseLink
from courses.learning import pages, services
from courses.learning.forms import CertificateNameForm
from courses.outline.services import Outline, OutlineActivity, OutlineModule
from lms import clock
from lms.database.session import read_connection, reading, transaction
from lms.errors import N_, Invalid, NotFound, Refused
from lms.web.current import current_person, signed_in
from lms.web.errors import to_sign_in
from lms.web.languages import language, translate
from lms.web.permissions import requires
from lms.web.rendering import render, render_kept

bp = Blueprint("learning", __name__)


@bp.get("/")
@requires("courses.read")
def home() -> ResponseReturnValue:
    """Say in one sentence what this is, and let everybody start at once: the catalogue."""
    person = signed_in()
    found = services.catalogue(read_connection(), person_id=person.id if person else None)
    return render("courses/learning/home.html", page=pages.home_page(found, _words(), _address, signed_in=bool(person)))


@bp.get("/courses")
@requires("courses.read")
def catalogue() -> ResponseReturnValue:
    """The catalogue stands on the home page."""
    return redirect(url_for("courses.learning.home"), code=301)


@bp.get("/courses/<course_slug>")
@requires("courses.read")
def course(course_slug: str) -> ResponseReturnValue:
    """The course's outline, with one's progress."""
    person = signed_in()
    outline, progress = services.course_and_progress(
        read_connection(), slug=course_slug, person_id=person.id if person else None
    )
    return render_kept(
        (outline.course_id, outline.revision, progress.key),
        "courses/learning/course.html",
        lambda: pages.course_page(
            outline, progress, _words(), _address, signed_in=bool(person), links=_links(course_slug)
        ),
    )


@bp.post("/courses/<course_slug>/enrol")
@requires("courses.learn")
def enrol(course_slug: str) -> ResponseReturnValue:
    """Enrol the person who asks, and go on where the button stood."""
    with transaction() as session:
        enrolment.enrol(session, person_id=current_person().id, course_slug=course_slug, now=clock.now())
    flash(translate(N_("You are enrolled. Nothing has a date: learn at your own pace.")), "success")
    module, lesson = request.form.get("module", ""), request.form.get("lesson", "")
    if module and lesson:
        with reading():
            outline, _ = services.course_and_progress(read_connection(), slug=course_slug, person_id=None)
            outline.lesson(module, lesson)
        address = url_for(".lesson", course_slug=course_slug, module_slug=module, lesson_slug=lesson)
    else:
        address = url_for(".course", course_slug=course_slug)
    return redirect(address, code=303)


@bp.get("/courses/<course_slug>/<module_slug>")
@requires("courses.read")
def module(course_slug: str, module_slug: str) -> ResponseReturnValue:
    """What one can do after a module, its lessons, worksheet, questions and sources."""
    person = signed_in()
    outline, progress = services.course_and_progress(
        read_connection(), slug=course_slug, person_id=person.id if person else None
    )
    page = pages.module_page(outline, outline.module(module_slug), progress, _words(), _address)
    return render("courses/learning/module.html", page=page)


@bp.get("/courses/<course_slug>/<module_slug>/<lesson_slug>")
@requires("courses.read")
def lesson(course_slug: str, module_slug: str, lesson_slug: str) -> ResponseReturnValue:
    """Read one lesson: the first one as a guest, all of them enrolled."""
    person = signed_in()
    try:
        opened = services.open_lesson(
            read_connection(),
            person_id=person.id if person else None,
            course=course_slug,
            module=module_slug,
            lesson=lesson_slug,
            language=language(),
        )
    except NotFound:
        return _activity(course_slug, module_slug, lesson_slug)
    if not opened.may_read and person is None:
        return to_sign_in()
    if not opened.may_read:
        page = pages.lesson_page(opened, _words(), _address, signed_in=True)
        return render("courses/learning/enrol_first.html", page=page, status=403)
    return render_kept(
        (opened.outline.course_id, opened.outline.revision, opened.progress.key_in(opened.module)),
        "courses/learning/lesson.html",
        lambda: pages.lesson_page(opened, _words(), _address, signed_in=bool(person)),
    )


def _activity(course_slug: str, module_slug: str, slug: str) -> ResponseReturnValue:
    """The page of an activity that was asked for at a lesson's address; NotFound if there is none either."""
    outline, _ = services.course_and_progress(read_connection(), slug=course_slug, person_id=None)
    of_module = outline.module(module_slug)
    for activity in of_module.activities:
        if activity.slug == slug:
            if activity.kind in _endpoints():
                return redirect(_address(outline, of_module, activity), code=303)
            page = pages.missing_activity_page(outline, of_module, activity, _words())
            return render("courses/learning/missing_activity.html", page=page)
    raise NotFound


@bp.post("/courses/<course_slug>/<module_slug>/<lesson_slug>/done")
@requires("courses.learn")
def mark(course_slug: str, module_slug: str, lesson_slug: str) -> ResponseReturnValue:
    """Mark a lesson as done and go on, or as not done and stay."""
    person, place = current_person(), {"course": course_slug, "module": module_slug, "lesson": lesson_slug}
    done = request.form.get("done", "1")
    if done not in ("0", "1"):
        abort(422)
    with transaction() as session:
        if done == "0":
            services.mark_not_done(session, person_id=person.id, **place)
            here = url_for(".lesson", course_slug=course_slug, module_slug=module_slug, lesson_slug=lesson_slug)
            return redirect(here, code=303)
        outline, of_module, found = services.mark_done(session, person_id=person.id, **place, now=clock.now())
    return redirect(pages.after_lesson(outline, of_module, found, _words(), _address).href, code=303)


@bp.get("/courses/<course_slug>/certificate")
@requires("courses.learn")
def certificate(course_slug: str) -> ResponseReturnValue:
    """Why the certificate is or is not yet theirs, rule by rule."""
    page = _certificate_page(course_slug)
    form = CertificateNameForm(data={"name": page.name})
    return render("courses/learning/certificate.html", page=page, form=form)


@bp.post("/courses/<course_slug>/certificate")
@requires("courses.learn")
def claim(course_slug: str) -> ResponseReturnValue:
    """Confirm how one's name is printed; where every rule is met, get the certificate; twice gives the same one."""
    form = CertificateNameForm()
    if form.accepted():
        try:
            with transaction() as session:
                serial = services.claim_certificate(
                    session,
                    person_id=current_person().id,
                    course=course_slug,
                    name=form.name.data,
                    config=current_app.extensions["lms.config"],
                    now=clock.now(),
                )
        except (Refused, Invalid) as error:
            form.name.errors = [translate(error.message, **error.values)]
        else:
            if serial is None:
                flash(translate(N_("Your name is confirmed.")), "success")
                return redirect(url_for(".certificate", course_slug=course_slug), code=303)
            return redirect(url_for("lms.certificates.certificate", serial=serial), code=303)
    return render("courses/learning/certificate.html", page=_certificate_page(course_slug), form=form, status=422)


def _certificate_page(course_slug: str) -> pages.CertificatePage:
    person = current_person()
    with reading() as session:
        state = services.certificate_state(session, person_id=person.id, course=course_slug)
    return pages.certificate_page(state, _words(), _address)


def _words() -> pages.Words:
    return pages.Words(language=language(), translate=translate)


def _address(outline: Outline, module: OutlineModule, activity: OutlineActivity) -> str:
    """Where an activity is done; one whose plugin is gone has a page here that says so."""
    endpoint = _endpoints().get(activity.kind)
    if endpoint is None:
        return f"/courses/{outline.slug}/{module.slug}/{activity.slug}"
    return url_for(endpoint, course_slug=outline.slug, module_slug=module.slug, activity_slug=activity.slug)


def _links(course_slug: str) -> list[pages.Action]:
    """What plugins offer to who takes a course."""
    links: list[CourseLink] = current_app.extensions["lms.plugins"].collect("course_links")
    return [
        pages.Action(
            label=translate(link.label),
            href=url_for(link.endpoint, course_slug=course_slug),
            note=translate(link.note),
        )
        for link in links
    ]


def _endpoints() -> dict[str, str]:
    found: dict[str, str] | None = current_app.extensions.get("courses.endpoints")
    if found is None:
        types: list[ActivityType] = current_app.extensions["lms.plugins"].collect("course_activity_types")
        found = current_app.extensions["courses.endpoints"] = {one.kind: one.endpoint for one in types}
    return found
