"""What the forms of all kinds share: texts in one language, rows that can be added, and where a problem belongs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import wtforms
from wtforms import FieldList, FormField, HiddenField, SelectField, TextAreaField, ValidationError

from lms.errors import N_
from lms.text.plain import clean_line, clean_text
from lms.web.forms import Form
from lms.web.languages import lazy, translate
from quizzes.question_types.base import JSON, Response, Spec

LONGEST_KEPT = 20_000  # letters of one field; what may be published is the kind's to say
_CUT_FOR_CLEANING = 1_000_000  # more than a form can carry
_ROW = re.compile(r"[0-9]{1,4}\Z", re.ASCII)


def tidy(value: object) -> object:
    """A WTForms filter: clean text of several lines, of any length."""
    return clean_text(value, longest=_CUT_FOR_CLEANING) if isinstance(value, str) else value


def tidy_line(value: object) -> object:
    """A WTForms filter: one clean line, of any length."""
    return clean_line(value, longest=_CUT_FOR_CLEANING) if isinstance(value, str) else value


def short_enough(_form: object, field: Any) -> None:
    """A WTForms validator that cuts nothing off in the browser, as ``maxlength`` would."""
    if len(field.data or "") > LONGEST_KEPT:
        raise ValidationError(
            translate(
                N_("This text is longer than %(longest)s characters. Shorten it to save it."), longest=LONGEST_KEPT
            )
        )


def words_field(label: str, hint: str = "") -> Any:
    """A field for a text that may use inline Markdown; ``label`` and ``hint`` are message ids."""
    return TextAreaField(lazy(label), description=lazy(hint) if hint else "", filters=[tidy], validators=[short_enough])


class RowForm(wtforms.Form):  # type: ignore[misc]
    """One row of a list inside a question's form."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in the row: it is left out, or taken away."""
        raise NotImplementedError


class Rows(FieldList):  # type: ignore[misc]
    """Rows that a form without script can hold: those that were sent, in order, at the most ``most``."""

    def __init__(self, row: type[RowForm], label: str, *, most: int, hint: str = "", **rest: Any) -> None:
        super().__init__(FormField(row), lazy(label), max_entries=most, description=lazy(hint) if hint else "", **rest)

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        # WTForms takes every digit of Unicode for a number here, and numbers of any length.
        start = len(prefix) + 1
        for name in formdata:
            if name.startswith(f"{prefix}-") and _ROW.match(index := name[start:].split("-", 1)[0]):
                yield int(index)

    @property
    def is_full(self) -> bool:
        """Whether no row can be added."""
        return len(self.entries) >= int(self.max_entries)

    def written(self) -> list[tuple[int, Any]]:
        """The rows that are not blank, each with its place on the page."""
        return [(place, entry.form) for place, entry in enumerate(self.entries) if not entry.form.is_blank]


