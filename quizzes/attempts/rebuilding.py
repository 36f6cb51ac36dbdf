"""Work out the facts of a quiz anew; they then equal those that were kept up to date."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizzes.attempts import counting, journal
from quizzes.attempts.models import Attempt, Result
from quizzes.attempts.services import Types, questions_of
from quizzes.facts import services as facts
from quizzes.facts.services import Share, Sums


def rebuild(session: Session, *, quiz_id: int, types: Types) -> int:
    """Replace the facts of a quiz by what its attempts come to; how many count. Who submits meanwhile waits."""
    facts.hold(session, quiz_id)
    newest = select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    rows = session.execute(
        select(Attempt, Result)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.quiz_id == quiz_id, Attempt.closed_at.is_not(None), Result.number == newest)
        .order_by(Attempt.id)
    ).all()
    shares: list[Share] = []
    for attempt, result in rows:
        questions = questions_of(session, attempt_id=attempt.id)
        answers = journal.whole_of(session, attempt_id=attempt.id)
        share = counting.share_of(attempt, result, questions, answers, types=types)
        counting.count(session, attempt, share, Sums())
        if share is not None:
            shares.append(share)
    facts.begin_anew(session, quiz_id, shares)
    return len(shares)
