"""What a person may ask for during an attempt: a hint, more time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lms.database.writing import insert_if_new
from lms.errors import N_, NotFound, Refused
from quizzes.attempts.models import HintAsked, TimeRequest
from quizzes.attempts.services.reading import OPEN, must_take_part, question_at, standing


def ask_for_hint(session: Session, *, attempt_id: int, person_id: int, position: int, now: datetime) -> None:
    """Note that a person asked for the hint of a question; twice is the same as once.

    Raises NotFound where there is none, Refused once the attempt is over.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True)
    must_take_part(found)
    question, _ = question_at(session, attempt_id=attempt_id, position=position)
    if not question.spec.get("hint"):
        raise NotFound
    if not found.is_open(now):
        raise Refused(N_("This try is over."))
    insert_if_new(
        session,
        HintAsked,
        {"attempt_id": attempt_id, "position": position, "asked_at": now},
        unique=("attempt_id", "position"),
    )


def ask_for_time(session: Session, *, attempt_id: int, person_id: int, words: str, now: datetime) -> TimeRequest:
    """Ask a trainer for more time; while that is open, asking again changes nothing.

    Raises NotFound; Refused for an attempt that is over or has no end.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True)
    must_take_part(found)
    if found.ends_at is None or not found.is_open(now):
        raise Refused(N_("More time can be asked for while the time of a try runs."))
    if found.asked is not None and found.asked.state == OPEN:
        return found.asked
    request = TimeRequest(
        attempt_id=attempt_id,
        words=words,
        asked_at=now,
        state=OPEN,
        minutes=None,
        answer="",
        answered_by_id=None,
        answered_at=None,
    )
    session.add(request)
    session.flush()
    return request
