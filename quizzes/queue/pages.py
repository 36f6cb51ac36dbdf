"""What the pages of the marking queue print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised
from quizzes.asking import current_spec
from quizzes.attempts.counting import DIFFER
from quizzes.attempts.pages import Words, html_of
from quizzes.authoring.services import Room
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import BadSpec
from quizzes.queue.forms import MarkForm
from quizzes.queue.services import PAGE_ROWS, Queue, ToMark
from quizzes.reports.pages import Frame, Pages, frame, paging, prompt_of


def address(room: Room, view: str, **values: object) -> str:
    """Return the address of a page of this slice."""
    every: dict[str, Any] = {**room.address, **values}
    return url_for(f"quizzes.queue.{view}", **every)


def said(text: Any, message: bool, words: Words) -> str:
    """Return a text of a rubric in the reader's language."""
    found = words.said(text).text
    return words(found) if message else found


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One answer that waits; ``href`` where it is the reader's."""

    prompt: Localised
    since: datetime
    says: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRow:
    """One answer that was marked."""

    name: str
    prompt: Localised
    score: float
    marked_at: datetime
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """What waits for a trainer."""

    frame: Frame
    second_marker: bool
    of: int
    can_take: int
    rows: tuple[WaitingRow, ...]
    pages: Pages | None
    done: tuple[DoneRow, ...]
    take: str


def queue_page(room: Room, found: Queue, words: Words) -> QueuePage:
    """Build the page."""

    def says(one: Any) -> str:
        if one.mine:
            return words(N_("You have taken it."))
        if one.taken_until is not None:
            return words(N_("Another trainer marks it now."))
        if one.mine_given:
            return words(N_("You have marked it; another trainer marks it too."))
        return words(N_("Two marks are too far apart. Somebody decides.")) if one.state == DIFFER else ""

    values: dict[str, Any] = dict(room.address)
    return QueuePage(
        frame=frame(room, words, tab="marking", heading=words(N_("Open answers"))),
        second_marker=found.second_marker,
        of=found.of,
        can_take=found.can_take,
        rows=tuple(
            WaitingRow(
                prompt=prompt_of(one.spec, words),
                since=one.since,
                says=says(one),
                href=address(room, "answer", event_id=one.event_id) if one.mine else "",
            )
            for one in found.rows
        ),
        pages=paging("quizzes.queue.waiting", room, words, number=found.number, of=found.of, size=PAGE_ROWS),
        done=tuple(
            DoneRow(
                name=one.name,
                prompt=prompt_of(one.spec, words),
                score=one.score,
                marked_at=one.marked_at,
                href=url_for("quizzes.reports.attempt", **values, attempt_id=one.attempt_id),
            )
            for one in found.done
        ),
        take=address(room, "take"),
    )


@dataclass(frozen=True, slots=True)
class OtherMark:
    """What another trainer gave, line by line."""

    points: tuple[tuple[str, str], ...]
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """One answer to be marked, without a name."""

    frame: Frame
    prompt: Markup
    answer: Markup
    model: Markup
    form: MarkForm
    deciding: bool
    marks: tuple[OtherMark, ...]
    until: datetime
    action: str
    back: str


def answer_page(
    room: Room, found: ToMark, form: MarkForm, kinds: Mapping[str, QuestionKind], words: Words
) -> AnswerPage:
    """Build the page."""
    kind = kinds.get(found.kind)
    text, model = found.answer.get("text"), Markup("")
    if kind is not None:
        try:
            spec = current_spec(kind.type, found.spec, found.spec_version)
            solutions = kind.type.solution(spec, languages=words.languages)[:1]
            model = html_of(solutions[0], words) if solutions else model
            if not isinstance(text, str):
                text = kind.type.summarise(spec, found.answer)
        except BadSpec:
            pass
    prompt = found.spec.get("prompt")
    lines = str(text or "").split("\n")
    return AnswerPage(
        frame=frame(
            room,
            words,
            tab="marking",
            heading=words(N_("Decide between two marks")) if found.deciding else words(N_("Mark an answer")),
            up=((words(N_("Open answers")), address(room, "waiting")),),
        ),
        prompt=html_of(words.said(prompt), words) if isinstance(prompt, Mapping) else Markup(""),
        answer=Markup("<bdi>{}</bdi>").format(Markup("<br>").join(lines)),
        model=model,
        form=form,
        deciding=found.deciding,
        marks=tuple(
            OtherMark(
                tuple(
                    (said(line.text, line.message, words), f"{one.points.get(line.id, 0):g} / {line.points}")
                    for line in found.lines
                ),
                one.comment,
            )
            for one in found.given
        ),
        until=found.until,
        action=address(room, "answer", event_id=found.event_id),
        back=address(room, "give_back", event_id=found.event_id),
    )
