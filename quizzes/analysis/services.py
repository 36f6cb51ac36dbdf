"""Read the facts of a quiz and of its questions: as many statements for a million answers as for ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from lms.errors import NotFound
from quizzes.analysis.figures import ChoiceSums, ItemSums, WhyNoAlpha, alpha
from quizzes.bank.models import PUBLISHED, KeyChange, Question, QuestionVersion, Quiz
from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact

PAGE_ROWS = 50
_SUMS = ("n", "answered", "x", "xx", "t", "tt", "xt", "timed", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFigures:
    """A question in one version, with the sums of all versions that its key marks."""

    version_id: int
    number: int
    published: bool
    spec: Mapping[str, Any]
    spec_version: int
    sums: ItemSums
    choices: Mapping[str, ChoiceSums]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFigures:
    """A question with its versions that anybody was asked, the newest first."""

    question_id: int
    uid: str
    kind: str
    objective: str | None
    position: int
    versions: tuple[VersionFigures, ...]

    @property
    def newest(self) -> VersionFigures:
        return self.versions[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizFigures:
    """A page of a quiz's questions; ``alpha``: a number, or why there is none."""

    attempts: int
    alpha: float | WhyNoAlpha
    questions: tuple[QuestionFigures, ...]
    number: int
    of: int


def quiz_figures(session: Session, *, quiz_id: int, number: int) -> QuizFigures:
    """Return a page of the questions that were asked, in the author's order, in four statements.

    A page beyond the last one gives the last one.
    """
    quiz = session.execute(
        select(Quiz.draw, Quiz.blueprint, func.coalesce(QuizFact.attempts, 0).label("attempts"))
        .outerjoin(QuizFact, QuizFact.quiz_id == Quiz.id)
        .where(Quiz.id == quiz_id)
    ).one()
    asked = session.execute(
        select(
            QuestionVersion.question_id,
            KeyChange.key_version_id,
            *(getattr(ItemFact, name) for name in ("version_id", *_SUMS)),
        )
        .join(QuestionVersion, QuestionVersion.id == ItemFact.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(KeyChange, KeyChange.version_id == ItemFact.version_id)
        .where(ItemFact.quiz_id == quiz_id, ItemFact.n > 0)
        .order_by(Question.position, Question.id)
    ).all()
    by_key: dict[int, ItemSums] = {}
    for row in asked:
        key = row.key_version_id or row.version_id
        by_key[key] = by_key.get(key, ItemSums()) + _sums(row)
    ids = list(dict.fromkeys(row.question_id for row in asked))
    of = len(ids)
    number = max(1, min(number, -(-of // PAGE_ROWS)))
    on_page = ids[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return QuizFigures(
        attempts=quiz.attempts,
        alpha=alpha(list(by_key.values()), attempts=quiz.attempts, drawn=bool(quiz.blueprint) or quiz.draw is not None),
        questions=_questions(session, on_page) if on_page else (),
        number=number,
        of=of,
    )


def question_figures(session: Session, *, quiz_id: int, uid: str) -> QuestionFigures:
    """Return one question's figures in three statements; raises NotFound.

    Where nobody was asked yet, it has its published version alone.
    """
    question_id = session.scalar(select(Question.id).where(Question.quiz_id == quiz_id, Question.uid == uid))
    found = _questions(session, [question_id]) if question_id is not None else ()
    if not found:
        raise NotFound
    return found[0]


def _sums(row: Any) -> ItemSums:
    return ItemSums(**{name: row._mapping[name] or 0 for name in _SUMS})


def _questions(session: Session, question_ids: Sequence[int]) -> tuple[QuestionFigures, ...]:
    asked = aliased(ItemFact)
    rows = session.execute(
        select(
            Question.id.label("question_id"),
            Question.uid,
            Question.kind,
            Question.objective,
            Question.position,
            QuestionVersion.id.label("version_id"),
            QuestionVersion.number,
            QuestionVersion.state,
            QuestionVersion.spec,
            QuestionVersion.spec_version,
            KeyChange.key_version_id,
            *(getattr(asked, name) for name in _SUMS),
        )
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .outerjoin(asked, asked.version_id == QuestionVersion.id)
        .outerjoin(KeyChange, KeyChange.version_id == QuestionVersion.id)
        .where(
            Question.id.in_(question_ids),
            (asked.n > 0) | (QuestionVersion.state == PUBLISHED),
        )
        .order_by(Question.position, Question.id, QuestionVersion.number.desc())
    ).all()
    keys = {row.version_id: row.key_version_id or row.version_id for row in rows}
    choices: dict[int, dict[str, ChoiceSums]] = {}
    for fact in session.scalars(select(ChoiceFact).where(ChoiceFact.version_id.in_(keys), ChoiceFact.n > 0)):
        of_key = choices.setdefault(keys[fact.version_id], {})
        of_key[fact.choice] = of_key.get(fact.choice, ChoiceSums()) + ChoiceSums(fact.n, fact.t)
    sums: dict[int, ItemSums] = {}
    for row in rows:
        sums[keys[row.version_id]] = sums.get(keys[row.version_id], ItemSums()) + _sums(row)
    found: dict[int, list[Any]] = {}
    for row in rows:
        # A version whose answers are marked by the key of one that is listed is a part of that one.
        if keys[row.version_id] == row.version_id or keys[row.version_id] not in keys:
            found.setdefault(row.question_id, []).append(row)
    return tuple(
        QuestionFigures(
            question_id=question_id,
            uid=versions[0].uid,
            kind=versions[0].kind,
            objective=versions[0].objective,
            position=versions[0].position,
            versions=tuple(
                VersionFigures(
                    version_id=row.version_id,
                    number=row.number,
                    published=row.state == PUBLISHED,
                    spec=row.spec,
                    spec_version=row.spec_version,
                    sums=sums[keys[row.version_id]],
                    choices=choices.get(keys[row.version_id], {}),
                )
                for row in versions
            ),
        )
        for question_id, versions in found.items()
    )
