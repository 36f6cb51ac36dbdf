"""Rows of sums. Marks are whole thousandths, so that sums are exact in whatever order they are made."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model

LONGEST_CHOICE = 200  # letters; a longer id of a plugin is not counted


class QuizFact(Model):
    """All finished and marked attempts of a quiz: how many, how many passed, and their scores' sum."""

    __tablename__ = "quiz_fact"

    quiz_id: Mapped[int] = mapped_column(
        ForeignKey("quiz.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    attempts: Mapped[int]
    passed: Mapped[int]
    score: Mapped[int] = mapped_column(BigInteger)


class ItemFact(Model):
    """One version of a question in them: x is its mark, t the total of the attempt without it.

    ``timed`` attempts took ``seconds`` together; the others left no time.
    """

    __tablename__ = "item_fact"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), index=True)
    n: Mapped[int]
    answered: Mapped[int]
    x: Mapped[int] = mapped_column(BigInteger)
    xx: Mapped[int] = mapped_column(BigInteger)
    t: Mapped[int] = mapped_column(BigInteger)
    tt: Mapped[int] = mapped_column(BigInteger)
    xt: Mapped[int] = mapped_column(BigInteger)
    timed: Mapped[int]
    seconds: Mapped[int] = mapped_column(BigInteger)


class ChoiceFact(Model):
    """How often one option of a version was chosen, and the sum of t of those who chose it."""

    __tablename__ = "choice_fact"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    choice: Mapped[str] = mapped_column(String(LONGEST_CHOICE), primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), index=True)
    n: Mapped[int]
    t: Mapped[int] = mapped_column(BigInteger)
