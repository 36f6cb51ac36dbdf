"""What the page of the pre-test prints, and the words with which a course's page offers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import url_for
from markupsafe import Markup

from courses.hooks import Offer
from courses.outline.services import Outline
from lms.errors import N_
from lms.text.localised import Localised
from quizzes.attempts.pages import Crumbs, Words, html_of
from quizzes.pretest.services import Pretest, Stage, Time
from quizzes.results.pages import right_of, state_of

State = Literal["right", "partly", "wrong", "none", "open", "not_asked"]
Change = Literal["gained", "kept", "lower", "same", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRow:
    """One of the two times, in total; ``href``: its answers, one by one."""

    label: str
    right: int
    of: int
    left_open: int
    closed_at: datetime
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRow:
    """What a module's question came to at each of the two times, and the difference."""

    title: Markup
    href: str
    before: State
    after: State
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class PretestPage:
    """The pre-test of a course. ``gain``: the difference in a sentence, with a second one where it needs one."""

    title: Localised
    crumbs: Crumbs
    stage: Stage
    enrolled: bool
    asked: int
    intro: Markup
    action: str
    decline: str
    course_href: str
    times: tuple[TimeRow, ...]
    modules: tuple[ModuleRow, ...]
    gain: tuple[str, ...]


def pretest_page(found: Pretest, words: Words) -> PretestPage:
    """Build the page; the comparison once both times are over."""
    outline = found.outline
    course = url_for("courses.learning.course", course_slug=outline.slug)
    pretest = outline.pretest
    titles = pretest.titles if pretest else {}
    before = _time_row(found.before, words(N_("Before the course")))
    after = _time_row(found.after, words(N_("At the end")))
    both = before is not None and after is not None
    return PretestPage(
        title=words.said(titles),
        crumbs=((words.said(outline.short_titles).text, course), (words.said(titles).text, None)),
        stage=found.stage,
        enrolled=found.enrolled,
        asked=found.asked,
        intro=html_of(words.said(found.intro), words) if found.intro else Markup(""),
        action=url_for("quizzes.pretest.begin", course_slug=outline.slug),
        decline=url_for("quizzes.pretest.decline", course_slug=outline.slug),
        course_href=course,
        times=tuple(row for row in (before, after) if row is not None),
        modules=_module_rows(found, words) if both else (),
        gain=_gain(before, after, words) if before is not None and after is not None else (),
    )


def _time_row(time: Time | None, label: str) -> TimeRow | None:
    if time is None or time.closed_at is None:
        return None
    return TimeRow(
        label=label,
        right=right_of(time.marks.values()),
        of=len(time.marks),
        left_open=sum(mark is None for mark in time.marks.values()),
        closed_at=time.closed_at,
        href=url_for("quizzes.results.result", attempt_id=time.attempt_id),
    )


def _module_rows(found: Pretest, words: Words) -> tuple[ModuleRow, ...]:
    before = found.before.marks if found.before else {}
    after = found.after.marks if found.after else {}
    course = url_for("courses.learning.course", course_slug=found.outline.slug)
    return tuple(
        ModuleRow(
            title=html_of(words.said(title), words),
            href=f"{course}/{module}",
            before=_state(before, module),
            after=_state(after, module),
            change=_change(before, after, module),
        )
        for module, title in found.modules.items()
        if module in before or module in after
    )


def _state(marks: Mapping[str, float | None], module: str) -> State:
    if module not in marks:
        return "not_asked"
    return state_of(marks[module], answered=marks[module] is not None)


def _change(before: Mapping[str, float | None], after: Mapping[str, float | None], module: str) -> Change:
    if module not in before or module not in after:
        return ""  # the course has changed between the two times
    was, now = before[module] or 0.0, after[module] or 0.0
    if now == was:
        return "kept" if right_of((now,)) else "same"
    return "gained" if now > was else "lower"


def _gain(before: TimeRow, after: TimeRow, words: Words) -> tuple[str, ...]:
    difference = after.right - before.right
    if before.of != after.of:
        said = [N_("The course has changed between the two times, so the numbers cannot be compared one by one.")]
    elif difference > 0:
        said = [N_("That is %(number)s more than before the course.")]
    elif difference < 0:
        said = [
            N_("That is %(number)s fewer than before the course."),
            N_("With one question for each module this can be chance or a tired day. What you have earned stays."),
        ]
    else:
        said = [N_("That is as many as before the course.")]
    if before.left_open:
        said.append(N_("Questions that you left open before the course: %(open)s. They count as not known."))
    return tuple(words(message, number=abs(difference), open=before.left_open) for message in said)


def offer(outline: Outline, stage: Stage, words: Words) -> Offer:
    """Put what is open into an offer on the page of the course."""
    address = url_for("quizzes.pretest.overview", course_slug=outline.slug)
    asked = outline.pretest.about.get("asked", 0) if outline.pretest else 0
    if stage == "first":
        return Offer(
            title=words(N_("Before you begin, if you like")),
            text=words(
                N_("%(number)s short questions now and again at the end show you what you gained."), number=asked
            ),
            label=words(N_("See the questions before the course")),
            href=address,
            decline=url_for("quizzes.pretest.decline", course_slug=outline.slug),
        )
    if stage == "first_open":
        return Offer(
            title=words(N_("Questions before the course")),
            text=words(N_("You began them and have not handed them in yet.")),
            label=words(N_("Go on with the questions")),
            href=address,
        )
    if stage == "done":
        return Offer(
            title=words(N_("What you gained")),
            text=words(N_("You answered the questions before the course and at its end.")),
            label=words(N_("See what you gained")),
            href=address,
        )
    return Offer(
        title=words(N_("What have you gained?")),
        text=words(
            N_("%(number)s short questions, as before the course, show it. Nothing depends on them."), number=asked
        ),
        label=words(N_("Go on with the questions"))
        if stage == "second_open"
        else words(N_("See the questions at the end")),
        href=address,
    )
