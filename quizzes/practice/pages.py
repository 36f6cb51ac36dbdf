"""What the page of a practised question prints: the question, or what was right and why."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, Text
from quizzes.asking import Asked, ask, current_spec
from quizzes.attempts.pages import Crumbs, Words, crumbs, paragraphs, quiz_address
from quizzes.attempts.services import DrawnQuestion
from quizzes.hooks import QuestionKind
from quizzes.practice.services import PractisedQuestion
from quizzes.question_types.seeds import question_seed
from quizzes.results.pages import Explained, explain, state_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePage:
    """One question of a practice: ``asked`` before it is answered, ``state`` and ``explained`` after."""

    title: Localised
    crumbs: Crumbs
    position: int
    of: int
    stem: tuple[Markup, ...]
    stem_goes_on: bool
    hint_text: tuple[Markup, ...]
    asked: Asked | None
    state: str  # "" before the answer; right, partly, wrong, none, open
    explained: Explained
    href: str
    link: str
    action: str
    again: str
    next: str
    quiz: str


def practice_page(
    found: PractisedQuestion,
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    again: bool,
    given: Mapping[str, Sequence[str]] | None = None,
    error: str | None = None,
) -> PracticePage:
    """Build the page of one question of a practice; with ``again`` it is asked anew."""
    question = found.question
    shown = shown_question(
        question,
        None if again else found.answer,
        kinds,
        words,
        seed=found.seed,
        fill=found.answer,
        links=found.links,
        given=given,
        error=error,
    )
    return PracticePage(
        title=words.said(found.title),
        crumbs=crumbs(found.place, found.title, words, here=words(N_("Practice"))),
        position=question.position,
        of=found.of,
        stem=paragraphs(question.stem, words),
        stem_goes_on=question.stem_goes_on,
        hint_text=paragraphs(question.spec.get("hint"), words),
        asked=shown.asked,
        state=shown.state,
        explained=shown.explained,
        href=shown.href,
        link=shown.link,
        action=address(found, question.position),
        again=f"{address(found, question.position)}?again=1",
        next=address(found, question.position + 1) if question.position < found.of else "",
        quiz=quiz_address(found.place),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuestion:
    """A practised question: ``asked`` before it is answered; after it ``state``, ``explained`` and the lesson."""

    asked: Asked | None
    state: str
    explained: Explained
    href: str
    link: str


def shown_question(
    question: DrawnQuestion,
    answer: Mapping[str, Any] | None,
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    seed: int,
    fill: Mapping[str, Any] | None,
    links: Mapping[str, tuple[Text, str]],
    given: Mapping[str, Sequence[str]] | None,
    error: str | None,
) -> ShownQuestion:
    """Explain a practised question if it has an ``answer``, else ask it, with what ``fill`` or ``given`` holds."""
    kind = kinds.get(question.kind)
    seed = question_seed(seed, question.position)
    state = ""
    explained = Explained(prompt=Markup.escape(words(N_("This site cannot show this kind of question now."))))
    if answer is not None and kind is not None and error is None:
        response = answer or None
        try:
            spec = current_spec(kind.type, question.spec, question.spec_version)
            mark = kind.type.mark(spec, response)
            state = state_of(None if mark is None else mark.score, answered=response is not None)
            # Nobody marks a practice: an answer that waits for a trainer elsewhere is explained here at once.
            explained = explain(kind, spec, response, words, seed=seed, state="partly" if state == "open" else state)
        except Exception:  # a faulty kind must not break the page
            log.exception("kind %s failed to explain question %s", question.kind, question.uid)
            state = "open"
    lesson, _, anchor = (question.explains or "").partition("#")
    titles, href = links.get(lesson, ({}, ""))
    asked = None
    if not state:
        asked = ask(
            kind,
            question.spec,
            question.spec_version,
            seed=seed,
            languages=words.languages,
            response=fill or None,
            given=given,
            error=error,
        )
    return ShownQuestion(
        asked=asked,
        state=state,
        explained=explained,
        href=f"{href}#{anchor}" if href and anchor else href,
        link=words.said(titles).text if href else "",
    )


def address(found: PractisedQuestion, position: int) -> str:
    """Return the address of a question of the practice."""
    place = found.place
    return url_for(
        "quizzes.practice.question",
        course_slug=place.course_slug,
        module_slug=place.module_slug,
        activity_slug=place.activity_slug,
        position=position,
    )
