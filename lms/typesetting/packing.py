"""A PDF made smaller without a change to what it says: its small objects go, compressed, into object streams.

Typst writes each object by itself, and a tagged document of some hundred pages has tens of thousands of them: they are
half of the file. Object streams and the table of contents that goes with them are part of PDF since 1.5 (ISO 32000-1,
7.5.7 and 7.5.8).
"""

from __future__ import annotations

import re
import struct
import zlib

OBJECTS_IN_A_STREAM = 200

_TABLE = re.compile(rb"xref\s+0 (\d+)\s+")
_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.S)
_HEAD = re.compile(rb"(\d+) 0 obj\s*")
_SIZE = re.compile(rb"/Size\s+\d+")


class NotPlain(ValueError):
    """The file is not the plain kind that is packed here: one table, one trailer, nothing encrypted."""


def pack(pdf: bytes) -> bytes:
    """Give the same document in fewer bytes; the same input gives the same bytes. Raises NotPlain."""
    trailer = _TRAILER.search(pdf)
    table = _TABLE.match(pdf, int(trailer[2])) if trailer else None
    if trailer is None or table is None or b"/Encrypt" in trailer[1] or b"/Prev" in trailer[1]:
        raise NotPlain
    count = int(table[1])
    entries = [pdf[table.end() + 20 * number : table.end() + 20 * number + 20] for number in range(count)]
    places = {number: int(entry[:10]) for number, entry in enumerate(entries) if entry[17:18] == b"n"}
    bodies = _bodies(pdf, places, end=int(trailer[2]))
    written = bytearray(pdf[: min(places.values())])
    rows: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
    small = []
    for number, body in bodies.items():
        if body.endswith(b"endstream"):
            rows[number] = (1, len(written), 0)
            written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        else:
            small.append(number)
    for first in range(0, len(small), OBJECTS_IN_A_STREAM):
        together = small[first : first + OBJECTS_IN_A_STREAM]
        holder, count = count, count + 1
        index, content = b"", b""
        for place, number in enumerate(together):
            index += b"%d %d " % (number, len(content))
            content += bodies[number] + b"\n"
            rows[number] = (2, holder, place)
        rows[holder] = (1, len(written), 0)
        about = b"/Type/ObjStm/N %d/First %d" % (len(together), len(index))
        written += b"%d 0 obj\n%s\nendobj\n" % (holder, _stream(about, index + content))
    at, rows[count] = len(written), (1, len(written), 0)
    packed_rows = b"".join(struct.pack(">BIH", *rows.get(number, (0, 0, 65535))) for number in range(count + 1))
    about = b"/Type/XRef/W[1 4 2]" + _SIZE.sub(b"/Size %d" % (count + 1), trailer[1])
    written += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (count, _stream(about, packed_rows), at)
    return bytes(written)


def _bodies(pdf: bytes, places: dict[int, int], *, end: int) -> dict[int, bytes]:
    """What stands between “obj” and “endobj” of each object, in the order of the file."""
    order = sorted(places, key=places.__getitem__)
    bodies = {}
    for number, following in zip(order, [*(places[number] for number in order[1:]), end], strict=True):
        whole = pdf[places[number] : following].rstrip()
        head = _HEAD.match(whole)
        if head is None or int(head[1]) != number or not whole.endswith(b"endobj"):
            raise NotPlain
        bodies[number] = whole[head.end() : -len(b"endobj")].rstrip()
    return bodies


def _stream(about: bytes, content: bytes) -> bytes:
    squeezed = zlib.compress(content, 9)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (about, len(squeezed), squeezed)
