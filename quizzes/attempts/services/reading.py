"""Where an attempt stands, and the questions that were drawn for it: what every page of it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import and_, bindparam, case, false, func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.asking import KnownAsker, stands, values_of
from lms.database.statements import BuiltOnce, built_once
from lms.errors import AskerChanged, NotFound, Refused
from lms.text.localised import Text
from lms.values import quick_dataclass
from quizzes import activity
from quizzes.activity import QuizPlace
from quizzes.attempts.ends import end_in, gap_columns, joined_to_gaps
from quizzes.attempts.journal import Journal
from quizzes.attempts.models import Allowance, Attempt, AttemptQuestion, HintAsked, Result, TimeRequest
from quizzes.attempts.saving import LEFT_THE_COURSE
from quizzes.bank.models import CaseStem, KeyChange, Question, QuestionVersion, Quiz
from quizzes.bank.services import ReadQuiz

AT_ONCE, AFTER_CLOSE, NEVER = "at_once", "after_close", "never"
AFTER_TRIES = "after_tries"  # of a pre-test: once one's last try is over, for the same things are asked again in it
OPEN, GRANTED, REFUSED = "open", "granted", "refused"


ReadAttempt: TypeAlias = Attempt | Any
"""An attempt as a model, or, where people wait in crowds, its columns as a named tuple."""

ReadResult: TypeAlias = Result | Any
"""The same of a result."""


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a quiz that a page of an attempt tells, and by which its end is recorded."""

    quiz_id: int
    activity_id: int
    counts: str  # which try: best, last, first
    review: str  # when right answers are shown: at_once, after_close, never
    closes_at: datetime | None

    @classmethod
    def of(cls, quiz: ReadQuiz) -> Rules:
        """Return the rules that a quiz has."""
        return cls(
            quiz_id=quiz.id,
            activity_id=quiz.activity_id,
            counts=quiz.counts,
            review=quiz.review,
            closes_at=quiz.closes_at,
        )


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An attempt of the person who asks, with its quiz and its place; ``tries`` are this person's."""

    attempt: ReadAttempt
    ends_at: datetime | None  # None: never; later than the deadline by what outages took
    title: Text
    tries: int | None
    rules: Rules
    asked: TimeRequest | None  # the last time that they asked for more time
    activity_id: int
    place: QuizPlace

    def is_open(self, now: datetime) -> bool:
        """Say whether an answer that arrives now counts."""
        return self.attempt.closed_at is None and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Say whether the time has run out."""
        return self.ends_at is not None and now >= self.ends_at

    @property
    def away(self) -> timedelta:
        """How much later the end is as the site was away."""
        deadline = self.attempt.deadline
        return timedelta() if self.ends_at is None or deadline is None else self.ends_at - deadline


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class DrawnQuestion:
    """One question of an attempt in the version that was drawn."""

    position: int
    uid: str
    kind: str
    objective: str | None
    explains: str | None
    spec: Mapping[str, Any]
    spec_version: int
    stem: Text | None = None  # of the case that it belongs to
    stem_goes_on: bool = False  # the question before it belongs to the same case
    cost: float | None = None  # the share of its mark that asking for its hint has cost; None: not asked for
    version_id: int = 0
    key_spec: Mapping[str, Any] | None = None  # of a later version that asks the same, where its key marks this one
    key_spec_version: int | None = None

    @property
    def key(self) -> tuple[Mapping[str, Any], int]:
        """The spec by which it is marked and explained, with its version."""
        if self.key_spec is None or self.key_spec_version is None:
            return self.spec, self.spec_version
        return self.key_spec, self.key_spec_version


def marks_are_open(session: Session, *, quiz_id: int, review: str, closes_at: datetime | None, now: datetime) -> bool:
    """Say whether marks may be shown now: with "after_close" once the quiz is closed and the last try has ended."""
    if review != AFTER_CLOSE:
        return True
    if closes_at is None or now < closes_at:
        return False
    return session.scalar(select(Attempt.id).where(Attempt.quiz_id == quiz_id, Attempt.closed_at.is_(None))) is None


def standing(
    session: Session,
    *,
    attempt_id: int,
    person_id: int,
    now: datetime,
    writing: bool = False,
    asker: KnownAsker | None = None,
) -> Standing:
    """Return an attempt of this person in one statement, in two if they asked for more time.

    With ``writing`` others wait until the transaction ends. Given an ``asker``, the statement makes sure of them.

    Raises NotFound for somebody else's attempt exactly as for an unknown one, and where the course is not published;
    AskerChanged.
    """
    values = values_of(person_id, asker, now=now) | {"attempt_id": attempt_id}
    return _standing_in(session, _standing[writing, asker is not None], values, now=now)


def standing_and_result(
    session: Session, *, attempt_id: int, person_id: int, now: datetime, asker: KnownAsker | None = None
) -> tuple[Standing, ReadResult | None]:
    """Return the same with the result that stands: the last regrade, or the first; None while there is none."""
    values = values_of(person_id, asker, now=now) | {"attempt_id": attempt_id}
    found = _standing_in(session, _standing_and_result[asker is not None], values, now=now)
    row: Any = found.attempt
    return found, row if row.marks is not None else None


def _standing_in(session: Session, statement: BuiltOnce, values: Mapping[str, object], *, now: datetime) -> Standing:
    rows = statement.rows(session.connection(), values)
    if not rows or not rows[0].published:
        raise NotFound
    row = rows[0]
    if "stands" in row._fields and not row.stands:
        raise AskerChanged
    return Standing(
        attempt=row,
        ends_at=end_in(rows, deadline=row.deadline, opened_at=row.opened_at, now=now),
        title=row.title,
        tries=None if row.tries is None else row.tries + (row.more_tries or 0),
        rules=Rules(
            quiz_id=row.quiz_id,
            activity_id=row.activity_id,
            counts=row.counts,
            review=row.review,
            closes_at=row.closes_at,
        ),
        asked=None if row.asked_id is None else session.get(TimeRequest, row.asked_id),
        activity_id=row.activity_id,
        place=activity.place_of(row),
    )


def must_take_part(found: Standing) -> None:
    """Raise Refused for a person who no longer takes the course."""
    if not found.place.enrolled:
        raise Refused(LEFT_THE_COURSE)


def questions_of(session: Session, *, attempt_id: int) -> list[DrawnQuestion]:
    """List an attempt's questions in their order."""
    rows = _questions.rows(session.connection(), {"attempt_id": attempt_id})
    return [DrawnQuestion(**row._asdict()) for row in rows]


