"""What the page of a result prints: what was right, why the rest is not, and which paragraph explains it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from babel.numbers import format_decimal
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, pick
from lms.values import quick_dataclass
from lms.web.languages import locale_of
from quizzes.asking import current_spec
from quizzes.attempts.journal import StoredEvent
from quizzes.attempts.models import OpenAnswer
from quizzes.attempts.pages import Crumbs, Words, crumbs, html_of, paragraphs, quiz_address, summary
from quizzes.attempts.receipts import shown
from quizzes.attempts.services import DrawnQuestion, marks_of
from quizzes.hooks import QuestionKind
from quizzes.marking.rubric import lines_of
from quizzes.question_types.base import (
    ANSWER,
    Criterion,
    Feedback,
    PartFeedback,
    Presentation,
    Response,
    Spec,
    as_presented,
)
from quizzes.question_types.seeds import question_seed
from quizzes.results.services import MarkedAttempt

log = logging.getLogger(__name__)

# Thirds and tenths are not exact in a float.
_ROUNDING = 1e-9
NOTHING = Markup("")
_BDI, _BDI_ENDS = Markup("<bdi>"), Markup("</bdi>")


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer in the feedback of a question: an option, or what was typed, or what would have been right."""

    text: Markup
    chosen: bool
    right: bool
    why: Markup
    href: str = ""
    link: str = ""


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part of a question after it; ``solution`` is empty where it would repeat what was ``given``."""

    label: Markup
    state: Literal["right", "wrong", "none"]
    says: str  # the state in words
    given: Markup
    solution: Markup
    why_given: Markup
    why: Markup


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What there is to say after a question. ``text`` is its text with numbered gaps, ``written`` a long answer."""

    prompt: Markup
    text: Markup = NOTHING
    rows: tuple[Row, ...] = ()
    parts: tuple[PartRow, ...] = ()
    written: Markup = NOTHING
    rubric: tuple[Criterion, ...] = ()
    model: Markup = NOTHING
    why: Markup = NOTHING


@dataclass(frozen=True, slots=True)
class PointsRow:
    """One line of a rubric: what it asks for, and the points that a trainer gave of how many."""

    text: Markup
    points: str
    of: int


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """One question after the attempt. ``state``: right, partly, wrong, none (not answered), open (a trainer marks it).

    ``rows`` are shown, ``folded`` on demand: why the others do not fit, where the answer was right.
    """

    position: int
    stem: tuple[Markup, ...]
    cost: float  # the share of its mark that asking for its hint has cost
    state: Literal["right", "partly", "wrong", "none", "open"]
    explained: Explained
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]
    href: str
    link: str
    late: str  # what came after the end, in words
    other_key: bool  # a trainer changed its key later
    points: tuple[PointsRow, ...] = ()  # what a trainer gave
    comments: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """An objective with questions that are not right yet, and the paragraphs that explain them."""

    objective: Markup
    links: tuple[tuple[str, str], ...]  # (words, address)


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class SavedReceipt:
    """A line of the list of receipts."""

    label: str
    receipt: str
    moment: datetime
    state: Literal["counted", "replaced", "late"]


@quick_dataclass(frozen=True, slots=True, kw_only=True)
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
    pretest: str  # the address of what is gained so far; "" for a quiz of a module


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
        right_count=len(results) - len(missed) if is_open else right_of(found.marks.values()) if shown else 0,
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
        # Of what a trainer still marks nobody knows whether there is something to read again.
        read_again=_read_again(
            found, [by_position[result.position] for result in missed if result.state != "open"], words
        ),
        receipts=_receipts(found, words),
        can_try_again=place.enrolled and tries_left != 0 and not place.is_pretest,
        try_again=quiz_address(place),
        course_href=f"/courses/{place.course_slug}",
        pretest=quiz_address(place) if place.is_pretest else "",
    )


def _question(
    found: MarkedAttempt, question: DrawnQuestion, kinds: Mapping[str, QuestionKind], words: Words
) -> QuestionResult:
    answers = found.answers.at(question.position)
    score = found.marks.get(question.position)
    href, link = _explained(found, question, words)
    kind = kinds.get(question.kind)
    given = None if answers.counted is None else found.open_answers.get(answers.counted.id)
    if question.cost and score is not None and kind is not None:
        scores = {} if given is None or given.score is None else {given.event_id: given.score}
        whole = marks_of([replace(question, cost=None)], found.answers, types={question.kind: kind.type}, given=scores)[
            0
        ]
        score = None if whole is None else whole.score  # an answer is not less right for the hint that it took
    state = state_of(score, answered=answers.response is not None)
    is_right = state == "right"
    explained = Explained(
        prompt=Markup.escape(words(N_("This site cannot show this kind of question now. Its mark stands.")))
    )
    if kind is not None:
        try:
            explained = explain(
                kind,
                current_spec(kind.type, *question.key),
                answers.response,
                words,
                seed=question_seed(found.standing.attempt.seed, question.position),
                state=state,
            )
        except Exception:  # a faulty kind must not hide the rest of the result
            log.exception("kind %s failed to explain question %s", question.kind, question.uid)
    late = [text for event in answers.late if (text := summary(kind, question, event, words)) is not None]
    return QuestionResult(
        position=question.position,
        stem=() if question.stem_goes_on else paragraphs(question.stem, words),
        cost=question.cost or 0.0,
        state=state,
        explained=explained,
        rows=tuple(row for row in explained.rows if not is_right or row.chosen),
        folded=tuple(row for row in explained.rows if is_right and not row.chosen),
        href=href,
        link=link,
        late="; ".join(late),
        other_key=question.key_spec is not None,
        points=() if score is None else _points(question, given, words),
        comments=() if score is None or given is None else tuple(_plain(comment) for comment in given.comments),
    )


