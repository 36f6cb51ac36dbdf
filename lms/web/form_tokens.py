"""The token that says that a form, or a request of our script, comes from a page that we made for this session.

Flask-WTF signs and checks it; what one process has signed or checked it need not sign or check again.
"""

from __future__ import annotations

import hmac

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf

IN_SESSION = "csrf_token"
HEADER = "X-CSRFToken"
MOST = 5_000


def install(app: Flask) -> CSRFProtect:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a page that lay open for a week still sends its form
    app.config["WTF_CSRF_SSL_STRICT"] = False  # the Origin header is checked instead; Referer is often stripped
    app.extensions["lms.form_tokens"] = {}
    return CSRFProtect(app)  # its own csrf_token() in templates gives way to `form_token`


def form_token() -> str:
    """The token of this person's forms; in a page that is kept, the place where it belongs."""
    place = g.get("form_token_place")
    if place is not None:
        return str(place)
    known = _known()
    if known is not None:
        g.csrf_token = known
        return known
    _remember(generate_csrf())
    return str(g.csrf_token)


def protect(csrf: CSRFProtect) -> None:
    """Raise CSRFError unless the request that changes something carries this session's token."""
    sent = request.headers.get(HEADER) or request.form.get(IN_SESSION, "")
    known = _known()
    if sent and known and hmac.compare_digest(sent.encode(), known.encode()):
        return
    csrf.protect()
    in_form = [request.form[name] for name in request.form if name.endswith(IN_SESSION)]
    if sent and in_form in ([], [sent]):  # then it was this one that was checked
        _remember(sent)


def _known() -> str | None:
    signed: dict[str, str] = current_app.extensions["lms.form_tokens"]
    return signed.get(session.get(IN_SESSION, ""))


def _remember(token: str) -> None:
    signed: dict[str, str] = current_app.extensions["lms.form_tokens"]
    if len(signed) >= MOST:
        signed.clear()
    signed[session[IN_SESSION]] = token
