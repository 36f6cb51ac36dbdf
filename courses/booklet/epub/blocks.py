"""Words, blocks and things to do with a pen as XHTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from markdown_it.common.normalize_url import normalizeLink

from courses.booklet.contents import (
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
    LineBreak,
    Link,
    Listing,
    Paragraph,
    Quotation,
    Rule,
    Span,
    Strong,
    Table,
    Term,
    Words,
)
from courses.booklet.epub.places import STYLE
from courses.booklet.epub.xhtml import Content, element, written
from courses.booklet.reading_markdown import spans
from courses.hooks import Boxes, Gaps, Grid, KeyLine, Lines, PaperCriterion, PaperItem, Tick
from lms.text.drawings import Drawing
from lms.text.localised import Localised

_HTML = {"xmlns": "http://www.w3.org/1999/xhtml", "xmlns:epub": "http://www.idpf.org/2007/ops"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns values into XHTML on ``page``, where ``around`` is the language of what stands around.

    It keeps what later pages need: the drawings that were shown and the places where each note was called.
    """

    booklet: Booklet
    where: Mapping[str, str]
    around: str
    page: str = ""
    label: str = ""  # what a note calls this page
    drawings: dict[str, bytes] = field(default_factory=dict)
    calls: dict[int, list[tuple[str, str]]] = field(default_factory=dict)  # address and label, by the note's number

    # Whole pages.

    def on(self, name: str, label: str = "") -> Writer:
        return replace(self, page=name, label=label)

    def document(self, title: str, *content: Content) -> bytes:
        language = self.booklet.language
        direction = "rtl" if self.booklet.right_to_left else "ltr"
        root = {**_HTML, "lang": language, "xml:lang": language, "dir": direction}
        style = element("link", {"rel": "stylesheet", "type": "text/css", "href": STYLE})
        head = element("head", None, element("title", None, title), style)
        return written(element("html", root, head, element("body", None, *content)), doctype="<!DOCTYPE html>\n")

    # Words.

    def lang(self, language: str) -> dict[str, str]:
        """The attributes for words in another language than what stands around them."""
        if language in ("", self.around):
            return {}
        return {"lang": language, "xml:lang": language, "dir": "auto"}

    def within(self, language: str) -> Writer:
        return replace(self, around=language or self.around)

    def say(self, key: str, /, **values: object) -> Content:
        """The booklet's own words, marked where what stands around is in another language."""
        words = self.booklet.say(key, **values)
        attributes = self.lang(self.booklet.words_language)
        return element("span", attributes, words) if attributes else words

    def title(self, tag: str, text: Localised, attributes: Mapping[str, str] | None = None) -> Element:
        """An element with a text that has no Markdown."""
        return element(tag, {**(attributes or {}), **self.lang(text.language)}, text.text)

    def text(self, tag: str, text: Localised | None, attributes: Mapping[str, str] | None = None) -> Element | None:
        """An element with a text of inline Markdown; nothing for an empty one."""
        if text is None or not text.text:
            return None
        inside = self.within(text.language)
        return element(tag, {**(attributes or {}), **self.lang(text.language)}, inside.spans(spans(text)))

    def listed(self, text: Localised) -> Element:
        """An item of a list; its mark stands where the list's does, whatever the direction of its words."""
        return element("li", None, self.text("span", text))

    def section(self, key: str, text: Localised) -> Content:
        """A text below a heading of ours; nothing for an empty one."""
        words = self.text("p", text)
        return None if words is None else (element("h2", None, self.say(key)), words)

    def heading(self, text: Localised) -> Element:
        return self.title("h1", text, {"id": "title"})

    def link(self, address: str, *content: Content) -> Element:
        # Readers refuse what browsers forgive, such as “|” in an address.
        return element("a", {"href": normalizeLink(address)}, *content)

    def spans(self, many: Sequence[Span]) -> list[Content]:
        return [self.span(one) for one in many]

    def span(self, span: Span) -> Content:
        match span:
            case Words(text):
                return text
            case Strong(inside):
                return element("strong", None, self.spans(inside))
            case Emphasis(inside):
                return element("em", None, self.spans(inside))
            case Code(text):
                return element("code", {"dir": "ltr"}, text)
            case LineBreak():
                return element("br")
            case Link(inside, address, place):
                return self.link(self.where.get(place, address), self.spans(inside))
            case Term(text, place, first):
                return element("a", {"class": "term", "href": self.where[place]}, text) if first else text

    # Blocks.

    def blocks(self, many: Sequence[Block]) -> list[Content]:
        return [self.block(one) for one in many]

    def block(self, block: Block) -> Content:
        match block:
            case Heading(level, words, place):
                where = self.where.get(place, "")
                return element(f"h{level}", {"id": where.partition("#")[2]}, self.spans(words))
            case Paragraph(words):
                return element("p", None, self.spans(words))
            case Listing(items, None):
                return element("ul", None, map(self.item, items))
            case Listing(items, start):
                return element("ol", {"start": "" if start == 1 else str(start)}, map(self.item, items))
            case Quotation(inside):
                return element("blockquote", None, self.blocks(inside))
            case CodeBlock(text):
                return element("pre", None, element("code", {"dir": "ltr"}, text))
            case Rule():
                return element("hr")
            case Table():
                return self.table(block)
            case Figure(drawing, alternative, caption):
                return element(
                    "figure",
                    {"class": "picture"},
                    self.drawing(drawing, alternative),
                    element("figcaption", None, self.spans(caption)) if caption else None,
                )
            case FactBox():
                return self.fact(block)
            case Box("note", inside):
                attributes = {"class": "note", "role": "note", "aria-label": self.booklet.say("note")}
                return element("div", attributes, self.blocks(inside))
            case Box(_, inside):
                heading = element("h2", {"id": "changed-title"}, self.say("changed"))
                attributes = {"class": "changed", "aria-labelledby": "changed-title"}
                return element("section", attributes, heading, self.blocks(inside))
            case Check():
                return self.check(block)

    def item(self, blocks: Sequence[Block]) -> Element:
        """An item of a list; its one paragraph stands in it without space around."""
        alone = sum(isinstance(block, Paragraph) for block in blocks) == 1
        return element(
            "li",
            None,
            (
                self.spans(block.spans) if alone and isinstance(block, Paragraph) else self.block(block)
                for block in blocks
            ),
        )

    def table(self, table: Table) -> Element:
        # A table of words stacks on a narrow page, where display: block would drop the built-in roles.
        stacks = not (len(table.numbers) > 1 and all(table.numbers[1:]))

        def role(name: str) -> dict[str, str]:
            return {"role": name} if stacks else {}

        def cell(place: int, words: Sequence[Span]) -> Element:
            attributes = {"class": "number" if table.numbers[place] else ""}
            if place == 0:
                return element("th", {**attributes, "scope": "row", **role("rowheader")}, self.spans(words))
            label = {"data-th": plain(table.heads[place])} if stacks else {}
            return element("td", {**attributes, **role("cell"), **label}, self.spans(words))

        heads = (
            element(
                "th",
                {"class": "number" if number else "", "scope": "col", **role("columnheader")},
                self.spans(words),
            )
            for number, words in zip(table.numbers, table.heads, strict=True)
        )
        rows = (
            element("tr", role("row"), (cell(place, words) for place, words in enumerate(row))) for row in table.rows
        )
        return element(
            "table",
            {"class": "stack" if stacks else "numbers", **role("table")},
            element("caption", None, self.spans(table.caption)) if table.caption else None,
            element("thead", role("rowgroup"), element("tr", role("row"), heads)),
            element("tbody", role("rowgroup"), rows),
        )

    def drawing(self, drawing: Drawing, alternative: str) -> Element:
        svg = drawing.svg.encode()
        name = next((name for name, known in self.drawings.items() if known == svg), "")
        if not name:
            name = f"drawing-{len(self.drawings) + 1}.svg"
            self.drawings[name] = svg
        size = {"width": str(drawing.width), "height": str(drawing.height)}
        return element("img", {"src": name, "alt": alternative, **size})

    def fact(self, fact: FactBox) -> Element:
        calls = self.calls.setdefault(fact.number, [])
        before = sum(address.startswith(f"{self.page}#") for address, _ in calls)
        name = f"fact-{fact.number}-{before + 1}" if before else f"fact-{fact.number}"
        calls.append((f"{self.page}#{name}", self.label))
        attributes = {
            "id": name,
            "epub:type": "noteref",
            "role": "doc-noteref",
            "href": self.where[fact.place],
            "aria-label": self.booklet.say("note_number", number=fact.number),
        }
        inside = self.within(fact.text.language)
        call = element("a", attributes, str(fact.number))
        words = element("p", self.lang(fact.text.language), inside.spans(spans(fact.text)), call)
        as_of = self.booklet.notes[fact.number - 1].as_of
        caption = element("figcaption", None, self.say("as_of", moment=as_of)) if as_of else None
        return element("figure", {"class": "fact"}, words, caption)

    # Things to do with a pen.

    def check(self, check: Check) -> Element:
        name = self.where[check.place].partition("#")[2]
        title = element("p", {"id": f"{name}-title"}, element("strong", None, self.say("check", number=check.number)))
        group = {"class": "question", "id": name, "role": "group", "aria-labelledby": f"{name}-title"}
        if check.item is None:
            return element("div", group, title, element("p", None, self.say("question_not_on_paper")))
        return element("div", group, title, self.asked(check.item), self.to_key(check.key))

    def to_key(self, place: str) -> Element:
        return element("p", {"class": "small"}, self.link(self.where[place], self.say("key_at")))

    def asked(self, item: PaperItem) -> list[Content]:
        """One thing to answer: the words, how, and where."""
        return [
            None if isinstance(item.space, Grid) else self.text("p", item.prompt, {"class": "prompt"}),
            self.text("p", item.instruction, {"class": "small"}),
            self.space(item),
            self.criteria(item.criteria),
        ]

    def space(self, item: PaperItem) -> Content:
        match item.space:
            case Tick(options=options):
                return self.options(options)
            case Lines(count=count, unit=unit):
                field = {"role": "img", "aria-label": self.booklet.say("field")}
                if count == 0:
                    return None
                if count > 1:
                    return element("div", {"class": "room", **field})
                behind = self.text("span", unit)
                return element("p", None, element("span", {"class": "line", **field}), " ", behind)
            case Boxes(labels=labels, options=options):
                box = {"class": "box", "role": "img", "aria-label": self.booklet.say("box")}
                rows = (element("li", None, element("span", box), " ", self.text("span", label)) for label in labels)
                return self.options(options) if options else None, element("ul", {"class": "plain"}, rows)
            case Gaps(pieces=pieces, choices=choices):
                return self.gaps(pieces, choices)
            case Grid(columns=columns, rows=rows):
                heads = (element("th", {"scope": "col"}, self.text("span", column)) for column in columns)
                empty = (element("tr", None, (element("td") for _ in columns)) for _ in range(rows))
                return element(
                    "table",
                    {"class": "grid"},
                    self.text("caption", item.prompt),
                    element("thead", None, element("tr", None, heads)),
                    element("tbody", None, empty),
                )

    def options(self, options: Sequence[Localised]) -> Element:
        return element("ol", {"class": "options", "type": "A"}, map(self.listed, options))

    def gaps(self, pieces: Sequence[Localised], choices: Sequence[Sequence[Localised]]) -> Content:
        words: list[Content] = []
        for number, piece in enumerate(pieces):
            behind = " " if piece.text[:1].isalnum() else ""  # none before a full stop
            words += [f" ({number}) ______{behind}" if number else None, self.text("span", piece)]
        given = (
            element(
                "li",
                None,
                self.say("gap", number=number),
                ": ",
                ((" / " if place else None, self.text("span", one)) for place, one in enumerate(some)),
            )
            for number, some in enumerate(choices, start=1)
            if some
        )
        return element("p", None, words), element("ul", {"class": "plain"}, given) if any(choices) else None

    def criteria(self, criteria: Sequence[PaperCriterion]) -> Content:
        """What an answer is marked by, with the points of each thing and of each level of it."""
        if not criteria:
            return None
        rows = (
            self.criterion(one.text, one.points, *(self.criterion(text, points) for points, text in one.levels))
            for one in criteria
        )
        return element("p", None, self.say("criteria")), element("ul", None, rows)

    def criterion(self, text: Localised, points: int, *levels: Element) -> Element:
        inside = element("ul", None, levels) if levels else None
        return element("li", None, self.text("span", text), " (", self.say("points", points=points), ")", inside)

    def solution(self, item: PaperItem) -> Content:
        """The key of one item: for options first the letters of those that are right, then why, one by one."""
        right = None
        if isinstance(item.space, Tick):
            letters = ", ".join(_letter(line.option) for line in item.key if line.right and line.option is not None)
            right = element("p", None, element("strong", None, self.say("right"), f": {letters}"))
        lines = element("ul", {"class": "plain"}, map(self.key_line, item.key)) if item.key else None
        return right, lines, self.text("p", item.why), self.criteria(item.criteria)

    def key_line(self, line: KeyLine) -> Element:
        return element(
            "li",
            None,
            (self.text("span", line.label), ": ") if line.label is not None else None,
            (element("strong", None, _letter(line.option)), " ") if line.option is not None else None,
            self.text("strong" if line.right else "span", line.answer),
            (element("br", None), self.text("span", line.why)) if line.why is not None else None,
        )


def plain(many: Sequence[Span]) -> str:
    """Words without their marks, for an attribute."""
    parts = []
    for span in many:
        match span:
            case Words(text) | Code(text) | Term(text):
                parts.append(text)
            case LineBreak():
                parts.append(" ")
            case Strong(inside) | Emphasis(inside) | Link(inside):
                parts.append(plain(inside))
    return "".join(parts)


def _letter(number: int) -> str:
    """A for 0, as an ordered list of type A counts."""
    before, place = divmod(number, len(_LETTERS))
    return (_LETTERS[before - 1] if before else "") + _LETTERS[place]
