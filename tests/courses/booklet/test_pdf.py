"""The booklet as a PDF: the course that ships, other scripts, and texts that look like markup."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from courses import kinds
from courses.booklet import pdf
from courses.booklet.building import build
from courses.booklet.contents import Booklet, FactBox, Lesson, Paragraph, Words
from courses.packages.faults import BadPackage
from lms.app import create_app
from lms.config import of_no_site
from lms.text.localised import Localised
from tests.courses.booklet.conftest import MADE_AT, SITE
from tests.courses.booklet.small import ARABIC
from tests.factories.courses import small_course, write_package

MEGABYTE = 1_000_000
INVISIBLE = re.compile("[\\s\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069]")


def solid(text: str) -> str:
    """A text without blanks and signs that cannot be seen: where lines break is the page's business."""
    return INVISIBLE.sub("", text)


def titles(outline: Any) -> Iterator[str]:
    for entry in outline:
        if isinstance(entry, list):
            yield from titles(entry)
        else:
            yield entry.title


class Printed:
    """A PDF as its reader finds it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reader = PdfReader(io.BytesIO(content))
        self.root = self.reader.trailer["/Root"]
        self.bookmarks = list(titles(self.reader.outline))

    @property
    def text(self) -> str:
        return solid("".join(page.extract_text() for page in self.reader.pages))


@pytest.fixture(scope="session")
def of_the_course(shipped: Booklet) -> Printed:
    return Printed(pdf.write(shipped))


@pytest.fixture(scope="session")
def words_of_the_course(of_the_course: Printed) -> str:
    return of_the_course.text


@pytest.fixture(scope="session")
def in_arabic(small: Booklet) -> Printed:
    return Printed(pdf.write(small))


@pytest.fixture
def tiny(gathered: Callable[[Path, str], Booklet], tmp_path: Path) -> Booklet:
    """A small booklet whose texts a test may put others in place of."""
    return gathered(write_package(tmp_path / "tiny", small_course()), "en")


def test_the_file_is_tagged_and_says_its_title_and_language(shipped: Booklet, of_the_course: Printed) -> None:
    root = of_the_course.root

    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - an object of the file
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert of_the_course.reader.metadata.title == shipped.title.text
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()


def test_the_course_is_small_enough_to_send(of_the_course: Printed) -> None:
    assert len(of_the_course.content) < 5 * MEGABYTE


def test_the_outline_has_every_part_module_lesson_and_activity(shipped: Booklet, of_the_course: Printed) -> None:
    wanted = []
    for part in shipped.parts:
        wanted.append(part.title.text)
        for module in part.modules:
            wanted.append(f"{module.number}. {module.title.text}")
            wanted += [f"{lesson.number} {lesson.title}" for lesson in module.lessons]
            wanted += [activity.title.text for activity in module.activities]

    found = [title for title in of_the_course.bookmarks if title in set(wanted)]

    assert found == wanted
    ends = [shipped.say(key) for key in ("glossary", "faq", "notes", "key")]
    assert of_the_course.bookmarks[-len(ends) :] == ends


def test_the_text_holds_every_lesson_title_and_every_fact(shipped: Booklet, words_of_the_course: str) -> None:
    lost = [lesson.title for lesson in shipped.lessons if solid(lesson.title) not in words_of_the_course]
    facts = [block for lesson in shipped.lessons for block in lesson.blocks if isinstance(block, FactBox)]

    assert lost == []
    assert len(shipped.lessons) > 80
    assert [fact.number for fact in facts if solid(fact.text.text) not in words_of_the_course] == []


def test_every_note_number_leads_to_its_note(
    shipped: Booklet, of_the_course: Printed, words_of_the_course: str
) -> None:
    called = {block.number for lesson in shipped.lessons for block in lesson.blocks if isinstance(block, FactBox)}

    assert called == {note.number for note in shipped.notes} == set(range(1, len(shipped.notes) + 1))
    assert [note.number for note in shipped.notes if solid(note.address) not in words_of_the_course] == []
    first, behind = pages_of(of_the_course, shipped.say("notes")), pages_of(of_the_course, shipped.say("key"))
    led_to = {(page, str(place)) for page, place in destinations(of_the_course) if first <= page < behind}
    assert len(led_to) == len(shipped.notes) + 1  # the contents lead to their chapter


def pages_of(printed: Printed, title: str) -> int:
    """The number of the page on which a chapter begins."""
    return next(
        printed.reader.get_destination_page_number(entry)
        for entry in printed.reader.outline
        if not isinstance(entry, list) and entry.title == title
    )


def destinations(printed: Printed) -> Iterator[tuple[int, Any]]:
    """Where the links inside the document lead: the page, and the place on it."""
    for page in printed.reader.pages:
        for annotation in page.get("/Annots", ()):
            found = annotation.get_object()
            aim = found["/Dest"] if "/Dest" in found else None  # noqa: SIM401 - get() gives a reference
            if isinstance(aim, list):  # else it is the name of a heading
                yield printed.reader.get_page_number(aim[0].get_object()), aim[1:]


def test_each_lesson_has_a_code_that_leads_to_its_page(shipped: Booklet, of_the_course: Printed) -> None:
    addresses = {
        annotation.get_object()["/A"]["/URI"]
        for page in of_the_course.reader.pages
        for annotation in page.get("/Annots", ())
        if annotation.get_object().get("/A", {}).get("/S") == "/URI"
    }

    assert [lesson.address for lesson in shipped.lessons if lesson.address not in addresses] == []


def elements(printed: Printed) -> Iterator[dict[str, Any]]:
    """The elements of the structure: what a screen reader finds."""
    waiting = [printed.root["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, dict):
            yield element
            children = element.get("/K", [])
            waiting += children if isinstance(children, list) else [children]


def test_each_picture_and_each_code_has_words(in_arabic: Printed, small: Booklet) -> None:
    found = {str(one.get("/Alt")) for one in elements(in_arabic) if one.get("/S") == "/Figure"}

    assert 'A line, then "another" <one>.' in found
    assert {lesson.address for lesson in small.lessons} <= {words.rpartition(" ")[2] for words in found}
    assert "None" not in found


def test_the_same_booklet_gives_the_same_bytes(small: Booklet, in_arabic: Printed) -> None:
    assert pdf.write(small) == in_arabic.content
    assert pdf.write(replace(small, made_at=MADE_AT + timedelta(days=1))) != in_arabic.content


def test_what_looks_like_markup_stays_text(in_arabic: Printed) -> None:
    # Brackets change their sides between words that are read from the right.
    assert in_arabic.text.count(solid("alert(1)")) > 5
    assert in_arabic.text.count(solid("& ]]")) > 5
    assert in_arabic.text.count(solid('"quoted"{{7*7}}#eval(1)')) > 5


def test_a_booklet_in_arabic_says_so_and_turns_its_lines(in_arabic: Printed, small: Booklet) -> None:
    assert in_arabic.root["/Lang"] == "ar"
    assert in_arabic.reader.metadata.title == ARABIC
    assert {lesson.language for lesson in small.lessons} == {"ar", "en"}
    # What is not translated is marked with its own language.
    assert "en" in {str(one.get("/Lang")) for one in elements(in_arabic)}


def other_scripts() -> dict[str, Any]:
    """A small course in Chinese, whose second language is French and third Greek."""
    files = small_course()
    course = files["course.yaml"]
    course["languages"] = ["zh", "fr", "el", "ru"]
    course["source_language"] = "zh"
    words = {
        "zh": "跨境电子商务",
        "fr": "Commerce électronique à l’étranger",
        "el": "Ηλεκτρονικό εμπόριο",
        "ru": "Торговля",
    }

    def translated(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"en"}:
                return {tag: f"{said} {value['en']}" for tag, said in words.items()}
            return {key: translated(one) for key, one in value.items()}
        return [translated(one) for one in value] if isinstance(value, list) else value

    files = {name: translated(content) for name, content in files.items()}
    for name in [name for name in files if name.endswith(".en.md")]:
        text = files.pop(name)
        for tag, said in words.items():
            files[name.replace(".en.md", f".{tag}.md")] = text.replace("title: ", f"title: {said} ")
    return files


@pytest.mark.parametrize("language", ["zh", "fr", "el", "ru"])
def test_other_scripts_are_printed(gathered: Callable[[Path, str], Booklet], tmp_path: Path, language: str) -> None:
    booklet = gathered(write_package(tmp_path / "scripts", other_scripts()), language)

    printed = Printed(pdf.write(booklet))

    assert printed.root["/Lang"] == language
    words = printed.text
    assert [lesson.title for lesson in booklet.lessons if solid(lesson.title) not in words] == []


def with_text(booklet: Booklet, text: str) -> Booklet:
    """The booklet with ``text`` as the title of the course, of a lesson, as its lead and in its body."""
    part, module = booklet.parts[0], booklet.parts[0].modules[0]
    lesson: Lesson = replace(
        module.lessons[0], title=text, lead=Localised(text, "en"), blocks=(Paragraph((Words(text),)),)
    )
    module = replace(module, lessons=(lesson, *module.lessons[1:]))
    part = replace(part, modules=(module, *part.modules[1:]))
    return replace(booklet, parts=(part, *booklet.parts[1:]), title=Localised(text, "en"))


SIGNS = st.text(alphabet="#$@[]{}()\\\"'`*_=<>~&%^|/;:,.!?-+ \u00a0aZ0é\u4e2d", min_size=1, max_size=40)


@given(text=SIGNS.filter(lambda text: bool(text.strip())))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_printed_as_it_is_written(tiny: Booklet, text: str) -> None:
    printed = Printed(pdf.write(with_text(tiny, text)))

    assert printed.text.count(solid(text)) >= 3
    assert solid(str(printed.reader.metadata.title)) == solid(text)


def test_an_installed_font_is_never_asked(tiny: Booklet) -> None:
    with pytest.raises(pdf.Unprintable) as lacking:
        pdf.write(with_text(tiny, "\U0001f600 and \U00017000"))

    assert set(lacking.value.characters) == {"\U0001f600", "\U00017000"}


@pytest.mark.parametrize(
    ("file", "before", "after", "fault"),
    [
        (
            "alpha/second.en.md",
            "More text.",
            "More text.\nA smile \U0001f600.",
            "alpha/second.en.md:12: The fonts of the booklet have no sign for “\U0001f600” (U+1F600).",
        ),
        (
            "LICENSE.md",
            "Made up for the tests.",
            "Made up.\n\nWith ![a picture](seal.png) in it.",
            "LICENSE.md:3: The booklet has no form for this: image.",
        ),
    ],
    ids=["a sign that no font has", "a picture in the licence"],
)
def test_what_a_booklet_has_no_form_for_is_told_with_file_and_line(
    tmp_path: Path, file: str, before: str, after: str, fault: str
) -> None:
    files = small_course()
    files[file] = files[file].replace(before, after)
    app = create_app(of_no_site(), third_party=False)

    with app.app_context(), pytest.raises(BadPackage) as refusal:
        package = kinds.read(app, write_package(tmp_path / "faulty", files))
        build(
            package,
            language="en",
            format="pdf",
            base_url=SITE,
            made_at=MADE_AT,
            translate=lambda message, **values: message % values if values else message,
            types=kinds.activity_types(app),
            checks=kinds.check_servers(app, package),
        )

    assert [str(one) for one in refusal.value.faults] == [fault]
