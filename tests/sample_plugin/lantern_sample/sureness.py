"""A kind of question: is the statement true, and how sure are you? Being sure and wrong earns nothing."""

from __future__ import annotations

from lms.errors import N_
from quizzes.question_types.base import NOT_ANSWERED, PARTLY_RIGHT, RIGHT, WRONG, Mark, Problem, Response, Spec
from quizzes.question_types.choices import ChoiceQuestion, Option
from quizzes.question_types.specs import SpecCheck, field_boolean, field_text

DEGREES = (
    ("surely_true", N_("Surely true"), True, 1.0, 0.0),
    ("rather_true", N_("Rather true"), True, 0.75, 0.25),
    ("rather_false", N_("Rather false"), False, 0.75, 0.25),
    ("surely_false", N_("Surely false"), False, 1.0, 0.0),
)
"""Id, words, what it takes the statement to be, its worth where that is right, and where it is wrong."""


class Sureness(ChoiceQuestion):
    """The spec is ``{prompt: Text, answer: bool, why_true: Text, why_false: Text}``."""

    kind = "sample_sureness"

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "answer", "why_true", "why_false"))
        for name in ("prompt", "why_true", "why_false"):
            check.text(check.spec.get(name), name)
        check.boolean(check.spec.get("answer"), "answer")
        return check.problems

    def options(self, spec: Spec) -> tuple[Option, ...]:
        """Return the four degrees; those on the right side are right."""
        answer = field_boolean(spec, "answer")
        whys = {True: field_text(spec, "why_true"), False: field_text(spec, "why_false")}
        return tuple(
            Option(stable, {"en": words}, takes_it_for is answer, whys[takes_it_for], message=True)
            for stable, words, takes_it_for, _, _ in DEGREES
        )

    def is_shuffled(self, spec: Spec) -> bool:
        """Keep the order: it is a scale."""
        del spec
        return False

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give 1 for sure and right, 0.75 for rather right, 0.25 for rather wrong, 0 for sure and wrong."""
        chosen = self.chosen(spec, response)
        if len(chosen) != 1:
            return Mark(0.0, WRONG if chosen else NOT_ANSWERED)
        worth = {stable: (right, wrong) for stable, _, _, right, wrong in DEGREES}[chosen[0].id]
        score = worth[0] if chosen[0].right else worth[1]
        return Mark(score, {1.0: RIGHT, 0.0: WRONG}.get(score, PARTLY_RIGHT))
