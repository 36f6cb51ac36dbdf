"""What a trainer looks at after the fact: answers that came late, with the decision on each, and receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.outline.models import Activity, Module
from lms.accounts.models import Person
from lms.audit.services import record
from lms.errors import N_, NotFound, Refused
from lms.text.localised import Text
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion, LateDecision
from quizzes.attempts.receipts import typed
from quizzes.attempts.services import Rules, Types, close_if_over, record_when_shown, write_result
from quizzes.bank.models import Question, QuestionVersion, Quiz


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer that reached us: whose it is, to what, when, and what a trainer decided if it was late."""

    event_id: int
    person_id: int
    name: str
    attempt_id: int
    attempt_number: int
    quiz_title: Text
    position: int
    kind: str
    spec: Mapping[str, Any]
    spec_version: int
    answer: Mapping[str, Any]
    made_at: datetime
    receipt: str
    late: bool
    decision: LateDecision | None


def late_answers(session: Session, quiz_id: int) -> list[StoredAnswer]:
    """List the answers of a quiz that came after the end, the newest first, in one statement."""
    return _stored(session, Attempt.quiz_id == quiz_id, AnswerEvent.late)


def find_receipt(session: Session, course_id: int, text: str) -> list[StoredAnswer]:
    """Return the answers of a course that have a receipt, as somebody typed it; two may share one, most have one."""
    code = typed(text)
    in_course = select(Activity.id).join(Module, Module.id == Activity.module_id).where(Module.course_id == course_id)
    return _stored(session, AnswerEvent.receipt == code, Quiz.activity_id.in_(in_course)) if code else []


def decide_late(
    session: Session,
    *,
    quiz_id: int,
    event_id: int,
    counts: bool,
    reason: str,
    by_id: int,
    types: Types,
    facts: Mapping[str, object],
    now: datetime,
) -> LateDecision:
    """Decide whether an answer that came after the end counts; what the try comes to then is a new result row.

    The same decision again changes nothing. Nobody is notified; the audit log says so. Raises NotFound, and Refused
    while the try is open.
    """
    found = session.execute(
        select(AnswerEvent, Attempt)
        .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
        .where(AnswerEvent.id == event_id, AnswerEvent.late, Attempt.quiz_id == quiz_id)
        .with_for_update(of=Attempt)
    ).one_or_none()
    if found is None:
        raise NotFound
    event, attempt = found.AnswerEvent, found.Attempt
    if attempt.closed_at is None:
        close_if_over(session, attempt_id=attempt.id, types=types, now=now)
    if attempt.closed_at is None:
        raise Refused(N_("This try is still open."))
    decision = session.get(LateDecision, event_id)
    if decision is not None and decision.counts == counts:
        return decision
    if decision is None:
        decision = LateDecision(event_id=event_id)
        session.add(decision)
    decision.counts, decision.reason = counts, reason
    decision.decided_by_id, decision.decided_at = by_id, now
    session.flush()
    result, _ = write_result(session, attempt, types=types, now=now)
    rules = Rules.of(session.get_one(Quiz, quiz_id))
    record_when_shown(session, rules=rules, person_id=attempt.person_id, now=now)
    record(
        session,
        actor_id=by_id,
        act="answer.late_counts" if counts else "answer.late_does_not_count",
        about=f"attempt:{attempt.id}",
        reason=reason,
        now=now,
        facts={
            **facts,
            "person": attempt.person_id,
            "question": event.question_position,
            "receipt": event.receipt,
            "result": result.number,
        },
    )
    return decision


def _stored(session: Session, *where: Any) -> list[StoredAnswer]:
    rows = session.execute(
        select(
            AnswerEvent.id.label("event_id"),
            Person.id.label("person_id"),
            Person.name,
            Attempt.id.label("attempt_id"),
            Attempt.number.label("attempt_number"),
            Quiz.title.label("quiz_title"),
            AnswerEvent.question_position.label("position"),
            Question.kind,
            QuestionVersion.spec,
            QuestionVersion.spec_version,
            AnswerEvent.answer,
            AnswerEvent.made_at,
            AnswerEvent.receipt,
            AnswerEvent.late,
            LateDecision,
        )
        .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .join(
            AttemptQuestion,
            (AttemptQuestion.attempt_id == Attempt.id) & (AttemptQuestion.position == AnswerEvent.question_position),
        )
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(LateDecision, LateDecision.event_id == AnswerEvent.id)
        .where(*where)
        .order_by(AnswerEvent.id.desc())
        .limit(MOST)
    )
    found = []
    for row in rows:
        values = dict(row._mapping)
        found.append(StoredAnswer(decision=values.pop("LateDecision"), **values))
    return found


MOST = 500  # on one page: far more than a trainer decides by hand
