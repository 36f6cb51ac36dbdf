"""Forms: the base that all share, and how a refused one is shown again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, ValidationError
from wtforms.fields.choices import SelectChoice

from lms.errors import Invalid
from lms.text.plain import clean_line, clean_text
from lms.web.languages import gettext, ngettext


class _Texts:
    """WTForms' own messages, in the request's language."""

    def gettext(self, message: str) -> str:
        return gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return ngettext(singular, plural, number)


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose token is checked before any view runs (see `lms.web.requests`), and whose texts are translated."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False  # once, for every request, not once a form

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Take fields of text and nothing else: JSON holds other types and halves of letters, a file is none."""
            if formdata is None or isinstance(formdata, MultiDict):
                return super().wrap_formdata(form, formdata)
            return request.form if request.form else None

        def get_translations(self, form: Any) -> _Texts:  # noqa: ARG002 - WTForms' signature
            return _Texts()

    def accepted(self) -> bool:
        """Whether this is a POST whose fields are right."""
        return bool(self.validate_on_submit())

    def blame(self, error: Invalid, *, otherwise: str) -> None:
        """Write a service's complaint at its field (``error.field``, or ``otherwise`` if it names none of ours)."""
        name = error.field if error.field in self._fields else otherwise
        field: Field = self._fields[name]
        field.errors = [*field.errors, gettext(error.message) % error.values]


def line(longest: int = 200) -> Any:
    """A WTForms filter: one clean line; a longer one than ``longest`` characters is an error at its field."""
    return _cleaned(clean_line, longest)


def text(longest: int = 20_000) -> Any:
    """A WTForms filter: clean text of several lines; a longer one is an error at its field."""
    return _cleaned(clean_text, longest)


def choices(pairs: Iterable[tuple[str, Any]], *, group: str | None = None) -> list[SelectChoice]:
    """The choices of a list or of radio buttons from (value, words); ``group`` is the heading above them."""
    return [SelectChoice(value, words, optgroup=group) for value, words in pairs]


def _cleaned(clean: Callable[..., str], longest: int) -> Any:
    def run(value: object) -> object:
        if not isinstance(value, str):
            return value
        with complaints_at_the_field():  # a filter's error leaves what was typed in the field
            return clean(value, longest=longest)

    return run


@contextmanager
def complaints_at_the_field() -> Iterator[None]:
    """In a filter or ``validate_<field>``: what a service would complain of, so that all errors are told at once."""
    try:
        yield
    except Invalid as error:
        raise ValidationError(gettext(error.message) % error.values) from None
