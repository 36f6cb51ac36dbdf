"""The pages of a module, of a lesson, and of an activity that is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from courses.learning.pages.parts import (
    Action,
    ActivityAddress,
    Row,
    Words,
    course_address,
    lesson_address,
    module_rows,
    module_words,
)
from courses.learning.services import (
    OpenLesson,
    Progress,
)
from courses.outline.services import Outline, OutlineActivity, OutlineLesson, OutlineModule
from lms.errors import N_
from lms.text.localised import Localised
from lms.text.markdown import CHECK_PLACE


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    course_slug: str
    module_slug: str
    lesson_slug: str
    crumbs: tuple[tuple[str, str], ...]
    module_title: Localised
    steps: tuple[str, ...]
    steps_label: str
    language: str
    title: str
    lead: str
    html: str
    minutes: int
    place: str
    size: str
    revised_on: date
    rows: tuple[Row, ...]
    rows_label: str
    done: bool
    enrolled: bool
    signed_in: bool
    forward: Action
    back: Action | None
    fallback: bool


def lesson_page(
    opened: OpenLesson, words: Words, address: ActivityAddress, *, signed_in: bool, slot: Callable[[str], str]
) -> LessonPage:
    """One lesson with its place, its neighbours and what to do next; ``slot`` gives the place of a self-check."""
    outline, module, lesson, body, progress = (
        opened.outline,
        opened.module,
        opened.lesson,
        opened.body,
        opened.progress,
    )
    lessons = module.lessons
    place = next(number for number, one in enumerate(lessons, start=1) if one.id == lesson.id)
    steps = tuple("on" if one.id in progress.done else "here" if one.id == lesson.id else "off" for one in lessons)
    place_words = words(N_("Lesson %(place)s of %(all)s"), place=place, all=len(lessons))
    return LessonPage(
        course_slug=outline.slug,
        module_slug=module.slug,
        lesson_slug=lesson.slug,
        crumbs=(
            (words.said(outline.short_titles).text, course_address(outline)),
            (words(N_("Module %(number)s"), number=module.number), f"{course_address(outline)}/{module.slug}"),
        ),
        module_title=words.said(module.titles),
        steps=steps,
        steps_label=words(
            N_("Lesson %(place)s of %(all)s; %(done)s done"),
            place=place,
            all=len(lessons),
            done=progress.done_in(module),
        ),
        language=body.language,
        title=body.title,
        lead=body.lead,
        html=CHECK_PLACE.sub(lambda place: slot(f"check-{place[1]}"), body.html),
        minutes=lesson.minutes,
        place=place_words,
        size=words(N_("%(size)s KB"), size=-(-body.size_bytes // 1024)),
        revised_on=body.revised_on,
        rows=module_rows(outline, module, progress, words, address, on_page=lesson.id),
        rows_label=words(N_("Module %(number)s"), number=module.number),
        done=lesson.id in progress.done,
        enrolled=progress.enrolled,
        signed_in=signed_in,
        forward=_forward(outline, module, place, words, address),
        back=_back(outline, module, place, words),
        fallback=body.language != words.language,
    )


def _forward(outline: Outline, module: OutlineModule, place: int, words: Words, address: ActivityAddress) -> Action:
    if place < len(module.lessons):
        following = module.lessons[place]
        return Action(
            label=words(N_("Go on")),
            href=lesson_address(outline, module, following),
            note=words(
                N_("Next: %(number)s %(title)s"), number=following.number, title=words.said(following.titles).text
            ),
        )
    if module.activities:
        activity = module.activities[0]
        return Action(
            label=words(N_("Go on")),
            href=address(outline, module, activity),
            note=words(N_("Next: %(title)s"), title=words.said(activity.titles).text),
        )
    return Action(label=words(N_("Go on")), href=course_address(outline), note=words(N_("Next: the course page")))


def _back(outline: Outline, module: OutlineModule, place: int, words: Words) -> Action | None:
    if place == 1:
        return None
    before = module.lessons[place - 2]
    return Action(
        label=words(N_("Back to %(number)s"), number=before.number),
        href=lesson_address(outline, module, before),
        note=words.said(before.titles).text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePage:
    """A module: what one can do after it, its lessons, and what belongs to them."""

    course_slug: str
    crumbs: tuple[tuple[str, str], ...]
    number: int
    title: Localised
    words: str
    opening: Localised | None
    objectives: tuple[Localised, ...]
    rows: tuple[Row, ...]
    worksheet: Localised | None
    questions: tuple[tuple[Localised, Localised], ...]
    sources: tuple[Mapping[str, Any], ...]
    seminar: Localised | None
    title_origin: Localised | None
    go: Action | None


def module_page(
    outline: Outline, module: OutlineModule, progress: Progress, words: Words, address: ActivityAddress
) -> ModulePage:
    """Everything of a module but its lessons' texts. Texts are safe HTML, rendered when the package was installed."""
    about = module.about
    undone = next((lesson for lesson in module.lessons if lesson.id not in progress.done), None)
    go = None
    if undone is not None:
        go = Action(
            label=words(N_("Read lesson %(number)s"), number=undone.number),
            href=lesson_address(outline, module, undone),
        )

    def maybe(name: str) -> Localised | None:
        return words.said(about[name]) if about.get(name) else None

    return ModulePage(
        course_slug=outline.slug,
        crumbs=((words.said(outline.short_titles).text, course_address(outline)),),
        number=module.number,
        title=words.said(module.titles),
        words=module_words(module, progress, words),
        opening=maybe("opening"),
        objectives=tuple(words.said(objective["text"]) for objective in about.get("objectives", ())),
        rows=module_rows(outline, module, progress, words, address),
        worksheet=maybe("worksheet"),
        questions=tuple((words.said(one["question"]), words.said(one["answer"])) for one in about.get("faq", ())),
        sources=tuple(about.get("sources", ())),
        seminar=maybe("seminar"),
        title_origin=maybe("title_origin"),
        go=go,
    )


def after_lesson(
    outline: Outline, module: OutlineModule, lesson: OutlineLesson, words: Words, address: ActivityAddress
) -> Action:
    """Where one goes on after a lesson: the next lesson, else the module's quiz, else the course page."""
    place = next(number for number, one in enumerate(module.lessons, start=1) if one.id == lesson.id)
    return _forward(outline, module, place, words, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingActivityPage:
    """An activity whose plugin is not installed any more; what was earned in it stands."""

    crumbs: tuple[tuple[str, str], ...]
    title: Localised
    kind: str


def missing_activity_page(
    outline: Outline, module: OutlineModule, activity: OutlineActivity, words: Words
) -> MissingActivityPage:
    return MissingActivityPage(
        crumbs=(
            (words.said(outline.short_titles).text, course_address(outline)),
            (words(N_("Module %(number)s"), number=module.number), f"{course_address(outline)}/{module.slug}"),
        ),
        title=words.said(activity.titles),
        kind=activity.kind,
    )
