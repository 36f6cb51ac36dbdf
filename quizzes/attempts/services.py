"""Begin an attempt, answer, submit; and close what ran out of time."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row, and_, bindparam, case, false, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from courses.learning.services import record_result
from lms.accounts.asking import KnownAsker, stands, values_of
from lms.database.writing import insert_if_new
from lms.errors import N_, AskerChanged, NotFound, Refused
from lms.heartbeat.services import LONGEST_PAUSE
from lms.jobs.services import enqueue
from lms.plugins.events import tell
from lms.text.localised import Text
from quizzes import activity
from quizzes.activity import QuizPlace
from quizzes.asking import current_spec
from quizzes.attempts import counting, journal
from quizzes.attempts.ends import end_in, end_of, gap_columns, is_settled, joined_to_gaps
from quizzes.attempts.journal import Journal, WholeJournal
from quizzes.attempts.models import Allowance, Attempt, AttemptQuestion, AttemptShare, HintAsked, Result, TimeRequest
from quizzes.attempts.saving import LEFT_THE_COURSE
from quizzes.bank import services as bank
from quizzes.bank.models import PUBLISHED, CaseStem, KeyChange, Question, QuestionVersion, Quiz
from quizzes.bank.services import ReadQuiz
from quizzes.facts import services as facts
from quizzes.facts.services import Sums
from quizzes.hooks import AttemptSubmitted
from quizzes.marking.rules import Outcome, counted, first_end, less_for_hint, outcome
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Mark, Response
from quizzes.question_types.seeds import new_seed

log = logging.getLogger(__name__)

Types = Mapping[str, QuestionType]

BY_A_TRAINER = N_("Marked by a trainer.")
CLOSE_JOB = "quizzes.close_attempt"
RECORD_JOB = "quizzes.record_counted"
AT_ONCE, AFTER_CLOSE, NEVER = "at_once", "after_close", "never"
AFTER_TRIES = "after_tries"  # of a pre-test: once one's last try is over, for the same things are asked again in it
LOOK_AGAIN = timedelta(minutes=5)
BEST = "best"
OPEN, GRANTED, REFUSED = "open", "granted", "refused"


ReadAttempt: TypeAlias = Attempt | Row[Any]
"""An attempt as a model, or, where people wait in crowds, its columns as a plain row."""

ReadResult: TypeAlias = Result | Row[Any]
"""The same of a result."""


class More(NamedTuple):
    """What a person gets more of than others: time as a factor of the limit and in minutes, and tries."""

    factor: float = 1.0
    minutes: int = 0
    tries: int = 0


class BeginsTooOften(Exception):
    """More tries in a moment than a person can take; ``seconds``: how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


MOST_BEGUN, BEGUN_WINDOW = 20, timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizOverview:
    """What a person sees before they begin; ``attempts`` are theirs, the newest first, each with its newest result.

    ``ends_at`` is the end of the newest attempt while it is not closed, ``review_open`` whether marks may be shown.
    """

    quiz: ReadQuiz
    place: QuizPlace
    questions: int  # in one attempt
    practice: int  # questions that may be practised
    tries: int | None
    more: More
    attempts: tuple[tuple[ReadAttempt, ReadResult | None], ...]
    ends_at: datetime | None
    review_open: bool

    def open_attempt(self, now: datetime) -> ReadAttempt | None:
        """Return the attempt that can be continued."""
        newest = self.attempts[0][0] if self.attempts else None
        if newest is None or newest.closed_at is not None or (self.ends_at is not None and now >= self.ends_at):
            return None
        return newest

    @property
    def tries_left(self) -> int | None:
        """Count the attempts that may still begin; None: as many as wanted."""
        return None if self.tries is None else max(0, self.tries - len(self.attempts))

    def end_if_begun(self, now: datetime) -> datetime | None:
        """Return when an attempt ends that begins now; None: never."""
        return _first_end(self.quiz, self.more, now)[0]


