"""Multiple choice: several options, one or more are right, with credit for a part."""

from __future__ import annotations

from lms.errors import N_
from lms.text.localised import Localised
from quizzes.question_types.base import NOT_ANSWERED, PARTLY_RIGHT, RIGHT, WRONG, Mark, Problem, Response, Spec
from quizzes.question_types.choices import ChoiceQuestion, Option, authored_options, check_authored_options
from quizzes.question_types.specs import field_boolean


class MultipleChoice(ChoiceQuestion):
    """Any options can be chosen; a wrong one takes away what a right one gives, never below 0."""

    kind = "multiple_choice"
    input = "many"
    instruction = Localised(
        N_("Choose all answers that are right. A wrong one takes away what a right one gives."), "en", message=True
    )

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check, rights = check_authored_options(spec)
        if rights and None not in rights:
            if True not in rights:
                check.add("options", N_("No option is right; at least one must be."))
            if False not in rights:
                check.add("options", N_("No option is wrong; at least one must be."))
        return check.problems

    def options(self, spec: Spec) -> tuple[Option, ...]:
        """Return the options in the author's order; raises BadSpec."""
        return authored_options(spec)

    def is_shuffled(self, spec: Spec) -> bool:
        """Say whether each participant sees an order of their own; by default they do."""
        return field_boolean(spec, "shuffle", default=True)

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give (right chosen - wrong chosen) / number of right, at least 0."""
        chosen = self.chosen(spec, response)
        if not chosen:
            return Mark(0.0, NOT_ANSWERED)
        right = sum(option.right for option in chosen)
        of = sum(option.right for option in self.options(spec))
        score = max(0, right - (len(chosen) - right)) / of if of else 0.0
        if score == 1:
            return Mark(score, RIGHT)
        return Mark(score, PARTLY_RIGHT if score else WRONG)
