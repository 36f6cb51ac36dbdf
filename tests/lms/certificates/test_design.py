"""The paper itself: real PDFs, read back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
import segno
from pypdf import PageObject, PdfReader

from lms.certificates.design import CertificateFacts, must_print, typeset
from lms.certificates.serials import grouped
from lms.errors import Invalid, Refused
from lms.typesetting import compiling

SERIAL = "4J7QK2MX9T0VBNH8RDYCW5E3A6"
FACTS = CertificateFacts(
    person_name="Example Participant",
    course_title="Cross-border e-commerce for poverty eradication",
    statement="Read every lesson and passed every quiz.",
    issuer="An example site",
    hours="12",
    completed_on=date(2026, 11, 21),
    issued_on=date(2026, 11, 22),
    serial=SERIAL,
    address=f"https://lantern.example.org/certificates/{SERIAL}",
    language="en",
    demonstration=False,
    score="87%",
    version=1,
)
WIDEST = replace(
    FACTS,
    person_name="W" * 120,
    course_title="W" * 200,
    statement="W" * 400,
    issuer="W" * 120,
    hours="W" * 30,
    score="W" * 120,
    demonstration=True,
    version=12,
    address=f"https://{'w' * 63}.{'w' * 63}.example/{SERIAL}",
)


def page_of(facts: CertificateFacts, **options: object) -> PageObject:
    reader = PdfReader(io.BytesIO(typeset(facts, **options)))
    assert len(reader.pages) == 1
    return reader.pages[0]


def lines_of(facts: CertificateFacts, **options: object) -> list[str]:
    return [line.strip() for line in page_of(facts, **options).extract_text().splitlines()]


def test_every_fact_stands_on_the_page_in_the_order_of_reading():
    assert lines_of(FACTS) == [
        "Certificate of completion",
        "Awarded to",
        "Example Participant",
        "For completing",
        "Cross-border e-commerce for poverty eradication",
        "Read every lesson and passed every quiz.",
        "Completed on",
        "21 November 2026",
        "Issued on",
        "22 November 2026",
        "Hours of learning",
        "12",
        "Issued by",
        "An example site",
        "Result",
        "87%",
        "Certificate number",
        "4J7Q-K2MX-9T0V-BNH8-RDYC-W5E3-A6",
        "Check this certificate",
        "Scan the code or open the",
        "address. Every line there should",
        "be the same as here.",
        "https://lantern.example.org/",
        "certificates/",
        SERIAL,
    ]


def test_a_fact_that_is_not_there_leaves_no_label():
    lines = lines_of(replace(FACTS, hours=None, score=None))

    assert {"Hours of learning", "Result", "Version"} & set(lines) == set()


def test_a_correction_shows_its_version():
    lines = lines_of(replace(FACTS, version=2))

    assert lines[lines.index("Version") + 1] == "2"


@pytest.mark.parametrize("name", ["Ñandú Đặng", "Πέτρος Αΐδας", "Пример Щукинаґ", "范例𠮷李"])
def test_a_name_is_printed_in_its_script(name):
    lines = lines_of(replace(FACTS, person_name=name))

    assert lines[lines.index("Awarded to") + 1] == name


def test_marks_that_no_single_character_holds_are_printed_with_their_letter():
    text = page_of(replace(FACTS, person_name="Ọmọ́")).extract_text()

    assert "Ọmọ́" in text


def test_an_arabic_name_is_shaped_and_runs_from_right_to_left():
    facts = replace(FACTS, person_name="نور الهدى المثال")
    placed: list[tuple[float, str]] = []
    used: set[str] = set()

    def visit(text: str, _cm: list[float], matrix: list[float], font: dict[str, object] | None, _size: float) -> None:
        if any("\u0600" <= character <= "\u06ff" for character in text):
            used.add(str((font or {}).get("/BaseFont")))
            placed.append((matrix[4], text.strip()))

    page = page_of(facts)
    page.extract_text(visitor_text=visit)

    # The reader gives words as they stand on the paper from left to right: the last one first.
    line = next(line for line in page.extract_text().splitlines() if "نور" in line)
    assert line.split() == ["المثال", "الهدى", "نور"]
    assert {font.partition("+")[2].partition("-")[0] for font in used} == {"NotoNaskhArabic"}


@pytest.mark.parametrize(("name", "shapes"), [("ه", 1), ("ههه ه", 4)], ids=["alone", "first, middle, last and alone"])
def test_an_arabic_letter_is_shaped_by_its_place_in_the_word(name, shapes):
    fonts = page_of(replace(FACTS, person_name=name))["/Resources"]["/Font"].values()

    [naskh] = [font.get_object() for font in fonts if "Naskh" in font.get_object()["/BaseFont"]]
    # The map from glyphs to characters has one line a glyph: U+0647 as often as it is drawn differently.
    assert naskh["/ToUnicode"].get_data().count(b" <0647>") == shapes


def test_words_and_dates_come_in_the_language_of_the_certificate():
    words = {"Certificate of completion": "شهادة إتمام", "Awarded to": "مُنحت إلى"}

    pdf = typeset(replace(FACTS, language="ar"), translate=lambda message: words.get(message, message))

    page = PdfReader(io.BytesIO(pdf)).pages[0]
    assert "إتمام شهادة" in page.extract_text()
    assert "نوفمبر" in page.extract_text()
    assert "November" not in page.extract_text()
    assert PdfReader(io.BytesIO(pdf)).root_object["/Lang"] == "ar"


@pytest.mark.parametrize("language", ["xx", "not a language", "", "en-XX", "zh-Hans-CN", "pt-BR"])
def test_a_language_that_nobody_knows_still_gives_a_page(language):
    assert "Example Participant" in lines_of(replace(FACTS, language=language))


def test_a_demonstration_says_so_twice_and_a_real_one_never():
    demonstration = page_of(replace(FACTS, demonstration=True)).extract_text()

    assert "Demonstration. It was made on a trial site and certifies nothing." in demonstration
    assert demonstration.count("Demonstration") == 2
    assert "emonstration" not in page_of(FACTS).extract_text()


@pytest.mark.parametrize(
    "name",
    ["{{7*7}}", r"\input{/etc/passwd}", '#eval("1+1")',
     "*b* $x$ `r` <l> @r", "<script>alert(1)</script>", '"]//#panic()'],
)  # fmt: skip
def test_case_39_markup_in_a_name_is_printed_literally(name):
    lines = lines_of(replace(FACTS, person_name=name))

    assert lines[lines.index("Awarded to") + 1] == name


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Ana\u202eanA", Invalid),
        ("Ana\u200bBanana", Invalid),
        ("Ana\nIssued by somebody", Invalid),
        ("Ana\x00", Invalid),
        ("\ud800Ana", Invalid),
        ("A" * 300, Invalid),
        ("Ana 😀", Refused),
        ("\U00017000", Refused),
    ],
    ids=["bidi", "zero width", "line", "NUL", "surrogate", "300 characters", "emoji", "Tangut"],
)
def test_case_39_what_cannot_be_printed_honestly_is_refused(name, error):
    with pytest.raises(error):
        typeset(replace(FACTS, person_name=name))


def test_a_character_without_a_glyph_is_named_with_advice():
    with pytest.raises(Refused) as refusal:
        must_print("Ana \U00010600 😀")

    assert str(refusal.value) == (
        "We cannot print “\U00010600” (U+10600), “😀” (U+1F600) on a certificate yet. "
        "Write the name in Latin, Greek, Cyrillic, Arabic or Chinese letters."
    )


def test_a_serial_that_cannot_be_one_is_refused():
    with pytest.raises(Invalid, match="number of a certificate"):
        typeset(replace(FACTS, serial="1234"))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_longest_texts_of_the_widest_letter_stay_on_the_page(language):
    page = page_of(replace(WIDEST, language=language))

    text = "".join(page.extract_text().replace("\u200b", "").split())
    assert text.count("W") == 120 + 200 + 400 + 120 + 30 + 120 + 2 * SERIAL.count("W")
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)


def test_a_long_name_of_ordinary_words_is_set_whole():
    name = ("Example Wilhelmina Maximiliane " * 4)[:120].strip()

    assert name.replace(" ", "") in "".join(lines_of(replace(FACTS, person_name=name))).replace(" ", "")


def test_texts_that_would_not_fit_are_refused_by_the_template(monkeypatch):
    from lms.certificates import design

    monkeypatch.setattr(design, "LONGEST_STATEMENT", 4000)

    with pytest.raises(compiling.TypesettingError, match="do not fit"):
        typeset(replace(WIDEST, statement="W" * 4000))


@pytest.mark.parametrize("address", [FACTS.address, WIDEST.address, f"http://127.0.0.1:8000/certificates/{SERIAL}"])
def test_the_code_on_the_paper_and_the_lines_below_it_are_the_address(address):
    facts = replace(FACTS, address=address)

    page = page_of(facts)

    matrix = segno.make(address, micro=False, error="m").matrix
    assert dark_modules(page) == {
        (column, row) for row, modules in enumerate(matrix) for column, dark in enumerate(modules) if dark
    }
    lines = lines_of(facts)
    assert "".join(lines[lines.index("be the same as here.") + 1 :]) == address
    assert [link.get_object()["/A"]["/URI"] for link in page["/Annots"]] == [address]


def dark_modules(page: PageObject) -> set[tuple[int, int]]:
    """The squares of the QR code, read back from what the page draws: its path has whole numbers, one a module."""
    modules: set[tuple[int, int]] = set()
    corners: list[tuple[float, float]] = []
    scale = 1.0
    for operands, operator in page.get_contents().operations:
        if operator == b"cm":
            scale = float(operands[0])
        elif operator == b"m":
            corners = [(float(operands[0]), float(operands[1]))]
        elif operator == b"l":
            corners.append((float(operands[0]), float(operands[1])))
        elif operator == b"h" and scale not in (0.0, 1.0) and len(corners) == 4:
            (left, top), (right, _), (_, bottom), _ = corners
            if bottom - top == 1 and all(number.is_integer() for corner in corners for number in corner):
                modules |= {(column - 4, int(top) - 4) for column in range(int(left), int(right))}
    return modules


def test_the_same_facts_give_the_same_bytes_and_another_fact_does_not():
    assert typeset(FACTS) == typeset(replace(FACTS))
    assert typeset(FACTS) != typeset(replace(FACTS, score="88%"))


@pytest.mark.parametrize("name", ["Example Participant", "نور الهدى المثال", "范例", "Пример"])
def test_a_certificate_is_small_since_it_carries_only_the_glyphs_it_shows(name):
    assert len(typeset(replace(FACTS, person_name=name))) < 150_000


def test_the_file_is_tagged_and_titled_for_people_who_listen():
    reader = PdfReader(io.BytesIO(typeset(FACTS)))

    metadata = reader.xmp_metadata
    assert metadata is not None
    assert b"pdfuaid:part" in metadata.stream.get_data()
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Certificate of completion: Example Participant"
    assert b"QR code of the address" in b"".join(alternatives(reader.root_object["/StructTreeRoot"]))
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == FACTS.issued_on


def alternatives(element: object) -> list[bytes]:
    """Every /Alt text in the tree of tags."""
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        return [alternative for child in element for alternative in alternatives(child)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/Alt"]).encode()] if "/Alt" in element else []
    return own + (alternatives(element["/K"]) if "/K" in element else [])


def test_every_word_on_the_paper_that_is_no_fact_goes_through_the_translation():
    asked: list[str] = []

    def translate(message: str) -> str:
        asked.append(message)
        return "<" + message + ">"

    text = page_of(replace(FACTS, demonstration=True, version=2), translate=translate).extract_text()

    facts = [FACTS.person_name, FACTS.course_title, FACTS.statement, FACTS.issuer, "12", "87%", "2", "21 November 2026"]
    facts += ["22 November 2026", grouped(SERIAL), "https://lantern.example.org/", "certificates/", SERIAL]
    rest = " ".join(text.split())
    for part in sorted([*facts, *(f"<{message}>" for message in asked)], key=len, reverse=True):
        rest = rest.replace(part, " ")
    assert rest.replace(".", " ").split() == [], rest
