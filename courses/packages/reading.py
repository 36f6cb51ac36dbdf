"""A course package, from its folder to frozen values, with every fault by file and line.

The format is described in docs/course-packages.md. Nothing here knows a database, a request or a kind of activity: what
an activity file means is asked from its ``ActivityChecker``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote

from courses.outline import PRETEST
from courses.packages.content import (
    Activity,
    Course,
    CoursePackage,
    Lesson,
    LessonText,
    Module,
    Objective,
    Page,
    Paper,
    PaperRule,
    Part,
    Question,
    QuestionAndAnswer,
    Source,
)
from courses.packages.faults import BadPackage, Fault
from courses.packages.fields import Fields, Notes, is_language_tag, nearest
from courses.packages.folder import Folder, KeptFiles
from courses.packages.marked_yaml import List, Map, Node, Scalar, line_at, plain
from lms.errors import N_
from lms.text.drawings import BadDrawing, Drawing, read_drawing
from lms.text.localised import Text
from lms.text.markdown import Document, Fact, GlossaryEntry, Grade, Picture, address_is_safe, document
from lms.text.slugs import is_slug

FORMAT = 1
PAPER_RULES = frozenset({"lessons_done", "modules_read", "quizzes_passed", "worksheets_done", "activities_done"})
LONGEST_PAPER_ID = 30
LONGEST_VERSION = 40
READY = "ready"
LONGEST_LESSON_MINUTES = 240

_FACT_ID = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
DIFFICULTIES = ("easy", "medium", "hard")
SKILLS = ("recall", "understand", "apply", "calculate", "judge", "order")
CHECKS_FILE = "checks.yaml"
PRETEST_FILE = "pretest.yaml"
PAGES = ("welcome", "about")

_PICTURE_FILE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.svg")
_ACTIVITY_FILE = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*\.yaml")


class ActivityChecker(Protocol):
    """What a kind of activity says about its file; the envelope of its questions is checked here already."""

    def check(
        self, definition: Mapping[str, object], *, lessons: Mapping[str, frozenset[str]]
    ) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """Give each fault as (path, message id, values).

        A path is like ``questions.3.spec.prompt``, lists counted from 0. ``lessons`` has the anchors of each lesson of
        the module. A value ``line`` is the line of the text at the path, from 1.
        """
        ...


class TogetherChecker(Protocol):
    """A kind of activity whose files point to each other, beside its `ActivityChecker`."""

    def check_together(
        self, definitions: Mapping[str, Mapping[str, object]]
    ) -> Iterable[tuple[str, str, str, Mapping[str, object]]]:
        """Give each fault as (file, path, message id, values); ``definitions`` has all files of the kind.

        Their keys are as “module/activity”, and so is ``file``.
        """
        ...


class CheckChecker(Protocol):
    """Who puts self-checks into lessons: `courses.hooks.SelfChecks`."""

    def problems(self, kind: str, spec: Mapping[str, object]) -> Iterable[tuple[str, str, Mapping[str, object]]] | None:
        """Give each fault of a question as (path in its spec, message id, values); None for an unknown kind."""
        ...


def read_package(
    folder: Path | Mapping[str, str],
    *,
    activity_checkers: Mapping[str, ActivityChecker],
    check_checkers: Iterable[CheckChecker] = (),
    paper_rules: Collection[str] = PAPER_RULES,
) -> CoursePackage:
    """Read and check the course in ``folder``, or in the ``files`` of a package that was read before.

    ``activity_checkers`` has one checker for each known kind of activity, ``check_checkers`` those who know the kinds
    of self-checks. Raises BadPackage with all faults that were found; only a file that cannot be read as YAML hides the
    faults inside it.
    """
    notes = Notes()
    files = Folder(folder, notes) if isinstance(folder, Path) else KeptFiles(folder, notes)
    reader = _PackageReader(files, notes, activity_checkers, tuple(check_checkers), paper_rules)
    package = reader.package()
    if notes.faults or package is None:
        raise BadPackage(notes.faults)
    return package


@dataclass
class _Written:
    """The texts of a lesson or a page, by language, and what they came to: other files may point into them."""

    texts: dict[str, LessonText] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    @property
    def anchors(self) -> frozenset[str]:
        """The ids that all languages have."""
        return frozenset.intersection(*(page.anchors for page in self.documents.values()))

    def facts(self, known: Mapping[str, Fact]) -> dict[str, Fact]:
        """The facts that it shows, in any language."""
        return {name: known[name] for name in sorted({fact for page in self.documents.values() for fact in page.facts})}

    def terms(self, known: Mapping[str, GlossaryEntry]) -> dict[str, GlossaryEntry]:
        """The words of the glossary that it names, in any language."""
        named = {term for page in self.documents.values() for term in page.mentions}
        return {name: known[name] for name in sorted(named)}


@dataclass
class _LessonDraft(_Written):
    """A lesson while its module is read."""

    objectives: tuple[str, ...] = ()
    pictures: dict[str, Drawing] = field(default_factory=dict)

    def lesson(self, name: str, facts: Mapping[str, Fact], glossary: Mapping[str, GlossaryEntry]) -> Lesson:
        pictures = {file: self.pictures[file] for file in sorted(self.pictures)}
        return Lesson(name, self.texts, self.objectives, self.facts(facts), self.terms(glossary), pictures)


@dataclass
class _PackageReader:
    folder: Folder
    notes: Notes
    checkers: Mapping[str, ActivityChecker]
    check_checkers: tuple[CheckChecker, ...]
    rules: Collection[str]
    facts: dict[str, Fact] = field(default_factory=dict)
    glossary: dict[str, GlossaryEntry] = field(default_factory=dict)
    lessons: dict[str, dict[str, _LessonDraft]] = field(default_factory=dict)  # by module id and lesson id
    activities: dict[str, dict[str, str]] = field(default_factory=dict)  # kinds by module id and activity id
    definitions: dict[str, dict[str, Map]] = field(default_factory=dict)  # by kind and “module/activity”
    drawings: dict[str, Drawing | None] = field(default_factory=dict)  # by path; None: it has a fault
    pages: dict[str, _Written] = field(default_factory=dict)  # of the course itself, by id

    # --- the course ---------------------------------------------------------------------------------------------

    def package(self) -> CoursePackage | None:
        if not self.folder.has("course.yaml"):
            self.notes.add("course.yaml", 1, N_("There is no course.yaml in this folder."))
            return None
        node = self.folder.yaml("course.yaml")
        if node is None:
            return None
        required = "format id version source_language languages licence title short_title summary audience hours origin"
        course = Fields(self.notes, "course.yaml", node, required=f"{required} parts papers")
        self._languages(course)
        if course.number("format", least=1, whole=True) != FORMAT:
            # Another format has other rules; faults by the rules of this one would mislead.
            message = N_("This Lantern reads course packages of format %(format)s.")
            course.fault(course.line_of("format"), message, format=FORMAT)
            return None
        if len(course.string("version")) > LONGEST_VERSION:
            course.fault(course.line_of("version"), N_("“version” has at most %(most)s letters."), most=LONGEST_VERSION)
        self._facts()
        self._glossary()
        licence_text = self._licence()
        parts = self._parts(course)
        modules = [module for part in parts for module in part.modules]
        pages = tuple(page for name in PAGES for page in self._course_page(name))
        pretest = self._pretest()
        self._check_links()
        self._check_activities_together(modules)
        package = CoursePackage(
            course=Course(
                id=course.slug(),
                version=course.string("version"),
                source_language=self.notes.source_language,
                languages=self.notes.languages,
                licence=course.string("licence"),
                title=course.text("title", plain=True),
                short_title=course.text("short_title", plain=True),
                summary=course.text("summary"),
                audience=course.text("audience"),
                origin=course.text("origin"),
                hours=course.number("hours", least=0) or 0,
                parts=parts,
                papers=self._papers(course, modules),
            ),
            facts=self.facts,
            glossary=self.glossary,
            licence_text=licence_text,
            pages=pages,
            pretest=pretest,
            files={name: text for name, text in self.folder.read.items() if text is not None},
        )
        self._check_forgotten_files(modules)
        return package

    def _languages(self, course: Fields) -> None:
        languages = course.words("languages", least=1)
        for language, line in languages:
            if not is_language_tag(language):
                message = N_("“%(language)s” is not a language tag such as “en” or “pt-BR”.")
                course.fault(line, message, language=language)
        source = course.string("source_language")
        if source and languages and source not in dict(languages):
            course.fault(course.line_of("source_language"), N_("The source language is one of the languages."))
        self.notes.source_language = source or "en"
        self.notes.languages = tuple(language for language, _ in languages) or (self.notes.source_language,)

    def _licence(self) -> str:
        if not self.folder.has("LICENSE.md"):
            self.notes.add("LICENSE.md", 1, N_("There is no LICENSE.md: it says what others may do with the course."))
            return ""
        return self.folder.text("LICENSE.md") or ""

    def _entries(self, file: str) -> Iterable[tuple[str, int, Node]]:
        """The entries of a file that is one map from ids; a course can do without the file."""
        node = self.folder.yaml(file) if self.folder.has(file) else None
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return
        if not isinstance(node, Map):
            self.notes.add(file, node.line, N_("Here stands a map: lines of “key: value”."))
            return
        for name, item in node.items.items():
            yield name, node.key_lines[name], item

    def _facts(self) -> None:
        for name, line, node in self._entries("facts.yaml"):
            if not _FACT_ID.fullmatch(name):
                self.notes.add("facts.yaml", line, N_("“%(id)s” cannot be the id of a fact, such as M01-F10."), id=name)
            fields = Fields(
                self.notes, "facts.yaml", node, required="text source year url grade read", optional="publisher as_of"
            )
            fact = Fact(
                text=fields.text("text"),
                source=fields.string("source"),
                url=_outside_address(fields),
                grade=cast(Grade, fields.one_of("grade", ("A", "B", "C")) or "C"),
                read=fields.boolean("read"),
                publisher=fields.string("publisher", empty=True),
                year=fields.string("year"),
                as_of=fields.string("as_of", empty=True),
            )
            if fact.text:
                self.facts[name] = fact

    def _glossary(self) -> None:
        for name, line, node in self._entries("glossary.yaml"):
            if not is_slug(name):
                message = N_("“%(id)s” cannot be an id: use a-z, 0-9 and hyphens.")
                self.notes.add("glossary.yaml", line, message, id=name)
            fields = Fields(self.notes, "glossary.yaml", node, required="term definition")
            # Glossaries are often translated before the course is, so these may be ahead of it.
            entry = GlossaryEntry(
                fields.text("term", plain=True, any_language=True), fields.text("definition", any_language=True)
            )
            if entry.term and entry.definition:
                self.glossary[name] = entry

    def _parts(self, course: Fields) -> tuple[Part, ...]:
        parts = []
        part_ids: set[str] = set()
        module_ids: set[str] = set()
        for node in course.items("parts", least=1):
            fields = Fields(self.notes, "course.yaml", node, required="id title modules")
            part_id = fields.slug(in_address=False)
            self._must_be_new(part_id, part_ids, fields, "id")
            modules = []
            for item in fields.items("modules", least=1):
                entry = Fields(self.notes, "course.yaml", item, required="id title")
                module_id = entry.slug()
                self._must_be_new(module_id, module_ids, entry, "id")
                title = entry.text("title", plain=True)
                if is_slug(module_id) and module_id not in self.lessons and self.folder.has(f"{module_id}/module.yaml"):
                    modules.append(self._module(module_id, title))
                else:
                    modules.append(Module(module_id, title, ready=False))
            parts.append(Part(part_id, fields.text("title", plain=True), tuple(modules)))
        return tuple(parts)

    def _must_be_new(self, name: str, seen: set[str], fields: Fields, key: str) -> None:
        if name and name in seen:
            fields.fault(fields.line_of(key), N_("The id “%(id)s” is used twice."), id=name)
        seen.add(name)

    def _papers(self, course: Fields, modules: Iterable[Module]) -> tuple[Paper, ...]:
        known: dict[str, Module] = {}
        for module in modules:
            known.setdefault(module.id, module)
        papers = []
        seen: set[str] = set()
        for node in course.items("papers", least=1):
            fields = Fields(self.notes, "course.yaml", node, required="id title statement rules")
            name = fields.slug(in_address=False)
            self._must_be_new(name, seen, fields, "id")
            if len(name) > LONGEST_PAPER_ID:
                message = N_("The id of a paper has at most %(most)s letters.")
                fields.fault(fields.line_of("id"), message, most=LONGEST_PAPER_ID)
            title, statement = fields.text("title", plain=True), fields.text("statement", plain=True)
            rules = tuple(self._rule(rule, known) for rule in fields.items("rules", least=1))
            papers.append(Paper(name, title, statement, rules))
        return tuple(papers)

    def _rule(self, node: Node, known: Mapping[str, Module]) -> PaperRule:
        entry = Fields(self.notes, "course.yaml", node, required="rule", optional="modules activities least")
        rule = entry.one_of("rule", self.rules)
        wanted, unwanted = ("activities", "modules") if rule == "activities_done" else ("modules", "activities")
        if rule and entry.node(unwanted):
            entry.fault(entry.line_of(unwanted), N_("This rule has no “%(key)s”."), key=unwanted)
        if rule and not entry.node(wanted):
            entry.fault(entry.line, N_("The key “%(key)s” is missing."), key=wanted)
            return PaperRule(rule)
        if rule == "activities_done":
            activities = tuple(self._asked_activities(entry))
            return PaperRule(rule, activities=activities, least=self._least(entry, len(activities)))
        modules = entry.node("modules")
        every_ready = isinstance(modules, Scalar)
        ready = [module.id for module in known.values() if module.ready]
        if isinstance(modules, Scalar):
            if modules.written != READY:
                entry.fault(modules.line, N_("“modules” is “ready” or a list of module ids."))
            elif not ready:
                entry.fault(modules.line, N_("No module is ready, so nobody could meet this rule."))
            asked = ready
        else:
            asked = self._asked_modules(entry, known)
        kinds = [kind for name in asked for kind in self.activities[name].values()]
        sheets = kinds.count("worksheet")
        if rule == "quizzes_passed" and asked and len(kinds) == sheets:
            entry.fault(entry.line_of("rule"), N_("None of these modules has a quiz, so this rule asks nothing."))
        if rule == "worksheets_done" and asked and not sheets:
            message = N_("None of these modules has a worksheet, so this rule asks nothing.")
            entry.fault(entry.line_of("rule"), message)
        units = {
            "lessons_done": sum(len(self.lessons[name]) for name in asked),
            "quizzes_passed": len(kinds) - sheets,
            "worksheets_done": sheets,
        }.get(rule, len(asked))
        return PaperRule(rule, tuple(asked), every_ready, least=self._least(entry, units))

    def _least(self, entry: Fields, units: int) -> int | None:
        least = entry.number("least", least=1, whole=True)
        if least is None:
            return None
        if least > units:
            message = N_("There are %(have)s of these now, so nobody could meet this rule.")
            entry.fault(entry.line_of("least"), message, have=units)
        return int(least)

    def _asked_activities(self, entry: Fields) -> Iterable[str]:
        for name, line in entry.words("activities", least=1):
            module, _, activity = name.partition("/")
            if activity in self.activities.get(module, ()):
                yield name
            else:
                entry.fault(line, N_("There is no activity “%(id)s”; write module/activity."), id=name)

    def _asked_modules(self, entry: Fields, known: Mapping[str, Module]) -> list[str]:
        asked = []
        for name, line in entry.words("modules", least=1):
            if name not in known:
                entry.fault(line, N_("There is no module “%(id)s”."), id=name)
            elif not known[name].ready:
                entry.fault(line, N_("The module “%(id)s” is in preparation, so nobody could meet this rule."), id=name)
            else:
                asked.append(name)
        return asked

    # --- a module -----------------------------------------------------------------------------------------------

    def _module(self, module_id: str, title: Text) -> Module:
        file = f"{module_id}/module.yaml"
        drafts = self.lessons.setdefault(module_id, {})
        self.activities[module_id] = {}
        node = self.folder.yaml(file)
        if node is None:
            return Module(module_id, title, ready=True)
        fields = Fields(
            self.notes,
            file,
            node,
            required="summary opening objectives lessons",
            optional="title_origin activities sources seminar faq worksheet",
        )
        objectives = self._objectives(fields)
        known_objectives = {objective.id for objective in objectives}
        for name, line in fields.words("lessons", least=1):
            if not is_slug(name):
                fields.fault(line, N_("“%(id)s” cannot be the id of a lesson: use a-z, 0-9 and hyphens."), id=name)
                continue
            draft = self._lesson(module_id, name, line, known_objectives)
            if draft is not None:
                drafts[name] = draft
        worksheet, worksheet_lines = self._worksheet(fields)
        return Module(
            id=module_id,
            title=title,
            ready=True,
            summary=fields.text("summary"),
            opening=fields.text("opening"),
            title_origin=fields.text("title_origin") if fields.node("title_origin") else {},
            seminar=fields.text("seminar") if fields.node("seminar") else {},
            objectives=objectives,
            lessons=tuple(draft.lesson(name, self.facts, self.glossary) for name, draft in drafts.items()),
            activities=self._activities(module_id, fields, known_objectives),
            sources=tuple(self._source(file, item) for item in fields.items("sources")),
            faq=tuple(self._faq(file, item) for item in fields.items("faq")),
            worksheet=worksheet,
            worksheet_lines=worksheet_lines,
            checks=self._checks(module_id, known_objectives),
        )

    def _objectives(self, module: Fields) -> tuple[Objective, ...]:
        objectives = []
        seen: set[str] = set()
        for node in module.items("objectives", least=1):
            fields = Fields(self.notes, module.file, node, required="id text")
            name = fields.slug(in_address=False)
            self._must_be_new(name, seen, fields, "id")
            objectives.append(Objective(name, fields.text("text"), fields.line))
        return tuple(objectives)

    def _source(self, file: str, node: Node) -> Source:
        fields = Fields(self.notes, file, node, required="title publisher year url")
        return Source(
            fields.string("title"), fields.string("publisher"), fields.string("year"), _outside_address(fields)
        )

    def _faq(self, file: str, node: Node) -> QuestionAndAnswer:
        fields = Fields(self.notes, file, node, required="question answer")
        return QuestionAndAnswer(fields.text("question"), fields.text("answer"))

    def _worksheet(self, module: Fields) -> tuple[Text, Mapping[str, int]]:
        """The text of a worksheet, and the line on which that of each language begins."""
        if module.node("worksheet") is None:
            return {}, {}
        texts = module.text("worksheet", links=False)
        lines = {}
        for language, text in texts.items():
            item = module.scalar("worksheet", language)
            lines[language] = first_line = item.first_line if item else module.line_of("worksheet")
            self._page(text, language, module.file, first_line)
            if item:
                module.check_words(item, anchors=True)
        return texts, lines

    def _page(
        self,
        text: str,
        language: str,
        file: str,
        first_line: int,
        drawings: Mapping[str, Drawing] | None = None,
    ) -> Document:
        page = document(
            text,
            facts=self.facts,
            glossary=self.glossary,
            languages=(language, self.notes.source_language),
            pictures={name: Picture("", one.width, one.height) for name, one in (drawings or {}).items()},
        )
        for problem in page.problems:
            self.notes.add(file, first_line + problem.line - 1, problem.message, **problem.values)
        return page

    # --- a lesson -----------------------------------------------------------------------------------------------

    def _lesson(self, module_id: str, name: str, line: int, objectives: set[str]) -> _LessonDraft | None:
        self._must_suit_an_address(f"{module_id}/module.yaml", line, name)
        draft = _LessonDraft()
        aims: dict[str, tuple[str, ...]] = {}
        for language in self._languages_source_first():
            file = f"{module_id}/{name}.{language}.md"
            if not self.folder.has(file):
                if language == self.notes.source_language:
                    message = N_("The lesson “%(id)s” has no file %(file)s.")
                    self.notes.add(f"{module_id}/module.yaml", line, message, id=name, file=file)
                continue
            read = self._lesson_text(file, objectives)
            if read is None:
                continue
            text, aims[language] = read
            if aims[language] != aims.get(self.notes.source_language, aims[language]):
                self.notes.add(file, 1, N_("The objectives are not those of the lesson in the source language."))
            drawings = self._drawings(module_id, text.body)
            page = self._page(text.body, language, file, text.line, drawings)
            draft.texts[language], draft.documents[language] = text, page
            draft.pictures |= {mention.id: drawings[mention.id] for mention in page.pictures if mention.id in drawings}
        draft.objectives = aims.get(self.notes.source_language, ())
        return draft if self.notes.source_language in draft.texts else None

    def _languages_source_first(self) -> tuple[str, ...]:
        source = self.notes.source_language
        return (source, *(other for other in self.notes.languages if other != source))

    # --- pages of the course itself -----------------------------------------------------------------------------

    def _course_page(self, name: str) -> Iterable[Page]:
        """The page, if there is one in the package."""
        draft = self.pages[name] = _Written()
        source = self.notes.source_language
        for language in self._languages_source_first():
            file = f"{name}.{language}.md"
            if not self.folder.has(file):
                continue
            read = self._lesson_text(file, None)
            if read is None:
                continue
            if language != source and not self.folder.has(f"{name}.{source}.md"):
                message = N_("There is no %(file)s: a page is in the source language at least.")
                self.notes.add(file, 1, message, file=f"{name}.{source}.md")
            draft.texts[language] = text = read[0]
            draft.documents[language] = page = self._page(text.body, language, file, text.line)
            for mention in page.checks:
                message = N_("Self-checks stand in lessons only.")
                self.notes.add(file, text.line + mention.line - 1, message)
        if source in draft.texts:
            yield Page(name, draft.texts, draft.facts(self.facts), draft.terms(self.glossary))

    def _drawings(self, module_id: str, text: str) -> dict[str, Drawing]:
        """The pictures of a module's folder that a text names; one with a fault is noted once."""
        found = {}
        for name in re.findall(r"\]\(([^()\s]+)\)", text):
            path = f"{module_id}/{name}"
            if not _PICTURE_FILE.fullmatch(name) or not self.folder.has(path):
                continue
            if path not in self.drawings:
                self.drawings[path] = self._drawing(path)
            drawing = self.drawings[path]
            # A faulty one has told so; its size does not matter then.
            found[name] = drawing or Drawing("", 1, 1)
        return found

    def _drawing(self, path: str) -> Drawing | None:
        text = self.folder.text(path)
        if text is None:
            return None
        try:
            return read_drawing(text.encode())
        except BadDrawing as bad:
            self.notes.add(path, bad.line, bad.message, **bad.values)
            return None

    def _must_suit_an_address(self, file: str, line: int, name: str) -> None:
        holder = Map(line, {"id": Scalar(line, name, name, line)}, {"id": line})
        Fields(self.notes, file, holder, required="id").slug()

    def _lesson_text(self, file: str, objectives: set[str] | None) -> tuple[LessonText, tuple[str, ...]] | None:
        """A text with its front matter; ``objectives`` None: a page, which has neither these nor minutes."""
        text = self.folder.text(file)
        if text is None:
            return None
        if not text.startswith("---\n") or "\n---\n" not in f"{text}\n":
            lesson = N_("A lesson begins with its title and minutes between two lines “---”.")
            page = N_("A page begins with its title and lead between two lines “---”.")
            self.notes.add(file, 1, page if objectives is None else lesson)
            return None
        front, body = _split(text)
        node = self.folder.parse(file, front, first_line=2)
        if node is None:
            return None
        if objectives is None:
            fields = Fields(self.notes, file, node, required="title lead")
        else:
            fields = Fields(self.notes, file, node, required="title minutes lead", optional="objectives")
        minutes = fields.number("minutes", least=1, most=LONGEST_LESSON_MINUTES, whole=True)
        named = fields.words("objectives")
        for name, line in named:
            if name not in (objectives or ()):
                self._unknown(file, line, N_("There is no objective “%(id)s” in module.yaml."), name)
        lead = fields.string("lead")
        if isinstance(written := fields.node("lead"), Scalar):
            fields.check_words(written)
        body_line = front.count("\n") + 3
        if not body.strip():
            message = N_("This page has no text.") if objectives is None else N_("This lesson has no text.")
            self.notes.add(file, body_line, message)
        text_of = LessonText(fields.string("title"), lead, int(minutes or 0), body, file, body_line)
        return text_of, tuple(name for name, _ in named)

    def _unknown(self, file: str, line: int, message: str, name: str) -> None:
        self.notes.add(file, line, message, id=name)

    # --- links of lessons, once all lessons are known -----------------------------------------------------------

    def _check_links(self) -> None:
        written = [(module_id, draft) for module_id, drafts in self.lessons.items() for draft in drafts.values()]
        for module_id, draft in [*written, *(("", page) for page in self.pages.values())]:
            for language, page in draft.documents.items():
                text = draft.texts[language]
                for link in page.links:
                    if not _is_outside(link.address) and not self._leads_somewhere(
                        link.address, module_id, language, page
                    ):
                        message = N_("“%(address)s” leads to no lesson, activity or heading of this course.")
                        self.notes.add(text.file, text.line + link.line - 1, message, address=link.address)

    def _leads_somewhere(self, address: str, module_id: str, language: str, page: Document) -> bool:
        """Whether a link of a lesson of the module, or of a page of the course (no module), has an end."""
        path, hash_sign, anchor = unquote(address).partition("#")
        target = page
        if path:
            steps = path.split("/")
            if not module_id and len(steps) == 1:
                return not hash_sign and (steps[0] in self.lessons or steps[0] in self.pages)
            if not module_id and len(steps) == 2:
                module_id, steps = steps[0], steps[1:]
            elif len(steps) == 3 and steps[0] == "..":
                module_id, steps = steps[1], steps[2:]
            if len(steps) != 1:
                return False
            if steps[0] in self.activities.get(module_id, ()):
                return not hash_sign
            draft = self.lessons.get(module_id, {}).get(steps[0])
            if draft is None:
                return False
            target = draft.documents.get(language) or draft.documents[self.notes.source_language]
        return not hash_sign or anchor in target.anchors

    # --- activities ---------------------------------------------------------------------------------------------

    def _activities(self, module_id: str, module: Fields, objectives: set[str]) -> tuple[Activity, ...]:
        activities = []
        seen = set(self.lessons[module_id])
        for node in module.items("activities"):
            fields = Fields(self.notes, module.file, node, required="id kind file title")
            name = fields.slug()
            self._must_be_new(name, seen, fields, "id")
            kind = self._kind(fields)
            self.activities[module_id][name] = kind
            title = fields.text("title", plain=True)
            file = fields.string("file")
            if not file:
                continue
            if not _ACTIVITY_FILE.fullmatch(file) or file == "module.yaml":
                message = N_("“file” is the name of a .yaml file in the folder of the module.")
                fields.fault(fields.line_of("file"), message)
                continue
            path = f"{module_id}/{file}"
            if not self.folder.has(path):
                fields.fault(fields.line_of("file"), N_("There is no file %(file)s."), file=path)
                continue
            definition = self.folder.yaml(path)
            if definition is None:
                continue
            if not isinstance(definition, Map):
                self.notes.add(path, definition.line, N_("Here stands a map: lines of “key: value”."))
                continue
            questions = self._questions(module_id, path, definition, objectives)
            self._check_texts(path, definition)
            whole = cast(Mapping[str, object], plain(definition))
            if kind:
                anchors = {lesson: draft.anchors for lesson, draft in self.lessons[module_id].items()}
                for place, message, values in self.checkers[kind].check(whole, lessons=anchors):
                    self._note(path, definition, place, message, values)
                self.definitions.setdefault(kind, {})[f"{module_id}/{name}"] = definition
            activities.append(Activity(name, kind, title, whole, questions, path))
        return tuple(activities)

    def _check_texts(self, file: str, node: Node, key: str = "text") -> None:
        """Check every text of several languages in a file of which only its kind knows where these stand."""
        if isinstance(node, List):
            for item in node.items:
                self._check_texts(file, item, key)
        if not isinstance(node, Map):
            return
        is_text = all(is_language_tag(name) and isinstance(item, Scalar) for name, item in node.items.items())
        if is_text and any(name in self.notes.languages for name in node.items):
            named = key if key.isidentifier() else "text"
            Fields(self.notes, file, Map(node.line, {named: node}, {named: node.line}), required=named).text(named)
            return
        for name, item in node.items.items():
            self._check_texts(file, item, name)

    def _kind(self, fields: Fields) -> str:
        kind = fields.string("kind")
        known = [name for name in self.checkers if name != PRETEST]
        if not kind or kind in known:
            return kind
        line = fields.line_of("kind")
        meant = nearest(kind, known)
        if meant:
            message = N_("There is no kind of activity “%(kind)s”. Did you mean “%(meant)s”?")
            fields.fault(line, message, kind=kind, meant=meant)
        else:
            message = N_("There is no kind of activity “%(kind)s” on this site. A plugin may bring it.")
            fields.fault(line, message, kind=kind)
        return ""

    def _questions(self, module_id: str, file: str, definition: Map, objectives: set[str]) -> tuple[Question, ...]:
        """The envelope that activities with questions share; without the key ``questions`` a file is its kind's own."""
        if "questions" not in definition.items:
            return ()
        fields = Fields(
            self.notes,
            file,
            definition,
            required="title questions",
            optional="pass_mark tries draw time_limit_minutes blueprint cases opens_at closes_at counts review practice"
            " hint_cost second_marker",
        )
        fields.text("title", plain=True)
        fields.number("pass_mark", least=0, most=1)
        fields.number("tries", least=1, whole=True, null=True)
        fields.number("time_limit_minutes", least=1, null=True)
        items = fields.items("questions", least=1)
        fields.number("draw", least=1, most=max(len(items), 1), whole=True, null=True)
        return tuple(question for question, _ in self._envelopes(module_id, file, items, objectives))

    def _envelopes(
        self, module_id: str, file: str, items: Iterable[Node], objectives: set[str]
    ) -> list[tuple[Question, Node | None]]:
        """The questions of a list, each with the node of its spec."""
        seen: set[str] = set()
        questions: list[tuple[Question, Node | None]] = []
        for node in items:
            entry = Fields(
                self.notes,
                file,
                node,
                required="id kind objective explains spec",
                optional="difficulty skill practice_only case",
            )
            name = entry.slug(in_address=False)
            self._must_be_new(name, seen, entry, "id")
            objective = entry.string("objective")
            if objective and objective not in objectives:
                message = N_("There is no objective “%(id)s” in module.yaml.")
                self._unknown(file, entry.line_of("objective"), message, objective)
            questions.append(self._envelope(entry, name, module_id, objective))
        return questions

    def _envelope(self, entry: Fields, name: str, module_id: str, objective: str) -> tuple[Question, Node | None]:
        """What every question has; a paragraph that explains it is in the module."""
        explains = entry.string("explains")
        if explains:
            self._check_explains(module_id, explains, entry)
        spec = entry.node("spec")
        if spec is not None and not isinstance(spec, Map):
            entry.fault(spec.line, N_("Here stands a map: lines of “key: value”."))
        values = cast(Mapping[str, object], plain(spec)) if isinstance(spec, Map) else {}
        difficulty = entry.one_of("difficulty", DIFFICULTIES) if entry.node("difficulty") else ""
        skill = entry.one_of("skill", SKILLS) if entry.node("skill") else ""
        question = Question(
            name, entry.string("kind"), objective, explains, values, entry.line, difficulty=difficulty, skill=skill
        )
        return question, spec

    # --- the pre-test -------------------------------------------------------------------------------------------

    def _pretest(self) -> Activity | None:
        """The questions that a course asks before it and again after it, if it has such."""
        definition = self.folder.yaml(PRETEST_FILE) if self.folder.has(PRETEST_FILE) else None
        if definition is None:
            return None
        fields = Fields(self.notes, PRETEST_FILE, definition, required="title intro questions")
        if not isinstance(definition, Map):
            return None
        if PRETEST not in self.checkers:
            fields.fault(1, N_("This site knows no pre-tests. A plugin may bring them."))
            return None
        title, _ = fields.text("title", plain=True), fields.text("intro")
        seen: set[str] = set()
        questions = []
        for node in fields.items("questions", least=1):
            required, optional = "id module kind difficulty spec", "explains skill"
            entry = Fields(self.notes, PRETEST_FILE, node, required=required, optional=optional)
            name, module_id = entry.slug(in_address=False), entry.string("module")
            self._must_be_new(name, seen, entry, "id")
            if module_id and module_id not in self.lessons:
                entry.fault(entry.line_of("module"), N_("There is no module “%(id)s” that is ready."), id=module_id)
            questions.append(self._envelope(entry, name, module_id, module_id)[0])
        whole = cast(Mapping[str, object], plain(definition))
        for place, message, values in self.checkers[PRETEST].check(whole, lessons={}):
            self.notes.add(PRETEST_FILE, line_at(definition, place), message, **values)
        return Activity(PRETEST, PRETEST, title, whole, tuple(questions), PRETEST_FILE)

    # --- self-checks --------------------------------------------------------------------------------------------

    def _checks(self, module_id: str, objectives: set[str]) -> tuple[Question, ...]:
        """The module's self-checks; each stands in a lesson, and each that stands in one is here."""
        file = f"{module_id}/{CHECKS_FILE}"
        questions: list[tuple[Question, Node | None]] = []
        if self.folder.has(file):
            node = self.folder.yaml(file)
            if node is None:
                return ()
            fields = Fields(self.notes, file, node, required="questions")
            questions = self._envelopes(module_id, file, fields.items("questions", least=1), objectives)
            self._check_texts(file, node)
        for question, spec in questions:
            self._check_spec(file, question, spec)
        known = {question.id for question, _ in questions}
        shown: set[str] = set()
        for draft in self.lessons[module_id].values():
            for language, page in draft.documents.items():
                text = draft.texts[language]
                for mention in page.checks:
                    if mention.id not in known:
                        message = N_("There is no self-check “%(id)s” in checks.yaml of this module.")
                        self.notes.add(text.file, text.line + mention.line - 1, message, id=mention.id)
                    shown.add(mention.id)
        for question, _ in questions:
            if question.id and question.id not in shown:
                message = N_("No lesson of this module shows the self-check “%(id)s”: “::: check %(id)s”.")
                self.notes.add(file, question.line, message, id=question.id)
        return tuple(question for question, _ in questions)

    def _check_spec(self, file: str, question: Question, spec: Node | None) -> None:
        if not question.kind or not isinstance(spec, Map):
            return
        for checker in self.check_checkers:
            problems = checker.problems(question.kind, question.spec)
            if problems is not None:
                for path, message, values in problems:
                    self._note(file, spec, path, message, values)
                return
        message = N_("This site knows no self-checks of kind “%(kind)s”.")
        self.notes.add(file, question.line, message, kind=question.kind)

    def _check_activities_together(self, modules: Iterable[Module]) -> None:
        files = {f"{module.id}/{activity.id}": activity.file for module in modules for activity in module.activities}
        for kind, definitions in self.definitions.items():
            together = getattr(self.checkers[kind], "check_together", None)
            if together is None:
                continue
            whole = {name: cast(Mapping[str, object], plain(one)) for name, one in definitions.items()}
            for name, path, message, values in cast(TogetherChecker, self.checkers[kind]).check_together(whole):
                self._note(files[name], definitions[name], path, message, values)

    def _note(self, file: str, node: Node, path: str, message: str, values: Mapping[str, object]) -> None:
        """Note what a checker found at a path of a file, with the words that name the place inside a question."""
        line = values.get("line")
        part = "" if "key" in values else _last_words(path)
        number = line_at(node, path, line if isinstance(line, int) else None)
        self.notes.faults.append(Fault(file, number, message, values, part))

    def _check_explains(self, module_id: str, explains: str, entry: Fields) -> None:
        lesson, hash_sign, anchor = explains.partition("#")
        draft = self.lessons.get(module_id, {}).get(lesson)
        line = entry.line_of("explains")
        if draft is None:
            entry.fault(line, N_("There is no lesson “%(id)s” in this module."), id=lesson)
        elif hash_sign and anchor not in draft.anchors:
            lacking = [name for name, page in draft.documents.items() if anchor not in page.anchors]
            message = N_("The lesson “%(id)s” has no heading with the anchor “%(anchor)s” (%(languages)s).")
            entry.fault(line, message, id=lesson, anchor=anchor, languages=", ".join(lacking))

    # --- files that nothing names -------------------------------------------------------------------------------

    def _check_forgotten_files(self, modules: Iterable[Module]) -> None:
        ready = {module.id: module.ready for module in modules}
        for file in self.folder.names():
            if file in self.folder.read or not file.endswith((".md", ".svg", ".yaml", ".yml")):
                continue
            if file == "README.md":
                continue
            place = file.partition("/")[0] if "/" in file else ""
            if place and not ready.get(place, True):
                continue  # drafts of a module in preparation
            self.notes.add(file, 1, N_("Nothing in the package names this file. Is its name misspelt?"))


def _last_words(path: str) -> str:
    """What follows the last number of a path: “why.en” of ``questions.3.spec.options.1.why.en``."""
    words = itertools.takewhile(lambda step: not step.isdigit(), reversed(path.split(".")))
    return ".".join(reversed([*words])).removeprefix("spec").lstrip(".")


def _split(text: str) -> tuple[str, str]:
    """The front matter, with its last line end, and the body of a lesson that has both lines “---”."""
    front, _, body = f"{text[3:]}\n".partition("\n---\n")
    return f"{front[1:]}\n", f"{body.rstrip()}\n"


def _nothing(fields: Fields) -> Node:
    """An empty map at the place of a missing one: its keys are then said to be missing too."""
    return Map(fields.line, {}, {})


def _is_outside(address: str) -> bool:
    return address.lower().startswith(("http:", "https:", "mailto:"))


def _outside_address(fields: Fields) -> str:
    address = fields.string("url")
    if address and not (address.lower().startswith(("http:", "https:")) and address_is_safe(address)):
        fields.fault(fields.line_of("url"), N_("“url” is an address that begins with https:// or http://."))
    return address
