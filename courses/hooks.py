"""What others may add to courses: activity types, course packages, links; and what they are told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lms.plugins import hookspec
from lms.plugins.events import Event
from lms.text.localised import Localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Options to tick: one of them, or as many as are right. On paper they carry the letters A, B, C …"""

    options: tuple[Localised, ...]
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Ruled lines to write on; ``unit`` stands behind the one line of a number."""

    count: int = 1
    unit: Localised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """A small box before each label: for the letter of one of ``options``, or, without options, for a number."""

    labels: tuple[Localised, ...]
    options: tuple[Localised, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """A text with numbered gaps: ``pieces`` has one text more than ``choices``, before, between and behind the gaps.

    ``choices`` has what each gap may be filled with; nothing for a gap that is written into.
    """

    pieces: tuple[Localised, ...]
    choices: tuple[tuple[Localised, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table to fill, with its headings and so many empty rows."""

    columns: tuple[Localised, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One line of the key. ``option`` counts from 0 in the options of the item and gives the line its letter.

    ``label`` is what the answer belongs to (a pair's left side, an item, the number of a gap), where there are several.
    ``right`` is false for an option that is not, which is listed for its ``why``.
    """

    answer: Localised
    right: bool = True
    option: int | None = None
    label: Localised | None = None
    why: Localised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCriterion:
    """One thing that an answer is marked by, and its points at most; ``levels`` say what is worth how many."""

    text: Localised
    points: int
    levels: tuple[tuple[int, Localised], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperItem:
    """One thing to answer with a pen: ``instruction`` says how, ``space`` where, ``criteria`` what it is marked by.

    ``key`` is printed at the end of the booklet, with ``why`` for the whole; a form that is no question has none.
    """

    prompt: Localised
    space: Tick | Lines | Boxes | Gaps | Grid
    instruction: Localised | None = None
    criteria: tuple[PaperCriterion, ...] = ()
    key: tuple[KeyLine, ...] = ()
    why: Localised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPart:
    """Items that stand together, below a heading, a text, both or neither."""

    items: tuple[PaperItem, ...]
    heading: Localised | None = None
    text: Localised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An activity on paper, in one language. Texts are inline Markdown with the language that they are in.

    ``numbered``: its items are questions, counted through. ``example`` and ``criteria`` stand at its end.
    """

    parts: tuple[PaperPart, ...]
    numbered: bool
    intro: Localised | None = None
    example: Localised | None = None
    criteria: tuple[PaperCriterion, ...] = ()


if TYPE_CHECKING:
    from courses.packages.reading import ActivityChecker


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityType:
    """A kind of activity that a module can hold.

    ``checker`` finds faults in a package's definition. ``install(session, activity_id=, definition=, before=,
    now=)`` writes the definition to the plugin's own rows, idempotently, and gives a line on what changed (or
    None); ``before`` is what the package said when it was installed last (empty for a new one), so that what people
    edited on the site can be told from what the package changed;
    ``definition_of`` gives it back. ``endpoint`` is the page and ``trainer_endpoint`` the room where trainers edit it
    (None: it has none); both take ``course_slug``, ``module_slug`` and ``activity_slug``. ``label`` is a message id.
    ``paper(definition, languages=, translate=)`` gives the activity as a `Paper` for the booklet, in the first of the
    languages that each text has, and in the same order every time; ``translate`` puts a message id into words. None,
    given or in its place: the booklet says that it cannot be done on paper.
    """

    kind: str
    label: str
    endpoint: str
    checker: ActivityChecker
    install: Callable[..., str | None]
    definition_of: Callable[..., Mapping[str, Any]] | None = None
    trainer_endpoint: str | None = None
    paper: Callable[..., Paper | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFolder:
    """A course package that ships with a plugin: ``lms course install`` and ``make run`` find it by its ``name``."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLink:
    """A link on the page of a course, for who takes it: to ``endpoint``, which takes ``course_slug``.

    ``label`` and ``note`` are message ids. It costs the page no statement: what there is behind it, its own page says.
    """

    name: str
    label: str
    note: str
    endpoint: str
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that the page of a course offers to one person now, in words of theirs.

    ``decline``: the address of a form that says “no, thank you”; "" where there is none.
    """

    title: str
    text: str
    label: str
    href: str
    decline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseOffer:
    """What a plugin may offer on the page of a course to who takes it.

    ``offer(connection, outline, progress, person_id=)`` gives an `Offer` or None. It reads only, in one statement at
    most, in the request of the person who asks.
    """

    name: str
    offer: Callable[..., Offer | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class AskedCheck:
    """A self-check as it stands in a lesson: the question, and where the answer to it is explained.

    ``prefix`` begins every id of its HTML: several stand on one page. ``links`` has titles and address of each lesson
    of the module by its slug.
    """

    kind: str
    spec: Mapping[str, Any]
    spec_version: int
    seed: int
    prefix: str
    explains: str
    links: Mapping[str, tuple[Mapping[str, str], str]]


@dataclass(frozen=True, slots=True)
class AnsweredCheck:
    """What an answer to a self-check is worth: ``answer`` as it is kept (plain JSON), ``score`` from 0 to 1."""

    answer: Mapping[str, Any]
    score: float


class SelfChecks(ABC):
    """Who puts questions into lessons, for practice: shows them, reads answers, marks them and says why.

    Every text that comes back as HTML is safe. The form around the controls, its token and its button are the lesson's.
    """

    name: str

    @abstractmethod
    def problems(self, kind: str, spec: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, object]]] | None:
        """Give each fault of a question as (path, message id, values); None for a kind that is not ours.

        A kind that needs a trainer to mark it is a fault: a self-check answers at once.
        """

    @abstractmethod
    def spec_version(self, kind: str) -> int:
        """The version of specs that are installed now; for a kind that `problems` knows."""

    @abstractmethod
    def form(
        self, asked: AskedCheck, *, language: str, given: Mapping[str, Sequence[str]] | None, error: str | None
    ) -> str | None:
        """The question with its controls as HTML, or None where this site cannot show it now.

        ``given`` and ``error`` are what was sent and refused, and why, in the person's words.
        """

    @abstractmethod
    def read(self, asked: AskedCheck, given: Mapping[str, list[str]], *, language: str) -> AnsweredCheck | None:
        """Read and mark what a form sent; None for an empty one. Raises Invalid for what cannot be an answer."""

    @abstractmethod
    def feedback(self, asked: AskedCheck, answered: AnsweredCheck, *, language: str) -> str | None:
        """The question, the answer and why it is right or not, as HTML; None where this site cannot show it now."""

    def paper(
        self, kind: str, spec: Mapping[str, Any], *, name: str, languages: Sequence[str], translate: Callable[..., str]
    ) -> PaperItem | None:
        """The question for the booklet, in the first of the languages that each text has; None: not on paper.

        ``name`` is its id in its module: what is drawn by chance is drawn from it, the same every time.
        """
        del kind, spec, name, languages, translate
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCompleted(Event):
    """A person marked a lesson as done."""

    person_id: int
    lesson_id: int
    at: datetime


@hookspec
def course_activity_types() -> list[ActivityType]:  # type: ignore[empty-body]
    """Kinds of activities."""


@hookspec
def course_packages() -> list[PackageFolder]:  # type: ignore[empty-body]
    """Course packages that ship with the plugin."""


@hookspec
def course_links() -> list[CourseLink]:  # type: ignore[empty-body]
    """Links on the page of every course."""


@hookspec
def course_offers() -> list[CourseOffer]:  # type: ignore[empty-body]
    """What the page of a course offers to one person now."""


@hookspec
def course_self_checks() -> list[SelfChecks]:  # type: ignore[empty-body]
    """Who puts self-checks into lessons; the first who knows a kind of question serves it."""


@hookspec
def lesson_completed(event: LessonCompleted) -> None:
    """Told after the commit: a person marked a lesson as done."""
