"""The words on a certificate and in its letters, in the person's language; needs no request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from gettext import NullTranslations

from babel import Locale, UnknownLocaleError
from babel.numbers import format_percent
from babel.support import Translations

from lms.paths import TRANSLATIONS


@lru_cache(maxsize=64)
def _translations(language: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [language.replace("-", "_")])


class Words:
    """Texts of the interface in one language; English ids where a text has no translation."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = _translations(language)

    def __call__(self, message: str, **values: object) -> str:
        text = self._translations.gettext(message)
        return text % values if values else text

    def hours(self, minutes: int) -> str:
        """An effort in words: "About 30 minutes", "About 12 hours"."""
        if minutes < 45:
            number = max(5, 5 * round(minutes / 5))
            text = self._translations.ngettext("About %(num)d minute", "About %(num)d minutes", number)
        else:
            number = max(1, round(minutes / 60))
            text = self._translations.ngettext("About %(num)d hour", "About %(num)d hours", number)
        return text % {"num": number}

    def share(self, value: float) -> str:
        """A score from 0 to 1 as "87%"."""
        return str(format_percent(value, locale=_locale(self.language)))


def language_for(person: str, *, site: Sequence[str]) -> str:
    """The language of somebody's paper: their own if the site speaks it, else the site's first."""
    return person if person in site else site[0]


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")
