"""Markdown → safe HTML: the one place where text that somebody wrote becomes markup.

Two locks stand one behind the other. The parser knows no raw HTML and links only to addresses that ``address_is_safe``
allows; then nh3 parses what came out and keeps only the tags and attributes listed here. Nothing is decoded or put
together after that. Text never reaches a template compiler: ``{{ … }}`` and ``\\input{…}`` are printed as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from html import escape
from typing import Literal
from urllib.parse import urlsplit

import nh3
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from lms.errors import N_
from lms.text.localised import Text, pick
from lms.text.slugs import is_slug, slug

RENDERING = 3
"""Raise this when the same text gives other HTML than before; who stores HTML then renders it anew."""

WORDS: Mapping[str, str] = {
    "source": N_("Source:"),
    "as_of": N_("As of %(moment)s"),
    "grade_a": N_("Grade A: an official source"),
    "grade_b": N_("Grade B: a report by press or experts"),
    "grade_c": N_("Grade C: a trade page; check before you use it"),
    "read": N_("read by us"),
    "not_read": N_("not yet checked by us"),
    "changed": N_("What changed since the seminar"),
    "words": N_("Words in this lesson"),
}
"""The words that `document` adds to a text, as message ids; the caller hands them in translated, with the same keys."""

PAGE_IDS = frozenset({"content", "main", "top", "menu", "footer", "form", "state", "words-in-this-lesson"})
"""Ids that the page around a lesson may use; headings of a lesson never get one of these."""

Grade = Literal["A", "B", "C"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement with the source that it was checked against."""

    text: Text
    source: str
    url: str
    grade: Grade
    read: bool
    publisher: str = ""
    year: str = ""  # of the publication
    as_of: str = ""  # when it was so: "2016", "2024-05", "2022-03-25", or words


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A word of the subject; the definition may use inline Markdown."""

    term: Text
    definition: Text


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary word as one lesson explains it, in the language that was found (``language``)."""

    id: str
    term: str
    definition: str
    language: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an author must mend: a message id with its values; ``line`` counts from 1 in the text."""

    line: int
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A link or picture of the text, with the line (from 1) of the paragraph line where it stands."""

    address: str
    line: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that a text may show: where it is served, and its size in CSS pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a text names by its id (a self-check, a picture's file), with the line (from 1)."""

    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text as safe HTML and what is known about it.

    ``headings`` has (id, title as plain text) in reading order; ``anchors`` every id that a link may point to;
    ``terms`` the glossary words in order of first use; ``facts`` the ids of the facts shown; ``mentions`` those of all
    glossary words, explained or not; ``checks`` the self-checks and ``pictures`` the files of pictures in reading
    order. Where a self-check stands the HTML has a place for it, see `CHECK_PLACE`. With ``problems`` the HTML is
    still safe and readable, but not as it was meant.
    """

    html: str
    headings: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...]
    anchors: frozenset[str]
    facts: tuple[str, ...]
    mentions: frozenset[str]
    links: tuple[Link, ...]
    checks: tuple[Mention, ...]
    pictures: tuple[Mention, ...]
    problems: tuple[Problem, ...]


CHECK_PLACE = re.compile(r'<section class="check" id="check-([a-z0-9-]+)"></section>\n?')
"""Where a self-check belongs in the HTML of a `Document`; its group is the id. Nothing that an author writes is one."""


def inline(text: str) -> str:
    """Give one paragraph's worth of Markdown as safe HTML without blocks: for prompts, options and feedback.

    Pictures are shown as their alternative text.
    """
    # Long texts are not kept, or a few thousand of them would fill the memory.
    return _inline(text) if len(text) <= _LONGEST_KEPT else _inline.__wrapped__(text)


def title(text: str) -> str:
    """Give a title, which is plain text, as safe HTML; words such as “e-commerce” are kept on one line."""
    return "".join(
        f'<span class="nowrap">{escape(part)}</span>' if place % 2 else escape(part)
        for place, part in enumerate(_KEPT_TOGETHER.split(_encodable(text)))
    )


def words_only(text: str) -> str:
    """Give inline Markdown as plain text, such as for a heading's id or the list of a trainer; it is not escaped."""
    return plain_words(inline_tokens(text))


def inline_links(text: str) -> tuple[str, ...]:
    """The addresses that inline Markdown links to, in order."""
    return tuple(str(child.attrs["href"]) for child in inline_tokens(text) if child.type == "link_open")


def document(
    text: str,
    *,
    facts: Mapping[str, Fact],
    glossary: Mapping[str, GlossaryEntry],
    languages: Sequence[str],
    pictures: Mapping[str, Picture] | None = None,
    words: Mapping[str, str] = WORDS,
) -> Document:
    """Give the Markdown of a lesson as safe HTML; docs/course-packages.md describes the extras.

    The text is in the first of ``languages``; facts and glossary words are taken in the first of them that they have.
    ``pictures`` has those that the text may show, by the name of their file. ``words`` has the keys of WORDS. Nothing
    raises for the author's mistakes: they are in ``problems``.
    """
    page = _Page(facts=facts, glossary=glossary, languages=languages, words=words, known_pictures=pictures or {})
    environment: dict[str, object] = {"page": page}
    body = str(_DOCUMENT.render(_encodable(text), environment))
    return Document(
        html=_CLEAN_DOCUMENT.clean(_encodable(body + _glossary_html(page))),
        headings=tuple(page.headings),
        terms=tuple(page.terms.values()),
        anchors=frozenset(page.ids - PAGE_IDS),
        facts=tuple(page.shown_facts),
        mentions=frozenset(page.mentions),
        links=tuple(page.links),
        checks=tuple(page.checks),
        pictures=tuple(page.pictures),
        problems=tuple(sorted(page.problems, key=lambda problem: problem.line)),
    )


def document_tokens(
    text: str,
    *,
    facts: Mapping[str, Fact],
    glossary: Mapping[str, GlossaryEntry],
    languages: Sequence[str],
    pictures: Mapping[str, Picture],
) -> Sequence[Token]:
    """The parsed Markdown of a lesson, from which `document` makes its HTML: for writers of other forms.

    Beside markdown-it's own there are tokens of ours: ``fact`` and ``check`` (their ``content`` is the id),
    ``note_open``, ``changed_open``, ``figure_open``, ``figcaption_open``, ``caption_open``, ``scroll_open`` and, among
    words, ``term`` (``meta``: its id, and whether it is the first) and ``nowrap_open``. A picture's ``src`` is its
    address.
    """
    page = _Page(facts=facts, glossary=glossary, languages=languages, words=WORDS, known_pictures=pictures)
    return _DOCUMENT.parse(_encodable(text), {"page": page})


def plain_tokens(text: str) -> Sequence[Token]:
    """The parsed Markdown of a text that is no lesson: CommonMark with tables, and nothing of ours."""
    return _PLAIN.parse(_encodable(text))


def inline_tokens(text: str) -> Sequence[Token]:
    """The parsed words of inline Markdown, from which `inline` makes its HTML."""
    tokens = _INLINE.parseInline(_encodable(text))
    return (tokens[0].children or ()) if tokens else ()


def plain_words(children: Sequence[Token]) -> str:
    """Parsed words as plain text, on one line."""
    parts = []
    for child in children:
        if child.type in ("text", "code_inline", "term"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(plain_words(child.children or ()))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join("".join(parts).split())


def moment_in_words(written: str, language: str) -> str:
    """Give "2022-03-25" or "2022-03" in words of a language, anything else as it is written."""
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", written)
    if not found:
        return written
    try:
        locale = Locale.parse(language, sep="-")
        day = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except (ValueError, UnknownLocaleError):
        return written
    if locale.language == "en":
        return format_date(day, "d MMMM y" if found[3] else "MMMM y", locale=locale)
    return format_skeleton("yMMMMd" if found[3] else "yMMMM", day, locale=locale)


def address_is_safe(address: str) -> bool:
    """Whether a link may go there: http and https with a host and no sign-in in it, mailto, or a place on this site."""
    if not address or _UNSAFE_IN_ADDRESS.search(address) or address.startswith("//"):
        return False
    scheme, colon, rest = address.partition(":")
    if not colon or re.search(r"[/?#]", scheme):
        return True  # relative: no colon before the path begins
    if scheme.lower() == "mailto":
        return bool(rest)
    if scheme.lower() not in ("http", "https") or not rest.startswith("//"):
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


# --- the parsers -----------------------------------------------------------------------------------------------------

_LONGEST_KEPT = 4_000
_KEPT_TOGETHER = re.compile(r"""((?<!\w)[(“‘"']?(?:[eE]|[cC]ross)-\w+(?:[’']\w+)?[.,:;?!)”’"']*)""")
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f\\\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ANCHOR = re.compile(r"[ \t]*\{#([^{}\s]*)\}[ \t]*$")
_CAPTION = re.compile(r"Table:[ \t]+(\S.*)")
_FIGURE = re.compile(r"Figure:[ \t]+(\S[^\n]*)(?:\n(.*))?", re.S)
_PICTURE_ALONE = re.compile(r"!\[.*\]\([^()\s]+\)", re.S)
_OUR_IDS = re.compile(r"(?:w|fact|table|changed|check)-")
_BETWEEN_DATE_AND_WORDS = " \t–—:-"


class _Parser(MarkdownIt):
    """CommonMark without raw HTML, and with our own rule of where a link may go."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        return address_is_safe(url)


@dataclass
class _Page:
    """What is known and noted while one document is rendered."""

    facts: Mapping[str, Fact]
    glossary: Mapping[str, GlossaryEntry]
    languages: Sequence[str]
    words: Mapping[str, str]
    known_pictures: Mapping[str, Picture]
    headings: list[tuple[str, str]] = field(default_factory=list)
    terms: dict[str, Term] = field(default_factory=dict)
    ids: set[str] = field(default_factory=lambda: set(PAGE_IDS))
    numbers: dict[str, int] = field(default_factory=dict)  # the last one that was put behind an id
    shown_facts: list[str] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)
    links: list[Link] = field(default_factory=list)
    checks: list[Mention] = field(default_factory=list)
    pictures: list[Mention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    captions: set[str] = field(default_factory=set)
    tables: int = 0
    has_changes: bool = False

    def say(self, line: int, message: str, /, **values: object) -> None:
        self.problems.append(Problem(line, message, values))

    def take_id(self, wanted: str) -> str:
        """Give ``wanted``, or ``wanted-2`` and so on if it is taken, and take it."""
        chosen, number = wanted, self.numbers.get(wanted, 1)
        while chosen in self.ids:
            number += 1
            chosen = f"{wanted}-{number}"
        self.ids.add(chosen)
        self.numbers[wanted] = number  # or ten thousand headings alike would take the square of their number
        return chosen


def _encodable(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8, so they become the replacement character."""
    return _SURROGATE.sub("\ufffd", text)


@lru_cache(maxsize=4096)
def _inline(text: str) -> str:
    return _CLEAN_INLINE.clean(str(_INLINE.renderInline(_encodable(text))))


# --- blocks of our own: ::: fact, ::: check, ::: changed, ::: note ----------------------------------------------------


def _own_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A markdown-it block rule; only at the outermost level, so that each block ends where it seems to end."""
    if state.level or state.is_code_block(start):
        return False
    line = _line(state, start)
    if not line.startswith(":::"):
        return False
    if silent:
        return True
    page = _page(state.env)
    name, _, argument = line.lstrip(":").strip().partition(" ")
    if name in ("fact", "check"):
        (_fact_block if name == "fact" else _check_block)(state, start, end, argument.strip(), page)
        return True
    if name not in ("note", "changed"):
        if name:
            page.say(
                start + 1, N_("Lantern knows no block “%(name)s”; it knows fact, check, note and changed."), name=name
            )
        else:
            page.say(start + 1, N_("This line closes a block, but none is open."))
        state.line = start + 1
        return True
    close = next((number for number in range(start + 1, end) if _line(state, number).startswith(":::")), end)
    closed = close < end and _line(state, close).strip(": \t") == ""
    if argument:
        page.say(start + 1, N_("Nothing follows the name of this block on its line."))
    if not closed:
        page.say(start + 1, N_("This block is not closed by a line “:::” before the next block or the end."))
    if name == "changed":
        if page.has_changes:
            page.say(start + 1, N_("A lesson tells what changed in one block only."))
        page.has_changes = True
    tag = "div" if name == "note" else "aside"
    opening = state.push(f"{name}_open", tag, 1)
    opening.map = [start, close]
    opening.attrs = {"class": name}
    limit = state.lineMax
    state.lineMax = close
    state.md.block.tokenize(state, start + 1, close)
    state.lineMax = limit
    state.push(f"{name}_close", tag, -1)
    state.line = close + 1 if closed else close
    return True


def _fact_block(state: StateBlock, start: int, end: int, wanted: str, page: _Page) -> None:
    token = state.push("fact", "figure", 0)
    token.map = [start, start + 1]
    token.content = wanted
    state.line = start + 1
    if state.line < end and _line(state, state.line).strip() == ":::":
        state.line += 1
    if wanted not in page.facts:
        page.say(start + 1, N_("There is no fact “%(id)s” in facts.yaml."), id=wanted)


def _check_block(state: StateBlock, start: int, end: int, wanted: str, page: _Page) -> None:
    state.line = start + 1
    if state.line < end and _line(state, state.line).strip() == ":::":
        state.line += 1
    if not is_slug(wanted):
        page.say(start + 1, N_("“%(id)s” cannot be the id of a self-check: use a-z, 0-9 and hyphens."), id=wanted)
    elif any(before.id == wanted for before in page.checks):
        page.say(start + 1, N_("The self-check “%(id)s” stands in this lesson twice."), id=wanted)
    else:
        token = state.push("check", "section", 0)
        token.map = [start, start + 1]
        token.content = wanted
        page.checks.append(Mention(wanted, start + 1))
        page.ids.add(f"check-{wanted}")


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _page(environment: EnvType) -> _Page:
    page = environment["page"]
    assert isinstance(page, _Page)
    return page


# --- glossary words: [[id|words]] ------------------------------------------------------------------------------------


def _glossary_word(state: StateInline, silent: bool) -> bool:
    """A markdown-it inline rule."""
    # Silent: the end of a link is looked for. Its words may hold a term; one taken whole there would end the search.
    if silent or not state.src.startswith("[[", state.pos):
        return False
    # Bounded, or a text of nothing but brackets would cost the square of its length.
    end = state.src.find("]]", state.pos + 2, min(state.posMax, state.pos + 300))
    inside = state.src[state.pos + 2 : end]
    if end < 0 or not inside or "[" in inside:
        return False
    wanted, _, shown = inside.partition("|")
    token = state.push("term", "", 0)
    token.content = " ".join(shown.split())
    token.meta = {"id": wanted.strip(), "in_link": state.linkLevel > 0, "line_breaks": inside.count("\n")}
    state.pos = end + 2
    return True


# --- between blocks and inline: anchors of headings, captions of tables ----------------------------------------------


def _take_anchors_and_captions(state: StateCore) -> None:
    """A markdown-it core rule that runs before the text inside the blocks is parsed."""
    page = _page(state.env)
    tokens: list[Token] = []
    _take_figures(state, page)
    for place, token in enumerate(state.tokens):
        before = state.tokens[place - 1].type if place else ""
        if token.type == "inline" and before == "heading_open":
            anchor = _ANCHOR.search(token.content)
            if anchor:
                token.meta["anchor"] = anchor.group(1)
                token.content = token.content[: anchor.start()]
            elif "{#" in token.content:
                page.say(_line_of(token), N_("An anchor stands at the end of its heading, as {#small-letters}."))
        elif token.type == "inline" and before == "paragraph_open":
            if token.content.startswith(":::"):
                page.say(_line_of(token), N_("A block such as “::: note” cannot stand inside a list or a quotation."))
            if token.content.startswith("Table:") and not _begins_caption(state.tokens, place):
                page.say(_line_of(token), N_("A line “Table: caption” stands alone, directly before its table."))
        if token.type == "table_open":
            tokens.append(token)
            if _begins_caption(tokens, len(tokens) - 3):
                paragraph = tokens[-4:-1]
                del tokens[-4:-1]
                tokens += _caption(paragraph[1])
            continue
        tokens.append(token)
    state.tokens = tokens


def _take_figures(state: StateCore, page: _Page) -> None:
    """Turn each paragraph that is one picture, with the line “Figure: caption” before it, into a figure."""
    tokens: list[Token] = []
    caption: Token | None = None  # of the picture that must come next
    for place, token in enumerate(state.tokens):
        tokens.append(token)
        if token.type != "paragraph_close" or token.level:
            continue
        words = state.tokens[place - 1]
        found = _FIGURE.fullmatch(words.content)
        if caption is None and found is not None:
            caption = Token("inline", "", 0, map=words.map, content=found[1], children=[], block=True)
            if found[2] is None:
                following = state.tokens[place + 2] if place + 2 < len(state.tokens) else None
                if following is not None and _PICTURE_ALONE.fullmatch(following.content):
                    del tokens[-3:]
                    continue
                page.say(_line_of(words), N_("A line “Figure: caption” stands directly before its picture."))
                caption = None
                continue
            words.content = found[2]
            words.map = [_line_of(words), _line_of(words) + 1]
        if _PICTURE_ALONE.fullmatch(words.content):
            if caption is None:
                page.say(_line_of(words), N_("Each picture has a caption: a line “Figure: caption” before it."))
            del tokens[-3:]
            tokens += _figure(words, caption)
        elif caption is not None:
            page.say(_line_of(caption), N_("A line “Figure: caption” stands directly before its picture."))
        caption = None
    state.tokens = tokens


def _figure(words: Token, caption: Token | None) -> list[Token]:
    words.meta["figure"] = True
    figure = [Token("figure_open", "figure", 1, attrs={"class": "picture"}, block=True), words]
    if caption is not None:
        figure += [
            Token("figcaption_open", "figcaption", 1, block=True),
            caption,
            Token("figcaption_close", "figcaption", -1, block=True),
        ]
    return [*figure, Token("figure_close", "figure", -1, block=True)]


def _begins_caption(tokens: Sequence[Token], place: int) -> bool:
    """Whether the inline token at ``place`` is a whole paragraph “Table: …” that a table follows."""
    return (
        place >= 1
        and place + 2 < len(tokens)
        and tokens[place].type == "inline"
        and tokens[place - 1].type == "paragraph_open"
        and tokens[place + 2].type == "table_open"
        and _CAPTION.fullmatch(tokens[place].content) is not None
    )


def _caption(paragraph: Token) -> list[Token]:
    found = _CAPTION.fullmatch(paragraph.content)
    assert found is not None
    paragraph.content = found.group(1)
    return [
        Token("caption_open", "caption", 1, block=True),
        paragraph,
        Token("caption_close", "caption", -1, block=True),
    ]


# --- after inline: everything that needs the parsed words ------------------------------------------------------------


def _finish(state: StateCore) -> None:
    """A markdown-it core rule that runs last: ids, links, terms, tables, the timeline."""
    page = _page(state.env)
    around: list[str] = []  # the types of the blocks that are open here
    line = 1
    level = 1  # of the heading before; the page's own title is 1
    for place, token in enumerate(state.tokens):
        if token.map:
            line = token.map[0] + 1
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
        if token.type == "inline":
            title_of_something = bool({"heading_open", "caption_open", "th_open"} & set(around))
            token.children = _finish_words(token, line, page, plain=title_of_something)
        elif token.type == "heading_open":
            level = _check_level(token, state.tokens, place, level, line, page)
        elif token.type == "changed_open":
            level = 2  # this block has a heading of its own
            _arrange_changes(state.tokens, place, line, page)
    # Headings get their ids when all words are known, the written anchors first: they never give way to a slug.
    headings = [(token, state.tokens[place + 1]) for place, token in enumerate(state.tokens) if _is_heading(token)]
    for opening, words in headings:
        _take_written_anchor(opening, words, page)
    for opening, words in headings:
        plain = plain_words(words.children or ())
        if "id" not in opening.attrs:
            opening.attrs["id"] = page.take_id(_anchor_for(plain))
        page.headings.append((str(opening.attrs["id"]), plain))
        words.children = _keep_together(words.children or [])
    state.tokens = _arrange_tables(state.tokens, page)


def _is_heading(token: Token) -> bool:
    return token.type == "heading_open"


def _anchor_for(plain: str) -> str:
    made = slug(plain) or "section"
    return f"section-{made}" if _OUR_IDS.match(made) else made


def _take_written_anchor(opening: Token, words: Token, page: _Page) -> None:
    anchor = words.meta.get("anchor")
    if anchor is None:
        return
    line = _line_of(words)
    if not is_slug(anchor) or _OUR_IDS.match(anchor):
        message = N_("“%(anchor)s” cannot be an anchor: use small letters, digits and hyphens, not w-, fact-, table-.")
        page.say(line, message, anchor=anchor)
    elif anchor in page.ids:
        page.say(line, N_("The anchor “%(anchor)s” is taken already."), anchor=anchor)
    else:
        opening.attrs["id"] = page.take_id(anchor)


def _check_level(token: Token, tokens: Sequence[Token], place: int, before: int, line: int, page: _Page) -> int:
    """Say where a heading's level leaves a gap; give its level."""
    level = int(token.tag[1])
    if level == 1:
        page.say(line, N_("Headings of a lesson begin at “##”: its title is the first level."))
        closing = next(other for other in tokens[place:] if other.type == "heading_close")
        token.tag = closing.tag = "h2"
        return 2
    if level > before + 1:
        page.say(line, N_("This heading skips a level: use “%(marks)s”."), marks="#" * (before + 1))
    return level


def _finish_words(token: Token, line: int, page: _Page, *, plain: bool) -> list[Token]:
    """Look at each link, picture and glossary word of one piece of text; in ``plain`` words no term is a link."""
    finished: list[Token] = []
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            line += child.meta.get("is_written", True)
        elif child.type == "link_open":
            address = str(child.attrs["href"])
            page.links.append(Link(address, line))
            if _is_outside(address):
                child.attrs["rel"] = "noopener noreferrer"
        elif child.type == "image":
            child = _picture(child, line, page, alone=bool(token.meta.get("figure")) and len(token.children or []) == 1)
        elif child.type == "term":
            _finish_term(child, line, page, plain=plain or child.meta["in_link"])
            line += child.meta["line_breaks"]
        finished.append(child)
    return finished


def _is_outside(address: str) -> bool:
    return address.lower().startswith(("http:", "https:"))


def _picture(token: Token, line: int, page: _Page, *, alone: bool) -> Token:
    """The picture with its address and size, or its words where it cannot be shown."""
    alternative = plain_words(token.children or ())
    if not alternative:
        page.say(line, N_("A picture says in words what it shows: ![these words](file.svg)."))
    name = str(token.attrs.get("src", ""))
    page.pictures.append(Mention(name, line))
    known = page.known_pictures.get(name)
    if not alone:
        page.say(line, N_("A picture stands on a line of its own, after a line “Figure: caption”."))
    elif known is None:
        page.say(line, N_("There is no picture “%(file)s” in the folder of the module."), file=name)
    if known is None or not alone:
        shown = Token("text", "", 0)
        shown.content = alternative
        return shown
    token.attrs = {
        "src": known.address,
        "alt": "",
        "width": known.width,
        "height": known.height,
        "loading": "lazy",
    }
    return token


def _finish_term(token: Token, line: int, page: _Page, *, plain: bool) -> None:
    wanted: str = token.meta["id"]
    entry = page.glossary.get(wanted)
    if entry is None:
        page.say(line, N_("There is no word “%(id)s” in glossary.yaml."), id=wanted)
        token.content = token.content or wanted
        return
    page.mentions.add(wanted)
    term = pick(entry.term, page.languages)
    token.content = token.content or term.text
    if plain or wanted in page.terms:
        return
    definition = pick(entry.definition, page.languages)
    page.terms[wanted] = Term(wanted, term.text, definition.text, definition.language)
    page.ids.add(f"w-{wanted}")
    token.meta["first"] = True


def _keep_together(children: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for child in children:
        if child.type != "text":
            kept.append(child)
            continue
        for place, part in enumerate(_KEPT_TOGETHER.split(child.content)):
            words = Token("text", "", 0)
            words.content = part
            if place % 2:
                opening = Token("nowrap_open", "span", 1, attrs={"class": "nowrap"})
                kept += [opening, words, Token("nowrap_close", "span", -1)]
            elif part:
                kept.append(words)
    return kept


def _arrange_changes(tokens: Sequence[Token], place: int, line: int, page: _Page) -> None:
    """Make the one list of a block ``changed`` a list in order of time, each date on a line of its own."""
    inside = [tokens[place]]
    for token in tokens[place + 1 :]:
        inside.append(token)
        if token.type == "changed_close":
            break
    depth = 0
    lists = 0
    for number, token in enumerate(inside):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += depth == 0
            depth += 1
            if depth == 1:
                token.tag = "ol"
                token.attrs.pop("start", None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
            if depth == 0:
                token.tag = "ol"
        elif token.type == "list_item_open" and depth == 1:
            words = inside[number + 2]
            if words.type != "inline" or not _put_date_on_its_line(words):
                page.say(_line_of(token), N_("Each entry of this list begins with its date in bold: **March 2022**."))
    if lists != 1:
        page.say(line, N_("The block “changed” has one list, with one entry for each date."))


def _put_date_on_its_line(words: Token) -> bool:
    children = words.children or []
    # The parser puts an empty text before what is bold.
    children = [child for child in children if child.type != "text" or child.content]
    end = next((number for number, child in enumerate(children) if child.type == "strong_close"), -1)
    if end < 0 or children[0].type != "strong_open":
        return False
    rest = children[end + 1 :]
    if rest and rest[0].type == "text":
        rest[0].content = rest[0].content.lstrip(_BETWEEN_DATE_AND_WORDS)
        if not rest[0].content:
            rest = rest[1:]
    is_written = bool(rest) and rest[0].type in ("softbreak", "hardbreak")
    if is_written:
        rest = rest[1:]
    if rest:
        children[end + 1 :] = [Token("hardbreak", "br", 0, meta={"is_written": is_written}), *rest]
    words.children = children
    return True


def _arrange_tables(tokens: Sequence[Token], page: _Page) -> list[Token]:
    arranged: list[Token] = []
    start = 0
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            start = place
        elif token.type == "table_close":
            del arranged[len(arranged) - (place - start) :]
            arranged += _arrange_table(list(tokens[start : place + 1]), page)
            continue
        arranged.append(token)
    return arranged


def _arrange_table(table: list[Token], page: _Page) -> list[Token]:
    """Give one table its roles, so that it can be stacked on a narrow screen or scrolled sideways.

    A table whose columns after the first are all set to the right (``---:``) holds numbers to compare: it is never
    stacked, and scrolls from three columns on. Roles are written out, since ``display: block`` drops the built-in ones.
    """
    page.tables += 1
    line = _line_of(table[0])
    heads = [number for number, token in enumerate(table) if token.type == "th_open"]
    columns = [plain_words(table[number + 1].children or ()) for number in heads]
    of_numbers = len(heads) > 1 and all("right" in str(table[number].attrs.get("style")) for number in heads[1:])
    scrolls = of_numbers and len(heads) > 2
    if not all(columns):
        page.say(line, N_("Each column of a table has a heading, the first one too."))
    caption = next((table[number + 1] for number, token in enumerate(table) if token.type == "caption_open"), None)
    if caption is None:
        page.say(line, N_("Each table has a caption: a line “Table: caption” before it."))
    elif (words := plain_words(caption.children or ())) in page.captions:
        page.say(line, N_("Another table of this lesson has the same caption."))
    else:
        page.captions.add(words)
    caption_id = f"table-{page.tables}"
    roles = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row"}
    column = 0
    for number, token in enumerate(table):
        if token.type == "caption_open" and scrolls:
            token.attrs = {"id": caption_id}
        if token.type == "table_open":
            token.attrs = {"class": "numbers" if of_numbers else "stack"}
        if token.type == "tr_open":
            column = 0
        if token.type in ("th_open", "td_open"):
            _arrange_cell(token, table, number, columns[column], first=column == 0, stacks=not of_numbers)
            if token.tag == "th" and token.type == "td_open" and not table[number + 1].content.strip():
                page.say(line, N_("The first cell of each row names the row; in this table one is empty."))
            column += 1
        if token.nesting == 1 and token.tag in roles and not of_numbers:
            token.attrs["role"] = roles[token.tag]
    if not scrolls:
        return table
    attributes: dict[str, str | int | float] = {"class": "scroll", "tabindex": 0, "role": "region"}
    if caption is not None:
        attributes["aria-labelledby"] = caption_id
    opening = Token("scroll_open", "div", 1, block=True, attrs=attributes)
    return [opening, *table, Token("scroll_close", "div", -1, block=True)]


def _arrange_cell(token: Token, table: list[Token], number: int, heading: str, *, first: bool, stacks: bool) -> None:
    """Turn one cell into the heading of its column or row, or label it with its column's heading."""
    # The parser writes the alignment as a style attribute, which the content security policy forbids.
    attributes: dict[str, str | int | float] = {}
    if "right" in str(token.attrs.get("style")):
        attributes["class"] = "number"
    if token.type == "th_open":
        attributes["scope"] = "col"
    elif first:
        token.tag = "th"
        table[number + 2].tag = "th"
        attributes["scope"] = "row"
    if stacks:
        roles = {"col": "columnheader", "row": "rowheader", "": "cell"}
        attributes["role"] = roles[str(attributes.get("scope", ""))]
        if token.tag == "td":
            attributes["data-th"] = heading
    token.attrs = attributes


def _line_of(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


# --- from tokens to HTML ---------------------------------------------------------------------------------------------

_RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]


def _render_fact(_: RendererHTML, tokens: Sequence[Token], place: int, __: OptionsDict, environment: EnvType) -> str:
    page = _page(environment)
    wanted = tokens[place].content
    fact = page.facts.get(wanted)
    if fact is None:
        return ""
    statement = pick(fact.text, page.languages)
    number = ""
    if wanted not in page.shown_facts:
        page.shown_facts.append(wanted)
        number = f' id="{page.take_id(f"fact-{slug(wanted)}")}"'
    source = f"<bdi>{escape(fact.source)}</bdi>"
    if address_is_safe(fact.url) and _is_outside(fact.url):
        source = f'<a href="{escape(fact.url)}" rel="noopener noreferrer">{source}</a>'
    publication = ", ".join([source, *(f"<bdi>{escape(part)}</bdi>" for part in (fact.publisher, fact.year) if part)])
    lines = [f"{escape(page.words['source'])} {publication}"]
    if fact.as_of:
        moment = moment_in_words(fact.as_of, page.languages[0])
        lines.append(escape(page.words["as_of"].replace("%(moment)s", moment)))
    checked = page.words["read" if fact.read else "not_read"]
    lines.append(escape(f"{page.words['grade_' + fact.grade.lower()]}, {checked}"))
    caption = "".join(f"<p>{entry}</p>" for entry in lines)
    lang = _lang(statement.language, page)
    words = f"<p{lang}>{inline(statement.text)}</p><figcaption>{caption}</figcaption>"
    return f'<figure class="fact"{number}>{words}</figure>\n'


def _render_check(_: RendererHTML, tokens: Sequence[Token], place: int, __: OptionsDict, ___: EnvType) -> str:
    return f'<section class="check" id="check-{escape(tokens[place].content)}"></section>\n'


def _render_changed(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, environment: EnvType
) -> str:
    page = _page(environment)
    name = page.take_id("changed-title")
    tokens[place].attrs["aria-labelledby"] = name
    opening = renderer.renderToken(tokens, place, options, environment)
    return f'{opening}<h2 id="{name}">{escape(page.words["changed"])}</h2>\n'


def _render_term(_: RendererHTML, tokens: Sequence[Token], place: int, __: OptionsDict, ___: EnvType) -> str:
    token = tokens[place]
    if not token.meta.get("first"):
        return escape(token.content)
    return f'<a class="term" href="#w-{escape(token.meta["id"])}">{escape(token.content)}</a>'


def _render_code(_: RendererHTML, tokens: Sequence[Token], place: int, __: OptionsDict, ___: EnvType) -> str:
    # A block of code scrolls sideways, so the keyboard must reach it.
    return f'<pre tabindex="0"><code>{escape(tokens[place].content)}</code></pre>\n'


def _render_alternative(_: RendererHTML, tokens: Sequence[Token], place: int, __: OptionsDict, ___: EnvType) -> str:
    return escape(plain_words(tokens[place].children or ()))


def _glossary_html(page: _Page) -> str:
    if not page.terms:
        return ""
    rows = "".join(
        f'<dt id="w-{escape(term.id)}"{lang}>{escape(term.term)}</dt><dd{lang}>{inline(term.definition)}</dd>'
        for term in page.terms.values()
        for lang in [_lang(term.language, page)]
    )
    heading = f'<h2 id="words-in-this-lesson">{escape(page.words["words"])}</h2>'
    return f'<section class="words">{heading}<dl>{rows}</dl></section>\n'


def _lang(language: str, page: _Page) -> str:
    """The attribute for words that are not in the language of the page."""
    return f' lang="{escape(language)}"' if page.languages and language != page.languages[0] else ""


# --- the two parsers and what may leave them -------------------------------------------------------------------------


def _inline_parser() -> MarkdownIt:
    parser = _Parser()
    parser.add_render_rule("image", _render_alternative)
    parser.core.ruler.push("outside_links", _mark_outside_links)
    return parser


def _mark_outside_links(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or []:
            if child.type == "link_open" and _is_outside(str(child.attrs["href"])):
                child.attrs["rel"] = "noopener noreferrer"


def _document_parser() -> MarkdownIt:
    parser = _Parser().enable("table")
    parser.block.ruler.before(
        "fence", "own_block", _own_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.inline.ruler.before("link", "term", _glossary_word)
    parser.core.ruler.before("inline", "anchors_and_captions", _take_anchors_and_captions)
    parser.core.ruler.push("finish", _finish)
    rules: dict[str, _RenderRule] = {
        "fact": _render_fact,
        "check": _render_check,
        "changed_open": _render_changed,
        "term": _render_term,
        "fence": _render_code,
        "code_block": _render_code,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_WORD_TAGS = {"a", "bdi", "br", "code", "em", "span", "strong"}
_BLOCK_TAGS = {
    "aside",
    "blockquote",
    "div",
    "dl",
    "dt",
    "dd",
    "figcaption",
    "figure",
    "hr",
    "img",
    "li",
    "ol",
    "ul",
    "p",
}
_BLOCK_TAGS |= {"h2", "h3", "h4", "h5", "h6", "pre", "section", "ul"}
_BLOCK_TAGS |= {"caption", "table", "tbody", "td", "th", "thead", "tr"}
_CLEAN_INLINE = nh3.Cleaner(
    tags=_WORD_TAGS,
    attributes={"*": set(), "a": {"href", "rel"}},
    allowed_classes={"span": {"nowrap"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,  # our parser marks the links that lead outside; those on this site need no mark
)
_CLEAN_DOCUMENT = nh3.Cleaner(
    tags=_WORD_TAGS | _BLOCK_TAGS,
    attributes={
        "*": set(),  # else nh3 allows title and lang anywhere
        "a": {"href", "rel"},
        "aside": {"aria-labelledby"},
        "caption": {"id"},
        "dd": {"lang"},
        "div": {"aria-labelledby"},
        "dt": {"id", "lang"},
        "figure": {"id"},
        "img": {"src", "alt", "width", "height"},
        "ol": {"start"},
        "p": {"lang"},
        "section": {"id"},
        "td": {"data-th"},
        **{f"h{level}": {"id"} for level in range(2, 7)},
    },
    tag_attribute_values={
        "div": {"role": {"region"}, "tabindex": {"0"}},
        "img": {"loading": {"lazy"}},
        "pre": {"tabindex": {"0"}},
        "table": {"role": {"table"}},
        "thead": {"role": {"rowgroup"}},
        "tbody": {"role": {"rowgroup"}},
        "tr": {"role": {"row"}},
        "th": {"role": {"columnheader", "rowheader"}, "scope": {"col", "row"}},
        "td": {"role": {"cell"}},
    },
    allowed_classes={
        "a": {"term"},
        "aside": {"changed"},
        "div": {"note", "scroll"},
        "figure": {"fact", "picture"},
        "section": {"check", "words"},
        "span": {"nowrap"},
        "table": {"numbers", "stack"},
        "td": {"number"},
        "th": {"number"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
_INLINE = _inline_parser()
_DOCUMENT = _document_parser()
_PLAIN = _Parser().enable("table")
