"""The kinds of questions that this site knows, as the app in whose context we are collected them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from quizzes.hooks import QuestionKind
from quizzes.question_types import QuestionType

Kinds = Mapping[str, QuestionKind]
Types = Mapping[str, QuestionType]


def kinds() -> Kinds:
    """Return every kind in use by its id, in the order in which trainers are offered them."""
    return {kind.kind: kind for kind in current_app.extensions["lms.plugins"].collect("quiz_question_types")}


def types() -> Types:
    """Return the same without their web faces, as services want them."""
    return {name: kind.type for name, kind in kinds().items()}
