"""The booklet as an EPUB: what is in it, that it holds together, and that the W3C's checker finds nothing."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import ZIP_STORED, ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from courses.booklet.contents import Booklet, Figure, Link, Paragraph, Words
from courses.booklet.epub import write
from courses.booklet.epub.xhtml import element, written
from tests.courses.booklet.conftest import MADE_AT, SITE
from tests.courses.booklet.small import ARABIC, SCRIPT
from tests.epubcheck import problems_of

MEGABYTE = 1024 * 1024
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
TYPE = "{http://www.idpf.org/2007/ops}type"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class Book:
    """An EPUB as a reader opens it: its pages in the order of the spine."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.archive = ZipFile(BytesIO(content))
        self.package = self.parsed("package.opf")
        items = {item.get("id"): item.get("href", "") for item in self.package.iter(f"{OPF}item")}
        self.order = [items[ref.get("idref")] for ref in self.package.iter(f"{OPF}itemref")]
        self.pages = {name: self.parsed(name) for name in self.order}
        self.ids = {
            name: Counter(one.get("id") for one in page.iter() if one.get("id")) for name, page in self.pages.items()
        }

    def parsed(self, name: str) -> Element:
        return ElementTree.fromstring(self.archive.read(f"EPUB/{name}"))

    def links(self) -> Iterator[tuple[str, Element, str, str]]:
        """Each link that stays in the book: the page it is on, itself, the page it leads to, and the id there."""
        for name, page in self.pages.items():
            for link in page.iter(f"{XHTML}a"):
                parts = urlsplit(link.get("href", ""))
                if not parts.scheme:
                    yield name, link, unquote(parts.path) or name, parts.fragment

    def at(self, page: str, name: str) -> Element:
        return next(one for one in self.pages[page].iter() if one.get("id") == name)

    def said(self, name: str) -> str:
        return "".join(self.pages[name].itertext())

    def named(self, name: str) -> list[str]:
        """What the metadata say under a name of Dublin Core, or as a property."""
        metadata = self.package[0]
        return [one.text or "" for one in metadata if one.tag == f"{DC}{name}" or one.get("property") == name]


@pytest.fixture(scope="session")
def of_the_course(shipped: Booklet) -> Book:
    return Book(write(shipped))


@pytest.fixture(scope="session")
def in_arabic(small: Booklet) -> Book:
    return Book(write(small))


@pytest.fixture(params=["of_the_course", "in_arabic"])
def book(request: pytest.FixtureRequest) -> Book:
    found: Book = request.getfixturevalue(request.param)
    return found


def test_epubcheck_finds_nothing(book: Book, tmp_path: Path) -> None:
    (tmp_path / "book.epub").write_bytes(book.content)

    assert problems_of(tmp_path / "book.epub") == []


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_first_bytes_say_what_it_is(in_arabic: Book) -> None:
    first = in_arabic.archive.infolist()[0]

    assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
    assert in_arabic.content[30:58] == b"mimetypeapplication/epub+zip"


