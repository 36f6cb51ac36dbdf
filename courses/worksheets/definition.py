"""What a worksheet asks for, as its file says it: frozen values, and every fault of a file. No database, no request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from courses.packages.content import LONGEST_TEXT
from lms.errors import N_
from lms.text.localised import Text
from lms.text.markdown import document
from lms.text.misplaced import misplaced
from lms.text.slugs import is_slug

KINDS = ("line", "text", "number", "date", "choice", "table")
MOST_COLUMNS = 4
MOST_ROWS = 12
MOST_FIELDS = 40
MOST_POINTS = 100

_FROM = re.compile(r"([a-z0-9-]+)/([a-z0-9-]+)#([a-z0-9-]+)")

Fault = tuple[str, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to write. ``options`` and ``columns`` are ids with their words; ``source`` names another sheet's field.

    A field without ``kind`` only shows what was written there.
    """

    id: str
    label: Text
    help: Text
    kind: str
    required: bool
    options: tuple[tuple[str, Text], ...]
    columns: tuple[tuple[str, Text], ...]
    rows: int
    source: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The names under which its values are kept: its id, or one for each cell of a table."""
        if self.kind == "table":
            return tuple(f"{self.id}:{row}:{column}" for row in range(1, self.rows + 1) for column, _ in self.columns)
        return (self.id,) if self.kind else ()

    @property
    def lines(self) -> int:
        """How many lines to write on it has on paper."""
        return 3 if self.kind == "text" and not self.source else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    id: str
    heading: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet as its definition says it."""

    sections: tuple[Section, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def sources(self) -> frozenset[tuple[str, str]]:
        """(module, activity) of each other sheet that this one shows something of."""
        return frozenset(place_of(field.source)[:2] for field in self.fields if field.source)


def place_of(source: str) -> tuple[str, str, str]:
    """Module, activity and field of a ``from``; raises ValueError for what is none."""
    found = _FROM.fullmatch(source)
    if found is None:
        raise ValueError(source)
    return found[1], found[2], found[3]


def sheet_of(definition: Mapping[str, object]) -> Sheet:
    """Read a definition without faults."""
    return Sheet(
        sections=tuple(
            Section(
                id=str(section["id"]),
                heading=_text(section["heading"]),
                fields=tuple(_field(field) for field in _maps(section["fields"])),
            )
            for section in _maps(definition["sections"])
        )
    )


def _field(field: Mapping[str, object]) -> Field:
    rows = field.get("rows")
    return Field(
        id=str(field["id"]),
        label=_text(field["label"]),
        help=_text(field.get("help")),
        kind=str(field.get("kind") or ""),
        required=field.get("required") is True,
        options=tuple((str(one["id"]), _text(one["text"])) for one in _maps(field.get("options"))),
        columns=tuple((str(one["id"]), _text(one["label"])) for one in _maps(field.get("columns"))),
        rows=rows if isinstance(rows, int) else 0,
        source=str(field.get("from") or ""),
    )


def _text(value: object) -> Text:
    return {str(language): str(words) for language, words in value.items()} if isinstance(value, Mapping) else {}


def _maps(value: object) -> tuple[Mapping[str, object], ...]:
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list | tuple) else ()


# --- faults ----------------------------------------------------------------------------------------------------------


