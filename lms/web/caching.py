"""What a browser may keep: an ETag on every page, gzip on what is text, no-store only where a page holds secrets."""

from __future__ import annotations

import gzip
import hashlib

from flask import Flask, Response, g, request, session

SAFE = ("GET", "HEAD")
SMALLEST_BYTES = 600  # below it gzip saves less than a packet


def no_store() -> None:
    """Say that this page is not to be kept: staff pages and secrets."""
    g.no_store = True


def etag_of(content: bytes) -> str:
    """A weak ETag: the same for the same content."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def install(app: Flask) -> None:
    @app.after_request
    def finish(response: Response) -> Response:
        if response.direct_passthrough or response.mimetype != "text/html":
            return response
        headers = response.headers
        if g.get("no_store"):
            headers["Cache-Control"] = "no-store"
        elif "Cache-Control" not in headers:
            # The back button must work on a dead network, so pages may be kept, and asked about when there is one.
            headers["Cache-Control"] = "private, no-cache"
        body = response.get_data()
        headers["Vary"] = "Cookie, Accept-Encoding"
        if request.method in SAFE and response.status_code == 200 and not g.get("no_store"):
            # The form token is signed anew now and then and says nothing new of the page, so it does not count; the
            # session that it belongs to does, as a page that is kept from an earlier one could not send its form.
            token = g.get("csrf_token")
            etag = g.get("etag") or etag_of(body.replace(token.encode(), b"") if token else body)
            headers["ETag"] = etag_of(f"{etag} {session.get('csrf_token')}".encode()) if token else etag
            if "If-None-Match" in request.headers:
                response.make_conditional(request)
                if response.status_code == 304:
                    return response
        if len(body) >= SMALLEST_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.set_data(gzip.compress(body, 5, mtime=0))
            headers["Content-Encoding"] = "gzip"
        return response
