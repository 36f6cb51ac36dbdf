"""What the page of a result prints: what was right, why the rest is not, and which paragraph explains it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, pick
from quizzes.asking import current_spec
from quizzes.attempts.models import AnswerEvent
from quizzes.attempts.pages import Crumbs, Words, crumbs, html_of, paragraphs, quiz_address, summary
from quizzes.attempts.receipts import shown
from quizzes.attempts.services import DrawnQuestion, marks_of
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import ANSWER, Feedback, Response, as_presented
from quizzes.question_types.seeds import question_seed
from quizzes.results.services import MarkedAttempt

log = logging.getLogger(__name__)

# Thirds and tenths are not exact in a float.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer in the feedback of a question: an option, or what was typed, or what would have been right."""

    text: Markup
    chosen: bool
    right: bool
    why: Markup
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """One question after the attempt. ``state``: right, partly, wrong, none (not answered), open (a trainer marks it).

    ``rows`` are shown, ``folded`` on demand: why the others do not fit, where the answer was right.
    """

    position: int
    stem: tuple[Markup, ...]
    prompt: Markup
    cost: float  # the share of its mark that asking for its help has cost
    state: Literal["right", "partly", "wrong", "none", "open"]
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]
    why: Markup
    href: str
    link: str
    late: str  # what came after the end, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """An objective with questions that are not right yet, and the paragraphs that explain them."""

    objective: Markup
    links: tuple[tuple[str, str], ...]  # (words, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReceipt:
    """A line of the list of receipts."""

    label: str
    receipt: str
    moment: datetime
    state: Literal["counted", "replaced", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """What an attempt came to. ``missed`` are the questions that are not right yet, ``right`` the others.

    Both are empty while ``review`` is not "open"; without ``marks_shown`` nothing here tells a mark either.
    """

    title: Localised
    crumbs: Crumbs
    marks_shown: bool
    review: str
    closes_at: datetime | None
    counts: str
    passed: bool
    provisional: bool
    score: float
    pass_mark: float
    right_count: int
    of: int
    steps: tuple[str, ...]
    number: int
    tries: int | None
    tries_left: int | None
    ran_out: bool
    ended_at: datetime | None
    saved: int
    late: int
    missed: tuple[QuestionResult, ...]
    right: tuple[QuestionResult, ...]
    read_again: tuple[ReadAgain, ...]
    receipts: tuple[SavedReceipt, ...]
    can_try_again: bool
    try_again: str
    course_href: str
    module_href: str


def result_page(found: MarkedAttempt, kinds: Mapping[str, QuestionKind], words: Words) -> ResultPage:
    """Build the page of a result."""
    standing, attempt, place = found.standing, found.standing.attempt, found.standing.place
    is_open, shown = found.review == "open", found.marks_shown
    results = tuple(_question(found, question, kinds, words) for question in found.questions) if is_open else ()
    by_position = {question.position: question for question in found.questions}
    missed = tuple(result for result in results if result.state != "right")
    tries_left = None if standing.tries is None else max(0, standing.tries - attempt.number)
    answered = [found.answers.at(question.position) for question in found.questions]
    return ResultPage(
        title=words.said(standing.title),
        crumbs=crumbs(place, standing.title, words, here=words(N_("Result of try %(number)s"), number=attempt.number)),
        marks_shown=shown,
        review=found.review,
        closes_at=standing.rules.closes_at,
        counts=standing.rules.counts,
        passed=shown and found.passed,
        provisional=shown and found.provisional,
        score=found.score if shown else 0.0,
        pass_mark=attempt.pass_mark,
        right_count=len(results) - len(missed),
        of=len(found.questions),
        steps=tuple("on" if result.state == "right" else "off" for result in results),
        number=attempt.number,
        tries=standing.tries,
        tries_left=tries_left,
        ran_out=attempt.submitted_at is None,
        ended_at=attempt.closed_at or standing.ends_at,
        saved=sum(answers.response is not None for answers in answered),
        late=sum(len(answers.late) for answers in answered),
        missed=missed,
        right=tuple(result for result in results if result.state == "right"),
        read_again=_read_again(found, [by_position[result.position] for result in missed], words),
        receipts=_receipts(found, words),
        can_try_again=place.enrolled and tries_left != 0,
        try_again=quiz_address(place),
        course_href=url_for("courses.learning.course", course_slug=place.course_slug),
        module_href=url_for("courses.learning.module", course_slug=place.course_slug, module_slug=place.module_slug),
    )


def _question(
    found: MarkedAttempt, question: DrawnQuestion, kinds: Mapping[str, QuestionKind], words: Words
) -> QuestionResult:
    answers = found.answers.at(question.position)
    score = found.marks.get(question.position)
    href, link = _explained(found, question, words)
    kind = kinds.get(question.kind)
    if question.cost and score is not None and kind is not None:
        whole = marks_of([replace(question, cost=None)], found.answers, types={question.kind: kind.type})[0]
        score = None if whole is None else whole.score  # an answer is not less right for the help that it took
    state = state_of(score, answered=answers.response is not None)
    prompt, why = Markup(""), Markup("")
    rows: tuple[Row, ...] = ()
    if kind is not None:
        try:
            seed = question_seed(found.standing.attempt.seed, question.position)
            prompt, rows, why = explain(
                question, kind, words, seed=seed, response=answers.response, right=state == "right"
            )
        except Exception:  # a faulty kind must not hide the rest of the result
            log.exception("kind %s failed to explain question %s", question.kind, question.uid)
    if not prompt:
        prompt = Markup.escape(words(N_("This site cannot show this kind of question now. Its mark stands.")))
    is_right = state == "right"
    late = [text for event in answers.late if (text := summary(kind, question, event, words)) is not None]
    return QuestionResult(
        position=question.position,
        stem=() if question.stem_goes_on else paragraphs(question.stem, words),
        prompt=prompt,
        cost=question.cost or 0.0,
        state=state,
        rows=tuple(row for row in rows if not is_right or row.chosen),
        folded=tuple(row for row in rows if is_right and not row.chosen),
        why=why,
        href=href,
        link=link,
        late="; ".join(late),
    )


def state_of(score: float | None, *, answered: bool) -> Literal["right", "partly", "wrong", "none", "open"]:
    """Say in a word how right an answer is; a ``score`` of None is a trainer's to give."""
    if not answered:
        return "none"
    if score is None:
        return "open"
    if score + _ROUNDING >= 1:
        return "right"
    return "partly" if score > 0 else "wrong"


def explain(
    question: DrawnQuestion, kind: QuestionKind, words: Words, *, seed: int, response: Response | None, right: bool
) -> tuple[Markup, tuple[Row, ...], Markup]:
    """Return the prompt, the rows of the feedback, and what is said about the whole question."""
    of_kind = kind.type
    spec = current_spec(of_kind, question.spec, question.spec_version)
    presentation = of_kind.present(spec, seed=seed, languages=words.languages)
    feedback = as_presented(
        of_kind.feedback(spec, response, languages=words.languages), presentation=presentation, seed=seed
    )
    prompt = html_of(presentation.prompt, words)
    if feedback.options:
        return prompt, _option_rows(feedback, words), _why(feedback, words)
    rows: list[Row] = []
    if response is not None:
        typed = of_kind.fill(spec, response, seed=seed, locale=words.language).get(ANSWER)
        text = typed[0] if typed else of_kind.summarise(spec, response)
        rows.append(Row(text=_plain(text), chosen=True, right=right, why=_why(feedback, words)))
    if not right:
        solutions = of_kind.solution(spec, languages=words.languages)[:1]
        why = Markup("") if rows else _why(feedback, words)
        rows += [Row(text=_plain(solution.text), chosen=False, right=True, why=why) for solution in solutions]
    return prompt, tuple(rows), Markup("")


def _option_rows(feedback: Feedback, words: Words) -> tuple[Row, ...]:
    return tuple(
        Row(text=html_of(option.text, words), chosen=option.chosen, right=option.right, why=html_of(option.why, words))
        for option in feedback.options
    )


def _why(feedback: Feedback, words: Words) -> Markup:
    return Markup("") if feedback.text is None else html_of(feedback.text, words)


def _plain(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text)


def _clean(html: str) -> Markup:
    """Mark HTML as safe that `lms.text.markdown` made, now or when the course was installed."""
    return Markup(html)  # noqa: S704 - its cleaner has been over it


def _explained(found: MarkedAttempt, question: DrawnQuestion, words: Words) -> tuple[str, str]:
    """The address of the paragraph that explains a question and the lesson's title; empty where there is none."""
    lesson, _, anchor = (question.explains or "").partition("#")
    if lesson not in found.links:
        return "", ""
    titles, address = found.links[lesson]
    return f"{address}#{anchor}" if anchor else address, words.said(titles).text


def _read_again(found: MarkedAttempt, missed: Sequence[DrawnQuestion], words: Words) -> tuple[ReadAgain, ...]:
    links: dict[str, dict[str, str]] = {}
    for question in missed:
        href, link = _explained(found, question, words)
        if href:
            links.setdefault(question.objective or "", {}).setdefault(href.partition("#")[0], link)
    return tuple(
        ReadAgain(
            objective=_clean(pick(found.objectives.get(objective, {}), words.languages).text),
            links=tuple((link, href) for href, link in of_objective.items()),
        )
        for objective, of_objective in links.items()
    )


def _receipts(found: MarkedAttempt, words: Words) -> tuple[SavedReceipt, ...]:
    lines: list[SavedReceipt] = []
    for question in found.questions:
        answers = found.answers.at(question.position)
        label = words(N_("Question %(number)s"), number=question.position)
        events: list[tuple[Literal["counted", "replaced", "late"], AnswerEvent]] = []
        if answers.counted is not None:
            events.append(("counted", answers.counted))
        events += [("replaced", event) for event in answers.elsewhere]
        events += [("late", event) for event in answers.late]
        lines += [
            SavedReceipt(label=label, receipt=shown(event.receipt), moment=event.made_at, state=state)
            for state, event in events
        ]
    return tuple(lines)
