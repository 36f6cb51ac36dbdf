"""What an attempt comes to by its journal and the keys as they are now, without writing anything."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from lms.errors import N_
from quizzes.asking import current_spec
from quizzes.attempts import counting, journal
from quizzes.attempts.journal import Journal, WholeJournal
from quizzes.attempts.models import Result
from quizzes.attempts.services.reading import DrawnQuestion, ReadAttempt, questions_of
from quizzes.marking.rules import Outcome, less_for_hint, outcome
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Mark, Response

log = logging.getLogger(__name__)

Types = Mapping[str, QuestionType]

BY_A_TRAINER = N_("Marked by a trainer.")


def marks_of(
    questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types, given: Mapping[int, float] | None = None
) -> list[Mark | None]:
    """Mark an attempt from its journal: one item a question, None where a trainer must.

    ``given``: what trainers gave, 0 to 1, by the id of the answer.
    """
    marks: list[Mark | None] = []
    for question in questions:
        of_question = answers.at(question.position)
        mark = _mark(question, of_question.response, types.get(question.kind))
        if mark is None and given and of_question.counted is not None and of_question.counted.id in given:
            mark = less_for_hint(Mark(given[of_question.counted.id], BY_A_TRAINER), cost=question.cost or 0.0)
        marks.append(mark)
    return marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What an attempt comes to by its journal, the keys and the trainers' marks as they are now."""

    questions: Sequence[DrawnQuestion]
    answers: WholeJournal
    marks: Sequence[Mark | None]
    came_to: Outcome


def marked_now(
    session: Session,
    attempt: ReadAttempt,
    *,
    types: Types,
    keys: Mapping[int, tuple[Mapping[str, Any], int]] | None = None,
) -> Marked:
    """Mark an attempt without writing anything; ``keys``: specs to mark by instead, by the id of a version."""
    questions = questions_of(session, attempt_id=attempt.id)
    if keys:
        questions = [
            replace(one, key_spec=keys[one.version_id][0], key_spec_version=keys[one.version_id][1])
            if one.version_id in keys
            else one
            for one in questions
        ]
    answers = journal.whole_of(session, attempt_id=attempt.id)
    marks = marks_of(questions, answers, types=types)
    if None in marks:
        given = counting.marks_given(session, attempt.id)
        if given:
            marks = marks_of(questions, answers, types=types, given=given)
    return Marked(
        questions=questions, answers=answers, marks=marks, came_to=outcome(marks, pass_mark=attempt.pass_mark)
    )


def outcome_of(attempt: ReadAttempt, questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types) -> Outcome:
    """Say what an attempt comes to by its journal, without writing anything."""
    return outcome(marks_of(questions, answers, types=types), pass_mark=attempt.pass_mark)


def written(questions: Sequence[DrawnQuestion], marks: Sequence[Mark | None]) -> list[dict[str, Any]]:
    """Return marks as a result row holds them."""
    return [
        {"position": question.position, "score": mark and mark.score, "reason": mark and mark.reason}
        for question, mark in zip(questions, marks, strict=True)
    ]


def only_anew(marked: Marked, result: Result, version_ids: Collection[int], *, pass_mark: float) -> Marked:
    """Return an attempt marked as in ``result``, but for the questions of these versions.

    What a kind marked that is no longer on this site stands so; a new mark that nobody can give does not replace one.
    """
    stood = {
        mark["position"]: None if mark["score"] is None else Mark(mark["score"], mark["reason"])
        for mark in result.marks
    }
    marks = [
        stood.get(question.position) if question.version_id not in version_ids or mark is None else mark
        for question, mark in zip(marked.questions, marked.marks, strict=True)
    ]
    return replace(marked, marks=marks, came_to=outcome(marks, pass_mark=pass_mark))


def _mark(question: DrawnQuestion, response: Response | None, of_kind: QuestionType | None) -> Mark | None:
    if of_kind is None:
        return None
    try:
        mark = of_kind.mark(current_spec(of_kind, *question.key), response)
        return mark and less_for_hint(mark, cost=question.cost or 0.0)
    except Exception:  # a faulty kind must not keep a person from submitting
        log.exception("kind %s failed to mark question %s", question.kind, question.uid)
        return None