def test_the_same_booklet_gives_the_same_bytes(small: Booklet, in_arabic: Book) -> None:
    assert write(small) == in_arabic.content
    assert {entry.date_time for entry in in_arabic.archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_course_is_small_enough_to_send(of_the_course: Book) -> None:
    assert len(of_the_course.content) < 5 * MEGABYTE
    largest = max(len(of_the_course.archive.read(f"EPUB/{name}")) for name in of_the_course.order)
    assert largest < 250_000


def test_the_package_lists_what_the_file_holds_and_no_more(book: Book) -> None:
    listed = sorted(item.get("href", "") for item in book.package.iter(f"{OPF}item"))
    held = [name.removeprefix("EPUB/") for name in book.archive.namelist() if name.startswith("EPUB/")]

    assert listed == sorted(set(held) - {"package.opf"})
    assert len(book.order) == len(set(book.order)) == sum(name.endswith(".xhtml") for name in held)


def test_the_metadata_say_what_it_is_and_how_it_can_be_read(small: Booklet, in_arabic: Book) -> None:
    assert in_arabic.named("title") == [ARABIC]
    assert in_arabic.named("language") == ["ar"]
    assert in_arabic.named("rights") == ["CC BY 4.0"]
    assert in_arabic.named("source") == [f"{SITE}/courses/small-course"]
    assert in_arabic.named("dcterms:modified") == ["2026-11-29T12:00:00Z"]
    assert in_arabic.named("schema:accessModeSufficient") == ["textual"]
    assert in_arabic.named("schema:accessibilityHazard") == ["none"]
    assert "alternativeText" in in_arabic.named("schema:accessibilityFeature")
    assert in_arabic.named("schema:accessibilitySummary") == [small.say("accessibility")]


def test_the_identifier_stands_for_the_content_and_not_for_the_day(small: Booklet, in_arabic: Book) -> None:
    later = Book(write(replace(small, made_at=MADE_AT + timedelta(days=1), made_on="tomorrow")))
    other = Book(write(replace(small, version="2")))

    assert later.named("dcterms:modified") == ["2026-11-30T12:00:00Z"]
    assert later.named("identifier") == in_arabic.named("identifier")
    assert other.named("identifier") != in_arabic.named("identifier")


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_each_lesson_is_a_page_with_its_title_its_place_on_the_web_and_a_code_for_it(
    shipped: Booklet, of_the_course: Book
) -> None:
    for lesson in shipped.lessons:
        name = f"course.{lesson.place.replace('/', '.')}.xhtml"
        page = of_the_course.pages[name]
        assert [title.text for title in page.iter(f"{XHTML}h1")] == [lesson.title]
        assert name in of_the_course.order
        assert lesson.address in [link.get("href") for link in page.iter(f"{XHTML}a")]
        assert any(lesson.address in picture.get("alt", "") for picture in page.iter(f"{XHTML}img"))


def test_the_contents_lead_to_every_page_in_the_order_of_reading(book: Book) -> None:
    contents = book.pages["contents.xhtml"]
    toc, landmarks = contents.iter(f"{XHTML}nav")
    listed = [link.get("href", "") for link in toc.iter(f"{XHTML}a")]

    assert listed == [name for name in book.order if name not in ("cover.xhtml", "contents.xhtml")]
    assert [link.get(TYPE) for link in landmarks.iter(f"{XHTML}a")] == [
        "toc", "titlepage", "bodymatter", "glossary", "qna", "endnotes",
    ]  # fmt: skip


def test_the_words_of_each_block_are_there(in_arabic: Book) -> None:
    said = in_arabic.said("course.alpha.first.xhtml")
    words = (
        "emphasis", "strong", "A new line.", "Fact F1 is true.", "A note with a list:", "one", "inside", "three",
        "A quotation.", "<code>", "Numbers & <i>signs</i>", "132", "<b>one</b>", "A way", "A heading",
    )  # fmt: skip

    assert [one for one in words if one not in said] == []


def test_a_table_has_a_caption_and_names_its_rows_and_columns(book: Book) -> None:
    tables = [table for name, page in book.pages.items() for table in page.iter(f"{XHTML}table")]

    assert tables
    for table in tables:
        assert "".join(table[0].itertext()).strip()
        assert table[0].tag == f"{XHTML}caption"
        assert {head.get("scope") for head in table[1].iter(f"{XHTML}th")} == {"col"}
        if table.get("class") != "grid":
            assert [row[0].get("scope") for row in table[2]] == ["row"] * len(table[2])


def test_a_drawing_is_in_the_book_with_its_words(shipped: Booklet, of_the_course: Book) -> None:
    shown = [block for lesson in shipped.lessons for block in lesson.blocks if isinstance(block, Figure)]
    pictures = {
        picture.get("alt"): of_the_course.archive.read(f"EPUB/{picture.get('src')}").decode()
        for page in of_the_course.pages.values()
        for picture in page.iter(f"{XHTML}img")
    }

    assert len(shown) >= 14
    assert {figure.alternative: pictures[figure.alternative] for figure in shown} == {
        figure.alternative: figure.drawing.svg for figure in shown
    }
    assert "" not in pictures


def test_headings_leave_no_level_out(book: Book) -> None:
    for name, page in book.pages.items():
        levels = [int(one.tag[-1]) for one in page.iter() if re.fullmatch(r"\{.*\}h[1-6]", one.tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert [b for a, b in pairwise(levels) if b > a + 1] == [], name


def test_each_question_has_its_key_at_the_end_and_the_way_back(shipped: Booklet, of_the_course: Book) -> None:
    activities = [one for module in shipped.modules for one in module.activities if one.has_key]

    assert activities
    for one in activities:
        assert one.paper is not None
        module, _, name = one.place.partition("/")
        page, key = f"course.{module}.{name}.xhtml", f"key.{module}.xhtml"
        items = [item for part in one.paper.parts for item in part.items]
        back = [there for here, _, to, there in of_the_course.links() if here == key and to == page]
        assert back == ["", *(f"question-{number}" for number in range(1, len(items) + 1))]
        assert [to for here, _, to, there in of_the_course.links() if here == page and there == f"at-{name}"] == [key]


def test_a_key_gives_the_letter_of_the_right_option_first(in_arabic: Book) -> None:
    quiz, key = in_arabic.pages["course.alpha.quiz.xhtml"], in_arabic.pages["key.alpha.xhtml"]
    options = [["".join(one.itertext()) for one in question] for question in quiz.iter(f"{XHTML}ol")]
    letters = ["AB"[question.index("The right one")] for question in options]
    said = ["".join(line.itertext()) for line in key.iter(f"{XHTML}p")]

    assert len(letters) == 3
    assert [line for line in said if line.startswith("Right: ")][-3:] == [f"Right: {letter}" for letter in letters]


# --- links and notes -------------------------------------------------------------------------------------------------


def test_every_link_inside_the_book_leads_somewhere(book: Book) -> None:
    lost = [(page, to, there) for page, _, to, there in book.links() if there and book.ids.get(to, {}).get(there) != 1]

    assert lost == []
    assert [to for _, _, to, _ in book.links() if posixpath.basename(to) not in book.pages] == []


def test_a_link_between_lessons_stays_in_the_book(in_arabic: Book) -> None:
    found = [(to, there) for page, _, to, there in in_arabic.links() if page == "course.alpha.first.xhtml"]

    for place in (
        ("course.alpha.first.xhtml", "at-heading"),
        ("course.alpha.second.xhtml", ""),
        ("course.alpha.second.xhtml", "at-heading"),
        ("course.alpha.quiz.xhtml", ""),
        ("course.beta.first.xhtml", ""),
        ("glossary.xhtml", "at-parcel"),
    ):
        assert place in found


def test_a_link_to_what_the_book_does_not_hold_goes_to_the_site(small: Booklet) -> None:
    address = f"{SITE}/courses/small-course/gamma"
    paragraph = Paragraph((Link((Words("there"),), address, "gamma/not-here"),))
    part, *others = small.parts
    module, *rest = part.modules
    lesson, *more = module.lessons
    changed = replace(module, lessons=(replace(lesson, blocks=(*lesson.blocks, paragraph)), *more))
    booklet = replace(small, parts=(replace(part, modules=(changed, *rest)), *others))

    page = Book(write(booklet)).pages["course.alpha.first.xhtml"]

    assert [link.get("href") for link in page.iter(f"{XHTML}a") if link.text == "there"] == [address]


def test_each_note_is_called_and_leads_back_to_every_place_that_calls_it(book: Book) -> None:
    calls = Counter()
    for page, link, to, there in book.links():
        if link.get(TYPE) == "noteref":
            calls[f"{to}#{there}", f"{page}#{link.get('id')}"] += 1
    backs = Counter(
        (f"notes.xhtml#{note.get('id')}", link.get("href", ""))
        for note in book.pages["notes.xhtml"].iter(f"{XHTML}li")
        for link in note.iter(f"{XHTML}a")
        if link.get("role") == "doc-backlink"
    )

    assert calls == backs
    assert set(calls.values()) == {1}
    numbers = {int(note.rpartition("-")[2]) for note, _ in calls}
    assert numbers == set(range(1, len(book.pages["notes.xhtml"].findall(f".//{XHTML}li")) + 1))


def test_a_fact_of_two_lessons_has_one_note(in_arabic: Book) -> None:
    backs = [
        link.get("href")
        for link in in_arabic.at("notes.xhtml", "note-1").iter(f"{XHTML}a")
        if link.get("role") == "doc-backlink"
    ]

    assert backs == ["course.alpha.first.xhtml#fact-1", "course.alpha.second.xhtml#fact-1"]


def test_an_address_that_only_browsers_forgive_is_written_as_readers_want_it(in_arabic: Book) -> None:
    link = in_arabic.at("notes.xhtml", "note-1").find(f".//{XHTML}a")

    assert link is not None
    assert link.get("href") == "https://example.org/a%7Cb?c=%5Bd%5D"


# --- languages -------------------------------------------------------------------------------------------------------


def test_a_book_in_arabic_turns_its_pages_from_the_right(in_arabic: Book, of_the_course: Book) -> None:
    directions = {page.get("dir") for page in in_arabic.pages.values()}

    assert directions == {"rtl"}
    assert next(in_arabic.package.iter(f"{OPF}spine")).get("page-progression-direction") == "rtl"
    assert next(of_the_course.package.iter(f"{OPF}spine")).get("page-progression-direction") == "ltr"


def test_what_is_not_translated_is_marked_with_its_language_and_takes_its_own_direction(in_arabic: Book) -> None:
    page = in_arabic.pages["course.alpha.first.xhtml"]
    title, paragraph = next(page.iter(f"{XHTML}h1")), next(page.iter(f"{XHTML}div"))

    assert page.get(LANGUAGE) == "ar"
    assert [(one.get("lang"), one.get(LANGUAGE), one.get("dir")) for one in (title, paragraph)] == [
        ("en", "en", "auto")
    ] * 2
    assert next(in_arabic.pages["course.alpha.second.xhtml"].iter(f"{XHTML}h1")).get("lang") is None


# --- hostile texts ---------------------------------------------------------------------------------------------------


def test_what_looks_like_markup_stays_text(in_arabic: Book) -> None:
    tags = {one.tag for page in in_arabic.pages.values() for one in page.iter()}
    handlers = {
        name for page in in_arabic.pages.values() for one in page.iter() for name in one.attrib if name[:2] == "on"
    }

    assert f"{XHTML}script" not in tags
    assert f"{XHTML}b" not in tags
    assert handlers == set()
    for name in ("contents", "course.alpha", "course.alpha.first", "glossary", "faq", "notes", "sheet.alpha", "part-1"):
        assert SCRIPT in in_arabic.said(f"{name}.xhtml"), name


def test_signs_that_xml_does_not_have_are_replaced() -> None:
    xml = written(element("p", {"title": "a\x00b"}, "one\x08 \ud800 \ufffe <two>"))

    assert ElementTree.fromstring(xml).text == "one\ufffd \ufffd \ufffd <two>"
    assert ElementTree.fromstring(xml).get("title") == "a\ufffdb"


# --- on a phone ------------------------------------------------------------------------------------------------------


# What a page of a site has and a page of a book does not: a reader draws the rest of the screen.
OF_SITES = {"rules": {name: {"enabled": False} for name in ("landmark-one-main", "region")}}


@pytest.mark.browser
def test_pages_fit_a_small_phone_and_pass_axe(
    of_the_course: Book, in_arabic: Book, chromium: Browser, tmp_path: Path
) -> None:
    faults = []
    context = chromium.new_context(offline=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    for book, names in (
        (of_the_course, ("cover", "contents", "course.pilot-zones", "course.pilot-zones.spread-of-zones", "faq")),
        (of_the_course, ("course.payment-models.escrow", "course.pilot-zones.worksheet", "course.pilot-zones.quiz")),
        (in_arabic, ("course.alpha", "course.alpha.first", "course.alpha.worksheet", "key.alpha", "notes", "glossary")),
    ):
        folder = tmp_path / book.named("language")[0]
        book.archive.extractall(folder)
        for name in names:
            page.goto((folder / "EPUB" / f"{name}.xhtml").as_uri())
            found = Axe().run(page, options=OF_SITES).response["violations"]
            faults += [f"{name}: {one['id']} {[node['html'] for node in one['nodes']]}" for one in found]
            width = page.evaluate("document.documentElement.scrollWidth")
            faults += [f"{name}: {width} wide"] if width > 320 else []
    context.close()

    assert faults == []
