"""Findings in lessons: their length, and how easy they read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from courses.packages.content import CoursePackage, LessonText
from courses.packages.faults import Fault
from lms.errors import N_

LEAST_WORDS, MOST_WORDS = 500, 1200

_BLOCK = re.compile(r"^(:::.*|!\[.*|\|[-: |]+\|)$", re.M)
_ADDRESS = re.compile(r"\]\([^()\n]*\)|\{[^{}\n]*\}|\[\[[a-z0-9-]+\\?\|")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"(?<![.!?:])[.!?:]+(?=\s|$)|\n\s*\n")
_VOWELS = re.compile(r"[aeiouy]+")


def prose(text: LessonText) -> str:
    """The words that a reader sees, without marks, addresses and block lines."""
    return re.sub(r"[*`#>|\[\]]", " ", _ADDRESS.sub(" ", _BLOCK.sub("", text.body)))


def length(text: LessonText, language: str) -> int:
    """Words of a lesson; in Chinese, characters."""
    if _is_chinese(language):
        return len(_HAN.findall(prose(text)))
    # Marks such as the vowel signs of Hindi are no letters to the pattern, and would cut words in two.
    letters = "".join(sign for sign in prose(text) if sign.isascii() or not unicodedata.category(sign).startswith("M"))
    return len(_WORD.findall(letters))


def _is_chinese(language: str) -> bool:
    return language.partition("-")[0] == "zh"


def lengths(package: CoursePackage) -> Iterator[Fault]:
    """Each lesson outside 500 to 1,200 words (Chinese: characters)."""
    for module in package.modules:
        for lesson in module.lessons:
            for language, text in lesson.texts.items():
                found = length(text, language)
                if not LEAST_WORDS <= found <= MOST_WORDS:
                    words = N_("This lesson has %(have)s words; %(least)s to %(most)s read well.")
                    signs = N_("This lesson has %(have)s characters; %(least)s to %(most)s read well.")
                    message = signs if _is_chinese(language) else words
                    yield Fault(
                        text.file, text.line, message, {"have": found, "least": LEAST_WORDS, "most": MOST_WORDS}
                    )


def reading_ease(text: LessonText) -> float | None:
    """Flesch's reading ease of an English lesson; 60 to 70 is plain English, None for no words.

    206.835 - 1.015 (words / sentences) - 84.6 (syllables / words): R. Flesch, “A new readability yardstick”, Journal of
    Applied Psychology 32 (1948), 221-233. Syllables are counted as groups of vowels, without a silent e at the end.
    """
    written = prose(text)
    words = [word.lower() for word in _WORD.findall(written) if word[0].isalpha()]
    if not words:
        return None
    sentences = sum(bool(_WORD.search(one)) for one in _SENTENCE_END.split(written))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(syllables, words)) / len(words)


def syllables(word: str) -> int:
    """The syllables of a small-lettered English word, about."""
    ends_silent = word.endswith("e") and not word.endswith(("le", "ee")) and len(_VOWELS.findall(word)) > 1
    return max(1, len(_VOWELS.findall(word)) - ends_silent)
