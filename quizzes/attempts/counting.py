"""What a closed attempt leaves behind beside its result: its share of the facts, and answers that a trainer marks."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lms.database.statements import built_once
from quizzes.asking import current_spec
from quizzes.attempts.journal import WholeJournal
from quizzes.attempts.models import AttemptShare, OpenAnswer
from quizzes.facts.models import LONGEST_CHOICE
from quizzes.facts.services import WHOLE, Item, Share, Sums
from quizzes.question_types import QuestionType
from quizzes.question_types.base import CHOSEN, Response

if TYPE_CHECKING:
    from quizzes.attempts.services import DrawnQuestion, Marked, ReadAttempt, ReadResult

log = logging.getLogger(__name__)

Types = Mapping[str, QuestionType]

WAITING, DIFFER, MARKED = "waiting", "differ", "marked"
LONGEST_THOUGHT = timedelta(minutes=10)
"""A longer pause between two answers is no time spent on a question: somebody went away."""


def marks_given(session: Session, attempt_id: int) -> dict[int, float]:
    """Return what trainers gave in an attempt, 0 to 1, by the id of the answer."""
    rows = session.execute(
        select(OpenAnswer.event_id, OpenAnswer.score).where(
            OpenAnswer.attempt_id == attempt_id, OpenAnswer.score.is_not(None)
        )
    )
    return {event_id: score for event_id, score in rows if score is not None}


def keep_open_answers(
    session: Session,
    attempt: ReadAttempt,
    marked: Marked,
    *,
    types: Types,
    is_first: bool,
    now: datetime,
) -> None:
    """Put the answers of an attempt that a trainer must mark into the queue; those that no longer count rest."""
    wanted: dict[int, int] = {}
    for question, mark in zip(marked.questions, marked.marks, strict=True):
        counted = marked.answers.at(question.position).counted
        if is_first and mark is not None:
            continue  # nobody but its kind can have marked it yet
        if counted is not None and counted.answer and _waits(question, counted.answer, types.get(question.kind)):
            wanted[counted.id] = question.position
    if not wanted and is_first:
        return
    known = {
        row.event_id: row for row in session.scalars(select(OpenAnswer).where(OpenAnswer.attempt_id == attempt.id))
    }
    for event_id, row in known.items():
        row.counts = event_id in wanted
    session.add_all(
        OpenAnswer(
            event_id=event_id,
            quiz_id=attempt.quiz_id,
            attempt_id=attempt.id,
            position=position,
            since=now,
            counts=True,
            state=WAITING,
            claimed_by_id=None,
            claimed_until=None,
            score=None,
            points={},
            comments=[],
            marked_at=None,
        )
        for event_id, position in wanted.items()
        if event_id not in known
    )
    session.flush()


def _waits(question: DrawnQuestion, response: Response, of_kind: QuestionType | None) -> bool:
    """Say whether a kind that is here leaves the mark to a trainer."""
    if of_kind is None:
        return False
    try:
        return of_kind.mark(current_spec(of_kind, *question.key), response) is None
    except Exception:  # a fault of the kind is for its author to mend; no trainer can mark by it
        log.exception("kind %s failed to mark question %s", question.kind, question.uid)
        return False


def share_of(
    attempt: ReadAttempt,
    result: ReadResult,
    questions: Sequence[DrawnQuestion],
    answers: WholeJournal,
    *,
    types: Types,
) -> Share | None:
    """Return what a closed attempt adds to the facts by its newest result; None while a trainer has still to mark."""
    marks = {mark["position"]: mark["score"] for mark in result.marks}
    if not questions or any(marks.get(question.position) is None for question in questions):
        return None
    seconds = _seconds(attempt, answers)
    return Share(
        passed=result.passed,
        score=round(result.score * WHOLE),
        items=tuple(
            Item(
                version_id=question.version_id,
                mark=round(marks[question.position] * WHOLE),
                answered=answers.at(question.position).response is not None,
                chosen=_chosen(question, answers.at(question.position).response, types.get(question.kind)),
                seconds=seconds.get(question.position),
            )
            for question in questions
        ),
    )


def _chosen(question: DrawnQuestion, response: Response | None, of_kind: QuestionType | None) -> tuple[str, ...]:
    given = response.get(CHOSEN) if response else None
    if of_kind is None or not isinstance(given, list | tuple):
        return ()
    try:
        spec = current_spec(of_kind, question.spec, question.spec_version)
        offered = (choice.id for choice in of_kind.choices_for_statistics(spec))
        return tuple(dict.fromkeys(one for one in offered if one in given and len(one) <= LONGEST_CHOICE))
    except Exception:  # a faulty kind must not keep a person from submitting
        log.exception("kind %s failed to list the choices of question %s", question.kind, question.uid)
        return ()


def _seconds(attempt: ReadAttempt, answers: WholeJournal) -> dict[int, int]:
    """How long each question took: from one answer that arrived in time to the next, long pauses left out."""
    before, took = attempt.opened_at, dict[int, timedelta]()
    for position, made_at in answers.moments:
        if timedelta() <= made_at - before <= LONGEST_THOUGHT:
            took[position] = took.get(position, timedelta()) + (made_at - before)
        before = made_at
    return {position: round(time.total_seconds()) for position, time in took.items()}


_write_share = built_once(insert(AttemptShare))


def count(session: Session, attempt: ReadAttempt, share: Share | None, sums: Sums, *, is_first: bool = False) -> None:
    """Let an attempt add ``share`` to the facts in place of what it added before; the change goes into ``sums``."""
    if is_first:
        if share is not None:
            sums.add(share)
            session.connection().execute(_write_share, {"attempt_id": attempt.id, "items": share.written()})
        return
    kept = session.get(AttemptShare, attempt.id)
    if kept is not None:
        sums.add(Share.read(kept.items), sign=-1)
    if share is not None:
        sums.add(share)
        if kept is None:
            session.add(AttemptShare(attempt_id=attempt.id, items=share.written()))
        else:
            kept.items = share.written()
    elif kept is not None:
        session.delete(kept)
    session.flush()
