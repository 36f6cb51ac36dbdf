"""What a kind of question must be able to do, and the values that go in and come out.

Nothing here knows a database, a request or a form. A *spec* is the JSON that an author wrote for one question, a
*response* the JSON that is kept for one answer. A response holds the author's stable ids; a participant sees option
ids drawn from a seed, so ``present``, ``read`` and ``fill`` get the same seed for one question of one attempt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from lms.errors import N_, Invalid
from lms.text.localised import Localised, Text
from quizzes.question_types.seeds import drawn_id

JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
Spec: TypeAlias = Mapping[str, JSON]
Response: TypeAlias = Mapping[str, JSON]
Given: TypeAlias = Mapping[str, list[str]]
"""A submitted form: field name to all values sent under it."""

CHOICE = "choice"
"""The form field that carries chosen options, by drawn id."""
ANSWER = "answer"
"""The form field that carries a typed answer."""
PART = "part-"
"""What the form fields of a question's parts begin with; the part's drawn id follows."""
CHOSEN = "chosen"
"""The key of a response under which the ids of what was chosen are listed: those of `choices_for_statistics`."""


class BadAnswer(Invalid):
    """What was submitted cannot be an answer to this question; the message is for the participant.

    ``fields`` names every form field that the message is about.
    """

    def __init__(self, message: str, *, field: str | None = None, fields: Sequence[str] = (), **values: object) -> None:
        super().__init__(message, field=field or next(iter(fields), None), **values)
        self.fields = tuple(fields) or ((field,) if field else ())


class BadSpec(Invalid):
    """A spec cannot be used: it has problems that ``check`` names, or a version that is not known here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an author must still mend: where (``options.1.text``), and a message id with its values."""

    path: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        words = self.message % self.values if self.values else self.message
        return f"{self.path}: {words}" if self.path else words


@dataclass(frozen=True, slots=True)
class PresentedOption:
    """One option as a participant sees it; ``id`` is drawn for this attempt."""

    id: str
    text: Localised


@dataclass(frozen=True, slots=True)
class PresentedPart:
    """One of several things to answer in a question: a pair, an item, a gap; ``id`` is drawn for this attempt.

    ``input``: one of the ``options``, a ``place`` (the options are the numbers from 1, which are not drawn), or a line
    of text.
    """

    id: str
    label: Localised
    options: tuple[PresentedOption, ...] = ()
    input: Literal["one", "place", "text"] = "one"

    @property
    def name(self) -> str:
        """The form field that carries the answer to this part."""
        return f"{PART}{self.id}"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a trainer looks for in an answer, and what it is worth at most."""

    text: Localised
    points: int


