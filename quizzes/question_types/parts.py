"""What the kinds with several things to answer share: the fields of a form, and an answer's worth by its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lms.errors import N_
from quizzes.question_types.base import (
    CHOSEN,
    NOT_ANSWERED,
    PART,
    PARTLY_RIGHT,
    RIGHT,
    WRONG,
    Advice,
    BadAnswer,
    Given,
    Mark,
    Response,
    values_sent,
)
from quizzes.question_types.seeds import drawn_id


def part_name(seed: int, stable_id: str) -> str:
    """Return the form field that carries the answer to a part."""
    return f"{PART}{drawn_id(seed, stable_id)}"


def answer_id(seed: int, stable: str) -> str:
    """Return the id under which a participant sees an answer that can be chosen for a part.

    It is never that of the part with the same stable id: the two together would be the key. Where the same answers are
    offered for all parts, ``stable`` is the answer's own words, so that the id does not say whose answer it is.
    """
    return drawn_id(seed, f"answer {stable}")


def fields_of_parts(given: Given, stable_ids: Iterable[str], *, seed: int) -> dict[str, str]:
    """Return the form field of each part; raises BadAnswer if the form has a field for a part that is not asked."""
    fields = {stable: part_name(seed, stable) for stable in stable_ids}
    known = set(fields.values())
    for name in given:
        if isinstance(name, str) and name.startswith(PART) and name not in known:
            raise BadAnswer(N_("This answer names a part that is not asked here."))
    return fields


def one_sent(given: Given, field: str) -> str | None:
    """Return the one value of a field, None if it is empty; raises BadAnswer for several."""
    values = values_sent(given, field)
    if len(values) > 1:
        raise BadAnswer(N_("Only one answer fits here."), field=field)
    return values[0] if values else None


def one_offered(given: Given, field: str, offered: Mapping[str, str]) -> str | None:
    """Return the stable id of the chosen answer, None if none is; raises BadAnswer for one that is not offered."""
    value = one_sent(given, field)
    if value is None:
        return None
    if value not in offered:
        raise BadAnswer(N_("This answer names an option that is not offered here."), field=field)
    return offered[value]


def chosen_ids(response: Response | None) -> Sequence[str]:
    """Return what a response lists as chosen, whatever it is made of."""
    chosen = response.get(CHOSEN) if response is not None else None
    return [one for one in chosen if isinstance(one, str)] if isinstance(chosen, list | tuple) else []


def chosen_by_part(response: Response | None, offered: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the answer to each part; ``offered`` has (part, answer) by the id that a response lists.

    What is not offered is left out; of two answers to one part the first counts.
    """
    by_part: dict[str, str] = {}
    for one in chosen_ids(response):
        if one in offered:
            part, answer = offered[one]
            by_part.setdefault(part, answer)
    return by_part


def mark_of(earned: int, of: int, *, answered: bool) -> Mark:
    """Give ``earned`` of ``of`` equal parts."""
    if not answered:
        return Mark(0.0, NOT_ANSWERED)
    if earned >= of > 0:
        return Mark(1.0, RIGHT)
    return Mark(earned / of, PARTLY_RIGHT) if earned > 0 and of else Mark(0.0, WRONG)


def advice_on_open_parts(answered: int, of: int) -> Advice | None:
    """Say that some parts have no answer yet; None where all have one, or none has."""
    if not 0 < answered < of:
        return None
    return Advice(
        N_("Your answer is saved. Answered so far: %(answered)s of %(of)s."), {"answered": answered, "of": of}
    )
