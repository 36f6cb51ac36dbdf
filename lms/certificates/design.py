"""What stands on the paper: the facts of one certificate become one A4 page. Pure: no database, clock or request."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day

from lms.certificates.serials import grouped, read_serial
from lms.errors import N_, Invalid, Refused
from lms.text.localised import is_right_to_left
from lms.text.plain import clean_line
from lms.typesetting import Json, compile_pdf, missing_glyphs, qr_code

LONGEST_NAME = 120
LONGEST_TITLE = 200
LONGEST_STATEMENT = 400
LONGEST_HOURS = 30
LONGEST_FACT = 120  # issuer, score
LONGEST_ADDRESS = 200

_LANGUAGE = re.compile("[a-z]{2,3}")
_ADDRESS_LINE = 34  # signs of the mono voice that fit under the QR code


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """Everything that one certificate says, as it was when it was issued.

    Texts are clean lines (``lms.text.plain``). ``hours`` and ``score`` are printed as they are, such as "12" and
    "87%"; None leaves the cell out. ``address`` is the public page that checks this certificate. ``language`` is the
    BCP 47 tag of the words on the paper. ``version`` is 1 for the first; a correction is the next. ``paper_title`` is
    what stands on top; None: “Certificate of completion”.
    """

    person_name: str
    course_title: str
    statement: str
    issuer: str
    hours: str | None
    completed_on: date
    issued_on: date
    serial: str
    address: str
    language: str
    demonstration: bool
    score: str | None
    version: int
    paper_title: str | None = None


def must_print(text: str) -> None:
    """Refuse a text that the fonts here cannot print, with advice; ask before a name is confirmed.

    Raises Refused, naming at most five of the characters.
    """
    missing = missing_glyphs(text)
    if missing:
        raise Refused(
            N_(
                "We cannot print %(characters)s on a certificate yet. "
                "Write the name in Latin, Greek, Cyrillic, Arabic or Chinese letters."
            ),
            characters=", ".join(_named(item) for item in missing[:5]),
        )


def typeset(facts: CertificateFacts, *, translate: Callable[[str], str] = str) -> bytes:
    """The certificate as a PDF of one A4 page: tagged (PDF/UA-1), its fonts inside, dated ``issued_on``.

    ``translate`` turns a message id into the words of ``facts.language``; without it they stay English. The same facts
    and words give the same bytes with the same fonts and Typst. Raises Refused where a character cannot be printed,
    Invalid where a text is too long or holds hidden signs.
    """
    serial = read_serial(facts.serial)
    if serial is None:
        raise Invalid(N_("This is not the number of a certificate."), field="serial")
    for field, text, longest in _texts(facts):
        if clean_line(text, longest=longest) != text:
            raise Invalid(N_("This text holds signs that cannot be seen."), field=field)
    must_print(" ".join(text for _, text, _ in _texts(facts)))
    issued_at = datetime.combine(facts.issued_on, time_of_day(), UTC)
    return compile_pdf("certificate", _paper(facts, serial, translate), timestamp=issued_at)


def _texts(facts: CertificateFacts) -> Iterable[tuple[str, str, int]]:
    yield "person_name", facts.person_name, LONGEST_NAME
    yield "course_title", facts.course_title, LONGEST_TITLE
    yield "statement", facts.statement, LONGEST_STATEMENT
    yield "issuer", facts.issuer, LONGEST_FACT
    yield "hours", facts.hours or "", LONGEST_HOURS
    yield "score", facts.score or "", LONGEST_FACT
    yield "paper_title", facts.paper_title or "", LONGEST_FACT
    yield "address", facts.address, LONGEST_ADDRESS


def _paper(facts: CertificateFacts, serial: str, translate: Callable[[str], str]) -> dict[str, Json]:
    """The input of the template: every word on the paper, in the order of reading."""
    language = facts.language.partition("-")[0].lower()
    if not _LANGUAGE.fullmatch(language):
        language = "en"
    title = facts.paper_title or translate(N_("Certificate of completion"))
    return {
        "language": language,
        "right_to_left": is_right_to_left(language),
        "document_title": f"{title}: {facts.person_name}",
        "title": title,
        "awarded_to": translate(N_("Awarded to")),
        "name": _words(facts.person_name),
        "for_completing": translate(N_("In the course") if facts.paper_title else N_("For completing")),
        "course": _words(facts.course_title),
        "statement": _words(facts.statement),
        "issuer": _words(facts.issuer),
        "slip": _slip(facts, serial, translate),
        "check": translate(N_("Check this certificate")),
        "check_how": translate(N_("Scan the code or open the address. Every line there should be the same as here.")),
        "address": facts.address,
        "address_lines": _address_lines(facts.address),
        "qr": qr_code(facts.address),
        "qr_alternative": translate(N_("QR code of the address %(address)s")) % {"address": facts.address},
        "demonstration": translate(N_("Demonstration")) if facts.demonstration else None,
        "demonstration_why": translate(N_("It was made on a trial site and certifies nothing.")),
    }


def _slip(facts: CertificateFacts, serial: str, translate: Callable[[str], str]) -> list[Json]:
    """Rows of labelled cells; ``share`` is a cell's part of the row's width."""

    def cell(label: str, text: str, *, share: int = 1, mono: bool = False) -> dict[str, Json]:
        return {"label": translate(label), "value": _words(text), "share": share, "mono": mono}

    dates = [
        cell(N_("Completed on"), _day(facts.completed_on, facts.language)),
        cell(N_("Issued on"), _day(facts.issued_on, facts.language)),
    ]
    if facts.hours is not None:
        dates.append(cell(N_("Hours of learning"), facts.hours))
    names = [cell(N_("Issued by"), facts.issuer)]
    if facts.score is not None:
        names.append(cell(N_("Result"), facts.score))
    numbers = [cell(N_("Certificate number"), grouped(serial), share=3, mono=True)]
    if facts.version > 1:
        numbers.append(cell(N_("Version"), str(facts.version)))
    return [dates, names, numbers]


def _words(text: str) -> dict[str, Json]:
    """A text with the direction of its first letter that has one (rules P2 and P3 of UAX #9)."""
    directions = (unicodedata.bidirectional(character) for character in text)
    first = next((direction for direction in directions if direction in ("L", "R", "AL")), "L")
    return {"text": text, "right_to_left": first != "L"}


def _day(day: date, language: str) -> str:
    """A date in the certificate's language: "23 November 2026" in English."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_date(day, format="d MMMM y" if locale.language == "en" else "long", locale=locale)


def _named(item: str) -> str:
    """A character with its code points, since a page may not be able to show it either: ``“𗀀” (U+17000)``."""
    codes = " ".join(f"U+{ord(character):04X}" for character in item)
    printable = item if item.isprintable() and not unicodedata.combining(item[0]) else ""
    return f"“{printable}” ({codes})" if printable else codes


def _address_lines(address: str) -> list[Json]:
    """The address in lines that fit under the code, broken after a slash where one is; joined they are the address."""
    lines: list[Json] = []
    rest = address
    while len(rest) > _ADDRESS_LINE:
        slash = rest.rfind("/", 1, _ADDRESS_LINE)
        end = slash + 1 if slash > len("https://") or (slash > 0 and lines) else _ADDRESS_LINE
        lines.append(rest[:end])
        rest = rest[end:]
    return [*lines, rest]