@dataclass(frozen=True, slots=True)
class Presentation:
    """All that may be seen of a question before it is answered.

    ``input`` says which control to draw: one of the options, any of them, a line of text, a number with its ``unit``,
    the ``parts``, or a text of several lines. ``instruction`` says what to do with the control; ``hint`` is the
    author's, shown to who asks for it. ``around`` has one text more than there are parts, if the parts
    stand inside a text: before the first, between them, behind the last. ``least`` and ``most`` words are advice.
    """

    kind: str
    prompt: Localised
    options: tuple[PresentedOption, ...] = ()
    input: Literal["one", "many", "text", "number", "parts", "long"] = "one"
    unit: Localised | None = None
    instruction: Localised | None = None
    hint: Localised | None = None
    parts: tuple[PresentedPart, ...] = ()
    around: tuple[Localised, ...] = ()
    rubric: tuple[Criterion, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The worth of one answer, 0 to 1, with a short reason (a message id). Raises ValueError outside that range."""

    score: float
    reason: str

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"a mark runs from 0 to 1, not {self.score!r}")


RIGHT = N_("Right.")
PARTLY_RIGHT = N_("Partly right.")
WRONG = N_("Wrong.")
NOT_ANSWERED = N_("Not answered.")


@dataclass(frozen=True, slots=True)
class OptionFeedback:
    """One option after the answer: was it chosen, is it right, and why. ``id`` is stable and stays on the server."""

    id: str
    text: Localised
    chosen: bool
    right: bool
    why: Localised


@dataclass(frozen=True, slots=True)
class PartFeedback:
    """One part after the answer. ``id`` is stable and stays on the server; ``given`` None: it was not answered.

    ``why`` explains the solution, ``why_given`` what was answered in its place, where there is something to say.
    """

    id: str
    label: Localised
    given: Localised | None
    solution: Localised
    right: bool
    why: Localised | None = None
    why_given: Localised | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said after the answer: about the whole question, and about each option or part in the author's order."""

    text: Localised | None = None
    options: tuple[OptionFeedback, ...] = ()
    parts: tuple[PartFeedback, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to say about an answer that is kept all the same: a message id with its values."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a statistic; ``message`` says that the label is a message id of the interface."""

    id: str
    label: Text
    right: bool
    message: bool = False


class QuestionType(Protocol):
    """One kind of question. A spec that ``check`` finds problems in may raise BadSpec in every other method."""

    kind: str  # never changes once released: it is stored with every question
    spec_version: int

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend; any JSON is survived, a spec without problems gives ``[]``."""
        ...

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec in the present version; raises BadSpec if the version is not known."""
        ...

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the question without its key; specs that differ only in what is right present equally."""
        ...

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read a submitted form; None if nothing was answered. Raises BadAnswer, whatever is sent."""
        ...

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the form fields that ``read`` reads as this response, so that a page can show a kept answer again."""
        ...

    def mark(self, spec: Spec, response: Response | None) -> Mark | None:
        """Mark a response; None: a trainer marks it. The same input gives the same mark, for ever."""
        ...

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Explain the answer, per option or part where there are some."""
        ...

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """List the right answers; for typed answers the first is the one to show."""
        ...

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List what could be chosen, in the author's order; ``[]`` where answers are typed.

        A response lists the ids of what was chosen under ``chosen``.
        """
        ...

    def summarise(self, spec: Spec, response: Response) -> str:
        """Put a response into a few plain words for a table."""
        ...


@runtime_checkable
class Advises(Protocol):
    """A kind that may have something to say about an answer that is saved all the same."""

    def advice(self, spec: Spec, response: Response) -> Advice | None:
        """Return what to say about an answer, None if there is nothing."""
        ...


def as_presented(feedback: Feedback, *, presentation: Presentation, seed: int) -> Feedback:
    """Put the rows of a feedback into the order that the participant saw, with the ids that the participant saw.

    Parts that were given places keep the author's order: it is what the feedback explains.
    """
    if not feedback.options and not feedback.parts:
        return feedback
    place = {option.id: number for number, option in enumerate(presentation.options)}
    rows = [replace(row, id=drawn_id(seed, row.id)) for row in feedback.options]
    parts = [replace(row, id=drawn_id(seed, row.id)) for row in feedback.parts]
    if not any(part.input == "place" for part in presentation.parts):
        seen = {part.id: number for number, part in enumerate(presentation.parts)}
        parts.sort(key=lambda row: seen.get(row.id, len(seen)))
    return replace(
        feedback,
        options=tuple(sorted(rows, key=lambda row: place.get(row.id, len(place)))),
        parts=tuple(parts),
    )


def must_know_version(kind: str, version: object, *, newest: int) -> None:
    """Raise BadSpec unless ``version`` is one that this kind has had: 1 to ``newest``."""
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= newest:
        raise BadSpec(
            N_("A question of kind %(kind)s has version %(found)s. This site knows versions up to %(known)s."),
            kind=kind,
            found=version,
            known=newest,
        )


def values_sent(given: Given, name: str) -> list[str]:
    """Return the values of one field that are not empty; raises BadAnswer if they are no list of texts."""
    values: object = given.get(name, [])
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise BadAnswer(N_("This answer cannot be read."))
    return [value for value in values if value]
