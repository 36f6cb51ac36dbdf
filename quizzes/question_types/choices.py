"""What the kinds with options share: drawn ids, reading, feedback per option. Each kind adds its check and its mark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from quizzes.question_types.base import (
    CHOICE,
    CHOSEN,
    BadAnswer,
    Choice,
    Feedback,
    Given,
    OptionFeedback,
    Presentation,
    PresentedOption,
    Response,
    Spec,
    must_know_version,
    values_sent,
)
from quizzes.question_types.seeds import drawn_id, place
from quizzes.question_types.specs import (
    SpecCheck,
    field_boolean,
    field_objects,
    field_string,
    field_text,
    hint_in,
    under,
    unusable,
)

FEWEST_OPTIONS = 2
MOST_OPTIONS = 12
_SUMMARY_LETTERS = 120


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a spec; ``message`` says that its text is a message id of the interface."""

    id: str
    text: Text
    right: bool
    why: Text
    message: bool = False

    def shown(self, languages: Sequence[str]) -> Localised:
        """Return the text for a person who reads these languages."""
        picked = pick(self.text, languages)
        return Localised(picked.text, picked.language, message=self.message)


class ChoiceQuestion(ABC):
    """A question that is answered by choosing; a response is ``{"chosen": […]}``: stable ids in the spec's order."""

    kind: str
    spec_version: int = 1
    input: Literal["one", "many"] = "one"
    instruction: Localised | None = None

    @abstractmethod
    def options(self, spec: Spec) -> tuple[Option, ...]:
        """Return the options in the author's order; raises BadSpec."""

    @abstractmethod
    def is_shuffled(self, spec: Spec) -> bool:
        """Say whether each participant sees an order of their own."""

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the question with ids and order drawn from the seed."""
        options = self.options(spec)
        if self.is_shuffled(spec):
            options = tuple(sorted(options, key=lambda option: place(seed, option.id)))
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            options=tuple(PresentedOption(drawn_id(seed, option.id), option.shown(languages)) for option in options),
            input=self.input,
            instruction=self.instruction,
            hint=hint_in(spec, languages),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the chosen options; raises BadAnswer for options that were not offered, or sent twice."""
        del locale  # An option has one id in all languages.
        drawn = values_sent(given, CHOICE)
        if not drawn:
            return None
        if self.input == "one" and len(drawn) > 1:
            raise BadAnswer(N_("Only one option can be chosen here."), field=CHOICE)
        if len(set(drawn)) != len(drawn):
            raise BadAnswer(N_("This answer names an option more than once."), field=CHOICE)
        offered = {drawn_id(seed, option.id): option.id for option in self.options(spec)}
        if not offered.keys() >= set(drawn):
            raise BadAnswer(N_("This answer names an option that is not offered here."), field=CHOICE)
        return {CHOSEN: [stable for drawn_option, stable in offered.items() if drawn_option in drawn]}

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the chosen options with the ids that the participant sees."""
        del locale
        chosen = self.chosen(spec, response)
        return {CHOICE: [drawn_id(seed, option.id) for option in chosen]} if chosen else {}

    def chosen(self, spec: Spec, response: Response | None) -> tuple[Option, ...]:
        """Return the options that a response names, in the spec's order; what is not in the spec is left out."""
        named = response.get(CHOSEN) if response is not None else None
        if not isinstance(named, list | tuple):
            return ()
        return tuple(option for option in self.options(spec) if option.id in named)

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Say of each option whether it was chosen, whether it is right, and why."""
        chosen = self.chosen(spec, response)
        return Feedback(
            options=tuple(
                OptionFeedback(
                    id=option.id,
                    text=option.shown(languages),
                    chosen=option in chosen,
                    right=option.right,
                    why=pick(option.why, languages),
                )
                for option in self.options(spec)
            )
        )

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List the right options."""
        return tuple(option.shown(languages) for option in self.options(spec) if option.right)

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List the options with their stable ids."""
        return [Choice(option.id, option.text, option.right, option.message) for option in self.options(spec)]

    def summarise(self, spec: Spec, response: Response) -> str:
        """List the chosen options in the source language."""
        return shortened("; ".join(option.shown(()).text for option in self.chosen(spec, response)))


def shortened(text: str) -> str:
    """Return at most 120 letters, with an ellipsis if some are left out."""
    return text if len(text) <= _SUMMARY_LETTERS else f"{text[: _SUMMARY_LETTERS - 1].rstrip()}…"


def authored_options(spec: Mapping[str, object]) -> tuple[Option, ...]:
    """Return the options that an author wrote; raises BadSpec."""
    options = tuple(
        Option(
            id=field_string(option, "id"),
            text=field_text(option, "text"),
            right=field_boolean(option, "right"),
            why=field_text(option, "why"),
        )
        for option in field_objects(spec, "options")
    )
    if not options or len({option.id for option in options}) != len(options):
        raise unusable("options")
    return options


def check_authored_options(spec: object) -> tuple[SpecCheck, list[bool | None]]:
    """Check prompt, options and shuffle; the list says of each option whether it is right, None where unclear."""
    check = SpecCheck(spec, required=("prompt", "options"), optional=("shuffle",))
    check.text(check.spec.get("prompt"), "prompt")
    check.boolean(check.spec.get("shuffle"), "shuffle")
    rights: list[bool | None] = []
    ids: set[str] = set()
    texts: set[tuple[str, str]] = set()
    options = check.items(check.spec.get("options"), "options", fewest=FEWEST_OPTIONS, most=MOST_OPTIONS)
    for number, value in enumerate(options):
        path = under("options", number)
        option = check.fields(value, path, required=("id", "text", "right", "why"))
        check.id(option.get("id"), under(path, "id"), ids)
        check.distinct(check.text(option.get("text"), under(path, "text")), under(path, "text"), texts)
        check.text(option.get("why"), under(path, "why"))
        rights.append(check.boolean(option.get("right"), under(path, "right")))
    return check, rights