def overview(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    now: datetime,
    asker: KnownAsker | None = None,
) -> QuizOverview:
    """Return a quiz as a person sees it who may begin it; raises NotFound, AskerChanged."""
    values = values_of(person_id, asker, now=now)
    values |= {"course": course_slug, "module": module_slug, "activity": activity_slug}
    quiz, place = activity.quiz_in(session, _overviews[asker is not None], values)
    more = _more_in(quiz)
    rows: Iterable[Row[Any]] = session.connection().execute(_tries, {"quiz_id": quiz.id, "person_id": person_id})
    # The newest result of an attempt comes last.
    attempts: dict[int, tuple[ReadAttempt, ReadResult | None]] = {
        row.id: (row, None if row.score is None else row) for row in rows
    }
    newest = next((attempt for attempt, _ in attempts.values()), None)
    return QuizOverview(
        quiz=quiz,
        place=place,
        questions=_drawn_number(quiz),
        practice=quiz.kept_for_practice + (quiz.asked if quiz.review == AT_ONCE else 0) if quiz.practice else 0,
        tries=tries_of(quiz.tries, more),
        more=more,
        attempts=tuple(attempts.values()),
        ends_at=None if newest is None or newest.closed_at is not None else end_of(session, newest, now=now),
        review_open=marks_are_open(session, quiz_id=quiz.id, review=quiz.review, closes_at=quiz.closes_at, now=now),
    )


def _published(quiz: Any, *, practice_only: bool) -> Any:
    """Count the questions of a quiz that a new attempt may draw, or those that are only practised."""
    return (
        select(func.count())
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(
            Question.quiz_id == quiz,
            Question.retired_at.is_(None),
            Question.practice_only.is_(practice_only),
            QuestionVersion.state == PUBLISHED,
        )
        .scalar_subquery()
    )


def _with_allowance(statement: Any) -> Any:
    """Let a statement over `Quiz` find what this person gets more of: the columns that `_more_in` reads."""
    return statement.outerjoin(
        Allowance, and_(Allowance.quiz_id == Quiz.id, Allowance.person_id == bindparam("person_id"))
    ).add_columns(
        Allowance.factor.label("more_factor"),
        Allowance.minutes.label("more_minutes"),
        Allowance.tries.label("more_tries"),
    )


def _more_in(row: Any) -> More:
    return More() if row.more_factor is None else More(row.more_factor, row.more_minutes, row.more_tries)


# Built once: putting a statement together anew costs more than running it.
_at_address = _with_allowance(activity.open_quizzes(*activity.AT_ADDRESS))
_overview = _at_address.add_columns(
    _published(Quiz.id, practice_only=False).label("asked"),
    _published(Quiz.id, practice_only=True).label("kept_for_practice"),
)
_overviews = {False: _overview, True: _overview.add_columns(stands())}
_begun = (
    select(func.count())
    .where(Attempt.person_id == bindparam("person_id"), Attempt.opened_at > bindparam("since"))
    .scalar_subquery()
)
_start = _at_address.add_columns(_begun.label("begun"))
_starts = {False: _start, True: _start.add_columns(stands())}
_tries = (
    select(*(getattr(Attempt, column.key) for column in Attempt.__table__.columns), Result.score, Result.passed)
    .outerjoin(Result, Result.attempt_id == Attempt.id)
    .where(Attempt.quiz_id == bindparam("quiz_id"), Attempt.person_id == bindparam("person_id"))
    .order_by(Attempt.number.desc(), Result.number)
)


def _drawn_number(quiz: Any) -> int:
    """How many questions an attempt gets; 0 where none can begin."""
    asked: int = quiz.asked
    if quiz.blueprint:
        return sum(row["draw"] for row in quiz.blueprint) if asked else 0
    return asked if quiz.draw is None else min(quiz.draw, asked)


def practised(pool: Sequence[bank.PublishedQuestion], quiz: ReadQuiz) -> list[bank.PublishedQuestion]:
    """List the questions that may be practised: their answers are shown at once.

    Where the quiz shows right answers later or never, those are only the questions that no attempt draws.
    """
    if not quiz.practice:
        return []
    return [question for question in pool if question.practice_only or quiz.review == AT_ONCE]


def marks_are_open(session: Session, *, quiz_id: int, review: str, closes_at: datetime | None, now: datetime) -> bool:
    """Say whether marks may be shown now: with "after_close" once the quiz is closed and the last try has ended."""
    if review != AFTER_CLOSE:
        return True
    if closes_at is None or now < closes_at:
        return False
    return session.scalar(select(Attempt.id).where(Attempt.quiz_id == quiz_id, Attempt.closed_at.is_(None))) is None


