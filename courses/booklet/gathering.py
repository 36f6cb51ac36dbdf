"""A content package → what its booklet holds. Pure: no database, no clock, no request."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from markdown_it.token import Token

from courses.booklet import contents
from courses.booklet.contents import WORDS, Block, Booklet, Check, FactBox
from courses.booklet.reading_markdown import Inexpressible, Source, Target, anchors, blocks
from courses.hooks import Paper, PaperItem
from courses.packages import content
from courses.packages.content import CoursePackage
from courses.packages.faults import BadPackage, Fault
from lms.text.licences import licence_words
from lms.text.localised import Localised, Text, is_right_to_left, pick
from lms.text.markdown import Picture, document_tokens, moment_in_words, plain_tokens


class OnPaper(Protocol):
    """What is needed of `courses.hooks.ActivityType` here."""

    @property
    def label(self) -> str: ...

    @property
    def paper(self) -> Callable[..., Paper | None] | None: ...


class ChecksOnPaper(Protocol):
    """What is needed of `courses.hooks.SelfChecks` here."""

    def paper(
        self, kind: str, spec: Mapping[str, Any], *, name: str, languages: Sequence[str], translate: Callable[..., str]
    ) -> PaperItem | None: ...


def gather(
    package: CoursePackage,
    *,
    language: str,
    base_url: str,
    made_at: datetime,
    translate: Callable[..., str] = lambda message, **values: message % values if values else message,
    types: Mapping[str, OnPaper],
    checks: Mapping[str, ChecksOnPaper],
) -> Booklet:
    """The booklet of a course in one of its languages, text by text in the source language where one is missing.

    ``base_url`` begins every address; ``translate`` puts a message id into words of the language; ``types`` and
    ``checks`` have who puts each kind of activity and self-check on paper. Raises BadPackage with every place that a
    booklet has no form for.
    """
    gatherer = _Gatherer(package, language, base_url.rstrip("/"), translate, types, checks)
    booklet = gatherer.booklet(made_at)
    if gatherer.faults:
        raise BadPackage(gatherer.faults)
    return booklet


@dataclass
class _Gatherer:
    package: CoursePackage
    language: str
    base_url: str
    translate: Callable[..., str]
    types: Mapping[str, OnPaper]
    checks: Mapping[str, ChecksOnPaper]
    faults: list[Fault] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)  # of notes, by fact
    places: dict[str, str] = field(default_factory=dict)  # what can be pointed to, with the path of its page
    texts: dict[str, tuple[str, content.LessonText, Sequence[Token]]] = field(default_factory=dict)  # by place

    @property
    def languages(self) -> tuple[str, str]:
        return (self.language, self.package.course.source_language)

    def booklet(self, made_at: datetime) -> Booklet:
        self._parse()
        course = self.package.course
        words = {key: self.translate(message) for key, message in WORDS.items()}
        numbers = iter(range(1, len(self.package.modules) + 1))
        parts = tuple(
            contents.Part(
                number=number,
                title=self._said(part.title),
                modules=tuple(self._module(next(numbers), module) for module in part.modules),
            )
            for number, part in enumerate(course.parts, start=1)
        )
        return Booklet(
            slug=course.id,
            version=course.version,
            language=self.language,
            right_to_left=is_right_to_left(self.language),
            title=self._said(course.title),
            short_title=self._said(course.short_title),
            summary=self._said(course.summary),
            audience=self._said(course.audience),
            origin=self._said(course.origin),
            hours=course.hours,
            licence=licence_words(course.licence),
            licence_text=self._licence(),
            address=self._address(""),
            made_at=made_at,
            made_on=moment_in_words(made_at.date().isoformat(), self.language),
            parts=parts,
            glossary=self._glossary(),
            notes=self._notes(),
            words=words,
            words_language=self.language if words != dict(WORDS) else "en",
        )

    def _said(self, text: Text) -> Localised:
        return pick(text, self.languages)

    def _address(self, path: str) -> str:
        return f"{self.base_url}/courses/{self.package.course.id}{path}"

    # --- first all lessons are parsed, so that links know what there is ----------------------------------------------

    def _parse(self) -> None:
        for module in self.package.modules:
            if not module.ready:
                continue
            self.places[module.id] = f"/{module.id}"
            for activity in module.activities:
                self.places[f"{module.id}/{activity.id}"] = f"/{module.id}/{activity.id}"
            for lesson in module.lessons:
                place = f"{module.id}/{lesson.id}"
                language = self.language if self.language in lesson.texts else self.package.course.source_language
                text = lesson.texts[language]
                tokens = self._tokens(text.body, language, lesson.pictures)
                self.texts[place] = (language, text, tokens)
                self.places[place] = f"/{place}"
                for anchor in anchors(tokens):
                    self.places[f"{place}#{anchor}"] = f"/{place}#{anchor}"

    def _tokens(self, text: str, language: str, pictures: Mapping[str, object]) -> Sequence[Token]:
        return document_tokens(
            text,
            facts=self.package.facts,
            glossary=self.package.glossary,
            languages=(language, self.package.course.source_language),
            pictures={name: Picture(name, 1, 1) for name in pictures},
        )

    def _target(self, module: str, here: str) -> Callable[[str], Target]:
        """What a link of a text means: ``here`` is its place, ``module`` the folder that it stands in."""

        def target(address: str) -> Target:
            if address.lower().startswith(("http:", "https:", "mailto:")):
                return address, ""
            path, hash_sign, anchor = address.partition("#")
            wanted = f"{module}/{path}" if path else here
            if path.startswith("../"):
                wanted = path.removeprefix("../")
            whole = self._address(f"/{wanted}{hash_sign}{anchor}")
            if anchor.startswith("w-") and anchor[2:] in self.package.glossary:
                return whole, f"words/{anchor[2:]}"
            exact = f"{wanted}#{anchor}" if anchor else wanted
            return whole, exact if exact in self.places else wanted if wanted in self.places else ""

        return target

    # --- modules and lessons -----------------------------------------------------------------------------------------

    def _module(self, number: int, module: content.Module) -> contents.Module:
        title, address = self._said(module.title), self._address(f"/{module.id}")
        if not module.ready:
            return contents.Module(number=number, place=module.id, address=address, title=title, ready=False)
        questions = {check.id: check for check in module.checks}
        return contents.Module(
            number=number,
            place=module.id,
            address=address,
            title=title,
            ready=True,
            minutes=module.minutes(self.language),
            opening=self._said(module.opening),
            title_origin=self._said(module.title_origin),
            seminar=self._said(module.seminar),
            objectives=tuple(self._said(objective.text) for objective in module.objectives),
            lessons=tuple(
                self._lesson(f"{number}.{place}", module.id, lesson, questions)
                for place, lesson in enumerate(module.lessons, start=1)
            ),
            worksheet=self._worksheet(module),
            activities=tuple(self._activity(module.id, activity) for activity in module.activities),
            sources=module.sources,
            faq=tuple(
                contents.Question(question=self._said(one.question), answer=self._said(one.answer))
                for one in module.faq
            ),
        )

    def _lesson(
        self, number: str, module: str, lesson: content.Lesson, questions: Mapping[str, content.Question]
    ) -> contents.Lesson:
        place = f"{module}/{lesson.id}"
        language, text, tokens = self.texts[place]
        shown: list[str] = []

        def check(name: str) -> Check:
            shown.append(name)
            return Check(len(shown), f"{place}#check-{name}", self._check(questions[name]))

        source = Source(
            file=text.file,
            line=text.line,
            place=place,
            target=self._target(module, place),
            fact=self._fact,
            check=check,
            pictures=lesson.pictures,
        )
        return contents.Lesson(
            number=number,
            place=place,
            address=self._address(f"/{place}"),
            language=language,
            title=text.title,
            lead=Localised(text.lead, language),
            minutes=text.minutes,
            blocks=self._blocks(tokens, source),
        )

    def _blocks(self, tokens: Sequence[Token], source: Source) -> tuple[Block, ...]:
        try:
            return blocks(tokens, source)
        except Inexpressible as found:
            self.faults.append(found.fault)
            return ()

    def _fact(self, name: str) -> FactBox:
        return FactBox(self._said(self.package.facts[name].text), self.numbers.setdefault(name, len(self.numbers) + 1))

    def _check(self, question: content.Question) -> PaperItem | None:
        server = self.checks.get(question.kind)
        if server is None:
            return None
        return server.paper(
            question.kind, question.spec, name=question.id, languages=self.languages, translate=self.translate
        )

    def _worksheet(self, module: content.Module) -> tuple[Block, ...]:
        found = self._said(module.worksheet)
        line = module.worksheet_lines.get(found.language, 1)
        tokens = self._tokens(found.text, found.language, {})
        return self._blocks(
            tokens, self._source(f"{module.id}/module.yaml", line, module.id, f"{module.id}/worksheet-text")
        )

    def _licence(self) -> tuple[Block, ...]:
        return self._blocks(plain_tokens(self.package.licence_text), self._source("LICENSE.md", 1, "", "licence"))

    def _source(self, file: str, line: int, module: str, place: str) -> Source:
        """Where a text stands that is no lesson; it has no pictures and no self-checks."""
        target = self._target(module, module)
        return Source(
            file=file, line=line, place=place, target=target, fact=self._fact, check=None, pictures={}, deeper=1
        )

    def _activity(self, module: str, activity: content.Activity) -> contents.Activity:
        kind = self.types.get(activity.kind)
        paper = None
        if kind is not None and kind.paper is not None:
            paper = kind.paper(activity.definition, languages=self.languages, translate=self.translate)
        place = f"{module}/{activity.id}"
        return contents.Activity(
            place=place,
            address=self._address(f"/{place}"),
            kind=activity.kind,
            label=self.translate(kind.label) if kind is not None else self.translate(WORDS["activity"]),
            title=self._said(activity.title),
            paper=paper,
        )

    # --- what stands at the end --------------------------------------------------------------------------------------

    def _glossary(self) -> tuple[contents.Entry, ...]:
        lessons = [(f"{module.id}/{lesson.id}", lesson) for module in self.package.modules for lesson in module.lessons]
        entries = [
            contents.Entry(
                id=name,
                term=self._said(entry.term),
                definition=self._said(entry.definition),
                lessons=tuple(place for place, lesson in lessons if name in lesson.terms),
            )
            for name, entry in self.package.glossary.items()
        ]
        return tuple(sorted(entries, key=lambda entry: (_alphabetical(entry.term.text), entry.id)))

    def _notes(self) -> tuple[contents.Note, ...]:
        return tuple(
            contents.Note(
                number=number,
                fact=name,
                text=self._said(fact.text),
                source=fact.source,
                publisher=fact.publisher,
                year=fact.year,
                address=fact.url,
                as_of=moment_in_words(fact.as_of, self.language) if fact.as_of else "",
                grade=fact.grade,
                read=fact.read,
            )
            for name, number in self.numbers.items()
            for fact in [self.package.facts[name]]
        )


def _alphabetical(words: str) -> str:
    """A key that sorts as a dictionary does: capitals and accents do not count."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(sign))