def _points(question: DrawnQuestion, given: OpenAnswer | None, words: Words) -> tuple[PointsRow, ...]:
    """Say what a trainer gave, line by line."""
    if given is None or given.score is None:
        return ()
    return tuple(
        PointsRow(
            text=html_of(replace(words.said(line.text), message=line.message), words),
            points=str(format_decimal(given.points[line.id], locale=locale_of(words.language))),
            of=line.points,
        )
        for line in lines_of(question.spec)
        if line.id in given.points
    )


def right_of(scores: Iterable[float | None]) -> int:
    """Count the answers that are wholly right."""
    return sum(state_of(score, answered=True) == "right" for score in scores)


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
    kind: QuestionKind,
    spec: Spec,
    response: Response | None,
    words: Words,
    *,
    seed: int,
    state: Literal["right", "partly", "wrong", "none", "open"],
) -> Explained:
    """Explain a question and the answer to it; while a trainer still marks it, its solution stays hidden."""
    of_kind = kind.type
    presentation = of_kind.present(spec, seed=seed, languages=words.languages)
    feedback = as_presented(
        of_kind.feedback(spec, response, languages=words.languages), presentation=presentation, seed=seed
    )
    prompt = html_of(presentation.prompt, words)
    if feedback.options:
        return Explained(prompt=prompt, rows=_option_rows(feedback, words), why=_why(feedback, words))
    if feedback.parts:
        return Explained(
            prompt=prompt,
            text=_with_numbers(presentation, words),
            parts=tuple(part_row(row, presentation, words) for row in feedback.parts),
            why=_why(feedback, words),
        )
    solutions = () if state == "open" else of_kind.solution(spec, languages=words.languages)[:1]
    if presentation.input == "long":
        typed = of_kind.fill(spec, response, seed=seed, locale=words.language).get(ANSWER)
        return Explained(
            prompt=prompt,
            written=_plain(typed[0]) if typed else Markup(""),
            rubric=presentation.rubric,
            model=html_of(solutions[0], words) if solutions else Markup(""),
            why=_why(feedback, words),
        )
    rows: list[Row] = []
    if response is not None:
        typed = of_kind.fill(spec, response, seed=seed, locale=words.language).get(ANSWER)
        text = typed[0] if typed else of_kind.summarise(spec, response)
        rows.append(Row(text=_plain(text), chosen=True, right=state == "right", why=_why(feedback, words)))
    if state != "right":
        why = Markup("") if rows else _why(feedback, words)
        rows += [Row(text=_plain(solution.text), chosen=False, right=True, why=why) for solution in solutions]
    return Explained(prompt=prompt, rows=tuple(rows))


def part_row(row: PartFeedback, presentation: Presentation, words: Words) -> PartRow:
    """Put the feedback on one part into words."""
    is_place = any(part.id == row.id and part.input == "place" for part in presentation.parts)

    def said(answer: Localised) -> Markup:
        if is_place:
            return Markup.escape(words(N_("place %(number)s"), number=answer.text))
        return html_of(answer, words) if answer.language else _plain(answer.text)

    state: Literal["right", "wrong", "none"] = "right" if row.right else "none" if row.given is None else "wrong"
    says = {"right": N_("Right"), "wrong": N_("Not right yet"), "none": N_("Not answered")}
    if is_place:
        says |= {"right": N_("Stands in the right order"), "wrong": N_("Has to move")}
    in_text = Markup.escape(words(N_("Gap %(number)s"), number=row.label.text))
    repeats = row.given is not None and (row.given.text == row.solution.text or (row.right and not is_place))
    return PartRow(
        label=in_text if presentation.around else html_of(row.label, words),
        state=state,
        says=words(says[state]),
        given=Markup("") if row.given is None else said(row.given),
        solution=Markup("") if repeats else said(row.solution),
        why_given=Markup("") if row.why_given is None else html_of(row.why_given, words),
        why=Markup("") if row.why is None else html_of(row.why, words),
    )


def _with_numbers(presentation: Presentation, words: Words) -> Markup:
    """The text of a question with the numbers of its gaps; empty where the parts stand in no text."""
    numbers = [Markup("<b>({})</b>").format(part.label.text) for part in presentation.parts]
    pieces = [html_of(piece, words) for piece in presentation.around]
    return Markup("").join(piece + number for piece, number in zip(pieces, [*numbers, Markup("")], strict=False))


def _option_rows(feedback: Feedback, words: Words) -> tuple[Row, ...]:
    return tuple(
        Row(text=html_of(option.text, words), chosen=option.chosen, right=option.right, why=html_of(option.why, words))
        for option in feedback.options
    )


def _why(feedback: Feedback, words: Words) -> Markup:
    return Markup("") if feedback.text is None else html_of(feedback.text, words)


def _plain(text: str) -> Markup:
    return _BDI + Markup("<br>").join(text.split("\n")) + _BDI_ENDS


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
        events: list[tuple[Literal["counted", "replaced", "late"], StoredEvent]] = []
        if answers.counted is not None:
            events.append(("counted", answers.counted))
        events += [("replaced", event) for event in answers.elsewhere]
        events += [("late", event) for event in answers.late]
        lines += [
            SavedReceipt(label=label, receipt=shown(event.receipt), moment=event.made_at, state=state)
            for state, event in events
        ]
    return tuple(lines)
