"""Which questions an attempt gets: drawn by a seed, by the rows of a blueprint, with the questions of a case together.

A case comes whole or not at all. Cases are looked at in the order drawn from the seed, and “no more cases” is drawn
among them: each case before it is taken if every one of its questions still counts for a row with room and what is left
can still be filled; those after it only where the rows cannot be filled otherwise. Single questions fill the rest. So
each row gets exactly its number, and a quiz with one case has it in half of all attempts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lms.values import quick_dataclass
from quizzes.marking.rules import draw
from quizzes.question_types.seeds import keyed_hash

MOST_CASES = 60  # in a quiz: they are searched one inside another
MOST_FILLINGS = 20_000  # ways in which rows that cases count for may be filled: the search stays short


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question that may be drawn, as its bank lists it; ``case`` is shared by the questions of one case."""

    id: int
    objective: str | None = None
    difficulty: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a blueprint: ``draw`` questions of an objective and a difficulty; None stands for any."""

    objective: str | None
    difficulty: str | None
    draw: int

    def takes(self, candidate: Candidate) -> bool:
        """Say whether a question counts for this row."""
        return self.objective in (None, candidate.objective) and self.difficulty in (None, candidate.difficulty)


class Unmet(Exception):
    """No list of these questions meets the rows. ``row`` is the first that has too few, counted from 0.

    ``row`` None: there are enough for each, and the cases do not fit together (``many``: there are too many of them).
    """

    def __init__(self, *, row: int | None = None, there: int = 0, many: bool = False) -> None:
        super().__init__(f"row {row}, of which there are {there}")
        self.row = row
        self.there = there
        self.many = many


def draw_rows(candidates: Sequence[Candidate], rows: Sequence[Row], *, rng_seed: int) -> list[int]:
    """Draw the questions of one attempt so that each row gets exactly its number; raises Unmet.

    A question counts for the first row that takes it. The list is in an order drawn from the seed, where the questions
    of a case stand together as ``candidates`` lists them. Which are drawn depends on the seed and the ids alone.
    """
    groups = _groups(candidates, rng_seed)
    row_of = {one.id: _row_of(one, rows) for one in candidates}
    singles = [group[0] for group in groups if group[0].case is None]
    cases = [[row_of[one.id] for one in group] for group in groups if group[0].case is not None]
    of_cases = [group for group in groups if group[0].case is not None]
    enough = keyed_hash(rng_seed, "draw", "no more cases")
    wanted = sum(_place_of(group[0], rng_seed) < enough for group in of_cases)
    taken = _cases_that_fit(cases, rows, [row_of[one.id] for one in singles], wanted=wanted)
    room = [row.draw for row in rows]
    drawn: set[int] = set()
    for number in taken:
        for one in of_cases[number]:
            room[row_of[one.id] or 0] -= 1
            drawn.add(one.id)
    for one in singles:
        row = row_of[one.id]
        if row is not None and room[row]:
            room[row] -= 1
            drawn.add(one.id)
    return [one.id for group in groups for one in group if one.id in drawn]


def draw_some(candidates: Sequence[Candidate], *, count: int | None, rng_seed: int) -> list[int]:
    """Draw ``count`` questions, fewer where there are not so many or where whole cases do not add up to it.

    None draws all. Order and cases as in `draw_rows`.
    """
    if count is None:
        return [one.id for group in _groups(candidates, rng_seed) for one in group]
    if all(one.case is None for one in candidates):
        return draw([one.id for one in candidates], count=count, rng_seed=rng_seed)
    for number in range(min(max(0, count), len(candidates)), 0, -1):
        try:
            return draw_rows(candidates, [Row(objective=None, difficulty=None, draw=number)], rng_seed=rng_seed)
        except Unmet as unmet:
            if unmet.many:
                raise
    return []


def _groups(candidates: Sequence[Candidate], rng_seed: int) -> list[list[Candidate]]:
    """Cases and single questions in the order drawn from the seed."""
    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(_group_of(one), []).append(one)
    return sorted(groups.values(), key=lambda group: _place_of(group[0], rng_seed))


def _group_of(candidate: Candidate) -> str:
    return str(candidate.id) if candidate.case is None else f"case {candidate.case}"


def _place_of(candidate: Candidate, rng_seed: int) -> bytes:
    return keyed_hash(rng_seed, "draw", _group_of(candidate))


def _row_of(candidate: Candidate, rows: Sequence[Row]) -> int | None:
    return next((number for number, row in enumerate(rows) if row.takes(candidate)), None)


def _cases_that_fit(
    cases: Sequence[Sequence[int | None]], rows: Sequence[Row], singles: Sequence[int | None], *, wanted: int
) -> list[int]:
    """Give the cases to take so that single questions can fill the rest: the first ``wanted`` if they fit, else few."""
    numbers = range(len(rows))
    single = tuple(singles.count(row) for row in numbers)
    for row in numbers:
        there = single[row] + sum(case.count(row) for case in cases)
        if there < rows[row].draw:
            raise Unmet(row=row, there=there)
    needs = [None if None in case else tuple(case.count(row) for row in numbers) for case in cases]
    touched = {row for case in cases for row in case if row is not None}
    if len(cases) > MOST_CASES or math.prod(rows[row].draw + 1 for row in touched) > MOST_FILLINGS:
        raise Unmet(many=True)
    dead: set[tuple[int, tuple[int, ...]]] = set()

    def search(place: int, room: tuple[int, ...]) -> list[int] | None:
        if (place, room) in dead:
            return None
        if place == len(needs):
            return [] if all(left <= there for left, there in zip(room, single, strict=True)) else None
        need = needs[place]
        fits = need is not None and all(asked <= left for asked, left in zip(need, room, strict=True))
        for take in (True, False) if place < wanted else (False, True):
            if take and (need is None or not fits):
                continue
            left_over = tuple(left - asked for left, asked in zip(room, need, strict=True)) if take and need else room
            rest = search(place + 1, left_over)
            if rest is not None:
                return [place, *rest] if take else rest
        dead.add((place, room))
        return None

    found = search(0, tuple(row.draw for row in rows))
    if found is None:
        raise Unmet
    return found
