"""What the pages of item analysis print: figures in words, and words of advice."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, pick
from lms.text.markdown import words_only
from lms.web.languages import locale_of
from quizzes.analysis.figures import (
    FEWEST,
    Advice,
    ChoiceSums,
    Kind,
    WhyNoAlpha,
    advice,
    discrimination,
    facility,
    mean_seconds,
)
from quizzes.analysis.services import PAGE_ROWS, QuestionFigures, QuizFigures, VersionFigures
from quizzes.asking import current_spec
from quizzes.attempts.pages import Words, html_of
from quizzes.authoring.pages import kind_name
from quizzes.authoring.services import Room
from quizzes.facts.services import WHOLE
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import Choice
from quizzes.reports.pages import Frame, Pages, frame, paging, prompt_of

log = logging.getLogger(__name__)

_NO_ALPHA: Mapping[WhyNoAlpha, str] = {
    "drawn": N_("There is none: each try draws its own questions, and it needs one list for everybody."),
    "changed": N_("There is none: questions changed between the tries, and it needs one list for everybody."),
    "few": N_("There is none yet: it needs two questions and 20 tries."),
    "same": N_("There is none: everybody has the same score."),
}
_ADVICE: Mapping[Kind, str] = {
    "nobody_chose": N_("Nobody chose “%(option)s”. An option that tempts nobody can go, or be written anew."),
    "strongest_chose": N_("The strongest chose “%(option)s”: check the key."),
    "chosen_more": N_("More people chose “%(option)s” than the right answer. Check the wording and the lesson."),
    "negative": N_("Who did well elsewhere did worse here: check the key and the wording."),
    "weak": N_("The question hardly tells who knows the subject from who does not."),
    "too_hard": N_("Few got it right. Look whether the lesson explains it."),
    "too_easy": N_("Nearly everybody got it right. It tells little."),
    "left_out": N_("More than one in five left it out."),
}


def written(value: float | None, words: Words) -> str:
    """Write a figure with two decimals in the language's numerals; empty for none."""
    return "" if value is None else str(format_decimal(value, format="0.00", locale=locale_of(words.language)))


def in_time(seconds: float | None, words: Words) -> str:
    """Write a time in minutes and seconds; empty for none."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return words(N_("%(minutes)s min %(seconds)s s"), minutes=minutes, seconds=rest)
    return words(N_("%(seconds)s s"), seconds=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresRow:
    """One question in the list; its figures are those of its newest version."""

    prompt: Localised
    kind: str
    n: int
    facility: float | None
    discrimination: str
    seconds: str
    advice: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsPage:
    """The questions of a quiz in figures. ``alpha``: the number, or "" with ``no_alpha`` in words."""

    frame: Frame
    attempts: int
    alpha: str
    no_alpha: str
    fewest: int
    rows: tuple[FiguresRow, ...]
    pages: Pages | None


def questions_page(room: Room, found: QuizFigures, kinds: Mapping[str, QuestionKind], words: Words) -> QuestionsPage:
    """Build the list."""
    is_number = isinstance(found.alpha, float)
    return QuestionsPage(
        frame=frame(room, words, tab="questions", heading=words(N_("Questions in figures"))),
        attempts=found.attempts,
        alpha=written(found.alpha, words) if isinstance(found.alpha, float) else "",
        no_alpha="" if is_number else words(_NO_ALPHA[found.alpha]),  # type: ignore[index]
        fewest=FEWEST,
        rows=tuple(_row(room, one, kinds, words) for one in found.questions),
        pages=paging("quizzes.analysis.questions", room, words, number=found.number, of=found.of, size=PAGE_ROWS),
    )


def _row(room: Room, one: QuestionFigures, kinds: Mapping[str, QuestionKind], words: Words) -> FiguresRow:
    version, kind = one.newest, kinds.get(one.kind)
    choices = choices_of(kind, version)
    return FiguresRow(
        prompt=prompt_of(version.spec, words),
        kind=kind_name(one.kind, words),
        n=version.sums.n,
        facility=facility(version.sums),
        discrimination=written(discrimination(version.sums), words),
        seconds=in_time(mean_seconds(version.sums), words),
        advice=_advice(kind, version, choices, words),
        href=question_address(room, one.uid),
    )


def question_address(room: Room, uid: str) -> str:
    """Return the address of a question's figures."""
    values: dict[str, Any] = {**room.address, "question_uid": uid}
    return url_for("quizzes.analysis.question", **values)


