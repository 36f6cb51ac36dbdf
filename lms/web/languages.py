"""The interface's language: chosen once a request, its translations bound once, numbers and moments written in it."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from gettext import NullTranslations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_percent
from babel.support import Translations
from flask import g, has_request_context
from markupsafe import Markup

from lms.paths import TRANSLATIONS
from lms.text.localised import is_right_to_left

_ENGLISH = NullTranslations()
_EPOCH, _MINUTE = datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=1)
_translations: ContextVar[NullTranslations] = ContextVar("translations", default=_ENGLISH)
_language: ContextVar[str] = ContextVar("language", default="en")


@lru_cache(maxsize=64)
def translations_of(language: str) -> NullTranslations:
    """The interface texts in ``language``; English ids where a catalogue or a text is missing."""
    return Translations.load(str(TRANSLATIONS), [language.replace("-", "_")])


def bind(language: str) -> None:
    """Bind the language's translations for this request: one look-up instead of one a text."""
    g.language = language
    _language.set(language)
    _translations.set(translations_of(language))


def language() -> str:
    """The language of the page that is being made; English outside a request."""
    return _language.get()


def gettext(message: str) -> str:
    return _translations.get().gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _translations.get().ngettext(singular, plural, number)


def translate(message: str, **values: object) -> str:
    """A message id in the request's language with its values written for the person."""
    return gettext(message) % {name: _written(value) for name, value in values.items()}


class LazyText(str):
    """A message id that translates itself when it is printed: labels of forms are made before there is a request."""

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __html__(self) -> str:
        return str(Markup.escape(str(self)))

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented


def lazy(message: str) -> LazyText:
    return LazyText(message)


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


def direction(language: str) -> str:
    return "rtl" if is_right_to_left(language) else "ltr"


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def time_zone() -> ZoneInfo:
    """The zone of the person who asks; UTC for a guest."""
    return zone(str(g.get("time_zone", "UTC"))) if has_request_context() else zone("UTC")


def format_day(day: date | datetime) -> str:
    """ "23 November 2026", in the request's language; a moment is taken in the person's zone."""
    if isinstance(day, datetime):
        day = day.astimezone(time_zone()).date()
    return _day(day, language())


@lru_cache(maxsize=512)
def _day(day: date, language: str) -> str:
    return format_date(day, format="d MMMM y" if language == "en" else "long", locale=locale_of(language))


def format_moment(moment: datetime) -> str:
    """ "23 November 2026, 15:42 (Nairobi), 12:42 UTC": the person's zone and UTC."""
    return _minute((moment - _EPOCH) // _MINUTE, time_zone(), language())


@lru_cache(maxsize=4096)  # a page may name one minute again and again
def _minute(minute: int, here: ZoneInfo, language: str) -> str:
    moment = _EPOCH + minute * _MINUTE
    local = moment.astimezone(here)
    text = f"{_day(local.date(), language)}, {_clock(local.hour, local.minute, language)}"
    if here.key == "UTC":
        return f"{text} UTC"
    place = here.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{text} ({place}), {moment:%H:%M} UTC"


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, language: str) -> str:
    return format_time(time(hour, minute), "HH:mm", locale=locale_of(language))


def format_share(value: float) -> str:
    """0.7 as "70%"."""
    return _share(value, language())


@lru_cache(maxsize=512)
def _share(value: float, language: str) -> str:
    return str(format_percent(value, locale=locale_of(language)))


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return format_day(value)
    return value
