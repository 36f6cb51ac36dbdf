"""Plain text that a stranger sends, made fit to store and to show: no hidden signs, one normal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from lms.errors import N_, Invalid

ZERO_WIDTH_NON_JOINER = "\u200c"
ZERO_WIDTH_JOINER = "\u200d"

# UAX #15, section 13 (stream-safe text): no language stacks more marks than this on one letter. Longer stacks draw over
# their neighbours, and normalising them takes the square of their length.
_MOST_MARKS_ON_A_LETTER = 30

# Format signs that are printed: they stand before Arabic, Syriac and Kaithi digits.
_PRINTED_FORMAT_SIGNS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

# Letters and symbols that print as nothing: a name of these would look like no name.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")

_LINE_ENDS = re.compile("\r\n|[\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029]")
_VIRAMA = 9  # the canonical combining class of the sign that silences a vowel in Indic scripts


def clean_line(text: str, *, longest: int) -> str:
    """Make one line of text: NFC, single spaces, nothing hidden.

    Control, bidirectional and zero-width signs, NUL, lone surrogates and noncharacters are dropped; ZERO WIDTH JOINER
    and NON-JOINER stay where Persian and Indic spelling needs them. Cleaning twice is the same as once. Raises Invalid
    if more than ``longest`` characters remain.
    """
    return _clean(text, longest, lambda cleaned: " ".join(cleaned.split()))


def clean_text(text: str, *, longest: int) -> str:
    """Make text of several lines, each ended by ``\\n``, otherwise as clean_line does.

    Spaces inside a line and empty lines between stay; spaces at the end of a line and blank lines at both ends go.
    Raises Invalid if more than ``longest`` characters remain.
    """
    return _clean(text, longest, _trim_lines)


def _trim_lines(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def _clean(text: str, longest: int, arrange: Callable[[str], str]) -> str:
    # Cleaning can shorten: text from a word processor has many hidden signs. Far beyond that there is nothing to save.
    if len(text) > 4 * longest + 10_000:
        raise Invalid(N_("This text is longer than %(longest)s characters."), longest=longest)
    before = None
    # Normalising can bring signs together that a second look judges otherwise; each later pass only shortens.
    while text != before:
        before = text
        text = arrange(unicodedata.normalize("NFC", _without_hidden_signs(_LINE_ENDS.sub("\n", text))))
    if len(text) > longest:
        raise Invalid(N_("This text is longer than %(longest)s characters."), longest=longest)
    return text


def _without_hidden_signs(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for place, sign in enumerate(text):
        if unicodedata.combining(sign):
            marks += 1
            if marks > _MOST_MARKS_ON_A_LETTER:
                continue
        else:
            marks = 0
        if sign in (ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER):
            if _joins(kept[-1] if kept else "", text[place + 1 : place + 2]):
                kept.append(sign)
        elif (shown := _shown_as(sign)) is not None:
            kept.append(shown)
    return "".join(kept)


def _shown_as(sign: str) -> str | None:
    """What stands for one sign in clean text; None for nothing."""
    if sign in "\n\t":
        return sign
    if sign in _BLANK_LETTERS:
        return " "
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    hidden = category in ("Cc", "Cs") or (category == "Cf" and sign not in _PRINTED_FORMAT_SIGNS)
    nonsense = category == "Cn" and (ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF)
    return None if hidden or nonsense else sign


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between these two signs changes how the word is written (after RFC 5892, appendix A)."""
    if not before or not _is_of_a_joining_script(before):
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True
    return bool(after) and _is_of_a_joining_script(after)


def _is_of_a_joining_script(sign: str) -> bool:
    """Whether ``sign`` is a letter or mark of a script with joined or conjunct letters: Arabic to Mongolian, Indic."""
    number = ord(sign)
    in_range = 0x0600 <= number <= 0x18AF or 0xA800 <= number <= 0xABFF or 0x10A00 <= number <= 0x11FFF
    return in_range and unicodedata.category(sign)[0] in "LM"
