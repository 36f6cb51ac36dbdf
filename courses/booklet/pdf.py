"""The booklet as a PDF, by Typst: every word goes in as a value and none as source, so nothing needs escaping.

The template is ``lms/typesetting/templates/booklet.typ``. There a text is ``{"c": spans}``, with ``lang`` and ``rtl``
where it is in another language than the booklet; a span is a text or a list that begins with its kind; blocks and all
the rest are maps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from courses.booklet.contents import (
    Activity,
    Block,
    Booklet,
    Box,
    Check,
    Code,
    CodeBlock,
    Emphasis,
    FactBox,
    Figure,
    Heading,
    Lesson,
    LineBreak,
    Link,
    Listing,
    Module,
    Paragraph,
    Quotation,
    Rule,
    Span,
    Strong,
    Table,
    Term,
    Words,
)
from courses.booklet.reading_markdown import spans
from courses.hooks import Boxes, Gaps, Grid, KeyLine, Lines, PaperCriterion, PaperItem, Tick
from lms.text.localised import Localised, is_right_to_left
from lms.typesetting import Json, compile_pdf, missing_glyphs, pack, qr_code

Inputs = dict[str, Json]

_LETTERS_IN_A_ROW = 74  # of a table, without what stands between its columns
_WIDEST = 36  # letters of a column's longest cell, as far as they count for its width
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Z]{2}))?(?:-.*)?")
_HAN = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FONT = re.compile(r' font-family="[^"]*"')
_ROOT = re.compile(r"<svg\b")
_FONTS_OF_DRAWINGS = "Noto Sans, Noto Sans Arabic, Noto Sans CJK SC"


class Unprintable(Exception):
    """The fonts here lack some ``characters`` of the booklet."""

    def __init__(self, characters: Sequence[str]) -> None:
        super().__init__(", ".join(characters))
        self.characters = tuple(characters)


def write(booklet: Booklet) -> bytes:
    """Set the booklet on A4: tagged (PDF/UA-1), packed, the same bytes for the same booklet. Raises Unprintable."""
    inputs = _Writer(booklet).inputs()
    if missing := _missing_in(inputs):
        raise Unprintable(missing)
    return pack(compile_pdf("booklet", inputs, timestamp=booklet.made_at))


class _Writer:
    def __init__(self, booklet: Booklet) -> None:
        self.booklet = booklet

    def inputs(self) -> Inputs:
        booklet, say = self.booklet, self.booklet.say
        inputs: Inputs = {
            **_language(booklet.language),
            "words": {
                **booklet.words,
                **{
                    name: say(name, hours=f"{booklet.hours:g}", licence=booklet.licence)
                    for name in ("hours", "licence")
                },
                "version": say("version", version=booklet.version, day=booklet.made_on),
            },
            "words_language": _language(booklet.words_language),
            "title": self.text(booklet.title, plain=True),
            "document_title": booklet.title.text,
            "short_title": self.text(booklet.short_title, plain=True),
            "summary": self.text(booklet.summary),
            "audience": self.text(booklet.audience),
            "origin": self.text(booklet.origin),
            "licence_text": self.blocks(booklet.licence_text),
            "address": booklet.address,
            "qr": qr_code(booklet.address),
            "parts": [
                {
                    "label": say("part", number=part.number),
                    "title": self.text(part.title, plain=True),
                    "modules": [self.module(module) for module in part.modules],
                }
                for part in booklet.parts
            ],
            "glossary": [
                {
                    "place": entry.place,
                    "term": self.text(entry.term, plain=True),
                    "definition": self.text(entry.definition),
                }
                for entry in booklet.glossary
            ],
            "faq": [
                {
                    "module": module.number,
                    "questions": [[self.text(one.question), self.text(one.answer)] for one in module.faq],
                }
                for module in booklet.modules
                if module.faq
            ],
            "notes": [
                {
                    "place": note.place,
                    "number": note.number,
                    "source": note.source,
                    "publication": ", ".join(part for part in (note.publisher, note.year) if part),
                    "about": self.about(note.as_of, note.grade, read=note.read),
                    "address": note.address,
                }
                for note in booklet.notes
            ],
        }
        # A rule for every Chinese sign costs a booklet without one a fifth of its time.
        return {**inputs, "han": any(_HAN.search(text) for text in _letters(inputs))}

    def about(self, as_of: str, grade: str, *, read: bool) -> str:
        """When a fact was so, and how good its source is."""
        say = self.booklet.say
        moment = f"{say('as_of', moment=as_of)} " if as_of else ""
        return f"{moment}{say(f'grade_{grade.lower()}')}, {say('read' if read else 'not_read')}."

    def module(self, module: Module) -> Inputs:
        say = self.booklet.say
        return {
            "ready": module.ready,
            "number": module.number,
            "place": module.place,
            "label": say("module", number=module.number),
            "title": self.text(module.title, plain=True),
            "minutes": say("module_minutes", lessons=len(module.lessons), minutes=module.minutes),
            "opening": self.text(module.opening),
            "objectives": [self.text(objective) for objective in module.objectives],
            "seminar": self.text(module.seminar),
            "title_origin": self.text(module.title_origin),
            "lessons": [self.lesson(lesson) for lesson in module.lessons],
            "worksheet": self.blocks(module.worksheet),
            "activities": [self.activity(activity) for activity in module.activities],
            "sources": [
                {
                    "title": source.title,
                    "publication": ", ".join(part for part in (source.publisher, source.year) if part),
                    "address": source.url,
                }
                for source in module.sources
            ],
            "has_key": module.has_key,
        }

    def lesson(self, lesson: Lesson) -> Inputs:
        say = self.booklet.say
        return {
            **self.in_language(lesson.language),
            "number": lesson.number,
            "place": lesson.place,
            "label": say("lesson", number=lesson.number),
            "title": lesson.title,
            "minutes": say("minutes", minutes=lesson.minutes),
            "lead": _spans(spans(lesson.lead)),
            "address": lesson.address,
            "qr": qr_code(lesson.address),
            "qr_alternative": say("qr", number=lesson.number, address=lesson.address),
            "translated": lesson.language == self.booklet.language,
            "blocks": self.blocks(lesson.blocks),
            "checks": [
                {
                    "place": check.place,
                    "label": say("check", number=check.number),
                    "key": self.key(check.item),
                    "why": self.optional(check.item.why),
                }
                for check in lesson.checks
                if check.item is not None
            ],
        }

    def activity(self, activity: Activity) -> Inputs:
        say, paper = self.booklet.say, activity.paper
        shown: Inputs = {
            "place": activity.place,
            "label": activity.label,
            "title": self.text(activity.title, plain=True),
            "not_on_paper": say("not_on_paper", address=activity.address),
            "has_key": activity.has_key,
            "paper": None,
        }
        if paper is not None:
            numbers = iter(range(1, sum(len(part.items) for part in paper.parts) + 1))
            shown["paper"] = {
                "intro": self.optional(paper.intro),
                "parts": [
                    {
                        "heading": self.optional(part.heading),
                        "text": self.optional(part.text),
                        "items": [
                            {**self.item(item), "number": next(numbers) if paper.numbered else None}
                            for item in part.items
                        ],
                    }
                    for part in paper.parts
                ],
                "example": self.optional(paper.example),
                "criteria": self.criteria(paper.criteria),
            }
        return shown

    def item(self, item: PaperItem) -> Inputs:
        return {
            "prompt": self.text(item.prompt),
            "instruction": self.optional(item.instruction),
            "space": self.space(item.space),
            "criteria": self.criteria(item.criteria),
            "key": self.key(item),
            "why": self.optional(item.why),
        }

    def space(self, space: Tick | Lines | Boxes | Gaps | Grid) -> Inputs:
        match space:
            case Tick():
                return {"is": "tick", "options": self.texts(space.options)}
            case Lines():
                return {"is": "lines", "count": space.count, "unit": self.optional(space.unit)}
            case Boxes():
                return {"is": "boxes", "labels": self.texts(space.labels), "options": self.texts(space.options)}
            case Gaps():
                choices = [self.texts(options) for options in space.choices]
                return {"is": "gaps", "pieces": self.texts(space.pieces), "choices": choices}
            case Grid():
                return {"is": "grid", "columns": self.texts(space.columns), "rows": space.rows}

    def criteria(self, criteria: Sequence[PaperCriterion]) -> list[Json]:
        say = self.booklet.say
        return [
            {
                "text": self.text(one.text),
                "points": say("points", points=one.points),
                "levels": [[say("points", points=points), self.text(text)] for points, text in one.levels],
            }
            for one in criteria
        ]

    def key(self, item: PaperItem | None) -> list[Json]:
        return [self.key_line(line) for line in item.key] if item is not None else []

    def key_line(self, line: KeyLine) -> Inputs:
        return {
            "option": line.option,
            "label": self.optional(line.label),
            "answer": self.text(line.answer),
            "right": line.right,
            "why": self.optional(line.why),
        }

    # --- texts -------------------------------------------------------------------------------------------------------

    def text(self, text: Localised, *, plain: bool = False) -> Inputs:
        words: list[Json] = [text.text] if plain else _spans(spans(text))
        return {**self.in_language(text.language), "c": words}

    def texts(self, texts: Sequence[Localised]) -> list[Json]:
        return [self.text(text) for text in texts]

    def optional(self, text: Localised | None) -> Inputs | None:
        return None if text is None or not text.text else self.text(text)

    def in_language(self, language: str) -> Inputs:
        """What is to be said of a text in another language than the booklet's."""
        return {} if language in ("", self.booklet.language) else _language(language)

    # --- blocks ------------------------------------------------------------------------------------------------------

    def blocks(self, blocks: Sequence[Block]) -> list[Json]:
        return [self.block(block) for block in blocks]

    def block(self, block: Block) -> Inputs:
        match block:
            case Paragraph():
                return {"is": "paragraph", "c": _spans(block.spans)}
            case Heading():
                return {"is": "heading", "level": block.level, "place": block.place, "c": _spans(block.spans)}
            case Listing():
                return {"is": "list", "start": block.start, "items": [self.blocks(item) for item in block.items]}
            case Quotation():
                return {"is": "quotation", "blocks": self.blocks(block.blocks)}
            case CodeBlock():
                return {"is": "code", "text": block.text.rstrip("\n")}
            case Rule():
                return {"is": "rule"}
            case Table():
                return {
                    "is": "table",
                    "caption": _spans(block.caption),
                    "heads": [_spans(head) for head in block.heads],
                    "rows": [[_spans(cell) for cell in row] for row in block.rows],
                    "numbers": list(block.numbers),
                    "widths": _widths(block),
                }
            case Figure():
                return {
                    "is": "figure",
                    "svg": _with_our_fonts(block.drawing.svg),
                    "width": block.drawing.width,
                    "alternative": block.alternative,
                    "caption": _spans(block.caption),
                }
            case FactBox():
                return {"is": "fact", **self.text(block.text), "number": block.number, "place": block.place}
            case Box():
                return {"is": "box", "kind": block.kind, "blocks": self.blocks(block.blocks)}
            case Check():
                label = self.booklet.say("check", number=block.number)
                item = self.item(block.item) if block.item is not None else None
                return {"is": "check", "label": label, "place": block.place, "item": item}


