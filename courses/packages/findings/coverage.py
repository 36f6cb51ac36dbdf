"""The coverage matrix: the questions that each objective has, by lesson and difficulty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from courses.packages.content import CoursePackage

DIFFICULTIES = ("easy", "medium", "hard", "")


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ids of the questions of an objective that one lesson explains, by `DIFFICULTIES`."""

    module: str
    objective: str
    lesson: str
    questions: tuple[tuple[str, ...], ...]


def coverage(package: CoursePackage) -> Iterator[Coverage]:
    """Every pair of objective and lesson that has a question, in course order."""
    for module in package.modules:
        asked: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for activity in module.activities:
            for question in activity.questions:
                lesson = question.explains.partition("#")[0]
                asked[question.objective, lesson, question.difficulty].append(question.id)
        for objective in module.objectives:
            for lesson in (one.id for one in module.lessons):
                questions = tuple(tuple(asked[objective.id, lesson, difficulty]) for difficulty in DIFFICULTIES)
                if any(questions):
                    yield Coverage(module.id, objective.id, lesson, questions)
