"""Headers on every response, and requests that are refused before any page: foreign hosts, foreign origins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

from lms.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
LARGEST_FORM_BYTES = 1_000_000
SAFE = ("GET", "HEAD", "OPTIONS")


class WithHeaders:
    """A WSGI application whose every response has some headers more, whatever made it."""

    def __init__(self, application: WSGIApplication, headers: list[tuple[str, str]]) -> None:
        self._application = application
        self._headers = headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, headers + self._headers, *error)

        return self._application(environ, start)


def install(app: Flask, config: Config) -> None:
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM_BYTES
    hosts = {config.host}
    if config.is_loopback:
        port = config.host.rpartition(":")[2]
        hosts |= {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    origins = {f"{'https' if config.is_https else 'http'}://{host}" for host in hosts}

    @app.before_request
    def refuse_what_is_not_ours() -> None:
        asked = request.environ
        named = asked.get("HTTP_HOST") in hosts or request.host in hosts  # the second without the port of the scheme
        if not named or asked.get("HTTP_X_FORWARDED_HOST", config.host) not in hosts:
            raise BadRequest("unknown host")
        if asked.get("HTTP_X_ORIGINAL_URL") or asked.get("HTTP_X_REWRITE_URL"):
            raise BadRequest("unknown host")
        if "\0" in asked["PATH_INFO"]:
            raise NotFound  # no address of ours has one, and PostgreSQL fails on it where SQLite finds nothing
        if asked["REQUEST_METHOD"] not in SAFE:
            origin = asked.get("HTTP_ORIGIN")
            if origin is not None and origin not in origins:
                raise BadRequest("foreign origin")
            if (request.content_length or 0) > LARGEST_FORM_BYTES:
                raise RequestEntityTooLarge

    on_every_response = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]
    if config.is_https:
        on_every_response.append(("Strict-Transport-Security", "max-age=31536000"))

    app.wsgi_app = WithHeaders(app.wsgi_app, on_every_response)  # type: ignore[method-assign]

    @app.after_request
    def protect(response: Response) -> Response:
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = CSP
        return response