def faults_of(definition: Mapping[str, object]) -> Iterator[Fault]:
    """Give each fault of one file as (path, message id, values)."""
    yield from _keys(definition, "", required="title intro sections example", optional="rubric")
    yield from _words(definition, "title", "")
    for key in ("intro", "example"):
        yield from _words(definition, key, "", long=True)
    seen: set[str] = set()
    sections: set[str] = set()
    number = 0
    for place, section in _listed(definition, "sections"):
        path = f"sections.{place}"
        if not isinstance(section, Mapping):
            yield path, N_("Here stands a map: lines of “key: value”."), {}
            continue
        yield from _keys(section, path, required="id heading fields", optional="text")
        yield from _id(section, path, sections)
        yield from _words(section, "heading", path)
        yield from _words(section, "text", path, optional=True, long=True)
        for row, field in _listed(section, "fields"):
            number += 1
            yield from _faults_of_field(field, f"{path}.fields.{row}", seen)
        if not _listed(section, "fields"):
            yield path, N_("“%(key)s” is an empty list."), {"key": "fields"}
    if not number:
        yield "sections", N_("A worksheet has at least one field."), {}
    elif number > MOST_FIELDS:
        yield (
            "sections",
            N_("A worksheet has at most %(most)s fields: one or two printed pages."),
            {"most": MOST_FIELDS},
        )
    criteria: set[str] = set()
    for place, criterion in _listed(definition, "rubric"):
        yield from _faults_of_criterion(criterion, f"rubric.{place}", criteria)


def _faults_of_field(field: object, path: str, seen: set[str]) -> Iterator[Fault]:
    if not isinstance(field, Mapping):
        yield path, N_("Here stands a map: lines of “key: value”."), {}
        return
    yield from _keys(field, path, required="id label", optional="kind help required options rows columns from")
    yield from _id(field, path, seen)
    yield from _words(field, "label", path)
    yield from _words(field, "help", path, optional=True)
    source = field.get("from")
    if source is not None and (not isinstance(source, str) or not _FROM.fullmatch(source)):
        yield f"{path}.from", N_("“from” is as “module/worksheet#field”."), {}
    kind = field.get("kind")
    if kind is None and source is None:
        yield path, N_("The key “%(key)s” is missing."), {"key": "kind"}
    elif kind is not None and kind not in KINDS:
        values = {"key": "kind", "value": kind, "known": ", ".join(KINDS)}
        yield f"{path}.kind", N_("“%(key)s” cannot be “%(value)s”. It is one of: %(known)s."), values
    if not isinstance(field.get("required", False), bool):
        yield f"{path}.required", N_("“%(key)s” is true or false."), {"key": "required"}
    yield from _parts(field, "options", "text", path, wanted=kind == "choice", least=2, most=12)
    yield from _parts(field, "columns", "label", path, wanted=kind == "table", least=1, most=MOST_COLUMNS)
    rows = field.get("rows")
    if kind == "table" and (not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MOST_ROWS):
        values = {"key": "rows", "least": 1, "most": MOST_ROWS}
        yield f"{path}.rows", N_("“%(key)s” is a whole number from %(least)s to %(most)s."), values
    elif kind != "table" and rows is not None:
        yield f"{path}.rows", N_("“%(key)s” belongs to another kind of field."), {"key": "rows"}


def _parts(
    field: Mapping[str, object], key: str, words: str, path: str, *, wanted: bool, least: int, most: int
) -> Iterator[Fault]:
    listed = _listed(field, key)
    if not wanted:
        if key in field:
            yield f"{path}.{key}", N_("“%(key)s” belongs to another kind of field."), {"key": key}
        return
    if not least <= len(listed) <= most:
        yield (
            f"{path}.{key}",
            N_("“%(key)s” lists %(least)s to %(most)s things."),
            {"key": key, "least": least, "most": most},
        )
    seen: set[str] = set()
    for place, one in listed:
        if isinstance(one, Mapping):
            yield from _keys(one, f"{path}.{key}.{place}", required=f"id {words}")
            yield from _id(one, f"{path}.{key}.{place}", seen)
            yield from _words(one, words, f"{path}.{key}.{place}")
        else:
            yield f"{path}.{key}.{place}", N_("Here stands a map: lines of “key: value”."), {}


