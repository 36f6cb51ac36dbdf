"""Numeric: a typed number, right within a tolerance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

from lms.errors import N_
from lms.text.localised import Localised, pick
from quizzes.question_types.base import (
    ANSWER,
    NOT_ANSWERED,
    RIGHT,
    WRONG,
    BadAnswer,
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
from quizzes.question_types.specs import SpecCheck, field_string, field_text, hint_in, unusable
from quizzes.question_types.typed_answers import read_typed
from quizzes.question_types.written_numbers import canonical, from_canonical, read_number, write_number

# Numbers have at most 40 digits and exponents of 30, so that 200 digits make every difference and product exact.
_EXACT = Context(prec=200)
_PERCENT_SIGNS = str.maketrans({"٪": "%", "％": "%", "﹪": "%"})
_TOLERANCES = ("absolute", "relative")


class Numeric:
    """A typed number; a response is ``{"number": "1234.5", "typed": "1.234,5"}``, the number with a decimal point."""

    kind = "numeric"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "value", "tolerance", "why"), optional=("unit",))
        for name in ("prompt", "why", "unit"):
            check.text(check.spec.get(name), name)
        value = self._check_number(check, check.spec.get("value"), "value")
        tolerance = check.spec.get("tolerance")
        if tolerance is None:
            return check.problems
        tolerance = check.fields(tolerance, "tolerance", required=("kind", "amount"))
        kind = check.one_of(tolerance.get("kind"), "tolerance.kind", _TOLERANCES)
        amount = self._check_number(check, tolerance.get("amount"), "tolerance.amount")
        if amount is not None and amount < 0:
            check.add("tolerance.amount", N_("A tolerance is 0 or more."))
        if kind == "relative" and amount is not None and amount >= 1:
            check.add("tolerance.amount", N_("A relative tolerance is below 1; 0.05 means five percent."))
        if kind == "relative" and value is not None and not value:
            check.add("tolerance.kind", N_("A part of 0 is 0: this value needs an absolute tolerance."))
        return check.problems

    def _check_number(self, check: SpecCheck, value: object, path: str) -> Decimal | None:
        if value is None:
            return None
        number = from_canonical(value)
        if number is None:
            check.add(path, N_('A number is written in quotes with a decimal point, for example "12.5".'))
        return number

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the question with its unit; nothing is drawn."""
        del seed
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="number",
            unit=pick(field_text(spec, "unit"), languages) if spec.get("unit") is not None else None,
            instruction=Localised(N_("Write a number."), "en", message=True),
            hint=hint_in(spec, languages),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the typed number; the unit may stand with it. Raises BadAnswer if it is none."""
        del seed
        typed = read_typed(given)
        if typed is None:
            return None
        return {"number": canonical(read_number(_without_unit(spec, typed), locale=locale)), "typed": typed}

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give what was typed, or the number written anew if the typed text means another number in this language."""
        number = _number(response)
        if number is None or response is None:
            return {}
        typed = response.get("typed")
        if isinstance(typed, str):
            try:
                again = self.read(spec, {ANSWER: [typed]}, seed=seed, locale=locale)
            except BadAnswer:
                again = None
            if _number(again) == number:
                return {ANSWER: [typed]}
        return {ANSWER: [write_number(number, locale=locale)]}

    def mark(self, spec: Spec, response: Response | None) -> Mark:
        """Give 1 if the number is no further from the value than the tolerance, its ends included; else 0."""
        number = _number(response)
        if number is None:
            return Mark(0.0, NOT_ANSWERED)
        value = _wanted(spec, "value")
        tolerance = spec.get("tolerance")
        if not isinstance(tolerance, Mapping):
            raise unusable("tolerance")
        allowed = _wanted(tolerance, "amount")
        if tolerance.get("kind") == "relative":
            allowed = _EXACT.multiply(allowed, _EXACT.abs(value))
        distance = _EXACT.abs(_EXACT.subtract(number, value))
        return Mark(1.0, RIGHT) if distance <= allowed else Mark(0.0, WRONG)

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Explain the value."""
        del response
        return Feedback(text=pick(field_text(spec, "why"), languages))

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """Give the value with its unit, written as in the first language."""
        written = write_number(_wanted(spec, "value"), locale=languages[0] if languages else "en")
        if spec.get("unit") is None:
            return (Localised(written, ""),)
        unit = pick(field_text(spec, "unit"), languages)
        return (Localised(f"{written}\u00a0{unit.text}", unit.language),)

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List nothing: any number can be typed."""
        del spec
        return []

    def summarise(self, spec: Spec, response: Response) -> str:
        """Repeat the number, with a decimal point."""
        del spec
        number = _number(response)
        return "" if number is None else shortened(canonical(number))


def _without_unit(spec: Spec, typed: str) -> str:
    """Return the typed text without the unit before or after it, in whichever language of the question."""
    if spec.get("unit") is None:
        return typed
    plain = typed.translate(_PERCENT_SIGNS)
    for unit in sorted(field_text(spec, "unit").values(), key=len, reverse=True):
        folded = unit.strip().translate(_PERCENT_SIGNS).casefold()
        if not folded or folded[0].isdecimal() or folded[-1].isdecimal():
            continue
        if len(plain) > len(folded) and plain[-len(folded) :].casefold() == folded:
            return plain[: -len(folded)].strip()
        if len(plain) > len(folded) and plain[: len(folded)].casefold() == folded:
            return plain[len(folded) :].strip()
    return typed


def _number(response: Response | None) -> Decimal | None:
    return from_canonical(response.get("number")) if response is not None else None


def _wanted(spec: Mapping[str, object], name: str) -> Decimal:
    number = from_canonical(field_string(spec, name))
    if number is None:
        raise unusable(name)
    return number
