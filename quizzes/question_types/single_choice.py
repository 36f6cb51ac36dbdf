"""Single choice: several options, exactly one is right."""

from __future__ import annotations

from lms.errors import N_
from lms.text.localised import Localised
from quizzes.question_types.base import NOT_ANSWERED, RIGHT, WRONG, Mark, Problem, Response, Spec
from quizzes.question_types.choices import ChoiceQuestion, Option, authored_options, check_authored_options
from quizzes.question_types.specs import field_boolean


class SingleChoice(ChoiceQuestion):
    """One option can be chosen; the right one counts 1, any other 0."""

    kind = "single_choice"
    instruction = Localised(N_("Choose one answer."), "en", message=True)

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check, rights = check_authored_options(spec)
        if rights and None not in rights and rights.count(True) != 1:
            check.add("options", N_("Exactly one option is right; here it is %(found)s."), found=rights.count(True))
        return check.problems

    def options(self, spec: Spec) -> tuple[Option, ...]:
        """Return the options in the author's order; raises BadSpec."""
        return authored_options(spec)

    def is_shuffled(self, spec: Spec) -> bool:
        """Say whether each participant sees an order of their own; by default they do."""
        return field_boolean(spec, "shuffle", default=True)

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give 1 for the right option alone, else 0."""
        chosen = self.chosen(spec, response)
        if not chosen:
            return Mark(0.0, NOT_ANSWERED)
        is_right = len(chosen) == 1 and chosen[0].right
        return Mark(1.0, RIGHT) if is_right else Mark(0.0, WRONG)
