"""A booklet from a package: gathered, written in its format, and every fault told with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from courses.booklet.gathering import ChecksOnPaper, OnPaper, gather
from courses.packages.content import CoursePackage
from courses.packages.faults import BadPackage, Fault
from lms.errors import N_


def build(
    package: CoursePackage,
    *,
    language: str,
    format: str,  # noqa: A002 - the word of the subject
    base_url: str,
    made_at: datetime,
    translate: Callable[..., str],
    types: Mapping[str, OnPaper],
    checks: Mapping[str, ChecksOnPaper],
) -> bytes:
    """The booklet of a course in a language and one of FORMATS; the same input gives the same bytes.

    Raises BadPackage with the file and line of what a booklet has no form for.
    """
    booklet = gather(
        package,
        language=language,
        base_url=base_url,
        made_at=made_at,
        translate=translate,
        types=types,
        checks=checks,
    )
    if format == "epub":
        from courses.booklet import epub

        return epub.write(booklet)
    from courses.booklet import pdf

    try:
        return pdf.write(booklet)
    except pdf.Unprintable as lacking:
        raise BadPackage(_where(package, lacking.characters)) from None


def _where(package: CoursePackage, characters: tuple[str, ...]) -> Iterator[Fault]:
    """Each line of the package with a sign that cannot be printed; one that is written in code is told once."""
    for sign in characters:
        values = {"sign": sign, "code": " ".join(f"U+{ord(letter):04X}" for letter in sign)}
        message = N_("The fonts of the booklet have no sign for “%(sign)s” (%(code)s).")
        faults = [
            Fault(file, number, message, values)
            for file, text in package.files.items()
            for number, line in enumerate(text.split("\n"), start=1)
            if sign in line
        ]
        yield from faults or [Fault("course.yaml", 1, message, values)]
