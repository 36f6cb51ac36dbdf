"""What the pages of worksheets print: frozen values, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courses.learning.pages import Words
from courses.worksheets.definition import Field, place_of
from courses.worksheets.services import HandedIn, OpenSheet
from lms.errors import N_
from lms.text.localised import Localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One control: its ``name`` in the form, its ``id`` in the page, what it holds; ``label`` where none is seen."""

    name: str
    id: str
    value: str
    elsewhere: str
    label: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    id: str
    value: str
    text: Localised
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """One field. ``lines`` are to write on where the printed sheet is empty.

    ``borrowed`` is what stands elsewhere: a choice in the language that it is in, else the person's words in none.
    """

    id: str
    kind: str
    label: Localised
    help: Localised | None
    required: bool
    error: str
    cell: Cell
    choices: tuple[Choice, ...]
    columns: tuple[Localised, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...]
    borrowed: Localised | None
    borrowed_href: str

    @property
    def anchor(self) -> str:
        """The id of its first control."""
        if self.kind == "table":
            return self.rows[0][0].id
        return self.choices[0].id if self.kind == "choice" else self.cell.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionEntry:
    id: str
    heading: Localised
    html: Localised | None
    fields: tuple[FieldEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that a trainer looks for; ``levels`` say what is worth how many points."""

    text: Localised
    points: object
    levels: tuple[tuple[object, Localised], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPage:
    """A worksheet: to fill for who takes the course (``may_write``), else to read and to print."""

    title: Localised
    crumbs: tuple[tuple[str, str | None], ...]
    intro: Localised
    example: Localised
    sections: tuple[SectionEntry, ...]
    rubric: tuple[Criterion, ...]
    course_slug: str
    action: str
    keep_as: str  # under what name a phone keeps what could not be sent yet
    seen: int
    may_write: bool
    errors: tuple[tuple[str, str], ...]  # (anchor, words)
    saved_at: datetime | None
    handed_in_at: datetime | None
    changed_since: bool
    of_person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    name: str
    href: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedInPage:
    """Who handed a worksheet in."""

    title: Localised
    crumbs: tuple[tuple[str, str | None], ...]
    people: tuple[PersonRow, ...]
    sheet_href: str


_PREFIX = "field:"


def name_of(key: str) -> str:
    """The name of a form field that carries the value under this key."""
    return f"{_PREFIX}{key}"


def key_of(name: str) -> str | None:
    """The key under which the value of this form field is kept; None for fields of another kind."""
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) else None


def sheet_page(
    found: OpenSheet,
    words: Words,
    *,
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    read_only: bool = False,
) -> SheetPage:
    """A worksheet as it stands, or with what was ``given`` and refused; ``errors`` are message ids by field."""
    said = {} if errors is None else {name: words(message) for name, message in errors.items()}
    values = found.filled.values if given is None else given
    sections = tuple(
        SectionEntry(
            id=section.id,
            heading=words.said(section.heading),
            html=words.said(found.html["sections"][section.id]) if section.id in found.html["sections"] else None,
            fields=tuple(_field(found, field, values, words, said.get(field.id, "")) for field in section.fields),
        )
        for section in found.sheet.sections
    )
    place = found.place
    address = f"/worksheets/{place.course_slug}/{place.module_slug}/{place.slug}"
    return SheetPage(
        title=words.said(found.definition["title"]),
        crumbs=crumbs(found, words),
        intro=words.said(found.html["intro"]),
        example=words.said(found.html["example"]),
        sections=sections,
        rubric=tuple(
            Criterion(
                text=words.said(one["text"]),
                points=one["points"],
                levels=tuple((level["points"], words.said(level["text"])) for level in one.get("levels", ())),
            )
            for one in found.definition.get("rubric", ())
        ),
        course_slug=place.course_slug,
        action=address,
        keep_as=f"person:{found.person_id}:out:sheet:{found.worksheet_id}:0",
        seen=found.filled.highest,
        may_write=found.enrolled and not read_only,
        errors=tuple(
            (field.anchor, f"{field.label.text}: {field.error}")
            for section in sections
            for field in section.fields
            if field.error
        ),
        saved_at=found.filled.saved_at,
        handed_in_at=found.filled.handed_in_at,
        changed_since=found.filled.changed_since,
    )


def crumbs(found: OpenSheet, words: Words, *, here: str | None = None) -> tuple[tuple[str, str | None], ...]:
    """The way up from a worksheet, or from a page below it."""
    place = found.place
    course = f"/courses/{place.course_slug}"
    title = words.said(found.definition["title"]).text
    up: tuple[tuple[str, str | None], ...] = (
        (words.said(place.course_title).text, course),
        (words.said(place.module_title).text, f"{course}/{place.module_slug}"),
    )
    if here is None:
        return (*up, (title, None))
    return (*up, (title, f"/worksheets/{place.course_slug}/{place.module_slug}/{place.slug}"), (here, None))


def _field(found: OpenSheet, field: Field, values: Mapping[str, str], words: Words, error: str) -> FieldEntry:
    value = values.get(field.id, "")
    borrowed_href = ""
    if field.source:
        module, activity, name = place_of(field.source)
        borrowed_href = f"/worksheets/{found.place.course_slug}/{module}/{activity}#field-{name}"
    return FieldEntry(
        id=field.id,
        kind=field.kind,
        label=words.said(field.label),
        help=words.said(field.help) if field.help else None,
        required=field.required,
        error=error,
        cell=_cell(found, field.id, values),
        choices=tuple(
            Choice(id=f"field-{field.id}--{name}", value=name, text=words.said(text), checked=name == value)
            for name, text in field.options
        ),
        columns=tuple(words.said(label) for _, label in field.columns),
        rows=tuple(
            tuple(
                _cell(
                    found,
                    f"{field.id}:{row}:{column}",
                    values,
                    column=words.said(label).text,
                    label=words(
                        N_("%(field)s: %(column)s, row %(row)s"),
                        field=words.said(field.label).text,
                        column=words.said(label).text,
                        row=row,
                    ),
                )
                for column, label in field.columns
            )
            for row in range(1, field.rows + 1)
        ),
        lines=tuple(range(1 if field.source else field.lines)),
        borrowed=words.said(found.borrowed.get(field.source, {})) if field.source else None,
        borrowed_href=borrowed_href,
    )


def _cell(found: OpenSheet, key: str, values: Mapping[str, str], **more: Any) -> Cell:
    return Cell(
        name=name_of(key),
        id=f"field-{key.replace(':', '--')}",
        value=values.get(key, ""),
        elsewhere=found.filled.elsewhere.get(key, ""),
        **more,
    )


def handed_in_page(found: OpenSheet, people: list[HandedIn], words: Words) -> HandedInPage:
    """The list of those who handed a worksheet in."""
    place = found.place
    address = f"/worksheets/{place.course_slug}/{place.module_slug}/{place.slug}"
    return HandedInPage(
        title=words.said(found.definition["title"]),
        crumbs=crumbs(found, words, here=words(N_("Handed in"))),
        people=tuple(
            PersonRow(name=one.name, href=f"{address}/handed-in/{one.person_id}", at=one.at) for one in people
        ),
        sheet_href=address,
    )
