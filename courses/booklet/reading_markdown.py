"""Markdown → the blocks and words of a booklet. What a booklet has no form for is a fault with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from courses.booklet.contents import (
    Block,
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
from courses.packages.faults import Fault
from lms.errors import N_
from lms.text.drawings import Drawing
from lms.text.localised import Localised
from lms.text.markdown import inline_tokens, plain_words

Target = tuple[str, str]
"""A whole address, and the place in the booklet, or "" outside of it."""


class Inexpressible(Exception):
    """Markdown that a booklet has no form for; ``fault`` says what and where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a text stands, and what it may point to: ``line`` is that of its first line in ``file``.

    ``place`` is that of the text itself, before the ``#`` of its headings, which stand ``deeper`` than written.
    ``target`` turns the address of a link into a whole one with its place; ``fact`` and ``check`` give the block for an
    id (``check`` None: there may be none here).
    """

    file: str
    line: int
    place: str
    target: Callable[[str], Target]
    fact: Callable[[str], FactBox]
    check: Callable[[str], Check] | None
    pictures: Mapping[str, Drawing]
    deeper: int = 0


def spans(text: Localised) -> tuple[Span, ...]:
    """Read inline Markdown; its links lead outside, and a picture is its alternative text, as on the pages."""
    return tuple(_spans(inline_tokens(text.text), _outside, pictures=True))


def anchors(tokens: Sequence[Token]) -> Iterator[str]:
    """The anchors that the blocks of a text will have: of its headings and its self-checks."""
    for token in tokens:
        if token.type == "heading_open" and "id" in token.attrs:
            yield str(token.attrs["id"])
        elif token.type == "check":
            yield f"check-{token.content}"


def blocks(tokens: Sequence[Token], source: Source) -> tuple[Block, ...]:
    """Turn parsed Markdown into blocks; raises Inexpressible."""
    reader = _Reader(tokens, source)
    return reader.blocks(until=None)


def _outside(address: str) -> Target:
    return address, ""


class _Reader:
    """Walks the tokens of one text once."""

    def __init__(self, tokens: Sequence[Token], source: Source) -> None:
        self.tokens = tokens
        self.at = 0
        self.line = 1
        self.level = 1  # of the heading before
        self.source = source

    def next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        if token.map:
            self.line = token.map[0] + 1
        return token

    def refuse(self, what: str) -> Inexpressible:
        message = N_("The booklet has no form for this: %(what)s.")
        return Inexpressible(Fault(self.source.file, self.source.line + self.line - 1, message, {"what": what}))

    def blocks(self, until: str | None) -> tuple[Block, ...]:
        """The blocks up to the token ``until``, which is taken too."""
        found: list[Block] = []
        while self.at < len(self.tokens):
            token = self.next()
            if token.type == until:
                break
            if token.type not in ("scroll_open", "scroll_close"):  # what a narrow screen needs
                found.append(self.block(token))
        return tuple(found)

    def block(self, token: Token) -> Block:
        match token.type:
            case "paragraph_open":
                return Paragraph(self.words("paragraph_close"))
            case "heading_open":
                anchor = token.attrs.get("id")
                place = f"{self.source.place}#{anchor}" if anchor else ""
                # A gap between levels would be read out as a missing chapter, and PDF/UA forbids it.
                self.level = min(int(token.tag[1]) + self.source.deeper, self.level + 1)
                return Heading(self.level, self.words("heading_close"), place)
            case "bullet_list_open" | "ordered_list_open":
                return self.listing(token)
            case "blockquote_open":
                return Quotation(self.blocks("blockquote_close"))
            case "fence" | "code_block":
                return CodeBlock(token.content)
            case "hr":
                return Rule()
            case "table_open":
                return self.table()
            case "figure_open":
                return self.figure()
            case "fact":
                return self.source.fact(token.content)
            case "check" if self.source.check is not None:
                return self.source.check(token.content)
            case "note_open":
                return Box("note", self.blocks("note_close"))
            case "changed_open":
                self.level = 2  # this block has a heading of its own
                return Box("changed", self.blocks("changed_close"))
        raise self.refuse(token.type)

    def words(self, until: str) -> tuple[Span, ...]:
        found: tuple[Span, ...] = ()
        while (token := self.next()).type != until:
            if token.type != "inline":
                raise self.refuse(token.type)
            try:
                found += tuple(_spans(token.children or (), self.source.target))
            except ValueError as unknown:
                raise self.refuse(str(unknown)) from None
        return found

    def listing(self, token: Token) -> Listing:
        closing = token.type.replace("_open", "_close")
        start = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        items: list[tuple[Block, ...]] = []
        while (item := self.next()).type != closing:
            if item.type != "list_item_open":
                raise self.refuse(item.type)
            items.append(self.blocks("list_item_close"))
        return Listing(tuple(items), start)

    def table(self) -> Table:
        caption: tuple[Span, ...] = ()
        rows: list[list[tuple[Span, ...]]] = []
        numbers: list[bool] = []
        while (token := self.next()).type != "table_close":
            match token.type:
                case "caption_open":
                    caption = self.words("caption_close")
                case "tr_open":
                    rows.append([])
                case "th_open" | "td_open":
                    if len(rows) == 1:
                        right = "right" in str(token.attrs.get("style", "")) or token.attrs.get("class") == "number"
                        numbers.append(right)
                    rows[-1].append(self.words(token.type.replace("_open", "_close")))
                case "thead_open" | "thead_close" | "tbody_open" | "tbody_close" | "tr_close":
                    pass
                case other:
                    raise self.refuse(other)
        return Table(caption, tuple(rows[0]), tuple(tuple(row) for row in rows[1:]), tuple(numbers))

    def figure(self) -> Figure:
        picture = self.next()
        images = [child for child in picture.children or () if child.type == "image"]
        if len(images) != 1 or str(images[0].attrs.get("src")) not in self.source.pictures:
            raise self.refuse("image")
        caption: tuple[Span, ...] = ()
        while (token := self.next()).type != "figure_close":
            if token.type == "figcaption_open":
                caption = self.words("figcaption_close")
            else:
                raise self.refuse(token.type)
        drawing = self.source.pictures[str(images[0].attrs["src"])]
        return Figure(drawing, plain_words(images[0].children or ()), caption)


def _spans(tokens: Sequence[Token], target: Callable[[str], Target], *, pictures: bool = False) -> Iterator[Span]:
    """The words of parsed text; raises ValueError with the type of a token that there is no form for.

    With ``pictures`` one of these among words is told in words.
    """
    place = 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token.nesting == 1:
            end = _end_of(tokens, place)
            inside = tuple(_spans(tokens[place:end], target, pictures=pictures))
            place = end + 1
            match token.type:
                case "strong_open":
                    yield Strong(inside)
                case "em_open":
                    yield Emphasis(inside)
                case "link_open":
                    yield Link(inside, *target(str(token.attrs["href"])))
                case "nowrap_open":
                    yield from inside
                case other:
                    raise ValueError(other)
            continue
        match token.type:
            case "text":
                if token.content:
                    yield Words(token.content)
            case "code_inline":
                yield Code(token.content)
            case "softbreak":
                yield Words(" ")
            case "hardbreak":
                yield LineBreak()
            case "term":
                yield Term(token.content, f"words/{token.meta['id']}", first=bool(token.meta.get("first")))
            case "image" if pictures:
                yield Words(plain_words(token.children or ()))
            case other:
                raise ValueError(other)


def _end_of(tokens: Sequence[Token], place: int) -> int:
    """Where what was opened just before ``place`` is closed."""
    depth = 1
    while True:
        depth += tokens[place].nesting
        if depth == 0:
            return place
        place += 1
