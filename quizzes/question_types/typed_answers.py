"""Answers that a person types: cleaned when they are read, folded when they are compared."""

from __future__ import annotations

import re
import unicodedata

from lms.errors import N_
from quizzes.question_types.base import ANSWER, BadAnswer, Given, values_sent

MAX_TYPED = 2000  # letters
_JOINERS = "\u200c\u200d"  # part of the spelling in Persian and in Indian scripts
_BLANKS = re.compile(r"\s+")
_FULL_STOPS = ".。۔"

# What phones and word processors put in the place of plain signs.
_PLAIN_SIGNS = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-") | {"\u0640": None}
)
# Letters whose stroke Unicode does not treat as a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i"}
)
# Accents and vowel points; not the vowel signs of Indian scripts, which are letters.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


def read_typed(given: Given, field: str = ANSWER, *, most: int = MAX_TYPED) -> str | None:
    """Return the typed answer as one clean line, None if it is empty; raises BadAnswer if too long or sent twice."""
    typed = values_sent(given, field)
    if len(typed) > 1:
        raise BadAnswer(N_("Only one answer fits here."), field=field)
    if not typed:
        return None
    return limited(clean_line(limited(typed[0], field, most=most)), field, most=most) or None


def limited(text: str, field: str = ANSWER, *, most: int = MAX_TYPED) -> str:
    """Return the text; raises BadAnswer if it is longer than a typed answer may be."""
    if len(text) > most:
        raise BadAnswer(N_("This answer is longer than %(most)s letters."), field=field, most=most)
    return text


def clean_line(text: str) -> str:
    """Return the text without what no keyboard means: controls, lone surrogates, bidi marks, invisible formatting.

    Line breaks and runs of blanks become one blank. A text of joiners alone becomes empty.
    """
    if text.isascii() and text.isalnum():
        return text
    kept = (" " if letter.isspace() else letter for letter in text if letter.isspace() or _is_kept(letter))
    line = _BLANKS.sub(" ", "".join(kept)).strip()
    return line if line.strip(_JOINERS + " ") else ""


def _is_kept(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category in ("Cc", "Cs"):
        return False
    if category == "Cf":
        return letter in _JOINERS
    return (ord(letter) & 0xFFFE) != 0xFFFE  # the noncharacters, which XML refuses


def normalise(text: str) -> str:
    """Return a clean line in NFKC, so that one word typed on two keyboards is kept alike."""
    return clean_line(unicodedata.normalize("NFKC", clean_line(text)))


def comparable(text: str, *, ignore_case: bool, ignore_accents: bool) -> str:
    """Return what two answers must share to count as the same.

    Never significant: the shape of quotes and dashes, joiners, blanks around, a full stop at the end.
    """
    folded = normalise(text).translate(_PLAIN_SIGNS)
    folded = "".join(letter for letter in folded if letter not in _JOINERS)
    if ignore_case:
        folded = folded.casefold()
    if ignore_accents:
        folded = _ACCENTS.sub("", unicodedata.normalize("NFD", folded)).translate(_PLAIN_LETTERS)
    folded = unicodedata.normalize("NFKC", folded)
    return _BLANKS.sub(" ", folded).strip().rstrip(_FULL_STOPS).strip()
