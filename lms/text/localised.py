"""Text in several languages, and the one text of it that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lms.values import quick_dataclass

Text: TypeAlias = Mapping[str, str]
"""A language map: BCP 47 tag to text, such as ``{"en": "Trade", "fr": "Commerce"}``."""

SOURCE_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@quick_dataclass(frozen=True, slots=True)
class Localised:
    """A text and the language that it is really in, for the ``lang`` attribute.

    ``language`` is ``""`` where the words belong to no language, as a number does. A text with ``message`` set is a
    message id of the interface: it is translated by gettext where it is shown.
    """

    text: str
    language: str
    message: bool = False


def pick(text: Text, languages: Sequence[str]) -> Localised:
    """Choose the text for a person who reads ``languages``, the best first.

    A wanted ``pt-BR`` also finds ``pt`` (the lookup of RFC 4647, section 3.4). Without a match the source language is
    taken, else the first tag in alphabetical order, since a JSON object in a database keeps no order. Blank texts count
    as absent; a map without any text gives an empty one.
    """
    if languages and languages[0].islower():  # most find their first language, written as it is asked for
        first = text.get(languages[0], "")
        if first and not first.isspace():
            return Localised(first, languages[0])
    present = {tag.lower(): tag for tag in sorted(text) if text[tag].strip()}
    if not present:
        return Localised("", "")
    for wanted in (*languages, SOURCE_LANGUAGE):
        tag = _found(wanted.lower(), present)
        if tag is not None:
            return Localised(text[tag], tag)
    tag = next(iter(present.values()))
    return Localised(text[tag], tag)


def is_right_to_left(language: str) -> bool:
    """Whether the language of a BCP 47 tag is written from right to left."""
    return language.partition("-")[0].lower() in RIGHT_TO_LEFT


def _found(wanted: str, present: Mapping[str, str]) -> str | None:
    while wanted:
        if wanted in present:
            return present[wanted]
        wanted = wanted.rpartition("-")[0]
    return None