def _spans(found: Sequence[Span]) -> list[Json]:
    return [_span(span) for span in found]


def _span(span: Span) -> Json:
    match span:
        case Words():
            return span.text
        case Strong():
            return ["strong", _spans(span.spans)]
        case Emphasis():
            return ["emphasis", _spans(span.spans)]
        case Code():
            return ["code", span.text]
        case LineBreak():
            return ["break"]
        case Link():
            return ["link", _spans(span.spans), span.address, span.place]
        case Term():
            return ["term", span.text, span.place, span.first]


def _widths(table: Table) -> list[Json]:
    """How much of the width each column gets, by its longest cell and its longest word; short numbers: what they need.

    That is 0.
    """
    columns = [
        ["".join(_letters(_spans(cell))) for cell in (head, *(row[place] for row in table.rows if place < len(row)))]
        for place, head in enumerate(table.heads)
    ]
    longest = [min(max(len(cell) for cell in cells), _WIDEST) for cells in columns]
    share = _LETTERS_IN_A_ROW / max(sum(longest), 1)
    words = [max((len(word) for cell in cells for word in re.split(r"[\s/-]", cell)), default=1) for cells in columns]
    return [
        0 if is_number and length < _WIDEST // 2 else max(round(length * share), word + 3)
        for length, word, is_number in zip(longest, words, table.numbers, strict=True)
    ]


