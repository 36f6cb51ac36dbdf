"""What an author accepts where an answer is typed: compared by stated rules, with foreseen wrong answers beside it."""

from __future__ import annotations

from collections.abc import Mapping

from lms.errors import N_
from quizzes.question_types.specs import SpecCheck, field_list, field_objects, field_string, under, unusable
from quizzes.question_types.typed_answers import comparable

MOST_ACCEPTED = 50
MOST_NEAR = 50
_FOLDING = ("ignore", "exact")


def check_accepted(check: SpecCheck, fields: Mapping[str, object], path: str) -> None:
    """Check ``accepted``, ``near``, ``case`` and ``accents`` of the object that stands at ``path``."""
    ignore_case = check.one_of(fields.get("case"), under(path, "case"), _FOLDING) != "exact"
    ignore_accents = check.one_of(fields.get("accents"), under(path, "accents"), _FOLDING) != "exact"
    seen: set[str] = set()

    def answer(value: object, at: str) -> None:
        words = check.words(value, at)
        if words is None:
            return
        folded = comparable(words, ignore_case=ignore_case, ignore_accents=ignore_accents)
        if not folded:
            check.add(at, N_("Nobody can type this answer: nothing of it counts."))
        elif folded in seen:
            check.add(at, N_("Another answer is the same when the two are compared."))
        seen.add(folded)

    accepted = under(path, "accepted")
    for number, value in enumerate(check.items(fields.get("accepted"), accepted, fewest=1, most=MOST_ACCEPTED)):
        answer(value, under(accepted, number))
    for number, value in enumerate(check.items(fields.get("near"), under(path, "near"), fewest=0, most=MOST_NEAR)):
        at = under(under(path, "near"), number)
        near = check.fields(value, at, required=("text", "why"))
        if "text" in near:
            answer(near["text"], under(at, "text"))
        check.text(near.get("why"), under(at, "why"))


def accepted_in(fields: Mapping[str, object]) -> list[str]:
    """Return the accepted answers, the first is the one to show; raises BadSpec if there are none."""
    accepted = [value for value in field_list(fields, "accepted") if isinstance(value, str)]
    if not accepted:
        raise unusable("accepted")
    return accepted


def is_accepted(fields: Mapping[str, object], text: str) -> bool:
    """Say whether a typed answer equals an accepted one."""
    wanted = _folded(fields, text)
    return any(_folded(fields, accepted) == wanted for accepted in accepted_in(fields))


def near_to(fields: Mapping[str, object], text: str) -> Mapping[str, object] | None:
    """Return the foreseen wrong answer that a typed one equals, None if it equals none."""
    wanted = _folded(fields, text)
    for near in field_objects(fields, "near"):
        if _folded(fields, field_string(near, "text")) == wanted:
            return near
    return None


def _folded(fields: Mapping[str, object], text: str) -> str:
    return comparable(
        text,
        ignore_case=field_string(fields, "case", default="ignore") != "exact",
        ignore_accents=field_string(fields, "accents", default="ignore") != "exact",
    )
