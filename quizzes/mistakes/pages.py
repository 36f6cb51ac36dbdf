"""What the pages of one's mistakes print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, Text
from quizzes.attempts.pages import Crumbs, Words, paragraphs
from quizzes.hooks import QuestionKind
from quizzes.mistakes.services import A_DAY, AskedAgain, Mistakes
from quizzes.practice.pages import ShownQuestion, shown_question


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """How many questions are due, and the button that begins. ``most``: how many a day."""

    title: Localised
    crumbs: Crumbs
    due: int
    all: int
    today: int
    waiting: int
    most: int
    next_at: datetime | None
    action: str
    course: str


def overview_page(found: Mistakes, words: Words) -> OverviewPage:
    """Build the page that says what is due today."""
    course = url_for("courses.learning.course", course_slug=found.course_slug)
    title = words.said(found.course_title)
    return OverviewPage(
        title=title,
        crumbs=((title.text, course), (words(N_("Your mistakes")), None)),
        due=len(found.due),
        all=found.all,
        today=found.today,
        waiting=found.waiting,
        most=A_DAY,
        next_at=found.next_at,
        action=url_for("quizzes.mistakes.begin", course_slug=found.course_slug),
        course=course,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """One question of the set; ``shown`` asks or explains it. ``due_at``: when it comes again."""

    title: Localised
    crumbs: Crumbs
    position: int
    of: int
    stem: tuple[Markup, ...]
    stem_goes_on: bool
    hint_text: tuple[Markup, ...]
    shown: ShownQuestion
    due_at: datetime | None
    action: str
    next: str
    overview: str


def question_page(
    found: AskedAgain,
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    given: Mapping[str, Sequence[str]] | None = None,
    error: str | None = None,
) -> QuestionPage:
    """Build the page of one question of the set, with what was ``given`` if it was refused."""
    question = found.question
    hint: Text | None = question.spec.get("hint")
    overview = url_for("quizzes.mistakes.overview", course_slug=found.course_slug)
    title = words.said(found.course_title)
    return QuestionPage(
        title=title,
        crumbs=(
            (title.text, url_for("courses.learning.course", course_slug=found.course_slug)),
            (words(N_("Your mistakes")), overview),
            (words(N_("Question %(number)s"), number=question.position), None),
        ),
        position=question.position,
        of=found.of,
        stem=paragraphs(question.stem, words),
        stem_goes_on=question.stem_goes_on,
        hint_text=paragraphs(hint, words),
        shown=shown_question(
            question,
            found.answer,
            kinds,
            words,
            seed=found.seed,
            fill=found.answer,
            links=found.links,
            given=given,
            error=error,
        ),
        due_at=found.due_at if found.answer is not None else None,
        action=address(found.course_slug, question.position),
        next=address(found.course_slug, question.position + 1) if question.position < found.of else "",
        overview=overview,
    )


def address(course_slug: str, position: int) -> str:
    """Return the address of a question of the set."""
    return url_for("quizzes.mistakes.question", course_slug=course_slug, position=position)