def _faults_of_criterion(criterion: object, path: str, seen: set[str]) -> Iterator[Fault]:
    if not isinstance(criterion, Mapping):
        yield path, N_("Here stands a map: lines of “key: value”."), {}
        return
    yield from _keys(criterion, path, required="id text points", optional="levels")
    yield from _id(criterion, path, seen)
    yield from _points(criterion, path)
    yield from _words(criterion, "text", path)
    for place, level in _listed(criterion, "levels"):
        if not isinstance(level, Mapping):
            yield f"{path}.levels.{place}", N_("Here stands a map: lines of “key: value”."), {}
            continue
        yield from _keys(level, f"{path}.levels.{place}", required="points text")
        yield from _points(level, f"{path}.levels.{place}")
        yield from _words(level, "text", f"{path}.levels.{place}")


def _points(holder: Mapping[str, object], path: str) -> Iterator[Fault]:
    points = holder.get("points", 0)
    if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= MOST_POINTS:
        values = {"key": "points", "least": 0, "most": MOST_POINTS}
        yield f"{path}.points", N_("“%(key)s” is a whole number from %(least)s to %(most)s."), values


def _listed(holder: Mapping[str, object], key: str) -> Sequence[tuple[int, object]]:
    value = holder.get(key)
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def _keys(holder: Mapping[str, object], path: str, *, required: str, optional: str = "") -> Iterator[Fault]:
    known = [*required.split(), *optional.split()]
    for key in holder:
        if key not in known:
            yield f"{path}.{key}".lstrip("."), N_("Unknown key “%(key)s”."), {"key": key}
    for key in required.split():
        if key not in holder:
            yield path, N_("The key “%(key)s” is missing."), {"key": key}


def _id(holder: Mapping[str, object], path: str, seen: set[str]) -> Iterator[Fault]:
    name = holder.get("id")
    if name is None:
        return
    if not isinstance(name, str) or not is_slug(name):
        yield f"{path}.id", N_("“%(id)s” cannot be an id: use a-z, 0-9 and hyphens."), {"id": name}
    elif name in seen:
        yield f"{path}.id", N_("The id “%(id)s” is used twice."), {"id": name}
    else:
        seen.add(name)


def _words(
    holder: Mapping[str, object], key: str, path: str, *, optional: bool = False, long: bool = False
) -> Iterator[Fault]:
    """The faults of a text; a ``long`` one has blocks: paragraphs, lists, headings, tables."""
    value = holder.get(key)
    if value is None and (optional or key not in holder):
        return
    here = f"{path}.{key}".lstrip(".")
    if not isinstance(value, Mapping) or not value or not all(isinstance(one, str) for one in value.values()):
        message = N_("“%(key)s” is a text for each language, such as “{%(language)s: …}”.")
        yield here, message, {"key": key, "language": "en"}
        return
    for language, words in value.items():
        # What is misplaced or too long is found in every text of a package.
        if long and len(words) <= LONGEST_TEXT and not any(misplaced(words)):
            for problem in document(words, facts={}, glossary={}, languages=(str(language),)).problems:
                yield f"{here}.{language}", problem.message, {**problem.values, "line": problem.line}


class WorksheetChecker:
    """What a worksheet says about its file, and about the others that it shows something of."""

    def check(self, definition: Mapping[str, object], *, lessons: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
        """Give each fault of one file."""
        del lessons
        return faults_of(definition)

    def check_together(
        self, definitions: Mapping[str, Mapping[str, object]]
    ) -> Iterator[tuple[str, str, str, Mapping[str, object]]]:
        """Give each ``from`` that leads to no field as (file, path, message id, values)."""
        fields = {
            f"{name}#{field.get('id')}"
            for name, definition in definitions.items()
            for section in _maps(definition.get("sections"))
            for field in _maps(section.get("fields"))
            if field.get("kind") in KINDS
        }
        for name, definition in definitions.items():
            for place, section in enumerate(_maps(definition.get("sections"))):
                for row, field in enumerate(_maps(section.get("fields"))):
                    source = field.get("from")
                    if isinstance(source, str) and _FROM.fullmatch(source) and source not in fields:
                        message = N_("“%(source)s” leads to no field of a worksheet.")
                        yield name, f"sections.{place}.fields.{row}.from", message, {"source": source}
