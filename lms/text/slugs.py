"""Slugs: the words of an address, such as ``buenos-aires`` in ``/courses/e-commerce/cooperation/buenos-aires``."""

from __future__ import annotations

import re
import unicodedata

from lms.errors import N_, Invalid

LONGEST_SLUG = 80
"""Characters; long enough for a title, short enough for a line of print."""

_OUR_WORDS = (
    "about account accounts admin api archive assets auth files healthz help index languages login logout media my",
    "pictures plugins print privacy readyz register reset robots search settings share sign-in sign-out static",
    "activities activity answers attempts bank booklet certificate certificates content courses data editions",
    "enrolment enrolments feedback jobs lesson lessons mail modules name offline participants people progress",
    "questions quiz-results quizzes records results statistics trainers versions why-not-yet audit",
    "create delete demo done download edit enrol export import leave new next preview previous publish revoke start",
    "mistakes pretest submit undo unpublish upload welcome",
)
RESERVED = frozenset(word for line in _OUR_WORDS for word in line.split())
"""Words that our own addresses need after a course or a module, now or later."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "’": "", "'": ""}
)


def slug(title: str) -> str:
    """Make a slug of a title, at most LONGEST_SLUG characters long.

    Letters of other scripts than Latin are left out, so the result can be empty; it can also be a reserved word.
    """
    words = title[: LONGEST_SLUG * 8].casefold().translate(_LETTERS_WITHOUT_DECOMPOSITION)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", words) if not unicodedata.combining(sign))
    whole = _NOT_IN_A_SLUG.sub("-", plain.casefold()).strip("-")
    if len(whole) <= LONGEST_SLUG:
        return whole
    cut = whole[: LONGEST_SLUG + 1]
    return (cut.rpartition("-")[0] or cut[:LONGEST_SLUG]).strip("-")


def is_slug(text: str) -> bool:
    """Whether ``text`` can stand in an address: small ASCII letters and digits, with single hyphens between them."""
    return len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def must_be_free(text: str) -> None:
    """Raise Invalid unless ``text`` is a slug that none of our own addresses needs."""
    if not is_slug(text):
        raise Invalid(
            N_("“%(slug)s” cannot stand in an address. Use small letters a to z, digits and single hyphens."), slug=text
        )
    if text in RESERVED:
        raise Invalid(N_("“%(slug)s” is a word that Lantern's own addresses need. Choose another."), slug=text)
