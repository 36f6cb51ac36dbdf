"""Findings in questions: objectives that few ask for, options without a reason, questions that are nearly the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from courses.packages.content import CoursePackage, Module, Question
from courses.packages.faults import Fault
from courses.packages.reading import CHECKS_FILE
from lms.errors import N_

LEAST_FOR_AN_OBJECTIVE = 3
NEARLY_THE_SAME = 0.9  # of the words of two prompts, in their order

_WORD = re.compile(r"\w+")


def placed(module: Module) -> list[tuple[str, Question]]:
    """Every question of a module with its file, the self-checks last."""
    asked = [(activity.file, question) for activity in module.activities for question in activity.questions]
    return [*asked, *((f"{module.id}/{CHECKS_FILE}", question) for question in module.checks)]


def few(package: CoursePackage) -> Iterator[Fault]:
    """Each objective that fewer than three questions of the module's activities ask for."""
    for module in package.modules:
        asked = Counter(question.objective for activity in module.activities for question in activity.questions)
        for objective in module.objectives:
            if asked[objective.id] < LEAST_FOR_AN_OBJECTIVE:
                message = N_("The objective “%(id)s” has %(have)s questions; it needs at least %(least)s.")
                values = {"id": objective.id, "have": asked[objective.id], "least": LEAST_FOR_AN_OBJECTIVE}
                yield Fault(f"{module.id}/module.yaml", objective.line, message, values)


def unexplained(package: CoursePackage) -> Iterator[Fault]:
    """Each question with something to choose that does not say why it is right or wrong."""
    asked = [one for module in package.modules for one in placed(module)]
    if package.pretest is not None:
        asked += [(package.pretest.file, question) for question in package.pretest.questions]
    for file, question in asked:
        for key in ("options", "pairs", "gaps"):
            listed = question.spec.get(key)
            for option in listed if isinstance(listed, list | tuple) else ():
                if isinstance(option, Mapping) and not option.get("options") and not option.get("why"):
                    message = N_("The option “%(option)s” of the question “%(id)s” has no explanation.")
                    yield Fault(file, question.line, message, {"option": option.get("id"), "id": question.id})


def left_out(package: CoursePackage) -> Iterator[Fault]:
    """Each module that is ready and that the pre-test does not ask about."""
    if package.pretest is None:
        return
    asked = {question.objective for question in package.pretest.questions}
    for module in package.modules:
        if module.ready and module.id not in asked:
            yield Fault(package.pretest.file, 1, N_("The pre-test asks nothing about “%(id)s”."), {"id": module.id})


def repeated(package: CoursePackage) -> Iterator[Fault]:
    """Each question of a module whose prompt is nearly that of an earlier one."""
    for module in package.modules:
        before: list[tuple[Question, list[str]]] = []
        for file, question in placed(module):
            words = _WORD.findall(_prompt(question, package.course.source_language).lower())
            matcher = SequenceMatcher(autojunk=False)
            matcher.set_seq2(words)
            for other, others in before:
                matcher.set_seq1(others)
                if words and matcher.real_quick_ratio() >= NEARLY_THE_SAME and matcher.ratio() >= NEARLY_THE_SAME:
                    message = N_("The question “%(id)s” is nearly the same as “%(other)s”.")
                    yield Fault(file, question.line, message, {"id": question.id, "other": other.id})
                    break
            before.append((question, words))


def _prompt(question: Question, language: str) -> str:
    """What is asked, with the text of its gaps: many of these begin alike."""
    parts = (question.spec.get("prompt"), question.spec.get("text"))
    return " ".join(str(part.get(language, "")) for part in parts if isinstance(part, Mapping))
