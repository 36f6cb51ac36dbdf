"""What a person sees before a try, and how one begins: everything drawn and written before the first question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, insert, select
from sqlalchemy.orm import Session

from lms.accounts.asking import KnownAsker, stands, values_of
from lms.database.statements import built_once
from lms.errors import N_, Refused
from quizzes import activity
from quizzes.activity import QuizPlace
from quizzes.attempts.ends import end_of
from quizzes.attempts.models import Allowance, Attempt, AttemptQuestion, Result
from quizzes.attempts.services.closing import close, close_later
from quizzes.attempts.services.marking import Types
from quizzes.attempts.services.reading import (
    AT_ONCE,
    DrawnQuestion,
    ReadAttempt,
    ReadResult,
    Rules,
    Standing,
    marks_are_open,
    standing,
)
from quizzes.bank import services as bank
from quizzes.bank.models import CaseStem, QuestionVersion, Quiz
from quizzes.bank.services import ReadQuiz
from quizzes.marking.rules import first_end
from quizzes.question_types.base import Spec
from quizzes.question_types.seeds import new_seed


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
    rows = _tries.rows(session.connection(), {"quiz_id": quiz.id, "person_id": person_id})
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
    bank.published_in(Quiz.id, practice_only=False).label("asked"),
    bank.published_in(Quiz.id, practice_only=True).label("kept_for_practice"),
)
_overviews = {False: built_once(_overview), True: built_once(_overview.add_columns(stands()))}
_begun = (
    select(func.count())
    .where(Attempt.person_id == bindparam("person_id"), Attempt.opened_at > bindparam("since"))
    .scalar_subquery()
)
_start = _at_address.add_columns(_begun.label("begun"))
_starts = {False: built_once(_start), True: built_once(_start.add_columns(stands()))}
_tries = built_once(
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


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt that one is in. One that is new has no answers; ``drawn`` are its questions, None of an older one."""

    standing: Standing
    drawn: list[DrawnQuestion] | None


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
    limited: bool = False,
) -> Started:
    """Begin an attempt, or continue the one that is open: its questions and its end are written before one is shown.

    Raises NotFound, AskerChanged; BeginsTooOften where that is ``limited``; Refused for who does not take the course,
    has no try left, or where there is nothing to answer yet.
    """
    values = values_of(person_id, asker, now=now)
    values |= {"course": course_slug, "module": module_slug, "activity": activity_slug, "since": now - BEGUN_WINDOW}
    quiz, place = activity.quiz_in(session, _starts[asker is not None], values)
    more, begun = _more_in(quiz), quiz.begun if limited else 0
    attempt, drawn = _begin(session, quiz, place, person_id=person_id, types=types, now=now, more=more, begun=begun)
    if drawn is None:
        return Started(standing(session, attempt_id=attempt.id, person_id=person_id, now=now), None)
    found = Standing(
        attempt=attempt,
        ends_at=attempt.deadline,  # no outage can have touched it yet
        title=quiz.title,
        tries=tries_of(quiz.tries, more),
        rules=Rules.of(quiz),
        asked=None,
        activity_id=place.activity_id,
        place=place,
    )
    return Started(found, drawn)


def begin(
    session: Session,
    quiz: ReadQuiz,
    place: QuizPlace,
    *,
    person_id: int,
    types: Types,
    now: datetime,
    fresh: bool = False,
) -> ReadAttempt:
    """Do the same for a quiz that was found; ``fresh``: draw no question that an earlier try of theirs had.

    Where an objective has no such question left, one is asked again.
    """
    return _begin(session, quiz, place, person_id=person_id, types=types, now=now, fresh=fresh)[0]


def _begin(
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
) -> tuple[ReadAttempt, list[DrawnQuestion] | None]:
    """Give the attempt, and the questions of a new one. ``more``: what the person gets, if it is known; ``begun``: the
    tries that they began in `BEGUN_WINDOW`.
    """
    activity.take_turns(session, person_id=person_id, course_id=place.course_id, enrolled=place.enrolled)
    tries_before = _last_try.rows(session.connection(), {"quiz_id": quiz.id, "person_id": person_id})
    last = tries_before[0] if tries_before else None
    if last is not None and last.closed_at is None:
        ends_at = end_of(session, last, now=now)
        if ends_at is None or now < ends_at:
            return last, None
        close(session, last, rules=Rules.of(quiz), types=types, ends_at=ends_at, submitted_at=None, now=now)
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
    (attempt,) = _new_attempt.rows(connection, values)
    stems_of_drawn = [stems.get(question.case_uid) if question.case_uid else None for question in drawn]
    questions = [
        {
            "attempt_id": attempt.id,
            "position": position,
            "question_version_id": question.version_id,
            "stem_id": None if stem is None else stem.id,
        }
        for position, (question, stem) in enumerate(zip(drawn, stems_of_drawn, strict=True), start=1)
    ]
    connection.execute(_new_questions, questions)
    if attempt.deadline is not None:
        close_later(session, attempt.id, at=attempt.deadline, now=now)
    return attempt, _as_drawn(drawn, bank.specs_of(connection, drawn), stems_of_drawn)


def _as_drawn(
    versions: Sequence[bank.PublishedQuestion], specs: Sequence[Spec], stems: Sequence[CaseStem | None]
) -> list[DrawnQuestion]:
    """Give the questions of a new attempt as `questions_of` reads them: nobody has asked for a hint yet."""
    return [
        DrawnQuestion(
            position=position,
            uid=version.uid,
            kind=version.kind,
            objective=version.objective,
            explains=version.explains,
            spec=spec,
            spec_version=version.spec_version,
            stem=None if stem is None else stem.stem,
            stem_goes_on=stem is not None and before is stem,
            version_id=version.version_id,
        )
        for position, (version, spec, stem, before) in enumerate(
            zip(versions, specs, stems, [None, *stems[:-1]], strict=True), start=1
        )
    ]


# Built once: putting a statement together anew costs more than running it.
_last_try = built_once(
    select(Attempt.__table__)
    .where(Attempt.quiz_id == bindparam("quiz_id"), Attempt.person_id == bindparam("person_id"))
    .order_by(Attempt.number.desc())
    .limit(1)
    .with_for_update()
)
_new_attempt = built_once(
    insert(Attempt).returning(*(getattr(Attempt, column.key) for column in Attempt.__table__.columns))
)
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
