"""What only a lesson can show, found in the other texts of a course: there it would be printed as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lms.errors import N_
from lms.text.markdown import Problem, inline_links

_CODE = re.compile(r"(`+)[\s\S]+?\1")
_PICTURE = re.compile(r"!\[[^\[\]\n]*\]\(")
_TERM = re.compile(r"\[\[(?=[0-9-]*[a-z])[a-z0-9-]+(?:\\?\|[^\[\]\n]*)?\]\]")
_BLOCK = re.compile(r"^[ \t]*:::", re.M)


def misplaced(text: str, *, anchors: bool = False) -> Iterator[Problem]:
    """Each link inside the course, picture, word of the glossary and block of a text that is no lesson.

    With ``anchors`` it may link to its own headings.
    """
    for address in inline_links(text):
        if not address.lower().startswith(("http:", "https:", "mailto:")) and not (anchors and address.startswith("#")):
            # These words are shown on several pages, and a relative address would mean another place on each.
            message = N_("Only lessons may link inside the course: “%(address)s” leads nowhere here.")
            yield Problem(_line(text, text.find(f"]({address}")), message, {"address": address})
    # Code is printed as it stands, whatever it holds.
    text = _CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for found in _PICTURE.finditer(text):
        yield Problem(_line(text, found.start()), N_("Only lessons show pictures."))
    for found in _TERM.finditer(text):
        message = N_("Only lessons link words of the glossary: take the brackets of “%(words)s” away.")
        yield Problem(_line(text, found.start()), message, {"words": found[0]})
    for found in _BLOCK.finditer(text):
        yield Problem(_line(text, found.start()), N_("Only lessons have blocks such as “::: fact”."))


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, max(place, 0)) + 1