def _more(session: Session, quiz_id: int, person_id: int) -> More:
    row = session.connection().execute(_allowed, {"quiz_id": quiz_id, "person_id": person_id}).one_or_none()
    return More() if row is None else More(*row)


_allowed = select(Allowance.factor, Allowance.minutes, Allowance.tries).where(
    Allowance.quiz_id == bindparam("quiz_id"), Allowance.person_id == bindparam("person_id")
)


def tries_of(tries: int | None, more: More) -> int | None:
    return None if tries is None else tries + more.tries


def _first_end(quiz: ReadQuiz, more: More, now: datetime) -> tuple[datetime | None, timedelta]:
    return first_end(
        now,
        limit=None if quiz.time_limit_seconds is None else timedelta(seconds=quiz.time_limit_seconds),
        closes_at=quiz.closes_at,
        factor=more.factor,
        minutes=more.minutes,
    )


def start(
    session: Session,
    *,
    person_id: int,
    course_slug: str,
    module_slug: str,
    activity_slug: str,
    types: Types,
    now: datetime,
    asker: KnownAsker | None = None,
) -> ReadAttempt:
    """Begin an attempt, or continue the one that is open: its questions and its end are written before one is shown.

    Raises NotFound, AskerChanged, BeginsTooOften; Refused for who does not take the course, has no try left, or where
    there is nothing to answer yet.
    """
    values = values_of(person_id, asker, now=now)
    values |= {"course": course_slug, "module": module_slug, "activity": activity_slug, "since": now - BEGUN_WINDOW}
    quiz, place = activity.quiz_in(session, _starts[asker is not None], values)
    more, begun = _more_in(quiz), quiz.begun
    return begin(session, quiz, place, person_id=person_id, types=types, now=now, more=more, begun=begun)


def begin(
    session: Session,
    quiz: ReadQuiz,
    place: QuizPlace,
    *,
    person_id: int,
    types: Types,
    now: datetime,
    fresh: bool = False,
    more: More | None = None,
    begun: int = 0,
) -> ReadAttempt:
    """Do the same for a quiz that was found; ``fresh``: draw no question that an earlier try of theirs had.

    Where an objective has no such question left, one is asked again. ``more``: what the person gets, if it is known;
    ``begun``: the tries that they began in `BEGUN_WINDOW`.
    """
    activity.take_turns(session, person_id=person_id, course_id=place.course_id)
    last = session.connection().execute(_last_try, {"quiz_id": quiz.id, "person_id": person_id}).one_or_none()
    if last is not None and last.closed_at is None:
        ends_at = end_of(session, last, now=now)
        if ends_at is None or now < ends_at:
            return last
        _close(session, last, rules=Rules.of(quiz), types=types, ends_at=ends_at, submitted_at=None, now=now)
    if begun >= MOST_BEGUN:
        raise BeginsTooOften(int(BEGUN_WINDOW.total_seconds()))
    if quiz.opens_at is not None and now < quiz.opens_at:
        raise Refused(N_("This quiz opens on %(moment)s."), moment=quiz.opens_at)
    if quiz.closes_at is not None and now >= quiz.closes_at:
        raise Refused(N_("This quiz closed on %(moment)s."), moment=quiz.closes_at)
    more = more or _more(session, quiz.id, person_id)
    tries = tries_of(quiz.tries, more)
    if tries is not None and last is not None and last.number >= tries:
        raise Refused(N_("You have used all your tries."))
    seed = new_seed()
    pool = bank.current_versions(session, quiz_id=quiz.id)
    drawn = bank.draw(_not_asked_yet(session, pool, quiz, person_id) if fresh else pool, quiz, rng_seed=seed)
    if not drawn:
        raise Refused(N_("This quiz has no questions yet."))
    stems = bank.stems_of(session, quiz_id=quiz.id) if any(question.case_uid for question in drawn) else {}
    deadline, extra = _first_end(quiz, more, now)
    connection = session.connection()
    values = {
        "quiz_id": quiz.id,
        "person_id": person_id,
        "number": 1 if last is None else last.number + 1,
        "seed": seed,
        "pass_mark": quiz.pass_mark,
        "hint_cost": quiz.hint_cost,
        "opened_at": now,
        "deadline": deadline,
        "extra_seconds": round(extra.total_seconds()),
        "submitted_at": None,
        "closed_at": None,
    }
    attempt = connection.execute(_new_attempt, values).one()
    questions = [
        {
            "attempt_id": attempt.id,
            "position": position,
            "question_version_id": question.version_id,
            "stem_id": stems[question.case_uid].id if question.case_uid in stems else None,
        }
        for position, question in enumerate(drawn, start=1)
    ]
    connection.execute(_new_questions, questions)
    if attempt.deadline is not None:
        close_later(session, attempt.id, at=attempt.deadline, now=now)
    return attempt


