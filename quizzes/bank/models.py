"""Rows of quizzes and questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, event, inspect, literal_column, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lms.database.base import JsonList, JsonMap, Model

DRAFT, PUBLISHED, SUPERSEDED = "draft", "published", "superseded"


class Quiz(Model):
    """A quiz and its rules. ``revision`` grows with every change of what a new attempt would get."""

    __tablename__ = "quiz"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    title: Mapped[JsonMap]
    pass_mark: Mapped[float]  # 0 to 1
    tries: Mapped[int | None]  # None: as many as wanted
    draw: Mapped[int | None]  # questions in one attempt; None: all
    blueprint: Mapped[JsonList]  # rows {"objective", "difficulty", "draw"} in place of ``draw``; []: none
    time_limit_seconds: Mapped[int | None]  # None: as long as it takes
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    counts: Mapped[str] = mapped_column(String(8))  # which try: best, last, first
    review: Mapped[str] = mapped_column(String(12))  # when right answers are shown, see `attempts.services`
    practice: Mapped[bool]  # may one practise without a mark
    hint_cost: Mapped[float]  # the share of a question's mark that asking for its hint costs, 0 to 1
    second_marker: Mapped[bool] = mapped_column(default=False)  # two trainers mark each open answer
    revision: Mapped[int]


def _in_order(name: str, which: str, *columns: str) -> Index:
    where = text(which)
    return Index(name, "quiz_id", *columns, "position", "id", sqlite_where=where, postgresql_where=where)


class Question(Model):
    """A question; what it says is in its versions. ``uid`` is the author's id for it and never changes its kind."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("quiz_id", "uid"),
        # The list of a bank, in its order, filtered or not: a page of it reads its own rows alone.
        _in_order("ix_question_in_use", "retired_at IS NULL"),
        _in_order("ix_question_kind_in_use", "retired_at IS NULL", "kind"),
        _in_order("ix_question_objective_in_use", "retired_at IS NULL", "objective"),
        _in_order("ix_question_retired", "retired_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    objective: Mapped[str | None] = mapped_column(String(80))  # the id of one of the module's objectives
    explains: Mapped[str | None] = mapped_column(String(200))  # "lesson-slug#anchor": the paragraph that explains it
    difficulty: Mapped[str | None] = mapped_column(String(8))  # easy, medium, hard
    skill: Mapped[str | None] = mapped_column(String(12))  # recall, understand, apply, calculate, judge, order
    practice_only: Mapped[bool] = mapped_column(default=False)  # never drawn into an attempt that counts
    case_uid: Mapped[str | None] = mapped_column(String(80))  # the case that it belongs to
    position: Mapped[int]
    package_hash: Mapped[str | None] = mapped_column(
        String(64)
    )  # of the spec last read from a package; None: made here
    retired_at: Mapped[datetime | None]


class CaseStem(Model):
    """What stands above the questions of a case, as it read at one time; the highest ``number`` is the present one."""

    __tablename__ = "case_stem"
    __table_args__ = (UniqueConstraint("quiz_id", "uid", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    stem: Mapped[JsonMap]
    hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class QuestionVersion(Model):
    """A question as it read at one time. A draft may change; what was published once never does."""

    __tablename__ = "question_version"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        Index(
            "uq_question_version_published",
            "question_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_question_version_draft",
            "question_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    number: Mapped[int]
    spec_version: Mapped[int]
    spec: Mapped[JsonMap]
    state: Mapped[str] = mapped_column(String(12))  # draft, published, superseded
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))  # None: a package
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    hash: Mapped[str] = mapped_column(String(64))


def has_state(version: Any, state: str) -> ColumnElement[bool]:
    """Return the condition that a version (or an alias of the model) has a state, written into the statement itself.

    As a parameter it would let SQLite plan the statement anew each time: whether an index of the versions in one state
    can be used depends on it.
    """
    condition: ColumnElement[bool] = version.state == literal_column(f"'{state}'")
    return condition


class KeyChange(Model):
    """Answers to ``version_id`` are marked by the key of ``key_version_id``, which asks the same."""

    __tablename__ = "key_change"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key_version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]


@event.listens_for(CaseStem, "before_update")
def _keep_stems(_mapper: Mapper[Any], _connection: Any, _stem: CaseStem) -> None:
    """Raise RuntimeError where code would change what people may have read."""
    raise RuntimeError("the stem of a case never changes; make a new version")


@event.listens_for(QuestionVersion, "before_update")
def _keep_published_versions(_mapper: Mapper[Any], _connection: Any, version: QuestionVersion) -> None:
    """Raise RuntimeError where code would change what people may have answered."""
    changes = {name: attribute.history for name, attribute in inspect(version).attrs.items()}
    was = (changes["state"].deleted or changes["state"].unchanged or [None])[0]
    fixed = ("question_id", "number", "spec_version", "spec", "hash", "made_at")
    if was != DRAFT and any(changes[name].has_changes() for name in fixed):
        raise RuntimeError("a published version of a question never changes; make a new one")
    if was == SUPERSEDED and changes["state"].has_changes():
        raise RuntimeError("a superseded version of a question stays so; make a new one")
