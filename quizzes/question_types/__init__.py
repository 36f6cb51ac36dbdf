"""Kinds of questions: values in, values out; no database, no request, no form.

`base` says what a kind must do, `contract` checks that it does, `BUILT_IN` lists those that come with Lantern.
"""

from __future__ import annotations

from quizzes.question_types.base import QuestionType
from quizzes.question_types.multiple_choice import MultipleChoice
from quizzes.question_types.numeric import Numeric
from quizzes.question_types.short_text import ShortText
from quizzes.question_types.single_choice import SingleChoice
from quizzes.question_types.true_false import TrueFalse

BUILT_IN: tuple[QuestionType, ...] = (SingleChoice(), MultipleChoice(), TrueFalse(), ShortText(), Numeric())

__all__ = ["BUILT_IN", "MultipleChoice", "Numeric", "QuestionType", "ShortText", "SingleChoice", "TrueFalse"]
