"""A worksheet on paper, for the booklet: every field with room to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from courses.hooks import Grid, Lines, Paper, PaperCriterion, PaperItem, PaperPart, Tick
from courses.worksheets.definition import Field, sheet_of
from lms.text.localised import Localised, Text, pick


def paper(definition: Mapping[str, Any], *, languages: Sequence[str], translate: Callable[..., str]) -> Paper:
    """The sheet with empty lines, boxes and tables, its example and what a good one has."""
    del translate  # a worksheet says nothing by itself

    def said(text: Text) -> Localised:
        return pick(text, languages)

    texts = {section["id"]: section.get("text") for section in definition["sections"]}
    return Paper(
        parts=tuple(
            PaperPart(
                heading=said(section.heading),
                text=said(texts[section.id]) if texts[section.id] else None,
                items=tuple(
                    PaperItem(
                        prompt=said(field.label),
                        instruction=said(field.help) if field.help else None,
                        space=_space(field, said),
                    )
                    for field in section.fields
                ),
            )
            for section in sheet_of(definition).sections
        ),
        numbered=False,
        intro=said(definition["intro"]),
        example=said(definition["example"]),
        criteria=tuple(
            PaperCriterion(
                text=said(one["text"]),
                points=one["points"],
                levels=tuple((level["points"], said(level["text"])) for level in one.get("levels", ())),
            )
            for one in definition.get("rubric", ())
        ),
    )


def _space(field: Field, said: Callable[[Text], Localised]) -> Lines | Tick | Grid:
    if field.kind == "choice":
        return Tick(options=tuple(said(text) for _, text in field.options))
    if field.kind == "table":
        return Grid(columns=tuple(said(label) for _, label in field.columns), rows=field.rows)
    return Lines(count=field.lines)
