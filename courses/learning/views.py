"""The catalogue, a course, a module, a lesson, and why the certificate is or is not yet there."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.booklet import FORMATS
from courses.checks import services as checks
from courses.enrolment import services as enrolment
from courses.hooks import ActivityType, CourseLink, CourseOffer, Offer
from courses.learning import checks as check_desk
from courses.learning import pages, services
from courses.learning.forms import CertificateNameForm
from courses.outline.services import Outline, OutlineActivity, OutlineModule, booklet_bytes, picture_of
from lms import clock
from lms.database.session import read_connection, reading, transaction
from lms.errors import N_, Invalid, NotFound, Refused
from lms.web.current import current_person, signed_in, to_make_sure_of
from lms.web.errors import to_sign_in
from lms.web.guests import guest_key, guest_key_or_new
from lms.web.languages import language, translate
from lms.web.limits import Rule, count
from lms.web.permissions import requires
from lms.web.rendering import render, render_filled, render_kept, slot
from lms.web.requests import finds_out_who_asks, guests_need_no_token, keeps_what_was_sent

bp = Blueprint("learning", __name__)

PICTURE_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"


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
@finds_out_who_asks
def course(course_slug: str) -> ResponseReturnValue:
    """The course's outline, with one's progress."""
    person = signed_in()
    outline, progress = _outline_and_progress(course_slug)
    offers = _offers(outline, progress, person.id) if person and progress.enrolled else ()
    return render_kept(
        (outline.course_id, outline.revision, progress.key, offers),
        "courses/learning/course.html",
        lambda: pages.course_page(
            outline, progress, _words(), _address, signed_in=bool(person), links=_links(course_slug), offers=offers
        ),
    )


@bp.get("/courses/<course_slug>/welcome")
@requires("courses.read")
@finds_out_who_asks
def welcome(course_slug: str) -> ResponseReturnValue:
    """What a course gives, how to use it, and where to begin; for guests too."""
    outline, progress = _outline_and_progress(course_slug)
    key = (outline.course_id, outline.revision, progress.key)
    return render_kept(
        key, "courses/learning/page.html", lambda: pages.welcome_page(outline, progress, _words(), _address)
    )


@bp.get("/courses/<course_slug>/about")
@requires("courses.read")
@finds_out_who_asks
def about(course_slug: str) -> ResponseReturnValue:
    """Who made a course, from what, and under which licence."""
    outline, _ = _outline_and_progress(course_slug)
    key = (outline.course_id, outline.revision)
    return render_kept(key, "courses/learning/page.html", lambda: pages.about_page(outline, _words()))


def _outline_and_progress(course_slug: str) -> tuple[Outline, services.Progress]:
    person = signed_in()
    return services.course_and_progress(
        read_connection(), slug=course_slug, person_id=person.id if person else None, asker=to_make_sure_of()
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
@finds_out_who_asks
def module(course_slug: str, module_slug: str) -> ResponseReturnValue:
    """What one can do after a module, its lessons, worksheet, questions and sources."""
    outline, progress = _outline_and_progress(course_slug)
    page = pages.module_page(outline, outline.module(module_slug), progress, _words(), _address)
    return render("courses/learning/module.html", page=page)


@bp.get("/courses/<course_slug>/<module_slug>/<lesson_slug>")
@requires("courses.read")
@finds_out_who_asks
def lesson(course_slug: str, module_slug: str, lesson_slug: str) -> ResponseReturnValue:
    """Read one lesson: the first one as a guest, all of them enrolled."""
    person = signed_in()
    try:
        opened = _opened(course_slug, module_slug, lesson_slug)
    except NotFound:
        return _activity(course_slug, module_slug, lesson_slug)
    if not opened.may_read and person is None:
        return to_sign_in()
    if not opened.may_read:
        return _enrol_first(opened)
    return render_kept(
        (opened.outline.course_id, opened.outline.revision, opened.progress.key_in(opened.module)),
        "courses/learning/lesson.html",
        lambda: _lesson_page(opened),
        slots=_desk(opened).slots(again=request.args.get("again", "")),
    )


@bp.post("/courses/<course_slug>/<module_slug>/<lesson_slug>/checks/<check_slug>")
@requires("courses.read")
@keeps_what_was_sent
@guests_need_no_token
def check(course_slug: str, module_slug: str, lesson_slug: str, check_slug: str) -> ResponseReturnValue:
    """Check an answer and go back to where the question stands; a guest's answer is kept too, for their account."""
    person = signed_in()
    if person is None:
        count("self-check", Rule(amount=600, seconds=300, per="address"))
    opened = _opened(course_slug, module_slug, lesson_slug)
    if not opened.may_read and person is None:
        sign_in_again: Callable[[], ResponseReturnValue] = current_app.extensions["lms.sign_in_again"]
        return sign_in_again()
    if not opened.may_read:
        return _enrol_first(opened)
    desk = _desk(opened)
    asked = desk.check(check_slug)
    server = check_desk.server_of(asked.kind)
    if server is None:
        raise Refused(N_("This site cannot show this kind of question now."))
    sent = request.form.to_dict(flat=False)
    given = {name: values for name, values in sent.items() if name not in ("csrf_token", "order")}
    order = request.form.get("order", "")
    # The options were drawn for who saw them: perhaps as a guest, and signed in since.
    in_order = int(order) if order in map(str, range(checks.ORDERS)) else desk.asker.order
    try:
        answered = server.read(desk.asked(asked, in_order), given, language=language())
        if answered is None:
            raise Invalid(N_("Choose or write an answer first."))
    except Invalid as error:
        said = translate(error.message, **error.values)
        refusal = check_desk.Refusal(slug=check_slug, given=given, order=in_order, error=said)
        return render_filled(
            "courses/learning/lesson.html",
            slots=desk.slots(refusal=refusal),
            page=_lesson_page(opened),
            status=422,
        )
    asker = desk.asker if person else checks.Asker(guest=guest_key_or_new())
    with transaction() as session:
        checks.keep(session, asked, asker, answer=answered.answer, score=answered.score, now=clock.now())
    here = url_for(".lesson", course_slug=course_slug, module_slug=module_slug, lesson_slug=lesson_slug)
    return redirect(f"{here}#check-{check_slug}", code=303)


