"""Marks by a rubric: lines with levels, what they add up to, and when two markers agree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms.errors import N_
from lms.text.localised import Text


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a line: its points, and what an answer must have for them."""

    points: int
    text: Text
    message: bool = False  # the text is a message id of the interface


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an answer is marked by; its levels rise from 0 to ``points``."""

    id: str
    text: Text
    points: int
    levels: tuple[Level, ...]
    message: bool = False

    def place_of(self, points: float) -> int | None:
        """Return which level has these points, counted from 0; None for none."""
        return next((place for place, level in enumerate(self.levels) if level.points == points), None)


WHOLE_ANSWER = Line(
    id="whole",
    text={"en": N_("The whole answer")},
    points=4,
    levels=(
        Level(0, {"en": N_("Nothing of what was asked")}, message=True),
        Level(1, {"en": N_("A small part")}, message=True),
        Level(2, {"en": N_("Half of it")}, message=True),
        Level(3, {"en": N_("Most of it")}, message=True),
        Level(4, {"en": N_("All of it")}, message=True),
    ),
    message=True,
)
"""By what an answer is marked whose question brings no rubric."""


def lines_of(spec: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines of a question's rubric; for one without a usable rubric the whole answer is one line."""
    try:
        lines = tuple(
            Line(
                id=str(line["id"]),
                text=line["text"],
                points=int(line["points"]),
                levels=tuple(Level(int(level["points"]), level["text"]) for level in line["levels"]),
            )
            for line in spec["rubric"]
        )
    except (KeyError, TypeError, ValueError):
        return (WHOLE_ANSWER,)
    return lines if lines and all(line.points > 0 and line.levels for line in lines) else (WHOLE_ANSWER,)


def score_of(points: Mapping[str, float], lines: tuple[Line, ...]) -> float:
    """Return what points come to, 0 to 1."""
    return min(1.0, sum(points[line.id] for line in lines) / sum(line.points for line in lines))


def agree(first: Mapping[str, float], second: Mapping[str, float], lines: tuple[Line, ...]) -> bool:
    """Say whether two marks differ by at most one level in every line."""
    for line in lines:
        places = line.place_of(first.get(line.id, -1)), line.place_of(second.get(line.id, -1))
        if places[0] is None or places[1] is None or abs(places[0] - places[1]) > 1:
            return False
    return True


def between(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    """Return the mean of two marks, line by line."""
    return {line: (points + second[line]) / 2 for line, points in first.items()}
