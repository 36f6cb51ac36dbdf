"""Findings in pictures: what each one costs who pays for their network."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from courses.packages.content import CoursePackage
from courses.packages.faults import Fault
from lms.errors import N_

MOST_BYTES = 15_000  # compressed


def large(package: CoursePackage) -> Iterator[Fault]:
    """Each picture over 15 KB, compressed as it travels."""
    seen = set()
    for module in package.modules:
        for lesson in module.lessons:
            for name, drawing in lesson.pictures.items():
                file, size = f"{module.id}/{name}", len(gzip.compress(drawing.svg.encode(), 9))
                if size > MOST_BYTES and file not in seen:
                    seen.add(file)
                    message = N_("This picture is %(have)s KB compressed; the budget is %(most)s KB.")
                    yield Fault(file, 1, message, {"have": -(-size // 1000), "most": MOST_BYTES // 1000})