@bp.get("/courses/<course_slug>/pictures/<picture_hash>.svg")
@requires("courses.read")
def picture(course_slug: str, picture_hash: str) -> ResponseReturnValue:
    """A drawing of a lesson, under an address that changes when the drawing does."""
    svg = picture_of(read_connection(), course=course_slug, content_hash=picture_hash).encode()
    response = Response(svg, mimetype="image/svg+xml")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(svg, 9, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = PICTURE_CSP
    return response


@bp.get("/courses/<course_slug>/booklet/<language_tag>.<file_format>")
@requires("courses.read")
def booklet(course_slug: str, language_tag: str, file_format: str) -> ResponseReturnValue:
    """The whole course as a file; a download that broke off goes on where it was (Range)."""
    outline, _ = services.course_and_progress(read_connection(), slug=course_slug, person_id=None)
    found = next((one for one in outline.booklets if (one.language, one.format) == (language_tag, file_format)), None)
    if found is None or file_format not in FORMATS:
        raise NotFound
    content = booklet_bytes(read_connection(), course_id=outline.course_id, sha256=found.sha256)
    response = Response(content, mimetype=FORMATS[file_format])
    response.headers.set("Content-Disposition", "attachment", filename=f"{course_slug}.{language_tag}.{file_format}")
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(found.sha256)
    return response.make_conditional(request, accept_ranges=True, complete_length=found.size_bytes)


def _opened(course_slug: str, module_slug: str, lesson_slug: str) -> services.OpenLesson:
    person = signed_in()
    return services.open_lesson(
        read_connection(),
        person_id=person.id if person else None,
        course=course_slug,
        module=module_slug,
        lesson=lesson_slug,
        language=language(),
        guest=None if person else guest_key(),
        asker=to_make_sure_of(),
    )


def _desk(opened: services.OpenLesson) -> check_desk.Desk:
    person = signed_in()
    asker = checks.Asker(person_id=person.id) if person else checks.Asker(guest=guest_key())
    return check_desk.Desk(opened=opened, asker=asker, language=language())


def _lesson_page(opened: services.OpenLesson) -> pages.LessonPage:
    return pages.lesson_page(opened, _words(), _address, signed_in=bool(signed_in()), slot=slot)


def _enrol_first(opened: services.OpenLesson) -> ResponseReturnValue:
    return render("courses/learning/enrol_first.html", page=_lesson_page(opened), status=403)


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
    """Confirm how one's name is printed; where every rule is met, get each certificate; twice gives the same ones."""
    form = CertificateNameForm()
    if form.accepted():
        try:
            with transaction() as session:
                serials = services.claim_certificates(
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
            if len(serials) == 1:
                return redirect(url_for("lms.certificates.certificate", serial=serials[0]), code=303)
            confirmed, issued = N_("Your name is confirmed."), N_("Your certificates are issued.")
            flash(translate(issued if serials else confirmed), "success")
            return redirect(url_for(".certificate", course_slug=course_slug), code=303)
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


def _offers(outline: Outline, progress: services.Progress, person_id: int) -> tuple[Offer, ...]:
    """What plugins offer to who takes a course, now."""
    found: list[CourseOffer] = current_app.extensions["lms.plugins"].collect("course_offers")
    offers = (one.offer(read_connection(), outline, progress, person_id=person_id) for one in found)
    return tuple(offer for offer in offers if offer is not None)


def _endpoints() -> dict[str, str]:
    found: dict[str, str] | None = current_app.extensions.get("courses.endpoints")
    if found is None:
        types: list[ActivityType] = current_app.extensions["lms.plugins"].collect("course_activity_types")
        found = current_app.extensions["courses.endpoints"] = {one.kind: one.endpoint for one in types}
    return found