# Built once: putting a statement together anew costs more than running it.
_last_try = (
    select(Attempt.__table__)
    .where(Attempt.quiz_id == bindparam("quiz_id"), Attempt.person_id == bindparam("person_id"))
    .order_by(Attempt.number.desc())
    .limit(1)
    .with_for_update()
)
_new_attempt = insert(Attempt).returning(*(getattr(Attempt, column.key) for column in Attempt.__table__.columns))
_new_questions = insert(AttemptQuestion)


def _not_asked_yet(
    session: Session, pool: Sequence[bank.PublishedQuestion], quiz: ReadQuiz, person_id: int
) -> list[bank.PublishedQuestion]:
    asked = set(
        session.scalars(
            select(QuestionVersion.question_id)
            .join(AttemptQuestion, AttemptQuestion.question_version_id == QuestionVersion.id)
            .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
            .where(Attempt.quiz_id == quiz.id, Attempt.person_id == person_id)
        )
    )
    fresh = {one.objective for one in pool if one.question_id not in asked}
    return [one for one in pool if one.question_id not in asked or one.objective not in fresh]


def close_later(session: Session, attempt_id: int, *, at: datetime, now: datetime) -> None:
    """Leave a job that closes an attempt if it is over then."""
    enqueue(session, CLOSE_JOB, {"attempt_id": attempt_id}, now=now, at=at)


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


def _standing_in(session: Session, statement: Any, values: Mapping[str, object], *, now: datetime) -> Standing:
    rows = session.connection().execute(statement, values).all()
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
    rows = session.connection().execute(_questions, {"attempt_id": attempt_id})
    return [DrawnQuestion(**row._mapping) for row in rows]


def question_at(session: Session, *, attempt_id: int, position: int) -> tuple[DrawnQuestion, int]:
    """Return one question of an attempt and the number of all; raises NotFound."""
    values_of = {"attempt_id": attempt_id, "position": position}
    row = session.connection().execute(_question_at, values_of).one_or_none()
    if row is None:
        raise NotFound
    values = dict(row._mapping)
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


def first_open_position(session: Session, *, attempt_id: int) -> int:
    """Return the first question without an answer, else the first."""
    answers = journal.answers_of(session, attempt_id=attempt_id)
    positions = positions_of(session, attempt_id=attempt_id)
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


# Built once: putting these together anew for each page cost three times what running them does.
_standing = {}
for _finds_out in (False, True):
    _made = _statement_of_standing()
    _made = _made.add_columns(stands()) if _finds_out else _made
    _standing[False, _finds_out], _standing[True, _finds_out] = _made, _made.with_for_update(of=Attempt)
