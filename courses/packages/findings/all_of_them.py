"""Every family of findings at once."""

from __future__ import annotations

from courses.packages.content import CoursePackage
from courses.packages.faults import Fault
from courses.packages.findings import glossary, lessons, questions

FAMILIES = (
    lessons.lengths,
    questions.few,
    questions.unexplained,
    questions.left_out,
    questions.repeated,
    glossary.unlinked,
)


def findings(package: CoursePackage) -> list[Fault]:
    """Everything that a course that can be installed could do better, by file and line."""
    found = [fault for family in FAMILIES for fault in family(package)]
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.message))
