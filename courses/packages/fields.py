"""Reading one map of a package key by key; whatever is missing, misspelt or of another type becomes a fault."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import cast

from courses.packages.content import LONGEST_TEXT
from courses.packages.faults import Fault
from courses.packages.marked_yaml import List, Map, Node, Scalar
from lms.errors import N_, Invalid
from lms.text.localised import Text
from lms.text.misplaced import misplaced
from lms.text.slugs import is_slug, must_be_free

LONGEST_LANGUAGE_TAG = 20

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")


@dataclass
class Notes:
    """The faults found so far, and the languages that texts may have once course.yaml has told them."""

    faults: list[Fault] = field(default_factory=list)
    source_language: str = "en"
    languages: tuple[str, ...] = ("en",)

    def add(self, file: str, line: int, message: str, /, **values: object) -> None:
        self.faults.append(Fault(file, line, message, values))


def is_language_tag(text: str) -> bool:
    """Whether a text is shaped like a BCP 47 tag: “en”, “pt-BR”, “zh-Hans”."""
    return len(text) <= LONGEST_LANGUAGE_TAG and _LANGUAGE.fullmatch(text) is not None


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word[:80], sorted(known), n=1, cutoff=0.6)), None)


class Fields:
    """The keys of one map of one file.

    Each reading method gives the value, or an empty one of its type after noting a fault. Keys that are neither
    ``required`` nor ``optional`` (both words with spaces between) are faults too.
    """

    def __init__(self, notes: Notes, file: str, node: Node, *, required: str, optional: str = "") -> None:
        self.notes = notes
        self.file = file
        self.line = node.line
        self._map = node if isinstance(node, Map) else Map(node.line, {}, {})
        if not isinstance(node, Map):
            self.fault(node.line, N_("Here stands a map: lines of “key: value”."))
            return
        known = [*required.split(), *optional.split()]
        for key, line in self._map.key_lines.items():
            if key in known:
                continue
            meant = nearest(key, known)
            if meant:
                self.fault(line, N_("Unknown key “%(key)s”. Did you mean “%(meant)s”?"), key=key, meant=meant)
            else:
                self.fault(line, N_("Unknown key “%(key)s”."), key=key)
        for key in required.split():
            if key not in self._map.items:
                self.fault(self.line, N_("The key “%(key)s” is missing."), key=key)

    def fault(self, line: int, message: str, /, **values: object) -> None:
        self.notes.add(self.file, line, message, **values)

    def node(self, key: str) -> Node | None:
        """The node of a key, or None if it is absent or null; a fault was noted already if it is required."""
        found = self._map.items.get(key)
        return None if isinstance(found, Scalar) and found.value is None else found

    def line_of(self, key: str) -> int:
        return self._map.key_lines.get(key, self.line)

    def string(self, key: str, *, empty: bool = False) -> str:
        """A text of one language; a number is taken as it is written."""
        node = self.node(key)
        if node is None:
            if key in self._map.items and not empty:
                self.fault(self.line_of(key), N_("“%(key)s” is empty."), key=key)
            return ""
        if not isinstance(node, Scalar) or isinstance(node.value, bool):
            self.fault(node.line, N_("“%(key)s” is a text."), key=key)
            return ""
        if not node.written.strip() and not empty:
            self.fault(node.line, N_("“%(key)s” is empty."), key=key)
        return node.written.strip()

    def slug(self, key: str = "id", *, in_address: bool = True) -> str:
        """A word for an address; ``in_address=False`` for ids that only look so and may be reserved words."""
        text = self.string(key)
        if not text:
            return ""
        try:
            if in_address or not is_slug(text):
                must_be_free(text)
        except Invalid as refusal:
            self.fault(self.line_of(key), refusal.message, **refusal.values)
        return text

    def boolean(self, key: str) -> bool:
        node = self.node(key)
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if key in self._map.items:
            self.fault(self.line_of(key), N_("“%(key)s” is true or false."), key=key)
        return False

    def number(
        self, key: str, *, least: float, most: float = math.inf, whole: bool = False, null: bool = False
    ) -> float | None:
        """A number between two bounds; None if it is absent, or null where that is allowed."""
        node = self.node(key)
        if node is None:
            if key in self._map.items and not null:
                self.fault(self.line_of(key), N_("“%(key)s” is empty."), key=key)
            return None
        value = node.value if isinstance(node, Scalar) else None
        fits = isinstance(value, int) if whole else isinstance(value, int | float)
        if isinstance(value, bool) or not fits or not least <= cast(float, value) <= most:
            if most == math.inf:
                kind = N_("“%(key)s” is a whole number from %(least)s on.")
                other = N_("“%(key)s” is a number from %(least)s on.")
                self.fault(node.line, kind if whole else other, key=key, least=least)
            else:
                kind = N_("“%(key)s” is a whole number from %(least)s to %(most)s.")
                other = N_("“%(key)s” is a number from %(least)s to %(most)s.")
                self.fault(node.line, kind if whole else other, key=key, least=least, most=most)
            return None
        return cast(float, value)

    def one_of(self, key: str, known: Collection[str]) -> str:
        text = self.string(key)
        if text and text not in known:
            meant = nearest(text, known)
            line = self.line_of(key)
            if meant:
                message = N_("“%(key)s” cannot be “%(value)s”. Did you mean “%(meant)s”?")
                self.fault(line, message, key=key, value=text, meant=meant)
            else:
                message = N_("“%(key)s” cannot be “%(value)s”. It is one of: %(known)s.")
                self.fault(line, message, key=key, value=text, known=", ".join(sorted(known)))
            return ""
        return text

    def items(self, key: str, *, least: int = 0) -> tuple[Node, ...]:
        """The items of a list; none if it is absent."""
        node = self.node(key)
        found = node.items if isinstance(node, List) else ()
        if node is not None and not isinstance(node, List):
            self.fault(node.line, N_("“%(key)s” is a list: lines that begin with “- ”."), key=key)
        elif key in self._map.items and len(found) < least:
            self.fault(self.line_of(key), N_("“%(key)s” is an empty list."), key=key)
        return found

    def words(self, key: str, *, least: int = 0) -> list[tuple[str, int]]:
        """A list of single words with the line of each; a second mention of a word is a fault."""
        words: list[tuple[str, int]] = []
        seen: set[str] = set()
        for item in self.items(key, least=least):
            if not isinstance(item, Scalar) or not item.written.strip() or isinstance(item.value, bool):
                self.fault(item.line, N_("“%(key)s” is a list of words."), key=key)
            elif item.written in seen:
                self.fault(item.line, N_("“%(id)s” stands here twice."), id=item.written)
            else:
                seen.add(item.written)
                words.append((item.written, item.line))
        return words

    def entries(self, key: str) -> Iterator[tuple[str, int, Node]]:
        """The keys of a map inside this one, with their lines."""
        node = self.node(key)
        if isinstance(node, Map):
            for name, item in node.items.items():
                yield name, node.key_lines[name], item
        elif node is not None:
            self.fault(node.line, N_("Here stands a map: lines of “key: value”."))

    def text(self, key: str, *, plain: bool = False, links: bool = True, any_language: bool = False) -> Text:
        """A text in several languages: inline Markdown, or ``plain`` words. Its links lead outside.

        With ``any_language`` it may also be in languages that the course does not have yet.
        """
        node = self.node(key)
        if node is None:
            if key in self._map.items:
                self.fault(self.line_of(key), N_("“%(key)s” is empty."), key=key)
            return {}
        if not isinstance(node, Map):
            message = N_("“%(key)s” is a text for each language, such as “{%(language)s: …}”.")
            self.fault(node.line, message, key=key, language=self.notes.source_language)
            return {}
        texts: dict[str, str] = {}
        for language, item in node.items.items():
            line = node.key_lines[language]
            if not is_language_tag(language) or not (any_language or language in self.notes.languages):
                message = N_("“%(language)s” is not among the languages of course.yaml.")
                self.fault(line, message, language=language)
            elif not isinstance(item, Scalar) or not item.written.strip() or isinstance(item.value, bool):
                self.fault(line, N_("The text in “%(language)s” is empty or no text."), language=language)
            elif len(item.written) > LONGEST_TEXT:
                self.fault(line, N_("This text is longer than %(most)s letters."), most=LONGEST_TEXT)
            else:
                texts[language] = item.written.strip()
                if not plain and links:
                    self.check_words(item)
        if self.notes.source_language not in node.items:
            message = N_("“%(key)s” has no text in the source language, “%(language)s”.")
            self.fault(self.line_of(key), message, key=key, language=self.notes.source_language)
        return texts

    def check_words(self, item: Scalar, *, anchors: bool = False) -> None:
        """Note what only a lesson can show."""
        for problem in misplaced(item.written, anchors=anchors):
            self.fault(item.first_line + problem.line - 1, problem.message, **problem.values)

    def scalar(self, key: str, language: str) -> Scalar | None:
        """Where the text of one language stands."""
        node = self.node(key)
        item = node.items.get(language) if isinstance(node, Map) else None
        return item if isinstance(item, Scalar) else None