_standing_and_result = {
    finds_out: _standing[False, finds_out]
    .outerjoin(
        Result,
        Result.id
        == select(Result.id)
        .where(Result.attempt_id == bindparam("attempt_id"))
        .order_by(Result.number.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery(),
    )
    .add_columns(Result.score, Result.passed, Result.marks)
    for finds_out in (False, True)
}
_questions = _statement_of_questions()
_question_at = _questions.add_columns(
    select(func.count())
    .where(AttemptQuestion.attempt_id == bindparam("attempt_id"))
    .select_from(AttemptQuestion)
    .correlate(None)
    .scalar_subquery()
    .label("of")
).where(AttemptQuestion.position == bindparam("position"))


def submit(
    session: Session, *, attempt_id: int, person_id: int, types: Types, now: datetime, asker: KnownAsker | None = None
) -> ReadResult:
    """Close an attempt and mark it; once it is closed the same result is given again.

    After the deadline it is closed as it stood then. Raises NotFound, Refused for who no longer takes the course, and
    AskerChanged.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True, asker=asker)
    if found.attempt.closed_at is not None:
        return newest_result(session, attempt_id=attempt_id)
    must_take_part(found)
    return _close(
        session,
        found.attempt,
        rules=found.rules,
        types=types,
        ends_at=found.ends_at,
        submitted_at=None if found.is_over(now) else now,
        now=now,
    )


def close_if_over(session: Session, *, attempt_id: int, types: Types, now: datetime) -> ReadResult | None:
    """Close an attempt whose time ran out, with what was saved by then; None if there is nothing to do.

    Where an outage or more time has moved its end, it is closed then; never before a beat has shown that the site was
    there at its end.
    """
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.closed_at is not None:
        return None
    ends_at = end_of(session, attempt, now=now)
    if ends_at is None:
        return None
    if now < ends_at:
        if attempt.deadline is not None and now >= attempt.deadline:
            close_later(session, attempt_id, at=max(ends_at, now + LONGEST_PAUSE), now=now)
        return None
    if not is_settled(session, ends_at):
        close_later(session, attempt_id, at=now + LONGEST_PAUSE, now=now)
        return None
    rules = Rules.of(session.get_one(Quiz, attempt.quiz_id))
    return _close(session, attempt, rules=rules, types=types, ends_at=ends_at, submitted_at=None, now=now)


def newest_result(session: Session, *, attempt_id: int) -> ReadResult:
    """Return the result that stands: the last regrade, or the first. Raises NotFound while the attempt is open."""
    result = session.connection().execute(_newest_result, {"attempt_id": attempt_id}).one_or_none()
    if result is None:
        raise NotFound
    return result


_newest_result = (
    select(Result.__table__).where(Result.attempt_id == bindparam("attempt_id")).order_by(Result.number.desc()).limit(1)
)
_new_result = insert(Result).returning(*(getattr(Result, column.key) for column in Result.__table__.columns))
_newest_number = select(func.max(Result.number)).where(Result.attempt_id == bindparam("attempt_id"))


def marks_of(
    questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types, given: Mapping[int, float] | None = None
) -> list[Mark | None]:
    """Mark an attempt from its journal: one item a question, None where a trainer must.

    ``given``: what trainers gave, 0 to 1, by the id of the answer.
    """
    marks: list[Mark | None] = []
    for question in questions:
        of_question = answers.at(question.position)
        mark = _mark(question, of_question.response, types.get(question.kind))
        if mark is None and given and of_question.counted is not None and of_question.counted.id in given:
            mark = less_for_hint(Mark(given[of_question.counted.id], BY_A_TRAINER), cost=question.cost or 0.0)
        marks.append(mark)
    return marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What an attempt comes to by its journal, the keys and the trainers' marks as they are now."""

    questions: Sequence[DrawnQuestion]
    answers: WholeJournal
    marks: Sequence[Mark | None]
    came_to: Outcome


def marked_now(
    session: Session,
    attempt: ReadAttempt,
    *,
    types: Types,
    keys: Mapping[int, tuple[Mapping[str, Any], int]] | None = None,
) -> Marked:
    """Mark an attempt without writing anything; ``keys``: specs to mark by instead, by the id of a version."""
    questions = questions_of(session, attempt_id=attempt.id)
    if keys:
        questions = [
            replace(one, key_spec=keys[one.version_id][0], key_spec_version=keys[one.version_id][1])
            if one.version_id in keys
            else one
            for one in questions
        ]
    answers = journal.whole_of(session, attempt_id=attempt.id)
    marks = marks_of(questions, answers, types=types)
    if None in marks:
        given = counting.marks_given(session, attempt.id)
        if given:
            marks = marks_of(questions, answers, types=types, given=given)
    return Marked(
        questions=questions, answers=answers, marks=marks, came_to=outcome(marks, pass_mark=attempt.pass_mark)
    )


def outcome_of(attempt: ReadAttempt, questions: Sequence[DrawnQuestion], answers: Journal, *, types: Types) -> Outcome:
    """Say what an attempt comes to by its journal, without writing anything."""
    return outcome(marks_of(questions, answers, types=types), pass_mark=attempt.pass_mark)


def written(questions: Sequence[DrawnQuestion], marks: Sequence[Mark | None]) -> list[dict[str, Any]]:
    """Return marks as a result row holds them."""
    return [
        {"position": question.position, "score": mark and mark.score, "reason": mark and mark.reason}
        for question, mark in zip(questions, marks, strict=True)
    ]


def only_anew(marked: Marked, result: Result, version_ids: Collection[int], *, pass_mark: float) -> Marked:
    """Return an attempt marked as in ``result``, but for the questions of these versions.

    What a kind marked that is no longer on this site stands so; a new mark that nobody can give does not replace one.
    """
    stood = {
        mark["position"]: None if mark["score"] is None else Mark(mark["score"], mark["reason"])
        for mark in result.marks
    }
    marks = [
        stood.get(question.position) if question.version_id not in version_ids or mark is None else mark
        for question, mark in zip(marked.questions, marked.marks, strict=True)
    ]
    return replace(marked, marks=marks, came_to=outcome(marks, pass_mark=pass_mark))


def _mark(question: DrawnQuestion, response: Response | None, of_kind: QuestionType | None) -> Mark | None:
    if of_kind is None:
        return None
    try:
        mark = of_kind.mark(current_spec(of_kind, *question.key), response)
        return mark and less_for_hint(mark, cost=question.cost or 0.0)
    except Exception:  # a faulty kind must not keep a person from submitting
        log.exception("kind %s failed to mark question %s", question.kind, question.uid)
        return None


_end_attempt = (
    update(Attempt)
    .where(Attempt.id == bindparam("attempt_id"))
    .values(submitted_at=bindparam("submitted"), closed_at=bindparam("closed"))
)


def _close(
    session: Session,
    attempt: ReadAttempt,
    *,
    rules: Rules,
    types: Types,
    ends_at: datetime | None,
    submitted_at: datetime | None,
    now: datetime,
) -> ReadResult:
    closed_at = submitted_at or ends_at or now
    values = {"attempt_id": attempt.id, "submitted": submitted_at, "closed": closed_at}
    session.connection().execute(_end_attempt, values)
    if isinstance(attempt, Attempt):
        session.expire(attempt, ["submitted_at", "closed_at"])
    result, came_to = write_result(session, attempt, types=types, now=now, is_first=True)
    of_person = [result] if attempt.number == 1 else None  # the only try: it need not be looked for
    record_when_shown(session, rules=rules, person_id=attempt.person_id, now=now, results=of_person)
    tell(
        session,
        AttemptSubmitted(
            attempt_id=attempt.id,
            quiz_id=attempt.quiz_id,
            activity_id=rules.activity_id,
            person_id=attempt.person_id,
            score=came_to.score,
            passed=came_to.passed,
            provisional=came_to.provisional,
            at=now,
        ),
    )
    return result


def write_result(
    session: Session, attempt: ReadAttempt, *, types: Types, now: datetime, is_first: bool = False
) -> tuple[ReadResult, Outcome]:
    """Mark a closed attempt from its journal into a new result row; those before it stay, the facts follow.

    ``is_first``: it has none yet, as it was open until now.
    """
    sums = Sums()
    marked = marked_now(session, attempt, types=types)
    result, came_to = add_result(session, attempt, marked, sums, types=types, now=now, is_first=is_first)
    facts.write(session, attempt.quiz_id, sums)
    return result, came_to


def take_out_of_facts(session: Session, person_id: int) -> None:
    """Take what a person's tries have added out of the facts about questions: their rows are about to go."""
    rows = session.execute(
        select(Attempt.quiz_id, AttemptShare.items)
        .join(AttemptShare, AttemptShare.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id)
        .with_for_update(of=Attempt)
    )
    changes: dict[int, Sums] = {}
    for quiz_id, items in rows:
        changes.setdefault(quiz_id, Sums()).add(facts.Share.read(items), sign=-1)
    for quiz_id, sums in sorted(changes.items()):
        facts.write(session, quiz_id, sums)


def add_result(
    session: Session,
    attempt: ReadAttempt,
    marked: Marked,
    sums: Sums,
    *,
    types: Types,
    now: datetime,
    is_first: bool = False,
) -> tuple[ReadResult, Outcome]:
    """Write what a closed attempt comes to as its newest result; what changes in the facts is added to ``sums``."""
    before = None if is_first else session.connection().scalar(_newest_number, {"attempt_id": attempt.id})
    values = {
        "attempt_id": attempt.id,
        "number": (before or 0) + 1,
        "score": marked.came_to.score,
        "passed": marked.came_to.passed,
        "marks": written(marked.questions, marked.marks),
        "made_at": now,
    }
    result = session.connection().execute(_new_result, values).one()
    counting.keep_open_answers(session, attempt, marked, types=types, is_first=before is None, now=now)
    share = counting.share_of(attempt, result, marked.questions, marked.answers, types=types)
    counting.count(session, attempt, share, sums, is_first=before is None)
    return result, marked.came_to


def record_when_shown(
    session: Session, *, rules: Rules, person_id: int, now: datetime, results: Sequence[ReadResult] | None = None
) -> None:
    """Tell the course what counts of a person's tries, or leave that to a job for when marks may be shown.

    ``results``: the newest of each try, in their order, where the caller has them.
    """
    if marks_are_open(session, quiz_id=rules.quiz_id, review=rules.review, closes_at=rules.closes_at, now=now):
        record_counted(session, rules=rules, person_id=person_id, now=now, results=results)
        return
    # After the close others may still have time: then it looks again.
    at = max(rules.closes_at or now, now + LOOK_AGAIN)
    enqueue(session, RECORD_JOB, {"quiz_id": rules.quiz_id, "person_id": person_id}, now=now, at=at)


def _results_of_person() -> Any:
    newest = select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return (
        select(Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Attempt.quiz_id == bindparam("quiz_id"),
            Attempt.person_id == bindparam("person_id"),
            Result.number == newest,
        )
        .order_by(Attempt.number)
    )


_newest_results = _results_of_person()


def record_counted(
    session: Session, *, rules: Rules, person_id: int, now: datetime, results: Sequence[ReadResult] | None = None
) -> None:
    """Tell the course what counts of a person's tries by the quiz's rule; what was passed once stays passed."""
    if results is None:
        results = session.scalars(_newest_results, {"quiz_id": rules.quiz_id, "person_id": person_id}).all()
    result = counted(results, counts=rules.counts, by=lambda one: one.score)
    if result is None:
        return
    record_result(
        session,
        person_id=person_id,
        activity_id=rules.activity_id,
        score=result.score,
        passed=any(one.passed for one in results) if rules.counts == BEST else result.passed,
        keep_best=False,
        now=now,
    )


def ask_for_hint(session: Session, *, attempt_id: int, person_id: int, position: int, now: datetime) -> None:
    """Note that a person asked for the hint of a question; twice is the same as once.

    Raises NotFound where there is none, Refused once the attempt is over.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True)
    must_take_part(found)
    question, _ = question_at(session, attempt_id=attempt_id, position=position)
    if not question.spec.get("hint"):
        raise NotFound
    if not found.is_open(now):
        raise Refused(N_("This try is over."))
    insert_if_new(
        session,
        HintAsked,
        {"attempt_id": attempt_id, "position": position, "asked_at": now},
        unique=("attempt_id", "position"),
    )


def ask_for_time(session: Session, *, attempt_id: int, person_id: int, words: str, now: datetime) -> TimeRequest:
    """Ask a trainer for more time; while that is open, asking again changes nothing.

    Raises NotFound; Refused for an attempt that is over or has no end.
    """
    found = standing(session, attempt_id=attempt_id, person_id=person_id, now=now, writing=True)
    must_take_part(found)
    if found.ends_at is None or not found.is_open(now):
        raise Refused(N_("More time can be asked for while the time of a try runs."))
    if found.asked is not None and found.asked.state == OPEN:
        return found.asked
    request = TimeRequest(
        attempt_id=attempt_id,
        words=words,
        asked_at=now,
        state=OPEN,
        minutes=None,
        answer="",
        answered_by_id=None,
        answered_at=None,
    )
    session.add(request)
    session.flush()
    return request
