"""Where everything of the booklet stands in the e-book: one file a page, and ids in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from courses.booklet.contents import Block, Booklet, Box, Check, Heading, Listing, Module, Quotation

COVER, ABOUT, CONTENTS, GLOSSARY = "cover.xhtml", "about.xhtml", "contents.xhtml", "glossary.xhtml"
FAQ, NOTES, KEY, STYLE = "faq.xhtml", "notes.xhtml", "key.xhtml", "book.css"


def places_of(booklet: Booklet) -> Iterator[tuple[str, str]]:
    """Each place of the booklet with its address inside the book."""
    for module in booklet.modules:
        yield module.place, file_of(module.place)
        yield from _places_in(module.worksheet, sheet_file(module))
        for lesson in module.lessons:
            yield lesson.place, file_of(lesson.place)
            yield from _places_in(lesson.blocks, file_of(lesson.place))
            for check in lesson.checks:
                yield check.key, f"{key_file(module)}#{key_id(check.place)}"
        for activity in module.activities:
            yield activity.place, file_of(activity.place)
            yield activity.key, f"{key_file(module)}#{key_id(activity.place)}"
    for note in booklet.notes:
        yield note.place, f"{NOTES}#note-{note.number}"
    for entry in booklet.glossary:
        yield entry.place, f"{GLOSSARY}#{id_of(entry.id)}"


def _places_in(blocks: Iterable[Block], file: str) -> Iterator[tuple[str, str]]:
    for block in blocks:
        match block:
            case Heading(place=place) | Check(place=place) if place:
                yield place, f"{file}#{id_of(place.partition('#')[2])}"
            case Box(blocks=inside) | Quotation(blocks=inside):
                yield from _places_in(inside, file)
            case Listing(items=items):
                yield from _places_in(chain.from_iterable(items), file)


def file_of(place: str) -> str:
    return f"course.{place.replace('/', '.')}.xhtml"


def sheet_file(module: Module) -> str:
    return f"sheet.{module.place}.xhtml"


def key_file(module: Module) -> str:
    return f"key.{module.place}.xhtml"


def id_of(name: str) -> str:
    """Of something that the author named: XML has no id that begins with a digit, and none of ours begins like this."""
    return f"at-{name}"


def key_id(place: str) -> str:
    return id_of(place.partition("/")[2].replace("#", "."))
