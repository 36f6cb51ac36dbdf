"""Errors become pages (or JSON for scripts) in the site's own look, with a way on and without a word of our insides."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, redirect, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from lms.errors import N_, Forbidden, Invalid, LmsError, NotFound, Refused
from lms.web import languages
from lms.web.rendering import render

log = logging.getLogger("lms.errors")

TITLES = {
    400: N_("We cannot read this request"),
    401: N_("You are not signed in"),
    403: N_("This page is not open to your account"),
    404: N_("We cannot find this page"),
    405: N_("This page cannot be used in this way"),
    409: N_("This is not possible now"),
    413: N_("What you sent is too large"),
    422: N_("Something needs a change"),
    429: N_("Too many tries in a short time"),
    500: N_("Something broke on our side"),
    503: N_("Lantern cannot answer now"),
}
TEXTS = {
    400: N_("Go back, load the page again and send it once more. Nothing was changed."),
    401: N_("Sign in to go on. Nothing that was saved is lost."),
    403: N_("Another account may be allowed to open it. Nothing was changed."),
    404: N_("The address may be mistyped, or the page may have moved."),
    405: N_("Open the page from a link or send its form. Nothing was changed."),
    409: N_("Nothing was changed."),
    413: N_("Send less at once. Nothing was changed."),
    422: N_("Go back and check what you sent. Nothing was changed."),
    429: N_("Wait a few minutes, then go on. Nothing that was saved is lost."),
    500: N_("What was saved before is safe. We have noted the fault under the number below."),
    503: N_("The database does not answer. What was saved is safe; load the page again in a minute."),
}
JSON = "application/json"
STATUS: tuple[tuple[type[LmsError], int], ...] = ((NotFound, 404), (Forbidden, 403), (Refused, 409), (Invalid, 422))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What an error page says; ``number`` finds a fault of ours in the log."""

    status: int
    title: str
    text: str
    number: str | None = None


def install(app: Flask) -> None:
    app.register_error_handler(LmsError, _of_service)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(Exception, _of_ours)


def wants_json() -> bool:
    """Whether a script asks: it sends or accepts JSON and not pages."""
    if request.headers.get("Accept") == JSON:  # as our scripts ask: there is no list to read
        return True
    return request.is_json or request.accept_mimetypes.best == JSON


def answer(status: int, *, title: str | None = None, text: str | None = None, number: str | None = None) -> Response:
    """An error page, or its JSON, with ``status``."""
    if "language" not in g:
        languages.bind("en")
    page = ErrorPage(
        status=status,
        title=title or languages.gettext(TITLES.get(status, TITLES[400])),
        text=text or languages.gettext(TEXTS.get(status, TEXTS[400])),
        number=number,
    )
    if wants_json():
        response = jsonify({"error": page.title, "detail": page.text, "number": page.number})
        response.status_code = status
        return response
    return render("lms/web/error.html", page=page, status=status)


def _of_service(error: LmsError) -> BaseResponse:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    return answer(status, text=languages.translate(error.message, **error.values))


def _of_http(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code >= 500:
        return _of_ours(error)
    response = answer(error.code)
    if error.code == 429:
        response.headers["Retry-After"] = "60"
    return response


def _of_database(error: OperationalError) -> BaseResponse:
    number = _noted(error)
    response = answer(503, number=number)
    response.headers["Retry-After"] = "5"
    return response


def _of_ours(error: Exception) -> BaseResponse:
    return answer(500, number=_noted(error))


def _noted(error: Exception) -> str:
    number = secrets.token_hex(4)
    log.error("fault %s at %s", number, request.endpoint, exc_info=error)
    g.setdefault("asker", None)  # the page must not need the database again
    return number


def to_sign_in() -> BaseResponse:
    """Send a guest to the sign-in page and back."""
    return redirect(url_for("lms.accounts.sign_in", next=request.full_path.rstrip("?")), code=303)
