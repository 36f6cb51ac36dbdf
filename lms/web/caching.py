"""What a browser may keep: an ETag on every page, gzip on what is text, no-store only where a page holds secrets."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Hashable, Sequence

from flask import Flask, Response, g, request, session

SAFE = ("GET", "HEAD")
SMALLEST_BYTES = 600  # below it gzip saves less than a packet
LEVEL = 5


def no_store() -> None:
    """Say that this page is not to be kept: staff pages and secrets."""
    g.no_store = True


def etag_of(content: bytes) -> str:
    """A weak ETag: the same for the same content."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def takes_gzip() -> bool:
    """Say whether who asks can read gzip; ``gzip;q=0`` and, to be safe, every other weight near it count as no."""
    accepted = request.headers.get("Accept-Encoding", "")
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


Gap = Sequence[bytes]
"""What is put between two pieces of a page, in parts: one that many share, then one of this person alone, and so on."""

WINDOW_BYTES = 32 * 1024  # how far back deflate looks
STAND_IN = b"\0"  # no HTML has it, so that nothing is ever found where a gap was
MOST_DEFLATED = 200


class Zipped:
    """A body in pieces that are compressed beforehand, so that what belongs between them can differ each time.

    Compressing a lesson takes as long as all the rest of its request. Each part is compressed once, with the pieces
    before it in mind: of what stands between them only the length counts. What is one person's own goes in as it is.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = tuple(pieces)
        self._deflated: dict[Hashable, bytes] = {}

    def joined(self, between: Sequence[Gap]) -> bytes:
        """The pieces with ``between``, one fewer, put between them, as one gzip member (RFC 1951, 1952)."""
        check, at, parts = 0, 0, []
        lengths = tuple(sum(map(len, gap)) for gap in between)
        for number, (piece, gap) in enumerate(zip(self.pieces, [*between, ()], strict=True)):
            for place, part in enumerate((piece, *gap)):
                own = place > 0 and place % 2 == 0
                parts.append(_stored(part) if own else self._shared(part, at, number, place, lengths))
                check, at = zlib.crc32(part, check), at + len(part)
        head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        return head + b"".join(parts) + END + struct.pack("<II", check, at & 0xFFFFFFFF)

    def _shared(self, part: bytes, at: int, number: int, place: int, lengths: tuple[int, ...]) -> bytes:
        key = (lengths, number, place, part if place else None)
        found = self._deflated.get(key)
        if found is None:
            if len(self._deflated) >= MOST_DEFLATED:
                self._deflated.clear()
            before = b"".join(
                piece + STAND_IN * length
                for piece, length in zip(self.pieces[: number + (place > 0)], lengths, strict=False)
            )
            found = self._deflated[key] = _deflate(part, before[max(0, at - WINDOW_BYTES) : at])
        return found


END = b"\x03\x00"  # an empty last block


def _deflate(content: bytes, before: bytes) -> bytes:
    """``content`` as blocks of a deflated stream that has had ``before`` and goes on after it, on a whole byte."""
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return squeeze.compress(content) + squeeze.flush(zlib.Z_SYNC_FLUSH)


def _stored(content: bytes) -> bytes:
    """``content`` as a block of a deflated stream, as it is."""
    return b"".join(
        struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF) + block
        for block in (content[start : start + 65_535] for start in range(0, len(content), 65_535))
    )


def install(app: Flask) -> None:
    @app.after_request
    def finish(response: Response) -> Response:
        if response.direct_passthrough:
            return response
        if response.mimetype == "application/json":
            _zip(response, response.get_data())
            return response
        if response.mimetype != "text/html":
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
        _zip(response, body)
        return response


def _zip(response: Response, body: bytes) -> None:
    if len(body) >= SMALLEST_BYTES and "Content-Encoding" not in response.headers and takes_gzip():
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Cookie, Accept-Encoding"
