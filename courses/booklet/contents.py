"""What a booklet holds, in order: frozen values in one language, the same for the PDF and the EPUB. No database.

`courses.booklet.gathering.gather` makes a `Booklet` from a content package; a writer turns it into bytes.

A booklet is read in this order: cover; what the course is (summary, audience, origin, licence); contents; for each part
its modules, and for each module its opening, objectives and origin, lessons, worksheets and quizzes on paper, further
reading; then the glossary, the questions and answers (by module), the notes, and last the key to all self-checks and
quizzes. A module that is not ``ready`` has a title only.

Three kinds of text:

- a `Localised` is a text with the language that it is really in, which may be another than the booklet's (the source
  language, where a translation is missing). It is plain where it is called title or term or label of an interface;
  everything else may have inline Markdown, which `courses.booklet.reading_markdown.spans` reads;
- the body of a lesson is parsed already: `Block` holds `Span`;
- what the booklet itself says is in ``Booklet.words``, translated; ask with `Booklet.say`.

A *place* is the id of something that can be pointed to, unique in a booklet: ``module``, ``module/lesson``,
``module/lesson#anchor`` (a heading or a self-check), ``module/activity``, ``words/term``, ``notes/7``,
``key/module/lesson#anchor`` and ``key/module/activity``. A writer turns it into an id of its format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from courses.hooks import Paper, PaperItem
from courses.packages.content import Source
from lms.errors import N_
from lms.text.drawings import Drawing
from lms.text.localised import Localised
from lms.text.markdown import Grade

WORDS: Mapping[str, str] = {
    "contents": N_("Contents"),
    "about": N_("About this booklet"),
    "audience": N_("For whom"),
    "origin": N_("Where it comes from"),
    "licence": N_("Licence: %(licence)s"),
    "hours": N_("Hours of effort: about %(hours)s"),
    "version": N_("Version %(version)s, printed from the course on %(day)s"),
    "on_the_web": N_("On the web"),
    "part": N_("Part %(number)s"),
    "module": N_("Module %(number)s"),
    "in_preparation": N_("This module is in preparation."),
    "objectives": N_("What you can do afterwards"),
    "derives": N_("From the seminar"),
    "title_origin": N_("The title"),
    "module_minutes": N_("%(lessons)s lessons, about %(minutes)s minutes"),
    "lesson": N_("Lesson %(number)s"),
    "minutes": N_("About %(minutes)s minutes"),
    "open_page": N_("This lesson on the web"),
    "qr": N_("QR code that leads to the page of lesson %(number)s: %(address)s"),
    "not_translated": N_("Not yet translated."),
    "note_number": N_("Note %(number)s"),
    "check": N_("Try it: question %(number)s"),
    "changed": N_("What changed since the seminar"),
    "note": N_("Note"),
    "worksheet": N_("Worksheet"),
    "quiz": N_("Quiz"),
    "activity": N_("Activity"),
    "question": N_("Question %(number)s"),
    "not_on_paper": N_("This cannot be done on paper. It is on the web: %(address)s"),
    "question_not_on_paper": N_("This question cannot be put on paper. It is in the lesson on the web."),
    "example": N_("An example"),
    "criteria": N_("What a good one has"),
    "points": N_("Points: %(points)s"),
    "key_at": N_("The key is at the end of the booklet."),
    "reading": N_("Sources and further reading"),
    "glossary": N_("Words of the subject"),
    "faq": N_("Questions and answers"),
    "notes": N_("Notes: where the facts come from"),
    "as_of": N_("As of %(moment)s."),
    "grade_a": N_("Grade A: an official source"),
    "grade_b": N_("Grade B: a press report"),
    "grade_c": N_("Grade C: a trade page; check before you use it"),
    "read": N_("read by us"),
    "not_read": N_("not yet checked by us"),
    "key": N_("Key to questions and quizzes"),
    "right": N_("Right"),
    "not_right": N_("Not right"),
    "gap": N_("Gap %(number)s"),
    "box": N_("Box to write in"),
    "field": N_("Space to write"),
    "accessibility": N_(
        "Each drawing has its words. Headings, lists, tables and notes are marked up. Nothing moves or sounds."
    ),
}
"""What a booklet says by itself, as message ids; `gather` gets them translated. Writers ask with `Booklet.say`."""


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Emphasis:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A new line in the same paragraph."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link. ``address`` is whole (http, https, mailto), also for what is in the booklet: there ``place`` says where.

    ``place`` is "" for a link that leads out of the booklet.
    """

    spans: tuple[Span, ...]
    address: str
    place: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the glossary; ``place`` is its entry. ``first``: in this lesson, where it is marked."""

    text: str
    place: str
    first: bool


Span: TypeAlias = Words | Strong | Emphasis | Code | LineBreak | Link | Term


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a lesson; ``level`` counts from 2, as the lesson's title is 1."""

    level: int
    spans: tuple[Span, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; ``start`` is the first number, None: without numbers."""

    items: tuple[tuple[Block, ...], ...]
    start: int | None


@dataclass(frozen=True, slots=True)
class Quotation:
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between two thoughts."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names the row. ``numbers`` says of each column that it is set to the right."""

    caption: tuple[Span, ...]
    heads: tuple[tuple[Span, ...], ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    numbers: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing; ``alternative`` says in words what it shows."""

    drawing: Drawing
    alternative: str
    caption: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class FactBox:
    """A fact as it stands in the text, with the number of its note."""

    text: Localised
    number: int

    @property
    def place(self) -> str:
        """Where its note is."""
        return f"notes/{self.number}"


@dataclass(frozen=True, slots=True)
class Box:
    """A block beside the text: a note, or what changed (whose list has an entry a date; ``say("changed")`` is over it).

    In a ``changed`` box each entry of the one list begins with its date as `Strong`, then a `LineBreak`.
    """

    kind: Literal["note", "changed"]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A self-check where it stands; ``number`` counts from 1 in the lesson. ``item`` None: it cannot be on paper."""

    number: int
    place: str
    item: PaperItem | None

    @property
    def key(self) -> str:
        """The place of its key."""
        return f"key/{self.place}"


Block: TypeAlias = Heading | Paragraph | Listing | Quotation | CodeBlock | Rule | Table | Figure | FactBox | Box | Check


NOTHING = Localised("", "")
"""A text that a package does not have."""


# --- the booklet -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson. ``address`` is its page on the site; ``language`` that of title, lead and blocks."""

    number: str  # "3.2"
    place: str
    address: str
    language: str
    title: str
    lead: Localised
    minutes: int
    blocks: tuple[Block, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """Its self-checks, in reading order: they stand between other blocks only."""
        return tuple(block for block in self.blocks if isinstance(block, Check))


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A worksheet, a quiz or something else to do. ``paper`` None: it cannot be done on paper, and that is said."""

    place: str
    address: str
    kind: str  # "quiz", "worksheet", or another plugin's
    label: str  # the kind in the booklet's language
    title: Localised
    paper: Paper | None

    @property
    def key(self) -> str:
        """The place of its key."""
        return f"key/{self.place}"

    @property
    def has_key(self) -> bool:
        return self.paper is not None and any(item.key for part in self.paper.parts for item in part.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that people ask, and its answer."""

    question: Localised
    answer: Localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module; without ``ready`` it has a number and a title only."""

    number: int
    place: str
    address: str
    title: Localised
    ready: bool
    minutes: int = 0
    opening: Localised = NOTHING
    title_origin: Localised = NOTHING
    seminar: Localised = NOTHING
    objectives: tuple[Localised, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    activities: tuple[Activity, ...] = ()
    worksheet: tuple[Block, ...] = ()  # a worksheet that is a text, between the lessons and the activities
    sources: tuple[Source, ...] = ()
    faq: tuple[Question, ...] = ()

    @property
    def has_key(self) -> bool:
        """Whether the key at the end has something of it."""
        return any(lesson.checks for lesson in self.lessons) or any(one.has_key for one in self.activities)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    number: int
    title: Localised
    modules: tuple[Module, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Where a fact comes from; a fact that stands in several lessons has one note."""

    number: int
    fact: str  # its id in the package
    text: Localised
    source: str
    publisher: str
    year: str
    address: str
    as_of: str  # in words of the booklet's language, "" where it is not said
    grade: Grade
    read: bool

    @property
    def place(self) -> str:
        return f"notes/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A word of the glossary, in the order of the language's alphabet. ``lessons`` are the places that use it."""

    id: str
    term: Localised
    definition: Localised
    lessons: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"words/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booklet:
    """A course in one language. ``address`` is the course's page, ``made_at`` the moment that stands in the file.

    The same booklet gives the same bytes: a writer takes the time from ``made_at`` and nothing from chance.
    """

    slug: str
    version: str
    language: str
    right_to_left: bool
    title: Localised
    short_title: Localised
    summary: Localised
    audience: Localised
    origin: Localised
    hours: float
    licence: str  # its name in words, such as CC BY 4.0
    licence_text: tuple[Block, ...]
    address: str
    made_at: datetime  # aware
    made_on: str  # the day in words of the booklet's language
    parts: tuple[Part, ...]
    glossary: tuple[Entry, ...]
    notes: tuple[Note, ...]
    words: Mapping[str, str]
    words_language: str  # that of `words`: English where the interface is not translated

    @property
    def modules(self) -> tuple[Module, ...]:
        return tuple(module for part in self.parts for module in part.modules)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    def say(self, key: str, /, **values: object) -> str:
        """One of WORDS in the booklet's language, with its values."""
        words = self.words[key]
        return words % values if values else words