def question_at(session: Session, *, attempt_id: int, position: int) -> tuple[DrawnQuestion, int]:
    """Return one question of an attempt and the number of all; raises NotFound."""
    values_of = {"attempt_id": attempt_id, "position": position}
    rows = _question_at.rows(session.connection(), values_of)
    if not rows:
        raise NotFound
    values = rows[0]._asdict()
    of = values.pop("of")
    return DrawnQuestion(**values), of


def positions_of(session: Session, *, attempt_id: int) -> list[int]:
    """List the positions of an attempt."""
    return list(session.connection().scalars(_positions, {"attempt_id": attempt_id}))


_positions = (
    select(AttemptQuestion.position)
    .where(AttemptQuestion.attempt_id == bindparam("attempt_id"))
    .order_by(AttemptQuestion.position)
)


def first_open_position(positions: Iterable[int], answers: Journal) -> int:
    """Return the first of an attempt's positions that has no answer, else 1."""
    return next((position for position in positions if answers.at(position).response is None), 1)


def _statement_of_questions() -> Any:
    before, key = aliased(AttemptQuestion), aliased(QuestionVersion)
    return (
        select(
            AttemptQuestion.position,
            AttemptQuestion.question_version_id.label("version_id"),
            key.spec.label("key_spec"),
            key.spec_version.label("key_spec_version"),
            Question.uid,
            Question.kind,
            Question.objective,
            Question.explains,
            QuestionVersion.spec,
            QuestionVersion.spec_version,
            CaseStem.stem,
            func.coalesce(before.stem_id == AttemptQuestion.stem_id, false()).label("stem_goes_on"),
            case((HintAsked.position.is_not(None), Attempt.hint_cost)).label("cost"),
        )
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(KeyChange, KeyChange.version_id == QuestionVersion.id)
        .outerjoin(key, key.id == KeyChange.key_version_id)
        .outerjoin(CaseStem, CaseStem.id == AttemptQuestion.stem_id)
        .outerjoin(
            before,
            and_(before.attempt_id == AttemptQuestion.attempt_id, before.position == AttemptQuestion.position - 1),
        )
        .outerjoin(
            HintAsked,
            and_(HintAsked.attempt_id == AttemptQuestion.attempt_id, HintAsked.position == AttemptQuestion.position),
        )
        .where(AttemptQuestion.attempt_id == bindparam("attempt_id"))
        .order_by(AttemptQuestion.position)
    )


def _statement_of_standing() -> Any:
    person_id: Any = bindparam("person_id")
    columns = (
        *(getattr(Attempt, column.key) for column in Attempt.__table__.columns),
        *(Quiz.title, Quiz.tries, Quiz.counts, Quiz.review, Quiz.closes_at),
        Allowance.tries.label("more_tries"),
        select(func.max(TimeRequest.id))
        .where(TimeRequest.attempt_id == bindparam("attempt_id"))
        .scalar_subquery()
        .label("asked_id"),
    )
    return (
        joined_to_gaps(
            activity.joined_to_place(
                select(*columns, *activity.place_columns(), *gap_columns()).join(Quiz, Quiz.id == Attempt.quiz_id),
                person_id=person_id,
            )
        )
        .outerjoin(Allowance, and_(Allowance.quiz_id == Quiz.id, Allowance.person_id == person_id))
        .where(Attempt.id == bindparam("attempt_id"), Attempt.person_id == person_id)
    )


def _with_result(statement: Any) -> Any:
    newest = (
        select(Result.id)
        .where(Result.attempt_id == bindparam("attempt_id"))
        .order_by(Result.number.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    return statement.outerjoin(Result, Result.id == newest).add_columns(Result.score, Result.passed, Result.marks)


# Putting these together anew for each page cost three times what running them does.
_standing, _standing_and_result = {}, {}
for _finds_out in (False, True):
    _made = _statement_of_standing()
    _made = _made.add_columns(stands()) if _finds_out else _made
    _standing[False, _finds_out] = built_once(_made)
    _standing[True, _finds_out] = built_once(_made.with_for_update(of=Attempt))
    _standing_and_result[_finds_out] = built_once(_with_result(_made))
_questions = built_once(_statement_of_questions())
_question_at = built_once(
    _statement_of_questions()
    .add_columns(
        select(func.count())
        .where(AttemptQuestion.attempt_id == bindparam("attempt_id"))
        .select_from(AttemptQuestion)
        .correlate(None)
        .scalar_subquery()
        .label("of")
    )
    .where(AttemptQuestion.position == bindparam("position"))
)
