"""What is wrong with a course package, with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lms.errors import N_, Invalid


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing for the author to mend: ``file`` relative to the package, ``line`` from 1, a message id with values.

    ``part`` names the place where the message does not: “why.en” of an option, “draw” of a row.
    """

    file: str
    line: int
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    part: str = ""

    def __str__(self) -> str:
        """The fault as compilers write it, in English: ``course.yaml:12: …``."""
        place = f"{self.file}:{self.line}: {self.part}: " if self.part else f"{self.file}:{self.line}: "
        return place + (self.message % self.values if self.values else self.message)


class BadPackage(Invalid):
    """A course package that cannot be used; ``faults`` has every fault that was found, by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        once = {str(fault): fault for fault in faults}.values()
        self.faults = tuple(sorted(once, key=lambda fault: (fault.file, fault.line, fault.message)))
        super().__init__(N_("The course package has faults: %(number)s."), number=len(self.faults))
