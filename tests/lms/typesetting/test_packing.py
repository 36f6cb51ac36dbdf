"""A packed PDF is the same document in fewer bytes."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from lms.typesetting import compile_pdf, pack
from lms.typesetting.packing import NotPlain

PLAIN = compile_pdf("glyphs", {"text": "Words, слова, λόγια " * 2_000}, timestamp=datetime(2026, 11, 29, tzinfo=UTC))


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def test_the_document_says_the_same():
    before, after = read(PLAIN), read(pack(PLAIN))

    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    assert after.metadata == before.metadata
    assert after.trailer["/ID"] == before.trailer["/ID"]
    for kept in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
        assert after.trailer["/Root"].get(kept) == before.trailer["/Root"].get(kept)


def test_every_object_is_still_there():
    before, after = read(PLAIN), read(pack(PLAIN))

    for number in range(1, int(before.trailer["/Size"])):
        assert said(after.get_object(number)) == said(before.get_object(number)), number


def said(thing):
    """What an object says; pypdf writes the address of its reader into references."""
    content = thing.get_data() if hasattr(thing, "get_data") else b""
    return re.sub(r"(IndirectObject\(\d+, \d+), \d+\)", r"\1)", repr(thing)), content


def test_it_is_smaller_and_the_same_each_time():
    assert len(pack(PLAIN)) < len(PLAIN)
    assert pack(PLAIN) == pack(PLAIN)


@pytest.mark.parametrize(
    "other", [b"", b"%PDF-1.7", PLAIN[:-10], pack(PLAIN)], ids=["nothing", "a head", "cut", "packed"]
)
def test_what_is_no_plain_document_is_refused(other):
    with pytest.raises(NotPlain):
        pack(other)
