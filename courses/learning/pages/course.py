"""The catalogue, the page of a course, and the pages of words that its package brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal

from courses.booklet import FORMATS
from courses.hooks import Offer
from courses.learning.pages.parts import (
    Action,
    ActivityAddress,
    PartEntry,
    String,
    Words,
    course_address,
    finished_words,
    lesson_address,
    part_entries,
    reading_time,
    step_action,
    string_of,
)
from courses.learning.services import (
    Progress,
    next_step,
    rules_of,
)
from courses.outline.services import Outline
from lms.errors import N_
from lms.text.licences import licence_words
from lms.text.localised import Localised
from lms.web.languages import locale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file with its size in words, so that people know what it costs before they ask for it."""

    label: str
    href: str
    language: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEntry:
    """A course in the catalogue."""

    slug: str
    title: Localised
    summary: Localised
    href: str
    ready: str
    in_preparation: str
    languages: str
    enrolled: bool
    words: str
    about: Action | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    courses: tuple[CourseEntry, ...]
    string: String | None
    first_lesson: Action | None
    go_on: Action | None
    signed_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage:
    slug: str
    title: Localised
    summary: Localised
    origin: Localised
    audience: Localised
    string: String
    words: str
    enrolled: bool
    signed_in: bool
    go: Action | None
    certificate: Action | None
    links: tuple[Action, ...]
    offers: tuple[Offer, ...]
    parts: tuple[PartEntry, ...]
    facts: tuple[tuple[str, str], ...]
    begun: bool
    welcome: Action | None
    about: Action | None
    booklets: tuple[Download, ...]


def home_page(
    found: Sequence[tuple[Outline, Progress]], words: Words, address: ActivityAddress, *, signed_in: bool
) -> HomePage:
    """The catalogue; the string and the first lesson are those of the first course, or of the one under way."""
    under_way = next(((outline, progress) for outline, progress in found if progress.enrolled), None)
    shown = under_way or (found[0] if found else None)
    first = None
    if shown and shown[0].lessons:
        module, lesson = shown[0].lessons[0]
        first = Action(label=words(N_("Read the first lesson")), href=lesson_address(shown[0], module, lesson))
    go_on = None
    if under_way:
        step = step_action(under_way[0], next_step(*under_way), words, address)
        go_on = step or Action(
            label=words(N_("See your certificate")), href=f"{course_address(under_way[0])}/certificate"
        )
    return HomePage(
        courses=tuple(_course_entry(outline, progress, words) for outline, progress in found),
        string=string_of(shown[0], shown[1], words, guest=not shown[1].enrolled) if shown else None,
        first_lesson=first,
        go_on=go_on,
        signed_in=signed_in,
    )


def _course_entry(outline: Outline, progress: Progress, words: Words) -> CourseEntry:
    ready = len(outline.ready)
    return CourseEntry(
        slug=outline.slug,
        title=words.said(outline.short_titles),
        summary=words.said(outline.summaries),
        href=course_address(outline),
        ready=_numbers_of(outline, words, ready=True),
        in_preparation=_numbers_of(outline, words, ready=False),
        languages=", ".join(name_of_language(language) for language in outline.languages),
        enrolled=progress.enrolled,
        words=finished_words(outline, progress, words) if progress.enrolled and ready else "",
        about=_page_link(outline, "about", words),
    )


def _numbers_of(outline: Outline, words: Words, *, ready: bool) -> str:
    """ "Module 1", "Modules 2 to 15", "Modules 1, 3", or nothing."""
    numbers = [module.number for module in outline.modules if module.ready == ready]
    if not numbers:
        return ""
    if len(numbers) == 1:
        return words(N_("Module %(number)s"), number=numbers[0])
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return words(N_("Modules %(first)s to %(last)s"), first=numbers[0], last=numbers[-1])
    return words(N_("Modules %(numbers)s"), numbers=", ".join(map(str, numbers)))


def course_page(
    outline: Outline,
    progress: Progress,
    words: Words,
    address: ActivityAddress,
    *,
    signed_in: bool,
    links: Sequence[Action] = (),
    offers: Sequence[Offer] = (),
) -> CoursePage:
    """The outline with one's progress, and the one next step; ``links`` and ``offers`` are for who takes the course."""
    go = certificate = None
    if progress.enrolled:
        go = step_action(outline, next_step(outline, progress), words, address)
        met = [all(rule.met for rule in rules_of(outline, progress, paper)) for paper in outline.papers]
        certificate = Action(
            label=words(N_("Your certificate, rule by rule"))
            if len(outline.papers) == 1
            else words(N_("Your certificates, rule by rule")),
            href=f"{course_address(outline)}/certificate",
        )
        if go is None and all(met):
            go = Action(label=words(N_("Get your certificate")), href=certificate.href)
            certificate = None
    elif outline.lessons:
        module, lesson = outline.lessons[0]
        go = Action(label=words(N_("Read the first lesson")), href=lesson_address(outline, module, lesson))
    about = outline.about
    return CoursePage(
        slug=outline.slug,
        title=words.said(outline.titles),
        summary=words.said(outline.summaries),
        origin=words.said(about["origin"]),
        audience=words.said(about["audience"]),
        string=string_of(outline, progress, words, guest=not progress.enrolled),
        words=finished_words(outline, progress, words) if progress.enrolled and outline.ready else "",
        enrolled=progress.enrolled,
        signed_in=signed_in,
        go=go,
        certificate=certificate,
        links=tuple(links) if progress.enrolled else (),
        offers=tuple(offers),
        parts=part_entries(outline, progress, words, address),
        facts=(
            (words(N_("Ready to read")), _numbers_of(outline, words, ready=True) or words(N_("Nothing yet"))),
            (words(N_("Reading time")), reading_time(outline, words)),
            (words(N_("Language")), ", ".join(name_of_language(language) for language in outline.languages)),
            (words(N_("Licence")), licence_words(str(about.get("licence", "")))),
            *_pretest_fact(outline, words),
        ),
        begun=bool(progress.done),
        welcome=_page_link(outline, "welcome", words),
        about=_page_link(outline, "about", words),
        booklets=downloads(outline, words),
    )


