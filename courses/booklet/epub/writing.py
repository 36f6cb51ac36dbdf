"""The booklet as an e-book: an EPUB 3.3 file, which is a ZIP of XHTML pages with a list of what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from courses.booklet.contents import Booklet
from courses.booklet.epub.blocks import plain
from courses.booklet.epub.pages import Pages, pages_of
from courses.booklet.epub.places import CONTENTS, STYLE
from courses.booklet.epub.xhtml import element, written
from courses.booklet.reading_markdown import spans
from courses.packages.content import content_hash

_FOLDER = "EPUB"
_PACKAGE = f"{_FOLDER}/package.opf"
_CONTAINER = "urn:oasis:names:tc:opendocument:xmlns:container"
_FEATURES = (
    "alternativeText",
    "ARIA",
    "displayTransformability",
    "readingOrder",
    "structuralNavigation",
    "tableOfContents",
)


def write(booklet: Booklet) -> bytes:
    """Give the booklet as an EPUB; the same booklet gives the same bytes."""
    pages = pages_of(booklet)
    style = Path(__file__).with_name(STYLE).read_bytes()
    files = dict(pages.in_order) | {STYLE: style} | dict(pages.drawings)
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        # The first file says in plain bytes what the whole is.
        archive.writestr(_entry("mimetype"), b"application/epub+zip", ZIP_STORED)
        archive.writestr(_entry("META-INF/container.xml"), _container(), ZIP_DEFLATED, 9)
        archive.writestr(_entry(_PACKAGE), _package(booklet, pages), ZIP_DEFLATED, 9)
        for name, content in files.items():
            archive.writestr(_entry(f"{_FOLDER}/{name}"), content, ZIP_DEFLATED, 9)
    return made.getvalue()


def _entry(name: str) -> ZipInfo:
    """An entry that tells nothing of when and where it was made."""
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _container() -> bytes:
    root = {"full-path": _PACKAGE, "media-type": "application/oebps-package+xml"}
    roots = element("rootfiles", None, element("rootfile", root))
    return written(element("container", {"version": "1.0", "xmlns": _CONTAINER}, roots))


def _package(booklet: Booklet, pages: Pages) -> bytes:
    direction = "rtl" if booklet.right_to_left else "ltr"
    names = [name for name, _ in pages.in_order]
    return written(
        element(
            "package",
            {
                "xmlns": "http://www.idpf.org/2007/opf",
                "version": "3.0",
                "unique-identifier": "id",
                "xml:lang": booklet.language,
                "dir": direction,
            },
            element("metadata", {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}, _metadata(booklet)),
            element(
                "manifest",
                None,
                (_item(name, "application/xhtml+xml", nav=name == CONTENTS) for name in names),
                _item(STYLE, "text/css"),
                (_item(name, "image/svg+xml") for name in pages.drawings),
            ),
            element(
                "spine",
                {"page-progression-direction": direction},
                (element("itemref", {"idref": _item_id(name)}) for name in names),
            ),
        )
    )


def _item(name: str, kind: str, *, nav: bool = False) -> Element:
    return element("item", {"id": _item_id(name), "href": name, "media-type": kind, "properties": "nav" if nav else ""})


def _item_id(name: str) -> str:
    return f"file-{name}"


def _metadata(booklet: Booklet) -> Iterator[Element]:
    yield element("dc:identifier", {"id": "id"}, f"urn:uuid:{_identifier(booklet)}")
    yield element("dc:title", {"xml:lang": booklet.title.language}, booklet.title.text)
    yield element("dc:language", None, booklet.language)
    yield element("dc:description", {"xml:lang": booklet.summary.language}, plain(spans(booklet.summary)))
    yield element("dc:rights", None, booklet.licence)
    yield element("dc:source", None, booklet.address)
    yield _meta("dcterms:modified", booklet.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    # What a library tells people who choose a book by how it can be read (EPUB Accessibility 1.1, section 2).
    yield _meta("schema:accessMode", "textual")
    yield _meta("schema:accessMode", "visual")
    yield _meta("schema:accessModeSufficient", "textual")
    for feature in _FEATURES:
        yield _meta("schema:accessibilityFeature", feature)
    yield _meta("schema:accessibilityHazard", "none")
    yield element(
        "meta",
        {"property": "schema:accessibilitySummary", "xml:lang": booklet.words_language},
        booklet.say("accessibility"),
    )


def _meta(name: str, value: str) -> Element:
    return element("meta", {"property": name}, value)


def _identifier(booklet: Booklet) -> str:
    """The same for the same content in the same language, whenever it is made."""
    when = {"made_at", "made_on"}
    said = [getattr(booklet, part.name) for part in fields(booklet) if part.name not in when]
    return str(uuid5(NAMESPACE_URL, f"{booklet.address}#{booklet.language}-{content_hash(said)}"))
