"""A course as its package says it: frozen values, no database. ``lms.text`` has Fact and GlossaryEntry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property

from lms.text.drawings import Drawing
from lms.text.localised import Text
from lms.text.markdown import Fact, GlossaryEntry

LONGEST_TEXT = 20_000  # letters, in one language, of a text that is no lesson
_PLACE = {"is_content": False}  # a field that says where something stands, not what it says


def content_hash(thing: object) -> str:
    """The SHA-256 (hexadecimal) of ``thing`` as canonical JSON: equal content has equal hashes."""
    written = json.dumps(_as_json(thing), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _as_json(thing: object) -> object:
    if is_dataclass(thing) and not isinstance(thing, type):
        return {
            part.name: _as_json(getattr(thing, part.name))
            for part in fields(thing)
            if part.metadata.get("is_content", True)
        }
    if isinstance(thing, Mapping):
        return {str(key): _as_json(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [_as_json(item) for item in thing]
    return thing


class _Hashed:
    @cached_property
    def hash(self) -> str:
        """The content hash; it changes exactly when the content does."""
        return content_hash(self)


@dataclass(frozen=True)
class LessonText:
    """A lesson in one language. ``body`` is Markdown and begins on ``line`` of ``file``."""

    title: str
    lead: str  # one or two sentences of inline Markdown
    minutes: int
    body: str
    file: str = field(metadata=_PLACE)
    line: int = field(metadata=_PLACE)


@dataclass(frozen=True)
class Lesson(_Hashed):
    """A lesson in all its languages, with the facts and glossary entries that it shows, as parts of its content."""

    id: str
    texts: Mapping[str, LessonText]  # by language; the source language is always there
    objectives: tuple[str, ...]
    facts: Mapping[str, Fact]
    terms: Mapping[str, GlossaryEntry]
    pictures: Mapping[str, Drawing] = field(default_factory=dict)  # by the name of the file


@dataclass(frozen=True)
class Question(_Hashed):
    """What every question has, whatever its kind; only the kind understands ``spec``."""

    id: str
    kind: str
    objective: str
    explains: str  # "lesson" or "lesson#anchor", in the same module
    spec: Mapping[str, object]
    line: int = field(metadata=_PLACE)
    difficulty: str = ""  # easy, medium, hard; empty where the author does not say
    skill: str = ""


@dataclass(frozen=True)
class Activity(_Hashed):
    """Something to do in a module. ``definition`` is the whole file; ``questions`` is empty if it has none."""

    id: str
    kind: str
    title: Text
    definition: Mapping[str, object]
    questions: tuple[Question, ...]
    file: str = field(metadata=_PLACE)


@dataclass(frozen=True)
class Page(_Hashed):
    """A page of the course itself, such as its welcome, in all its languages; its facts and terms as in `Lesson`."""

    id: str
    texts: Mapping[str, LessonText]  # by language; their minutes are 0
    facts: Mapping[str, Fact]
    terms: Mapping[str, GlossaryEntry]


@dataclass(frozen=True)
class Objective:
    id: str
    text: Text
    line: int = field(default=1, metadata=_PLACE)  # of module.yaml


@dataclass(frozen=True)
class Source:
    """Something to read that a module is built on."""

    title: str
    publisher: str
    year: str
    url: str


@dataclass(frozen=True)
class QuestionAndAnswer:
    question: Text
    answer: Text


@dataclass(frozen=True)
class Module(_Hashed):
    """A module; one that is not ``ready`` has an id and a title only and is in preparation."""

    id: str
    title: Text
    ready: bool
    summary: Text = field(default_factory=dict)
    opening: Text = field(default_factory=dict)
    title_origin: Text = field(default_factory=dict)
    seminar: Text = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    activities: tuple[Activity, ...] = ()
    sources: tuple[Source, ...] = ()
    faq: tuple[QuestionAndAnswer, ...] = ()
    worksheet: Text = field(default_factory=dict)
    worksheet_lines: Mapping[str, int] = field(default_factory=dict, metadata=_PLACE)  # of module.yaml, by language
    checks: tuple[Question, ...] = ()  # the self-checks that its lessons show by their ids

    def minutes(self, language: str) -> int:
        """The time that the lessons take in a language, else in the first that each has."""
        return sum((lesson.texts.get(language) or next(iter(lesson.texts.values()))).minutes for lesson in self.lessons)


@dataclass(frozen=True)
class Part:
    id: str
    title: Text
    modules: tuple[Module, ...]


@dataclass(frozen=True)
class PaperRule:
    """One rule of a paper. ``modules`` or ``activities`` (“module/activity”) are the ids that it asks for.

    With ``every_ready`` the package said ``ready``: the list then follows the modules that are ready. ``least`` of what
    it asks for are enough; None: all of it.
    """

    rule: str
    modules: tuple[str, ...] = ()
    every_ready: bool = False
    activities: tuple[str, ...] = ()
    least: int | None = None


@dataclass(frozen=True)
class Paper:
    """Something that people earn: a certificate with its own title, words and rules."""

    id: str
    title: Text
    statement: Text
    rules: tuple[PaperRule, ...]


@dataclass(frozen=True)
class Course:
    id: str
    version: str
    source_language: str
    languages: tuple[str, ...]
    licence: str
    title: Text
    short_title: Text
    summary: Text
    audience: Text
    origin: Text
    hours: float  # of effort, for the whole course when all modules are ready
    parts: tuple[Part, ...]
    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class CoursePackage(_Hashed):
    """Everything of one package folder, checked. ``files`` has the text of every file that it was read from."""

    course: Course
    facts: Mapping[str, Fact]
    glossary: Mapping[str, GlossaryEntry]
    licence_text: str
    pages: tuple[Page, ...] = ()
    pretest: Activity | None = None  # its questions have modules in place of objectives
    files: Mapping[str, str] = field(default_factory=dict, metadata=_PLACE, repr=False)

    @property
    def modules(self) -> tuple[Module, ...]:
        return tuple(module for part in self.course.parts for module in part.modules)

    @property
    def ready_minutes(self) -> int:
        """The effort of the modules that are ready, in the source language."""
        return sum(module.minutes(self.course.source_language) for module in self.modules)
