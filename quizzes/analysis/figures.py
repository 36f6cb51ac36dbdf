"""Figures about one question or one quiz from sums alone, and the advice that follows from them. Pure.

Discrimination is the corrected item-total correlation: Pearson's correlation of the mark with the total of the other
questions. Cronbach's alpha is k/(k-1) times (1 - the items' variances / the totals' variance).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from quizzes.facts.services import WHOLE

FEWEST = 20
"""Under so many answers chance speaks louder than the question: no advice is given."""

FEW_CHOOSERS = 5
TOO_HARD, TOO_EASY = 0.2, 0.95
WEAK = 0.1
BEYOND_CHANCE = 1.645  # standard errors


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSums:
    """The sums of one question: marks x, totals t of the other questions, both in thousandths."""

    n: int = 0
    answered: int = 0
    x: int = 0
    xx: int = 0
    t: int = 0
    tt: int = 0
    xt: int = 0
    timed: int = 0
    seconds: int = 0

    def __add__(self, other: ItemSums) -> ItemSums:
        return ItemSums(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


@dataclass(frozen=True, slots=True)
class ChoiceSums:
    """How many chose an option, and the sum of their totals of the other questions."""

    n: int = 0
    t: int = 0

    def __add__(self, other: ChoiceSums) -> ChoiceSums:
        return ChoiceSums(self.n + other.n, self.t + other.t)


def facility(sums: ItemSums) -> float | None:
    """The mean mark, 0 to 1; None without an answer."""
    return sums.x / sums.n / WHOLE if sums.n else None


def mean_seconds(sums: ItemSums) -> float | None:
    """How long the question took on the average, in seconds; None where nobody's time is known."""
    return sums.seconds / sums.timed if sums.timed else None


def discrimination(sums: ItemSums) -> float | None:
    """The corrected item-total correlation, -1 to 1; None where all marks or all totals are the same."""
    # Whole numbers up to the root: no digit is lost, however many answers there are.
    spread_x = sums.n * sums.xx - sums.x * sums.x
    spread_t = sums.n * sums.tt - sums.t * sums.t
    if sums.n < 2 or spread_x <= 0 or spread_t <= 0:
        return None
    return (sums.n * sums.xt - sums.x * sums.t) / (math.sqrt(spread_x) * math.sqrt(spread_t))


WhyNoAlpha = Literal["drawn", "changed", "few", "same"]


def alpha(items: Sequence[ItemSums], *, attempts: int, drawn: bool) -> float | WhyNoAlpha:
    """Cronbach's alpha of a quiz in which everybody gets one list; else why there is none.

    "drawn": each attempt draws its own questions; "changed": not all attempts had the same list; "few": fewer than two
    questions or fewer than FEWEST attempts; "same": all have the same score.
    """
    asked = [one for one in items if one.n]
    if drawn:
        return "drawn"
    if any(one.n != attempts for one in asked):
        return "changed"
    if len(asked) < 2 or attempts < FEWEST:
        return "few"
    first = asked[0]
    total = first.t + first.x
    spread = attempts * (first.tt + 2 * first.xt + first.xx) - total * total
    if spread <= 0:
        return "same"
    items_spread = sum(attempts * one.xx - one.x * one.x for one in asked)
    k = len(asked)
    return k / (k - 1) * (1 - items_spread / spread)


Kind = Literal["nobody_chose", "strongest_chose", "negative", "weak", "too_hard", "too_easy", "left_out", "chosen_more"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to look at; ``choice`` is the id of the option that it is about."""

    kind: Kind
    choice: str = ""


def advice(
    sums: ItemSums, choices: Mapping[str, ChoiceSums], right: Mapping[str, bool], *, removable: bool = True
) -> list[Advice]:
    """List what speaks against a question, the gravest first; nothing under FEWEST answers.

    ``right`` says of each option that can be chosen whether it is right; empty where answers are typed. ``removable``:
    an author could take an option away.
    """
    if sums.n < FEWEST:
        return []
    found = _of_choices(sums, choices, right) if sums.answered >= FEWEST else []
    correlation = discrimination(sums)
    if correlation is not None and correlation < 0:
        found.append(Advice("negative"))
    elif correlation is not None and correlation < WEAK:
        found.append(Advice("weak"))
    share = facility(sums) or 0.0
    if share < TOO_HARD:
        found.append(Advice("too_hard"))
    elif share > TOO_EASY:
        found.append(Advice("too_easy"))
    if sums.answered * 5 < sums.n * 4:
        found.append(Advice("left_out"))
    if removable and sums.answered >= FEWEST:
        found += [
            Advice("nobody_chose", choice)
            for choice, is_right in right.items()
            if not is_right and not choices.get(choice, ChoiceSums()).n
        ]
    return found


def _of_choices(sums: ItemSums, choices: Mapping[str, ChoiceSums], right: Mapping[str, bool]) -> list[Advice]:
    """Compare each wrong option with the key, where there is one key."""
    keys = [choices.get(one, ChoiceSums()) for one, is_right in right.items() if is_right]
    if len(keys) != 1:
        return []
    key, found = keys[0], []
    for choice, is_right in right.items():
        of_choice = choices.get(choice, ChoiceSums())
        if is_right or of_choice.n < FEW_CHOOSERS:
            continue
        if _is_stronger(of_choice, key, sums):
            found.append(Advice("strongest_chose", choice))
        elif of_choice.n > key.n:
            found.append(Advice("chosen_more", choice))
    return found


def _is_stronger(one: ChoiceSums, other: ChoiceSums, sums: ItemSums) -> bool:
    """Say whether those who chose one option have more points elsewhere than those who chose another, beyond chance.

    The difference of the means is held against its standard error (one-sided, 5 in 100).
    """
    if not other.n:
        return one.t * sums.n > sums.t * one.n
    spread = math.sqrt(max(0, sums.n * sums.tt - sums.t * sums.t)) / sums.n
    error = spread * math.sqrt(1 / one.n + 1 / other.n)
    return one.t / one.n - other.t / other.n > BEYOND_CHANCE * error
