"""One question as it is put to a participant: what its kind's template may print, and no more."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

from lms.values import quick_dataclass
from quizzes.hooks import QuestionKind
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Advice, Advises, BadSpec, Presentation, Response, Spec

log = logging.getLogger(__name__)


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a kind's template gets as ``asked``; it holds nothing from which the right answer could be told.

    ``given`` is what the fields hold now: field name to values, as the form sends them. ``error`` is a sentence that
    belongs to the fields, already in the person's language; ``error_fields`` names those of several parts that it is
    about. ``advice`` is something to say about an answer that is saved all the same.
    """

    presentation: Presentation
    template: str  # the kind's own partial
    given: Mapping[str, Sequence[str]]
    error: str | None = None
    error_fields: Sequence[str] = ()
    advice: Advice | None = None

    @property
    def anchor(self) -> str:
        """Return the id of the first control that needs a change; without one, of the first control."""
        for number, part in enumerate(self.presentation.parts, start=1):
            if part.name in self.error_fields:
                return "answer" if number == 1 else f"answer-{number}"
        return "answer"

    def is_wrong(self, name: str) -> bool:
        """Say whether the error is about a field."""
        return name in self.error_fields

    @property
    def described_by(self) -> str:
        """Return the ids of the lines that say more about the fields, for ``aria-describedby``."""
        ids = (("answer-hint", self.presentation.instruction), ("answer-error", self.error))
        return " ".join(name for name, line in ids if line)

    def has(self, name: str, value: str) -> bool:
        """Say whether a field holds a value: whether an option is chosen."""
        return value in self.given.get(name, ())

    def value(self, name: str) -> str:
        """Return what a field with one value holds."""
        return next(iter(self.given.get(name, ())), "")


def current_spec(of_kind: QuestionType, spec: Spec, spec_version: int) -> Spec:
    """Return a stored spec as the kind reads it today; raises BadSpec for a version that is not known here."""
    return spec if spec_version == of_kind.spec_version else of_kind.upgrade(spec, spec_version)


def advice_on(of_kind: QuestionType, spec: Spec, response: Response | None) -> Advice | None:
    """Return what a kind has to say about an answer that is saved, None if nothing."""
    if response is None or not _advises(type(of_kind)):
        return None
    return cast(Advises, of_kind).advice(spec, response)


@cache  # each answer asks it, and the question is answered member by member
def _advises(of_kind: type[QuestionType]) -> bool:
    return issubclass(of_kind, Advises)


def ask(
    kind: QuestionKind | None,
    spec: Spec,
    spec_version: int,
    *,
    seed: int,
    languages: Sequence[str],
    response: Response | None = None,
    given: Mapping[str, Sequence[str]] | None = None,
    error: str | None = None,
    error_fields: Sequence[str] = (),
) -> Asked | None:
    """Put a question to a participant, with what was answered so far, or with what was ``given`` and refused.

    None: this site cannot show it now (its kind's plugin is gone or too old).
    """
    if kind is None:
        return None
    of_kind = kind.type
    try:
        usable = current_spec(of_kind, spec, spec_version)
        filled = given
        if filled is None:
            filled = of_kind.fill(usable, response, seed=seed, locale=languages[0] if languages else "en")
        return Asked(
            presentation=of_kind.present(usable, seed=seed, languages=languages),
            template=kind.template,
            given=filled,
            error=error,
            error_fields=error_fields,
            advice=advice_on(of_kind, usable, response) if given is None else None,
        )
    except BadSpec:
        log.exception("a question of kind %s cannot be shown", of_kind.kind)
        return None
