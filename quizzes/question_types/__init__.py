"""Kinds of questions: values in, values out; no database, no request, no form.

`base` says what a kind must do, `contract` checks that it does, `BUILT_IN` lists those that come with Lantern.
"""

from __future__ import annotations

from quizzes.question_types.base import QuestionType
from quizzes.question_types.gap_text import GapText
from quizzes.question_types.matching import Matching
from quizzes.question_types.multiple_choice import MultipleChoice
from quizzes.question_types.numeric import Numeric
from quizzes.question_types.open import OpenAnswer
from quizzes.question_types.ordering import Ordering
from quizzes.question_types.short_text import ShortText
from quizzes.question_types.single_choice import SingleChoice
from quizzes.question_types.true_false import TrueFalse

BUILT_IN: tuple[QuestionType, ...] = (
    SingleChoice(),
    MultipleChoice(),
    TrueFalse(),
    ShortText(),
    Numeric(),
    Matching(),
    Ordering(),
    GapText(),
    OpenAnswer(),
)

__all__ = [
    "BUILT_IN",
    "GapText",
    "Matching",
    "MultipleChoice",
    "Numeric",
    "OpenAnswer",
    "Ordering",
    "QuestionType",
    "ShortText",
    "SingleChoice",
    "TrueFalse",
]
