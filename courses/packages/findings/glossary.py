"""Findings in the use of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courses.packages.content import CoursePackage
from courses.packages.faults import Fault
from lms.errors import N_

_LINK = r"\[\[{id}(?:\\?\|[^\]]*)?\]\]"


def unlinked(package: CoursePackage) -> Iterator[Fault]:
    """Each word of the glossary whose first use in a lesson, in course order, is not linked; in the source language."""
    language = package.course.source_language
    for name, entry in package.glossary.items():
        term = entry.term.get(language)
        if not term:
            continue
        link = re.compile(_LINK.format(id=re.escape(name)))
        word = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I)
        for module in package.modules:
            found = next((one for one in module.lessons if _uses(one.texts[language].body, word, link)), None)
            if found is None:
                continue
            text = found.texts[language]
            linked, used = link.search(text.body), word.search(_blank(text.body))
            if used is not None and (linked is None or linked.start() > used.start()):
                line = text.line + text.body.count("\n", 0, used.start())
                yield Fault(
                    text.file, line, N_("Link the first use of “%(term)s”: [[%(id)s]]."), {"term": term, "id": name}
                )
            break


def _uses(body: str, word: re.Pattern[str], link: re.Pattern[str]) -> bool:
    return word.search(_blank(body)) is not None or link.search(body) is not None


def _blank(body: str) -> str:
    """A lesson with what no link can stand in taken out, each sign where it was: links, headings, captions."""
    hidden = re.compile(r"\[\[[^\]]*\]\]|\[[^\]]*\]\([^)]*\)|^(?:#|Table:|Figure:|!\[|:::).*$", re.M)
    return hidden.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), body)
