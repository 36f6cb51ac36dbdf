"""Numbers as people write them: in any numerals, with the separators of their language.

Which of ``.`` and ``,`` is the decimal sign comes from the CLDR, as Babel has it. All is exact: `Decimal`, no float.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

from lms.errors import N_
from quizzes.question_types.base import ANSWER, BadAnswer

MAX_DIGITS = 40
MAX_EXPONENT = 30

_DECIMAL = "D"  # a sign that is a decimal sign in every language
_GROUP = "G"  # a sign that only ever groups digits
_SIGNS = (
    {"٫": _DECIMAL, "⎖": _DECIMAL, "٬": _GROUP, "'": _GROUP, "’": _GROUP, "＇": _GROUP}
    | {"，": ",", "．": ".", "。": ".", "e": "e", "E": "e", "ｅ": "e", "Ｅ": "e"}
    | dict.fromkeys("-‐‑‒–—−﹣－", "-")
    | dict.fromkeys("+﹢＋", "+")
    | {".": ".", ",": ","}
)
_SHAPE = re.compile(r"(?P<sign>[+-]?)G?(?P<body>[0-9.,DG]+)(?:e(?P<exponent>[+-]?[0-9]+))?\Z")
_CANONICAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]{1,2})?\Z")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:G[0-9]{3})+|(?:G[0-9]{2})*G[0-9]{3})\Z")  # 1,234,567 and 12,34,567


def read_number(text: str, *, locale: str) -> Decimal:
    """Read a number from one clean line; ``locale`` is a BCP 47 tag.

    Numerals of every script, ``1,234.5``, ``1.234,5``, ``1 234,5``, ``٣٫٥`` and ``1e3`` are read. Raises BadAnswer for
    anything else: over 40 digits, exponents beyond 30, a number that can be read in two ways.
    """
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:  # most are typed so
        return Decimal(text)
    shape = _SHAPE.match("".join(_plain(letter, locale) for letter in text.strip()))
    if shape is None or not any(sign.isdecimal() for sign in shape["body"]):
        raise _unreadable(locale)
    whole, fraction = _split(shape["body"], locale)
    exponent = int(shape["exponent"]) if shape["exponent"] else 0
    if _digits(whole, fraction) > MAX_DIGITS or abs(exponent) > MAX_EXPONENT:
        raise BadAnswer(N_("This number is too long or too large."), field=ANSWER)
    digits = tuple(int(digit) for digit in whole + fraction) or (0,)
    negative = shape["sign"] == "-" and any(digits)
    return Decimal((int(negative), digits, exponent - len(fraction)))


def _plain(letter: str, locale: str) -> str:
    if letter.isascii() and letter.isdigit():
        return letter
    if letter.isspace():
        return _GROUP
    if letter in _SIGNS:
        return _SIGNS[letter]
    # Not int(): superscripts and circled digits are digits to it, and 10² is not 102.
    value = unicodedata.decimal(letter, None)
    if value is None:
        raise _unreadable(locale)
    return str(value)


def _split(body: str, locale: str) -> tuple[str, str]:
    """Return the digits before and after the decimal sign."""
    at = _place_of_decimal_sign(body, locale)
    whole, fraction = (body, "") if at is None else (body[:at], body[at + 1 :])
    separators = set(re.sub("[0-9]", "", whole))
    if separators:
        if len(separators) > 1 or not _GROUPED.match(re.sub("[.,]", _GROUP, whole)):
            raise _unreadable(locale)
        whole = re.sub("[.,G]", "", whole)
    if fraction and not fraction.isdecimal():
        raise _unreadable(locale)
    return whole, fraction


def _place_of_decimal_sign(body: str, locale: str) -> int | None:
    if _DECIMAL in body:
        return body.index(_DECIMAL)
    points = [at for at, sign in enumerate(body) if sign in ".,"]
    if not points:
        return None
    last = points[-1]
    if len({body[at] for at in points}) == 2:  # 1,234.5: the later sign is the decimal one
        return last
    if len(points) > 1:  # 1,234,567: a decimal sign comes once
        return None
    decimal, group = _symbols(locale)
    if body[last] == decimal or _GROUP in body or not _GROUPED.match(body.replace(body[last], _GROUP)):
        return last
    if body[last] == group:
        return None
    raise BadAnswer(N_("This number can be read in two ways. Write it without a thousands separator."), field=ANSWER)


@lru_cache(maxsize=256)
def _symbols(locale: str) -> tuple[str, str]:
    """Return the decimal and the grouping sign beside European digits in a language; those of English if unknown."""
    try:
        known = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        known = Locale("en")
    return get_decimal_symbol(known, numbering_system="latn"), get_group_symbol(known, numbering_system="latn")


def _unreadable(locale: str) -> BadAnswer:
    example = write_number(Decimal("12.5"), locale=locale)
    return BadAnswer(N_("Write the answer as a number, for example %(example)s."), field=ANSWER, example=example)


def canonical(number: Decimal) -> str:
    """Return a number as it is kept, with a point and without grouping, such as ``-1234.5``; exact."""
    plain = format(number, "f")
    whole, _point, fraction = plain.partition(".")
    if _digits(whole, fraction) <= MAX_DIGITS:
        return plain
    sign, digits, exponent = number.as_tuple()
    shift = max(-MAX_EXPONENT, min(MAX_EXPONENT, int(exponent)))
    written = format(Decimal((sign, digits, int(exponent) - shift)), "f")
    return f"{written}e{shift}" if shift else written


def _digits(whole: str, fraction: str) -> int:
    """Count digits as the limit does: zeros in front are free, zeros behind the decimal sign are not."""
    return len(whole.lstrip("-0")) + len(fraction)


def from_canonical(text: object) -> Decimal | None:
    """Return the number of a kept text, None if it is none or exceeds what `read_number` allows."""
    return _from_canonical(text) if isinstance(text, str) else None


@lru_cache(maxsize=2048)  # an attempt at a question reads its value and its tolerance each time
def _from_canonical(text: str) -> Decimal | None:
    if len(text) > 3 * MAX_DIGITS or not _CANONICAL.match(text):
        return None
    try:
        return read_number(text, locale="en")
    except BadAnswer:
        return None


def write_number(number: Decimal, *, locale: str) -> str:
    """Return a number with the decimal sign of a language, without grouping, as `read_number` reads it there."""
    return canonical(number).replace(".", _symbols(locale)[0])
