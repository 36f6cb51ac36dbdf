"""The coverage matrix: how many questions each objective has, by lesson and difficulty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from courses.packages.content import CoursePackage

DIFFICULTIES = ("easy", "medium", "hard", "")


@dataclass(frozen=True, slots=True)
class Coverage:
    """The questions of an objective that one lesson explains; ``numbers`` are by `DIFFICULTIES`."""

    module: str
    objective: str
    lesson: str
    numbers: tuple[int, ...]


def coverage(package: CoursePackage) -> Iterator[Coverage]:
    """Every pair of objective and lesson that has a question, in course order."""
    for module in package.modules:
        counted = Counter(
            (question.objective, question.explains.partition("#")[0], question.difficulty)
            for activity in module.activities
            for question in activity.questions
        )
        for objective in module.objectives:
            for lesson in module.lessons:
                numbers = tuple(counted[objective.id, lesson.id, difficulty] for difficulty in DIFFICULTIES)
                if any(numbers):
                    yield Coverage(module.id, objective.id, lesson.id, numbers)
