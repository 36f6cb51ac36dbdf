"""Static files: addressed by their content, compressed beforehand, kept for a year."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request

from lms.errors import NotFound
from lms.paths import STATIC
from lms.web.permissions import requires

bp = Blueprint("assets", __name__)

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".png": "image/png",
}
COMPRESSED = (".css", ".js", ".svg")


class Assets:
    """The static files of one app, read once at start: name → (address, type, body, gzipped body)."""

    def __init__(self, folder: Path) -> None:
        self.by_name: dict[str, str] = {}
        self.files: dict[str, tuple[str, bytes, bytes | None]] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix not in TYPES:
                continue
            body = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            stem = path.relative_to(folder).with_suffix("").as_posix()
            address = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}{path.suffix}"
            zipped = gzip.compress(body, 9, mtime=0) if path.suffix in COMPRESSED else None
            self.by_name[name] = address
            self.files[address] = (TYPES[path.suffix], body, zipped)

    def address(self, name: str) -> str:
        return f"/static/{self.by_name[name]}"


def install(app: Flask) -> None:
    assets = _read(STATIC)
    app.extensions["lms.assets"] = assets
    app.jinja_env.globals["static"] = lru_cache(assets.address)
    app.register_blueprint(bp)


@lru_cache(maxsize=1)
def _read(folder: Path) -> Assets:
    return Assets(folder)


@bp.get("/static/<path:name>")
@requires("lms.anyone")
def static_file(name: str) -> Response:
    """A file whose address changes when its content does."""
    found = current_app.extensions["lms.assets"].files.get(name)
    if found is None:
        raise NotFound
    mime, body, zipped = found
    use_zipped = zipped is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(zipped if use_zipped else body, mimetype=mime)
    if use_zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
