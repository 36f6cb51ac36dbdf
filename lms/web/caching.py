"""What a browser may keep: an ETag on every page, gzip on what is text, no-store only where a page holds secrets."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

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


@dataclass(frozen=True, slots=True)
class Zipped:
    """A body in pieces, each compressed by itself, so that what belongs between them can differ each time.

    Compressing a lesson takes as long as all the rest of its request.
    """

    pieces: tuple[bytes, ...]
    deflated: tuple[bytes, ...]

    @classmethod
    def of(cls, pieces: Sequence[bytes]) -> Zipped:
        """Compress ``pieces``; after each but the last the stream forgets what it has seen and ends on a whole byte."""
        squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        last = len(pieces) - 1
        deflated = tuple(
            squeeze.compress(piece) + squeeze.flush(zlib.Z_FINISH if number == last else zlib.Z_FULL_FLUSH)
            for number, piece in enumerate(pieces)
        )
        return cls(tuple(pieces), deflated)

    def joined(self, between: Sequence[bytes]) -> bytes:
        """The pieces with ``between``, one fewer, put between them, as one gzip member (RFC 1951, 1952)."""
        check, length, parts = 0, 0, []
        for piece, deflated, gap in zip_longest(self.pieces, self.deflated, between, fillvalue=b""):
            check = zlib.crc32(gap, zlib.crc32(piece, check))
            length += len(piece) + len(gap)
            parts += [deflated, _block(gap)] if gap else [deflated]
        head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        return head + b"".join(parts) + struct.pack("<II", check, length & 0xFFFFFFFF)


def _block(content: bytes) -> bytes:
    """``content`` as whole blocks of a deflated stream that goes on after it: a short one as it is."""
    if len(content) < SMALLEST_BYTES:
        return struct.pack("<BHH", 0, len(content), len(content) ^ 0xFFFF) + content
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(content) + squeeze.flush(zlib.Z_FULL_FLUSH)


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
        if "Content-Encoding" not in headers and len(body) >= SMALLEST_BYTES and takes_gzip():
            response.set_data(gzip.compress(body, LEVEL, mtime=0))
            headers["Content-Encoding"] = "gzip"
        return response
