"""Rows of attempts. Answers are a journal: events are added, never changed; results likewise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lms.database.base import JsonList, JsonMap, Model

CLIENT_LETTERS = 32
RECEIPT_LETTERS = 8

# Which of two answers counts is decided by comparing clients; a database's own collation would order them otherwise.
_ClientName = String(CLIENT_LETTERS).with_variant(String(CLIENT_LETTERS, collation="C"), "postgresql")


class HasAnEnd:
    """What the times of an attempt say; ``deadline`` is the end with what outages add to it."""

    __slots__ = ()
    closed_at: Any
    deadline: Any

    def is_open(self, now: datetime) -> bool:
        """Say whether an answer that arrives now counts."""
        return self.closed_at is None and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Say whether the time has run out."""
        return self.deadline is not None and now >= self.deadline


class Attempt(Model):
    """One participant's one try at a quiz; its questions and its end are fixed before the first one is shown."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("quiz_id", "person_id", "number"),
        Index(
            "uq_attempt_open",
            "quiz_id",
            "person_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]  # 1 for the first try
    seed: Mapped[int] = mapped_column(BigInteger)  # 63 random bits
    pass_mark: Mapped[float]  # copied, so that a later change of the quiz moves no one's goal
    hint_cost: Mapped[float] = mapped_column(default=0.0)  # copied likewise
    opened_at: Mapped[datetime]
    deadline: Mapped[datetime | None]  # None: as long as it takes; outages make it later, see `ends`
    extra_seconds: Mapped[int] = mapped_column(default=0)  # of the time until then, by an allowance
    submitted_at: Mapped[datetime | None]  # None though closed: the time ran out
    closed_at: Mapped[datetime | None]


class AttemptQuestion(Model):
    """One drawn question of an attempt, in the version that the person sees; positions begin at 1."""

    __tablename__ = "attempt_question"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    question_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"), index=True)
    stem_id: Mapped[int | None] = mapped_column(ForeignKey("case_stem.id"))  # what stands above it


class HintAsked(Model):
    """Somebody asked for the hint of a question, and knew what it costs. Once; it is never taken back."""

    __tablename__ = "hint_asked"
    __table_args__ = (
        ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_question.attempt_id", "attempt_question.position"],
            ondelete="CASCADE",
        ),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]


class AnswerEvent(Model):
    """One answer that reached us. Of several to one question the highest ``(counter, client)`` counts.

    ``answer`` holds stable ids; ``{}`` takes an answer back. ``late`` ones are kept and not counted.
    """

    __tablename__ = "answer_event"
    __table_args__ = (
        UniqueConstraint("attempt_id", "counter", "client"),
        ForeignKeyConstraint(
            ["attempt_id", "question_position"],
            ["attempt_question.attempt_id", "attempt_question.position"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int]
    question_position: Mapped[int]
    client: Mapped[str] = mapped_column(_ClientName)  # a device's own name; "web": a page without script
    counter: Mapped[int] = mapped_column(BigInteger)  # a Lamport clock
    seen: Mapped[int | None] = mapped_column(BigInteger)  # client "web": the highest counter when its page was made
    answer: Mapped[JsonMap]
    made_at: Mapped[datetime]  # by our clock
    late: Mapped[bool]
    receipt: Mapped[str] = mapped_column(String(RECEIPT_LETTERS), index=True)


class Result(Model):
    """What an attempt came to; a regrade adds a row with the next ``number``.

    ``marks``: one object a position, ``{"position", "score", "reason"}``; score None: a trainer marks it.
    """

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    number: Mapped[int]
    score: Mapped[float]  # 0 to 1
    passed: Mapped[bool]
    marks: Mapped[JsonList]
    made_at: Mapped[datetime]


class LateDecision(Model):
    """What a trainer decided about an answer that came after the end. It may change; the audit log has each."""

    __tablename__ = "late_decision"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("answer_event.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    counts: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime]


class OpenAnswer(Model):
    """An answer that counts and that a trainer marks. ``score`` None: not yet, or not by all who must.

    ``points``: by criterion, what they come to; ``comments`` are for the person. ``claimed_…``: who looks at it now.
    ``state``: waiting, differ (two marks are too far apart: a trainer decides), marked. One that a late answer has
    replaced no longer ``counts``.
    """

    __tablename__ = "open_answer"
    __table_args__ = (Index("ix_open_answer_quiz_id_state_since", "quiz_id", "state", "since"),)

    event_id: Mapped[int] = mapped_column(
        ForeignKey("answer_event.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    since: Mapped[datetime]
    counts: Mapped[bool]
    state: Mapped[str] = mapped_column(String(8))
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    claimed_until: Mapped[datetime | None]
    score: Mapped[float | None]  # 0 to 1
    points: Mapped[JsonMap]
    comments: Mapped[JsonList]
    marked_at: Mapped[datetime | None]


class AttemptShare(Model):
    """What an attempt adds to the facts about its questions; without a row it adds nothing (yet).

    ``items``: see `quizzes.facts.services.Share`. Kept, so that a regrade takes away exactly what was added.
    """

    __tablename__ = "attempt_share"

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    items: Mapped[JsonList]


class Allowance(Model):
    """What one person gets more of in one quiz: time as a ``factor`` of the limit or in minutes, and tries."""

    __tablename__ = "allowance"
    __table_args__ = (UniqueConstraint("quiz_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    factor: Mapped[float]  # 1: no more than others
    minutes: Mapped[int]
    tries: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    set_at: Mapped[datetime]


class TimeRequest(Model):
    """Somebody asked for more time in a running attempt. ``state``: open, granted, refused."""

    __tablename__ = "time_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    minutes: Mapped[int | None]  # granted
    answer: Mapped[str] = mapped_column(Text)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]


@event.listens_for(AnswerEvent, "before_update")
@event.listens_for(Result, "before_update")
def _keep_what_was_written(_mapper: Mapper[Any], _connection: Any, row: Model) -> None:
    """Raise RuntimeError where code would change the journal or a result."""
    raise RuntimeError(f"a row of {row.__tablename__} never changes; add one")
