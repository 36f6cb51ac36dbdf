"""What pretest.yaml says: its faults beside the envelope of its questions, and the quiz that it comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lms.errors import N_
from quizzes.attempts.services import AFTER_TRIES
from quizzes.bank.definitions import Fault

TIMES = 2  # before the course and at its end


def faults(definition: Mapping[str, object]) -> Iterator[Fault]:
    """Give each module whose questions do not allow a fair second time as (path, message id, values)."""
    questions = definition.get("questions")
    first: dict[str, tuple[int, object]] = {}
    counted: dict[str, int] = {}
    for number, question in enumerate(questions if isinstance(questions, list | tuple) else ()):
        module = question.get("module") if isinstance(question, Mapping) else None
        if not isinstance(module, str):
            continue  # the envelope's fault
        counted[module] = counted.get(module, 0) + 1
        _, difficulty = first.setdefault(module, (number, question.get("difficulty")))
        if question.get("difficulty") != difficulty:
            message = N_("The questions of one module are of one difficulty: the two times are compared.")
            yield f"questions.{number}.difficulty", message, {}
    for module, (number, _) in first.items():
        if counted[module] < TIMES:
            message = N_("The module “%(id)s” needs another question: the second time asks none again.")
            yield f"questions.{number}.module", message, {"id": module}


def as_quiz(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the quiz of a definition without faults: one question of each module, in two tries, with no pass mark."""
    modules = {question["module"]: question["difficulty"] for question in definition["questions"]}
    return {
        "title": definition["title"],
        "pass_mark": 0,
        "tries": TIMES,
        "counts": "last",
        "review": AFTER_TRIES,
        "practice": False,
        "blueprint": [
            {"objective": module, "difficulty": difficulty, "draw": 1} for module, difficulty in modules.items()
        ],
        "questions": [
            {**question, "objective": question["module"], "explains": _place(question)}
            for question in definition["questions"]
        ],
    }


def _place(question: Mapping[str, Any]) -> str:
    """The paragraph that explains a question, as the whole course names it; without one its module."""
    return "/".join(part for part in (question["module"], question.get("explains")) if part)
