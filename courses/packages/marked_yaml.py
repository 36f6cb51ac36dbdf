"""A safe, small YAML: plain values that know the line they stand on.

Only maps with text keys, lists, texts, numbers, true, false and null. Anchors, aliases, tags and duplicate keys are
refused, so that no file can build an object or grow while it is read. Scalars are read by the core schema of YAML 1.2:
``yes`` and ``2024-05-01`` are texts, ``010`` is ten.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from lms.errors import N_, LmsError

DEEPEST = 50
"""Maps and lists inside each other."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is about ten times as fast, where it is installed
_WHOLE_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]{1,100}|[0-9]{1,100}(?:\.[0-9]{0,100})?)(?:[eE][-+]?[0-9]{1,4})?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class YamlError(LmsError):
    """The text is not YAML as we read it; the line counts from 1."""

    def __init__(self, line: int, message: str, /, **values: object) -> None:
        super().__init__(message, **values)
        self.line = line


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; ``written`` is how it stands in the file, without quotes."""

    line: int
    value: str | int | float | bool | None
    written: str
    first_line: int  # where its words begin: one below ``line`` in a block after "|" or ">"


@dataclass(frozen=True, slots=True)
class List:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Map:
    line: int
    items: Mapping[str, Node]
    key_lines: Mapping[str, int]


Node: TypeAlias = Scalar | List | Map


def parse(text: str, *, first_line: int = 1) -> Node:
    """Read one YAML document that begins on line ``first_line`` of its file; raises YamlError at the first fault."""
    try:
        events = yaml.parse(text, Loader=_Loader)
        return _Composer(events, first_line).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + first_line
        raise YamlError(line, N_("This is not YAML: %(problem)s."), problem=error.problem or error.context) from error
    except yaml.YAMLError as error:
        raise YamlError(first_line, N_("This is not YAML: %(problem)s."), problem=str(error).splitlines()[0]) from error


def plain(node: Node) -> object:
    """The node as ordinary dicts, lists and values."""
    if isinstance(node, Map):
        return {key: plain(item) for key, item in node.items.items()}
    if isinstance(node, List):
        return [plain(item) for item in node.items]
    return node.value


def line_at(node: Node, path: str, of_text: int | None = None) -> int:
    """The line of the thing at ``path`` (such as ``questions.3.spec.prompt``, lists counted from 0).

    Where the path leads further than the file does, the line of the last thing that is there. ``of_text`` asks for that
    line, from 1, of the text at the path.
    """
    line = node.line
    for step in filter(None, path.split(".")):
        if isinstance(node, Map) and step in node.items:
            line = node.key_lines[step]
            node = node.items[step]
        elif isinstance(node, List) and step.isascii() and step.isdigit() and int(step[:9]) < len(node.items):
            node = node.items[int(step[:9])]
            line = node.line
        else:
            break
    return node.first_line + of_text - 1 if of_text and isinstance(node, Scalar) else line


class _Composer:
    def __init__(self, events: Iterator[yaml.Event], first_line: int) -> None:
        self._events = events
        self._first_line = first_line

    def document(self) -> Node:
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Scalar(self._first_line, None, "", self._first_line)
        node = self._node(next(self._events), 1)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise YamlError(self._line(after), N_("A file holds one YAML document only."))
        return node

    def _line(self, event: yaml.Event) -> int:
        return (event.start_mark.line if event.start_mark else 0) + self._first_line

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = self._line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise YamlError(line, N_("Anchors (&) and aliases (*) are not used here. Put the text in quotes."))
        if getattr(event, "tag", None) is not None:
            raise YamlError(line, N_("Tags (!) are not used here. Put the text in quotes."))
        if depth > DEEPEST:
            raise YamlError(line, N_("Nothing is nested deeper than %(deepest)s levels."), deepest=DEEPEST)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            return List(line, tuple(items))
        assert isinstance(event, yaml.ScalarEvent)
        if _UNPRINTABLE.search(event.value):
            raise YamlError(line, N_("This text has a sign that cannot be printed."))
        block = event.style in ("|", ">")
        value = event.value if event.style else _value(event.value)
        return Scalar(line, value, event.value, line + 1 if block else line)

    def _map(self, line: int, depth: int) -> Map:
        items: dict[str, Node] = {}
        key_lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar) or not key.written:
                raise YamlError(key.line, N_("A key is a word."))
            if key.written in items:
                raise YamlError(key.line, N_("The key “%(key)s” stands here twice."), key=key.written)
            items[key.written] = self._node(next(self._events), depth + 1)
            key_lines[key.written] = key.line
        return Map(line, items, key_lines)


def _value(written: str) -> str | int | float | bool | None:
    """The value of a word without quotes."""
    if written in _WORDS:
        return _WORDS[written]
    if _WHOLE_NUMBER.fullmatch(written):
        return int(written)
    if _DECIMAL.fullmatch(written) and math.isfinite(number := float(written)):
        return number
    return written