def choices_of(kind: QuestionKind | None, version: VersionFigures) -> list[Choice]:
    """List what can be chosen in a version; nothing where answers are typed, or the kind is not here."""
    if kind is None:
        return []
    try:
        return kind.type.choices_for_statistics(current_spec(kind.type, version.spec, version.spec_version))
    except Exception:  # a faulty kind must not hide the figures
        log.exception("kind %s failed to list its choices", kind.kind)
        return []


def _label(choice: Choice, words: Words) -> str:
    picked = pick(choice.label, words.languages)
    return words(picked.text) if choice.message else " ".join(words_only(picked.text).split())


def _is_removable(kind: QuestionKind | None, version: VersionFigures, choices: list[Choice]) -> bool:
    """Say whether an author could take an option away: no pair or place, and neither of true and false."""
    if kind is None or not choices or any(choice.message for choice in choices):
        return False
    try:
        spec = current_spec(kind.type, version.spec, version.spec_version)
        return kind.type.present(spec, seed=0, languages=()).input in ("one", "many")
    except Exception:  # a faulty kind must not hide the figures
        log.exception("kind %s failed to present a version", kind.kind)
        return False


def _advice(kind: QuestionKind | None, version: VersionFigures, choices: list[Choice], words: Words) -> tuple[str, ...]:
    labels = {choice.id: _label(choice, words) for choice in choices}
    found: list[Advice] = advice(
        version.sums,
        version.choices,
        {choice.id: choice.right for choice in choices},
        removable=_is_removable(kind, version, choices),
    )
    return tuple(
        words(_ADVICE[one.kind], option=labels.get(one.choice, one.choice)) if one.choice else words(_ADVICE[one.kind])
        for one in found
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One option: who chose it, and the mean points of those people in the other questions."""

    text: Markup
    right: bool
    n: int
    share: float
    points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSection:
    """One version in figures."""

    number: int
    published: bool
    prompt: Localised
    n: int
    answered: int
    facility: float | None
    discrimination: str
    seconds: str
    choices: tuple[ChoiceRow, ...]
    advice: tuple[str, ...]
    enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """One question in figures. ``regrade``: where its key can be changed for answers that were given already."""

    frame: Frame
    kind: str
    objective: str
    fewest: int
    versions: tuple[VersionSection, ...]
    edit: str
    regrade: str


def question_page(room: Room, one: QuestionFigures, kinds: Mapping[str, QuestionKind], words: Words) -> QuestionPage:
    """Build the page of one question."""
    values: dict[str, Any] = {**room.address, "question_uid": one.uid}
    objective = room.objectives.get(one.objective or "")
    return QuestionPage(
        frame=frame(
            room,
            words,
            tab="questions",
            heading=prompt_of(one.newest.spec, words).text or one.uid,
            up=((words(N_("Questions in figures")), url_for("quizzes.analysis.questions", **dict(_address(room)))),),
        ),
        kind=kind_name(one.kind, words),
        objective="" if objective is None else words.said(objective).text,
        fewest=FEWEST,
        versions=tuple(_section(version, kinds.get(one.kind), words) for version in one.versions),
        edit=url_for("quizzes.authoring.edit", **values),
        regrade=url_for("quizzes.regrading.key", **values),
    )


def _address(room: Room) -> dict[str, Any]:
    return dict(room.address)


def _section(version: VersionFigures, kind: QuestionKind | None, words: Words) -> VersionSection:
    choices = choices_of(kind, version)
    sums = version.sums

    def row(choice: Choice) -> ChoiceRow:
        of_choice = version.choices.get(choice.id, ChoiceSums())
        picked = pick(choice.label, words.languages)
        return ChoiceRow(
            text=html_of(Localised(picked.text, picked.language, message=choice.message), words),
            right=choice.right,
            n=of_choice.n,
            share=of_choice.n / sums.n if sums.n else 0.0,
            points=written(of_choice.t / of_choice.n / WHOLE, words) if of_choice.n else "",
        )

    return VersionSection(
        number=version.number,
        published=version.published,
        prompt=prompt_of(version.spec, words),
        n=sums.n,
        answered=sums.answered,
        facility=facility(sums),
        discrimination=written(discrimination(sums), words),
        seconds=in_time(mean_seconds(sums), words),
        choices=tuple(row(choice) for choice in choices),
        advice=_advice(kind, version, choices, words),
        enough=sums.n >= FEWEST,
    )
