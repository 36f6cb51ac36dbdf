"""True or false: one statement to judge."""

from __future__ import annotations

from lms.errors import N_
from quizzes.question_types.base import NOT_ANSWERED, RIGHT, WRONG, Mark, Problem, Response, Spec
from quizzes.question_types.choices import ChoiceQuestion, Option
from quizzes.question_types.specs import SpecCheck, field_boolean, field_text

TRUE = N_("True")
FALSE = N_("False")


class TrueFalse(ChoiceQuestion):
    """The options are the interface's own words; their stable ids are ``true`` and ``false``."""

    kind = "true_false"

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "answer", "why_true", "why_false"))
        for name in ("prompt", "why_true", "why_false"):
            check.text(check.spec.get(name), name)
        check.boolean(check.spec.get("answer"), "answer")
        return check.problems

    def options(self, spec: Spec) -> tuple[Option, ...]:
        """Return true, then false; raises BadSpec."""
        answer = field_boolean(spec, "answer")
        return (
            Option("true", {"en": TRUE}, answer, field_text(spec, "why_true"), message=True),
            Option("false", {"en": FALSE}, not answer, field_text(spec, "why_false"), message=True),
        )

    def is_shuffled(self, spec: Spec) -> bool:
        """Keep the order that everybody expects; it says nothing about the answer."""
        del spec
        return False

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give 1 for the right judgement, else 0."""
        chosen = self.chosen(spec, response)
        if not chosen:
            return Mark(0.0, NOT_ANSWERED)
        is_right = len(chosen) == 1 and chosen[0].right
        return Mark(1.0, RIGHT) if is_right else Mark(0.0, WRONG)
