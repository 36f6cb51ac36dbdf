"""What several pages of learning print alike: words, addresses, rows of lessons, the lanterns of a course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from courses.learning.services import (
    LampState,
    NextStep,
    Progress,
    lamp_of,
    next_step,
)
from courses.outline.services import Outline, OutlineActivity, OutlineLesson, OutlineModule
from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.web.languages import ngettext

ActivityAddress = Callable[[Outline, OutlineModule, OutlineActivity], str]


Translate = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a page turns message ids and language maps into words."""

    language: str
    translate: Translate

    def __call__(self, message: str, **values: object) -> str:
        return self.translate(message, **values)

    def ngettext(self, singular: str, plural: str, number: int, **values: object) -> str:
        """The words that fit a number, which is ``%(num)s`` in them: 1 quiz, 2 quizzes."""
        return ngettext(singular, plural, number) % {"num": number, **values}

    def said(self, text: Text) -> Localised:
        return pick(text, (self.language,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lesson or an activity in a list; ``here``: "page" on the page itself, "step" where one is to go on."""

    number: str
    title: str
    href: str
    words: str
    here: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleEntry:
    number: int
    title: Localised
    lamp: LampState
    words: str
    href: str
    rows: tuple[Row, ...]
    open: bool
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEntry:
    number: int
    title: Localised
    modules: tuple[ModuleEntry, ...]
    in_preparation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button or link: its words, where it leads, and a small line below."""

    label: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class String:
    """The string of lanterns and what it says in words."""

    groups: tuple[tuple[str, tuple[LampState, ...]], ...]
    label: str


def course_address(outline: Outline) -> str:
    return f"/courses/{outline.slug}"


def lesson_address(outline: Outline, module: OutlineModule, lesson: OutlineLesson) -> str:
    return f"/courses/{outline.slug}/{module.slug}/{lesson.slug}"


def step_action(outline: Outline, step: NextStep, words: Words, address: ActivityAddress) -> Action | None:
    """The next step as a button; None where only the certificate is left."""
    if step.module is not None and step.lesson is not None:
        return Action(
            label=words(N_("Go on with lesson %(number)s"), number=step.lesson.number),
            href=lesson_address(outline, step.module, step.lesson),
            note=words.said(step.lesson.titles).text,
        )
    if step.module is not None and step.activity is not None:
        return Action(
            label=words(
                N_("Go on with the worksheet of module %(number)s")
                if step.activity.kind == "worksheet"
                else N_("Go on with the quiz of module %(number)s"),
                number=step.module.number,
            ),
            href=address(outline, step.module, step.activity),
        )
    return None


def string_of(outline: Outline, progress: Progress, words: Words, *, guest: bool = False) -> String:
    """The lanterns of a course. For a guest the first is half lit: start here."""
    groups = []
    counts = {"on": 0, "here": 0, "off": 0, "prep": 0}
    for part in outline.parts:
        states: list[LampState] = []
        for module in part.modules:
            state = lamp_of(progress, module)
            counts[state] += 1
            states.append(state)
        groups.append((words.said(part.titles).text, tuple(states)))
    if guest and groups and groups[0][1][:1] == ("off",):
        groups[0] = (groups[0][0], ("here", *groups[0][1][1:]))
    label = words.ngettext(
        "%(num)s module: %(done)s finished, %(begun)s begun, %(waiting)s not begun, %(preparation)s in preparation",
        "%(num)s modules: %(done)s finished, %(begun)s begun, %(waiting)s not begun, %(preparation)s in preparation",
        len(outline.modules),
        done=counts["on"],
        begun=counts["here"],
        waiting=counts["off"],
        preparation=counts["prep"],
    )
    return String(groups=tuple(groups), label=label)


def finished_words(outline: Outline, progress: Progress, words: Words) -> str:
    finished = sum(progress.has_finished(module) for module in outline.ready)
    if len(outline.ready) == 1:
        return words(
            N_("You have finished the module that is ready.")
            if finished
            else N_("One module is ready; you have not finished it yet.")
        )
    if len(outline.ready) == len(outline.modules):
        return words(
            N_("You have finished %(finished)s of %(ready)s modules."), finished=finished, ready=len(outline.ready)
        )
    return words(
        N_("You have finished %(finished)s of the %(ready)s modules that are ready."),
        finished=finished,
        ready=len(outline.ready),
    )


def reading_time(outline: Outline, words: Words) -> str:
    """The lessons that are ready: in minutes, from two hours on in hours."""
    minutes = sum(lesson.minutes for _, lesson in outline.lessons)
    if minutes < 120:
        return words.ngettext("About %(num)s minute", "About %(num)s minutes", minutes)
    return words.ngettext("About %(num)s hour", "About %(num)s hours", round(minutes / 60))


def module_rows(
    outline: Outline,
    module: OutlineModule,
    progress: Progress,
    words: Words,
    address: ActivityAddress,
    *,
    on_page: int | None = None,
    step: NextStep | None = None,
) -> tuple[Row, ...]:
    """A module's lessons and activities as rows, each with its state or its length in words.

    ``on_page`` is the lesson beside which the rows stand: there is room for the state alone. ``step`` is the next
    step, which is marked if it is one of them.
    """
    here = step.lesson.id if step and step.lesson else None
    rows = [
        Row(
            number=lesson.number,
            title=words.said(lesson.titles).text,
            href=lesson_address(outline, module, lesson),
            words=_lesson_words(lesson, progress, words, here=here, length=on_page is None),
            here="page" if lesson.id == on_page else "step" if lesson.id == here else "",
        )
        for lesson in module.lessons
    ]
    for activity in module.activities:
        result = progress.results.get(activity.id)
        said = ""
        next_one = step is not None and step.activity is not None and step.activity.id == activity.id
        if next_one:
            said = words(N_("You are here"))
        if result is not None:
            said = words(N_("Passed") if result.passed else N_("Not passed yet"))
            if activity.kind == "worksheet":
                said = words(N_("Handed in"))
        kind = words(N_("Worksheet") if activity.kind == "worksheet" else N_("Quiz"))
        title = words.said(activity.titles).text
        rows.append(
            Row(
                number="" if title.startswith(kind) else kind,
                title=title,
                href=address(outline, module, activity),
                words=said,
                here="step" if next_one else "",
            )
        )
    return tuple(rows)


def _lesson_words(lesson: OutlineLesson, progress: Progress, words: Words, *, here: int | None, length: bool) -> str:
    if lesson.id in progress.done:
        return words(N_("Done"))
    if lesson.id == here:
        return words(N_("You are here"))
    return words.ngettext("%(num)s minute", "%(num)s minutes", lesson.minutes) if length else ""


def module_words(module: OutlineModule, progress: Progress, words: Words) -> str:
    if not module.ready:
        return words(N_("In preparation"))
    if not progress.enrolled:
        minutes = sum(lesson.minutes for lesson in module.lessons)
        lessons = words.ngettext("%(num)s lesson", "%(num)s lessons", len(module.lessons))
        time = words.ngettext("%(num)s minute", "%(num)s minutes", minutes)
        return words(N_("%(lessons)s, about %(time)s"), lessons=lessons, time=time)
    said = [
        words.ngettext(
            "%(done)s of %(num)s lesson done.",
            "%(done)s of %(num)s lessons done.",
            len(module.lessons),
            done=progress.done_in(module),
        )
    ]
    for activity in module.activities:
        result = progress.results.get(activity.id)
        if result is not None and activity.kind != "worksheet":
            said.append(words(N_("Quiz: %(score)s."), score=f"{result.score:.0%}"))
    if progress.has_finished(module):
        said.insert(0, words(N_("Finished.")))
    return " ".join(said)


def part_entries(outline: Outline, progress: Progress, words: Words, address: ActivityAddress) -> tuple[PartEntry, ...]:
    step = next_step(outline, progress) if progress.enrolled else None
    here = step.module if step else next(iter(outline.ready), None)
    entries = []
    for part in outline.parts:
        modules = tuple(
            ModuleEntry(
                number=module.number,
                title=words.said(module.titles),
                lamp=lamp_of(progress, module),
                words=module_words(module, progress, words),
                href=f"{course_address(outline)}/{module.slug}" if module.ready else "",
                rows=module_rows(outline, module, progress, words, address, step=step) if module.ready else (),
                open=here is not None and module.id == here.id,
                ready=module.ready,
            )
            for module in part.modules
        )
        entries.append(
            PartEntry(
                number=part.number,
                title=words.said(part.titles),
                modules=modules,
                in_preparation=not any(module.ready for module in part.modules),
            )
        )
    return tuple(entries)