class QuestionForm(Form):
    """The fields of one kind of question in the source language of its course.

    A kind's form adds its fields and says how a spec fills them (`from_spec`) and what spec they make (`spec`).
    ``template`` draws the fields (a partial that gets ``form``); the one here draws every field in its order.
    """

    template: ClassVar[str] = "quizzes/authoring/fields.html"
    shared: ClassVar[frozenset[str]] = frozenset({"began_from", "objective", "explains", "hint"})

    began_from = HiddenField()  # which text the trainer saw: see `quizzes.authoring.services.mark_of`
    objective = SelectField(lazy(N_("Objective")))
    explains = SelectField(lazy(N_("Where it is explained")))
    prompt = words_field(N_("Question"))
    hint = words_field(N_("Hint, if there is one"), N_("A participant who asks for it reads it before answering."))

    @classmethod
    def from_spec(cls, spec: Spec, *, language: str) -> dict[str, Any]:
        """Give what the fields hold for a spec, ready or not."""
        return {"prompt": text_in(spec.get("prompt"), language), "hint": text_in(spec.get("hint"), language)}

    def spec(self, before: Spec, *, language: str) -> dict[str, JSON]:
        """Give the spec that the fields make of the one ``before``: ids and other languages stay as they are there."""
        made = {**before, "prompt": with_text(before.get("prompt"), language, self.prompt.data)}
        hint = with_text(before.get("hint"), language, self.hint.data)
        if hint:
            made["hint"] = hint
        else:
            made.pop("hint", None)
        return made

    @classmethod
    def samples(cls, spec: Spec) -> Sequence[tuple[str, Response]]:
        """Give answers whose feedback a trainer wants to see beside the right one: as typed, and as a response."""
        del spec
        return ()

    def field_at(self, path: Sequence[str]) -> Any:
        """Give the field that a problem's path leads to (``("options", "1", "why", "en")``), None if there is none.

        It is called after `spec`, since a spec has no blank rows.
        """
        return _field_at(self._fields, path)

    def label_at(self, path: Sequence[str]) -> str:
        """Say in words which field a problem's path leads to."""
        field = self.field_at(path)
        if field is None:
            return ""
        outer = self._fields.get(path[0])
        if outer is field or not isinstance(outer, Rows):
            return str(field.label.text)
        number = outer.written()[int(path[1])][0] + 1
        return translate(N_("%(field)s, row %(number)s"), field=str(field.label.text), number=number)

    def own_fields(self) -> Iterator[Any]:
        """The fields of the kind, without those that every question has."""
        return (field for field in self if field.name not in self.shared)

    def add_row(self, name: str) -> None:
        """Add a blank row to the list ``name``, which may stand in a row of another list.

        A list that is full or not there stays as it is.
        """
        for field in _lists_in(self):
            if field.name == name and not field.is_full:
                field.append_entry(self.blank_row(field.short_name))

    def blank_row(self, name: str) -> dict[str, Any]:
        """Give what a new row of a list holds; ``name`` is the list's own, without the row that it stands in."""
        del name
        return {}


def _field_at(fields: Mapping[str, Any], path: Sequence[str]) -> Any:
    field = fields.get(path[0]) if path else None
    if isinstance(field, Rows) and len(path) > 2 and path[1].isdecimal():
        rows = field.written()
        number = int(path[1])
        if number < len(rows):
            inner = _field_at(rows[number][1]._fields, path[2:])
            return field if inner is None else inner
    return field


def _lists_in(form: Iterable[Any]) -> Iterator[Rows]:
    for field in form:
        if isinstance(field, Rows):
            yield field
            for entry in field.entries:
                yield from _lists_in(entry.form)


def with_blank_rows(rows: Sequence[Mapping[str, Any]], blank: Callable[[], dict[str, Any]], *, most: int) -> list[Any]:
    """Give the rows of a list with two blank ones behind them, ``most`` at the most."""
    return [*rows, *(blank() for _ in range(2))][: max(most, len(rows))]


def text_in(value: object, language: str) -> str:
    """Give a text of a spec in one language; empty where it is missing or broken."""
    words = value.get(language) if isinstance(value, Mapping) else None
    return words if isinstance(words, str) else ""


def with_text(before: object, language: str, words: str | None) -> dict[str, JSON]:
    """Give a language map with new words in one language; without words that language is left out.

    Words that only the cleaning would change stay as they were: a text that nobody touched is no edit.
    """
    kept: dict[str, JSON] = dict(before) if isinstance(before, Mapping) else {}
    if not words:
        kept.pop(language, None)
    elif tidy(text_in(before, language)) != words:
        kept[language] = words
    return kept


def objects_in(spec: Spec, name: str) -> list[Mapping[str, JSON]]:
    """Give the JSON objects of a list of a spec, as far as it is one."""
    items = spec.get(name)
    if not isinstance(items, list | tuple):
        return []
    return [item for item in items if isinstance(item, Mapping)]
