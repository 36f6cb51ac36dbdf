"""SVG that an author drew → SVG that is safe to serve: read by a strict parser, written anew from what is listed here.

What is not listed is refused and not left out, so that nobody's drawing loses a part in silence. A document type, and
with it every entity, is refused before it is read.
"""

from __future__ import annotations

import gzip
import math
import re
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from lms.errors import N_, LmsError

LARGEST_BYTES = 15_000
"""Of a drawing, compressed."""
MOST_ELEMENTS = 2_000
DEEPEST = 20

_NAMESPACE = "http://www.w3.org/2000/svg"
_SHAPES = "circle ellipse g line path polygon polyline rect"
_ELEMENTS = frozenset(f"svg defs desc marker text title tspan {_SHAPES}".split())
_NAMES_OF_ATTRIBUTES = """
    cx cy d dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size font-style font-weight height id
    letter-spacing marker-end marker-mid marker-start markerHeight markerUnits markerWidth opacity orient points
    preserveAspectRatio r refX refY role rx ry stroke stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity
    stroke-width text-anchor transform viewBox width x x1 x2 y y1 y2
"""
_ATTRIBUTES = frozenset(_NAMES_OF_ATTRIBUTES.split())
_LOCAL = re.compile(r"url\(#[A-Za-z][\w-]*\)")
_VIEW_BOX = re.compile(r"\s*".join([r"(-?[\d.]{1,12})[\s,]"] * 3) + r"\s*(-?[\d.]{1,12})")


class BadDrawing(LmsError):
    """The file is no drawing that can be shown; ``line`` counts from 1."""

    def __init__(self, line: int, message: str, /, **values: object) -> None:
        super().__init__(message, **values)
        self.line = line


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing that is safe to serve, with its size in CSS pixels."""

    svg: str
    width: int
    height: int


def read_drawing(content: bytes) -> Drawing:
    """Read an SVG file; raises BadDrawing at the first thing that a drawing may not have, or if it is too large."""
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        message = N_("This is not XML: %(problem)s.")
        raise BadDrawing(error.lineno, message, problem=expat.errors.messages[error.code]) from None
    except (ValueError, LookupError):  # an encoding that nobody knows
        raise BadDrawing(1, N_("This file is not written in UTF-8.")) from None
    svg = "".join(reader.written)
    if len(gzip.compress(svg.encode(), 9, mtime=0)) > LARGEST_BYTES:
        raise BadDrawing(1, N_("This picture is larger than %(size)s KB, compressed."), size=LARGEST_BYTES // 1000)
    return Drawing(svg, reader.width, reader.height)


@dataclass
class _Reader:
    written: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    elements: int = 0
    width: int = 0
    height: int = 0
    parser: expat.XMLParserType = field(init=False)

    def __post_init__(self) -> None:
        self.parser = parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        parser.ProcessingInstructionHandler = self._refuse_instruction
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words

    def _refused(self, message: str, /, **values: object) -> BadDrawing:
        return BadDrawing(self.parser.CurrentLineNumber, message, **values)

    def _refuse_document_type(self, *_: object) -> None:
        raise self._refused(N_("A picture has no document type and no entities."))

    def _refuse_instruction(self, *_: object) -> None:
        raise self._refused(N_("A picture has no processing instruction."))

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self.open) >= DEEPEST:
            raise self._refused(N_("This picture has too many parts."))
        if namespace != _NAMESPACE or tag not in _ELEMENTS or (tag == "svg") != (not self.open):
            raise self._refused(N_("A picture may not have the element <%(tag)s> here."), tag=tag[:40])
        kept = {key: self._checked(key, value) for key, value in attributes.items()}
        if tag == "svg":
            kept = self._root(kept)
        parts = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
        self.written.append(f"<{tag}{parts}>")
        self.open.append(tag)

    def _checked(self, key: str, value: str) -> str:
        if key not in _ATTRIBUTES:
            raise self._refused(
                N_("A picture may not have the attribute “%(name)s”."), name=key.rpartition(" ")[2][:40]
            )
        text = " ".join(value.split())
        if ("url" in text.lower() and not _LOCAL.fullmatch(text)) or "\\" in text:
            raise self._refused(N_("A picture may not ask for anything outside of itself."))
        return text

    def _root(self, kept: dict[str, str]) -> dict[str, str]:
        """The attributes of <svg> itself, with the size that its view box says."""
        found = _VIEW_BOX.fullmatch(kept.get("viewBox", ""))
        try:
            width, height = (float(found[3]), float(found[4])) if found else (0.0, 0.0)
        except ValueError:
            width = height = 0.0
        if not (1 <= width <= 4_000 and 1 <= height <= 4_000):
            raise self._refused(N_('A picture says its size: <svg viewBox="0 0 320 200">.'))
        self.width, self.height = math.ceil(width), math.ceil(height)
        others = {key: value for key, value in kept.items() if key not in ("width", "height")}
        return {"xmlns": _NAMESPACE, **others, "width": str(self.width), "height": str(self.height)}

    def _end(self, _name: str) -> None:
        self.written.append(f"</{self.open.pop()}>")

    def _words(self, text: str) -> None:
        if self.open and self.open[-1] in ("text", "tspan", "title", "desc"):
            self.written.append(escape(text, quote=False))
        elif text.strip():
            raise self._refused(N_("Words of a picture stand in <text>."))