def _pretest_fact(outline: Outline, words: Words) -> tuple[tuple[str, str], ...]:
    """That there is a pre-test: all that a guest sees of it."""
    if outline.pretest is None:
        return ()
    asked = words.ngettext(
        "%(num)s question, if you like", "%(num)s questions, if you like", outline.pretest.about.get("asked", 0)
    )
    return ((words(N_("Before and at the end")), asked),)


def _page_link(outline: Outline, name: str, words: Words) -> Action | None:
    """A link to a page of the course itself, if it has this one."""
    texts = outline.about.get("pages", {}).get(name)
    if not texts:
        return None
    title = words.said({language: text["title"] for language, text in texts.items()}).text
    return Action(label=title, href=f"{course_address(outline)}/{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """A page of the course itself. ``lead`` and ``html`` are safe HTML, rendered when the package was installed."""

    course_slug: str
    crumbs: tuple[tuple[str, str], ...]
    language: str
    title: str
    lead: str
    html: str
    fallback: bool
    facts: tuple[tuple[str, str], ...]
    go: Action | None = None
    modules: tuple[tuple[int, Localised, str, Localised], ...] = ()  # number, title, address, where the title is from


def _words_page(outline: Outline, name: str, words: Words, **more: Any) -> WordsPage:
    texts = outline.page(name)
    language = words.language if words.language in texts else outline.source_language
    text = texts[language]
    return WordsPage(
        course_slug=outline.slug,
        crumbs=((words.said(outline.short_titles).text, course_address(outline)),),
        language=language,
        title=text["title"],
        lead=text["lead"],
        html=text["html"],
        fallback=language != words.language,
        **more,
    )


def welcome_page(outline: Outline, progress: Progress, words: Words, address: ActivityAddress) -> WordsPage:
    """The welcome of a course, with the one step that comes next."""
    go = None
    if progress.enrolled:
        go = step_action(outline, next_step(outline, progress), words, address)
    elif outline.lessons:
        module, lesson = outline.lessons[0]
        go = Action(label=words(N_("Read the first lesson")), href=lesson_address(outline, module, lesson))
    facts = (
        (words(N_("Modules")), str(len(outline.ready))),
        (words(N_("Reading time")), reading_time(outline, words)),
        *_pretest_fact(outline, words),
    )
    return _words_page(outline, "welcome", words, facts=facts, go=go)


def about_page(outline: Outline, words: Words) -> WordsPage:
    """Who made a course, and where the title of each module is from."""
    facts = (
        (words(N_("Version")), outline.version),
        (words(N_("Licence")), licence_words(str(outline.about.get("licence", "")))),
        (words(N_("Language")), ", ".join(name_of_language(language) for language in outline.languages)),
    )
    modules = tuple(
        (
            module.number,
            words.said(module.titles),
            f"{course_address(outline)}/{module.slug}",
            words.said(module.about["title_origin"]),
        )
        for module in outline.ready
        if module.about.get("title_origin")
    )
    return _words_page(outline, "about", words, facts=facts, modules=modules)


def downloads(outline: Outline, words: Words) -> tuple[Download, ...]:
    """The booklets that are made, in the language of the page first; nothing is said of those that are not."""
    several = len(outline.languages) > 1
    found = sorted(outline.booklets, key=lambda one: one.language != words.language)
    return tuple(
        Download(
            label=words(
                N_("Booklet in %(language)s, %(format)s, %(size)s") if several else N_("Booklet, %(format)s, %(size)s"),
                language=name_of_language(one.language),
                format=one.format.upper(),
                size=_megabytes(one.size_bytes, words),
            ),
            href=f"{course_address(outline)}/booklet/{one.language}.{one.format}",
            language=one.language,
            type=FORMATS[one.format],
        )
        for one in found
        if one.format in FORMATS
    )


def _megabytes(size_bytes: int, words: Words) -> str:
    """ "2.1 MB" in the reader's numbers, rounded up, so that nobody pays for more than was said."""
    tenths = max(-(-size_bytes // 100_000), 1)
    return words(N_("%(size)s MB"), size=format_decimal(tenths / 10, format="0.0", locale=locale_of(words.language)))


def name_of_language(tag: str) -> str:
    """A language's own name: "English", "français"; its tag where Babel does not know it."""
    return locale_of(tag).get_display_name(tag.replace("-", "_")) or tag
