"""The order of things before a view runs: who asks, in which language, may they, and did our own form send it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lms.config import Config
from lms.errors import AskerChanged, Forbidden, LmsError
from lms.web import caching, form_tokens, languages
from lms.web.current import CurrentPerson, make_sure, probably_signed_in, signed_in, to_make_sure_of
from lms.web.errors import answer, to_sign_in, wants_json
from lms.web.permissions import allows
from lms.web.security import SAFE

View = TypeVar("View", bound=Callable[..., object])


# What is the same for everybody asks for nobody: a cookie there costs no statement and needs no database.
FOR_EVERYBODY_ALIKE = frozenset({"assets.static_file", "lms.site.health", "lms.site.ready"})


def keeps_what_was_sent(view: View) -> View:
    """Mark a view whose form must outlive the sign-in: sent by somebody whose session ended, it comes back after it."""
    view.__keeps_what_was_sent__ = True  # type: ignore[attr-defined]
    return view


def guests_need_no_token(view: View) -> View:
    """Mark a view that a guest's form may reach without a token.

    A guest who only reads has no cookie, so a form in a page for them has no token either; and there is nothing that
    another site could misuse. A signed-in person's form needs its token here as everywhere.
    """
    view.__guests_need_no_token__ = True  # type: ignore[attr-defined]
    return view


def finds_out_who_asks(view: View) -> View:
    """Mark a view whose statements make sure of who asks (`to_make_sure_of`): their session may have ended by now.

    Where they raise `AskerChanged`, or the view refuses before they could find out, it is looked up and the view runs
    again.
    """

    @wraps(view)
    def finding_out(*arguments: object, **values: object) -> object:
        try:
            return view(*arguments, **values)
        except (AskerChanged, LmsError, HTTPException):
            if to_make_sure_of() is None:
                raise
        return made_sure() or view(*arguments, **values)

    finding_out.__finds_out_who_asks__ = True  # type: ignore[attr-defined]
    return cast(View, finding_out)


def install(app: Flask) -> None:
    csrf = form_tokens.install(app)

    @app.before_request
    def prepare() -> Response | None:
        endpoint = request.endpoint or ""
        if endpoint in FOR_EVERYBODY_ALIKE:
            return None
        view = app.view_functions.get(endpoint)
        person = probably_signed_in() if getattr(view, "__finds_out_who_asks__", False) else signed_in()
        _speak_to(person)
        if view is None:
            return None  # a 404 or 405 is raised by Flask next
        who = app.extensions["lms.permissions"].get(endpoint)
        if who is None or not allows(who, person.role if person else None):
            return _refuse(signed_in=person is not None)
        if who in ("trainer", "admin"):
            caching.no_store()
        if person is None and getattr(view, "__guests_need_no_token__", False):
            return None
        if request.method not in SAFE:
            try:
                form_tokens.protect(csrf)
            except HTTPException as error:
                if to_make_sure_of() is not None:  # what is refused before the view runs is refused to who asks now
                    refusal, person = made_sure(), signed_in()
                    if refusal is not None:
                        return refusal
                if not isinstance(error, CSRFError):
                    raise
                return _with_another_token(signed_in=person is not None)
        return None


def made_sure() -> Response | None:
    """Look up who asks and whether they may, for a view that `finds_out_who_asks`; what to answer if they may not."""
    person = make_sure()
    _speak_to(person)
    who = current_app.extensions["lms.permissions"].get(request.endpoint)
    if who is None or not allows(who, person.role if person else None):
        return _refuse(signed_in=person is not None)
    return None


def _speak_to(person: CurrentPerson | None) -> None:
    """Write moments in somebody's zone and words in their language from here on."""
    g.time_zone = person.time_zone if person else "UTC"
    languages.bind(_language(current_app.extensions["lms.config"], person.language if person else None))


def _refuse(*, signed_in: bool) -> Response | None:
    if signed_in:
        raise Forbidden
    if wants_json():
        return answer(401)
    if request.method in SAFE:
        return to_sign_in()
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, "__keeps_what_was_sent__", False):
        again: Callable[[], Response] = current_app.extensions["lms.sign_in_again"]
        return again()
    return answer(401)


def _with_another_token(*, signed_in: bool) -> Response:
    """Refuse a form whose token is not this session's; what must not be lost comes back, to be sent by hand.

    Somebody whose session ended may have signed in in another tab: the page that was open keeps the old token.
    """
    view = current_app.view_functions[request.endpoint or ""]
    if not signed_in or not getattr(view, "__keeps_what_was_sent__", False):
        return answer(400)
    send_again: Callable[[], Response] = current_app.extensions["lms.send_again"]
    return send_again()


def _language(config: Config, of_person: str | None) -> str:
    if of_person in config.languages:
        return str(of_person)
    if of_person is None and len(config.languages) > 1:
        return request.accept_languages.best_match(config.languages) or config.languages[0]
    return config.languages[0]
