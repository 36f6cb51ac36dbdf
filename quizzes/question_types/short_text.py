"""Short text: a few typed words, compared with what the author accepts."""

from __future__ import annotations

from collections.abc import Sequence

from lms.errors import N_
from lms.text.localised import Localised, pick
from quizzes.question_types.accepted import accepted_in, check_accepted, is_accepted, near_to
from quizzes.question_types.base import (
    ANSWER,
    NOT_ANSWERED,
    RIGHT,
    WRONG,
    Choice,
    Feedback,
    Given,
    Mark,
    Presentation,
    Problem,
    Response,
    Spec,
    must_know_version,
)
from quizzes.question_types.choices import shortened
from quizzes.question_types.specs import SpecCheck, field_text, hint_in
from quizzes.question_types.typed_answers import limited, normalise, read_typed

NEAR = N_("Near, but not right.")


class ShortText:
    """A typed answer is right if it equals an accepted one; a response is ``{"text": …}`` in NFKC."""

    kind = "short_text"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "accepted", "why"), optional=("case", "accents", "near"))
        check.text(check.spec.get("prompt"), "prompt")
        check.text(check.spec.get("why"), "why")
        check_accepted(check, check.spec, "")
        return check.problems

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the question and a line to type in; nothing is drawn."""
        del seed
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="text",
            instruction=Localised(N_("Write a few words."), "en", message=True),
            hint=hint_in(spec, languages),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the typed words; raises BadAnswer if they are too long."""
        del spec, seed, locale
        typed = read_typed(given)
        # NFKC may write one letter as eighteen, hence the second look at the length.
        text = limited(normalise(typed)) if typed is not None else ""
        return {"text": text} if text else None

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the typed words."""
        del spec, seed, locale
        text = _text(response)
        return {ANSWER: [text]} if text else {}

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give 1 for an accepted answer, else 0."""
        text = _text(response)
        if not text:
            return Mark(0.0, NOT_ANSWERED)
        if is_accepted(spec, text):
            return Mark(1.0, RIGHT)
        return Mark(0.0, WRONG if near_to(spec, text) is None else NEAR)

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Explain the answer; for a foreseen wrong answer, what is wrong with it."""
        text = _text(response)
        near = near_to(spec, text) if text and not is_accepted(spec, text) else None
        return Feedback(text=pick(field_text(spec if near is None else near, "why"), languages))

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List the accepted answers; the language of each is not known."""
        del languages
        return tuple(Localised(accepted, "") for accepted in accepted_in(spec))

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List nothing: any words can be typed."""
        del spec
        return []

    def summarise(self, spec: Spec, response: Response) -> str:
        """Repeat the typed words."""
        del spec
        return shortened(_text(response))


def _text(response: Response | None) -> str:
    text = response.get("text") if response is not None else None
    return text if isinstance(text, str) else ""
