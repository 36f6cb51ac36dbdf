"""What others may add to quizzes: kinds of questions; and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from lms.plugins import hookspec
from lms.plugins.events import Event
from quizzes.question_types.base import QuestionType

FormClass: TypeAlias = type[Any]


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """A kind of question with its two faces on the web.

    ``form`` is the WTForms class with which trainers write a question (None: it cannot be written here). ``template``
    draws the question for a participant: a partial that gets ``asked`` (see `quizzes.asking.Asked`) and prints the
    controls alone, not the form around them.
    """

    type: QuestionType
    form: FormClass | None
    template: str
    order: int = 50

    @property
    def kind(self) -> str:
        """The id of the kind, unique among all plugins."""
        return self.type.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSubmitted(Event):
    """An attempt is closed and marked; ``score`` runs from 0 to 1.

    ``provisional`` says that a trainer has still something to mark.
    """

    attempt_id: int
    quiz_id: int
    activity_id: int
    person_id: int
    score: float
    passed: bool
    provisional: bool
    at: datetime


@hookspec
def quiz_question_types() -> list[QuestionKind]:  # type: ignore[empty-body]
    """Kinds of questions."""


@hookspec
def attempt_submitted(event: AttemptSubmitted) -> None:
    """Told after the commit: an attempt is closed and marked, by the person or because its time ran out."""
