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
    return _by_id()[0]


def types() -> Types:
    """Return the same without their web faces, as services want them."""
    return _by_id()[1]


def _by_id() -> tuple[Kinds, Types]:
    extensions = current_app.extensions
    found = extensions["lms.plugins"].collect("quiz_question_types")
    kept: tuple[object, Kinds, Types] | None = extensions.get("quizzes.kinds")
    if kept is None or kept[0] is not found:
        by_id = {kind.kind: kind for kind in found}
        kept = extensions["quizzes.kinds"] = found, by_id, {name: kind.type for name, kind in by_id.items()}
    return kept[1], kept[2]