def _with_our_fonts(svg: str) -> str:
    return _ROOT.sub(f'<svg font-family="{_FONTS_OF_DRAWINGS}"', _FONT.sub("", svg), count=1)


def _language(tag: str) -> Inputs:
    """A language tag as Typst wants it, and whether the language is written from right to left."""
    found = _LANGUAGE.fullmatch(tag)
    lang, region = (found[1], found[2]) if found else ("en", None)
    return {"lang": lang, "region": region, "rtl": is_right_to_left(tag)}


def _missing_in(inputs: Json) -> tuple[str, ...]:
    """The characters that no font here has: each is tried once, and each word with a mark on a letter as a whole."""
    letters: set[str] = set()
    marked: set[str] = set()
    for text in _letters(inputs):
        letters.update(text)
        if any(unicodedata.category(letter)[0] == "M" for letter in set(text)):
            marked.update(word for word in text.split() if any(unicodedata.category(sign)[0] == "M" for sign in word))
    alone = "".join(sorted(letter for letter in letters if unicodedata.category(letter)[0] != "M" and letter != "\n"))
    return (*missing_glyphs(alone), *missing_glyphs(" ".join(sorted(marked))))


def _letters(inputs: Json) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(inputs, str):
        yield inputs
    elif isinstance(inputs, Mapping):
        for value in inputs.values():
            yield from _letters(value)
    elif isinstance(inputs, Sequence):
        for value in inputs:
            yield from _letters(value)
