"""Findings in the use of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from courses.packages.content import CoursePackage
from courses.packages.faults import Fault
from lms.errors import N_

WITHOUT_WORD_BORDERS = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages that write words without spaces between."""

_LINK = re.compile(r"\[\[([^\[\]|\\\n]+)(?:\\?\|[^\[\]\n]*)?\]\]")
# Where no link to the glossary stands: code, headings, captions, pictures, block lines, what a line “---” or
# “|---|” follows. These patterns look at each sign a few times at most, whatever stands in a file.
_NO_LINKS_HERE = re.compile(
    r"^(```+|~~~+)[\s\S]*?^\1|`[^`\n]+`|^(?:#|Table:|Figure:|!\[|:::).*$|^.*\n(?=[ ]*\|?[ ]*:?--)", re.M
)
_LINKED = re.compile(rf"{_LINK.pattern}|\[[^\[\]\n]*\]\([^()\n]*\)|https?://\S+")


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a word of the glossary; ``hint`` stands in small letters in every text that has it."""

    id: str
    hint: str
    pattern: re.Pattern[str]


def unlinked(package: CoursePackage) -> Iterator[Fault]:
    """Each word of the glossary whose first use in the lessons of a language, in course order, is not linked."""
    for language in package.course.languages:
        forms = _forms(package, language)
        seen: set[str] = set()
        for module in package.modules:
            for text in (lesson.texts[language] for lesson in module.lessons if language in lesson.texts):
                linked, used = _first_uses(text.body, forms)
                for name, place in used.items():
                    if name not in seen and place < linked.get(name, len(text.body)):
                        line = text.line + text.body.count("\n", 0, place)
                        message = N_("Link the first use of “%(term)s”: [[%(id)s]].")
                        yield Fault(
                            text.file, line, message, {"term": package.glossary[name].term[language], "id": name}
                        )
                seen |= linked.keys() | used.keys()


def _first_uses(body: str, forms: list[_Form]) -> tuple[dict[str, int], dict[str, int]]:
    """Where each word of the glossary is first a link, and where it first stands without one, by its id."""
    body = _NO_LINKS_HERE.sub(_blank, body)
    linked: dict[str, int] = {}
    for link in _LINK.finditer(body):
        linked.setdefault(link[1].strip(), link.start())
    body = _LINKED.sub(_blank, body)
    small = " ".join(body.lower().split())
    used: dict[str, int] = {}
    for form in forms:
        if form.hint in small and (found := form.pattern.search(body)):
            used[form.id] = min(found.start(), used.get(form.id, found.start()))
            body = form.pattern.sub(_blank, body)
    return linked, used


def _blank(found: re.Match[str]) -> str:
    """As many signs, on as many lines, that are no words."""
    return re.sub(r"[^\n]", " ", found[0])


def _forms(package: CoursePackage, language: str) -> list[_Form]:
    """How the words of the glossary are written, the longest first: “escrow account” is no use of “escrow”."""
    written = [
        (words, name) for name, entry in package.glossary.items() for words in _spellings(entry.term.get(language, ""))
    ]
    written.sort(key=lambda one: -len(one[0]))
    return [_form(name, words, language.partition("-")[0]) for words, name in written]


def _spellings(term: str) -> list[str]:
    """A term as people use it: of “electronic data interchange (EDI)” the words, and what stands in brackets."""
    found = re.fullmatch(r"(.+?)\s*[(（](.+)[)）]", term)
    return [found[1], found[2]] if found else [term] if term else []


def _form(name: str, words: str, language: str) -> _Form:
    pattern = r"[ \n] *".join(re.escape(word) for word in words.split())
    # The plural of English words, of the last where there are several: parcels, boxes, deliveries.
    ends_in_y = language == "en" and re.search(r"[^aeiou]y$", words) is not None
    if language == "en":
        pattern = f"{pattern[:-1]}(?:y|ies)" if ends_in_y else f"{pattern}(?:s|es)?"
    if language not in WITHOUT_WORD_BORDERS:
        pattern = rf"(?<![\w-]){pattern}(?![\w-])"
    # What is written in capitals only is an abbreviation: “WHO” is not “who”.
    flags = re.NOFLAG if words.isupper() else re.I
    return _Form(name, words.lower().removesuffix("y") if ends_in_y else words.lower(), re.compile(pattern, flags))
