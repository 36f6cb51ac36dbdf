"""Take the oldest answer that waits, mark it by its rubric, and make the result final once all are marked.

Nobody sees whose answer it is before it is marked. An answer that a trainer has taken is theirs for half an hour. In
a quiz with a second marker two trainers mark each answer, neither seeing the other's mark: if they are at most one
level apart in every line of the rubric, the mean counts; else a trainer of the course sees both and decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.audit.services import record
from lms.certificates.words import Words, language_for
from lms.config import Config
from lms.errors import N_, Invalid, NotFound, Refused
from lms.mail import services as mail
from lms.text.localised import pick
from quizzes.asking import current_spec
from quizzes.attempts import services as attempts
from quizzes.attempts.counting import DIFFER, MARKED, WAITING
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion, OpenAnswer
from quizzes.attempts.services import Types
from quizzes.bank.models import Question, QuestionVersion, Quiz
from quizzes.marking.rubric import Line, agree, between, lines_of, score_of
from quizzes.queue.models import GivenMark

LEASE = timedelta(minutes=30)
PAGE_ROWS = 50
LATELY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer in the queue, without a name. ``mine``: the trainer who asks has taken it."""

    event_id: int
    since: datetime
    state: str
    spec: Mapping[str, Any]
    mine: bool
    taken_until: datetime | None  # by somebody
    mine_given: bool  # the trainer who asks has marked it; another one must


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An answer that was marked, with its name."""

    attempt_id: int
    name: str
    spec: Mapping[str, Any]
    score: float
    marked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A page of what waits, the oldest first, and what was marked last."""

    second_marker: bool
    rows: tuple[Waiting, ...]
    number: int
    of: int
    can_take: int  # of them, by the trainer who asks
    done: tuple[Done, ...]


def _free(person_id: int, now: datetime) -> Any:
    """What this trainer may take: nobody else has it, and they have not marked it themselves."""
    nobody = or_(
        OpenAnswer.claimed_until.is_(None), OpenAnswer.claimed_until <= now, OpenAnswer.claimed_by_id == person_id
    )
    return and_(nobody, or_(OpenAnswer.state == DIFFER, ~_given(person_id)))


def _given(person_id: int) -> Any:
    return (
        select(GivenMark.id)
        .where(GivenMark.event_id == OpenAnswer.event_id, GivenMark.marker_id == person_id)
        .correlate(OpenAnswer)
        .exists()
    )


def _open(quiz_id: int) -> Any:
    return and_(OpenAnswer.quiz_id == quiz_id, OpenAnswer.counts, OpenAnswer.state.in_((WAITING, DIFFER)))


def _with_question(statement: Any) -> Any:
    return statement.join(
        AttemptQuestion,
        and_(AttemptQuestion.attempt_id == OpenAnswer.attempt_id, AttemptQuestion.position == OpenAnswer.position),
    ).join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)


def queue(session: Session, *, quiz_id: int, person_id: int, number: int, now: datetime) -> Queue:
    """Return the queue of a quiz as one trainer sees it, in three statements."""
    totals = session.execute(
        select(
            Quiz.second_marker,
            select(func.count()).select_from(OpenAnswer).where(_open(quiz_id)).scalar_subquery().label("of"),
            select(func.count())
            .select_from(OpenAnswer)
            .where(_open(quiz_id), _free(person_id, now))
            .scalar_subquery()
            .label("can_take"),
        ).where(Quiz.id == quiz_id)
    ).one()
    number = max(1, min(number, -(-totals.of // PAGE_ROWS)))
    rows = session.execute(
        _with_question(
            select(OpenAnswer, QuestionVersion.spec, _given(person_id).label("given")).select_from(OpenAnswer)
        )
        .where(_open(quiz_id))
        .order_by(OpenAnswer.since, OpenAnswer.event_id)
        .limit(PAGE_ROWS)
        .offset((number - 1) * PAGE_ROWS)
    )
    done = session.execute(
        _with_question(
            select(OpenAnswer.attempt_id, OpenAnswer.score, OpenAnswer.marked_at, Person.name, QuestionVersion.spec)
            .select_from(OpenAnswer)
            .join(Attempt, Attempt.id == OpenAnswer.attempt_id)
            .join(Person, Person.id == Attempt.person_id)
        )
        .where(OpenAnswer.quiz_id == quiz_id, OpenAnswer.state == MARKED)
        .order_by(OpenAnswer.marked_at.desc(), OpenAnswer.event_id.desc())
        .limit(LATELY)
    )
    return Queue(
        second_marker=totals.second_marker,
        rows=tuple(_waiting(row, person_id, now) for row in rows),
        number=number,
        of=totals.of,
        can_take=totals.can_take,
        done=tuple(
            Done(
                attempt_id=row.attempt_id, name=row.name, spec=row.spec, score=row.score or 0.0, marked_at=row.marked_at
            )
            for row in done
        ),
    )


def _waiting(row: Any, person_id: int, now: datetime) -> Waiting:
    answer: OpenAnswer = row.OpenAnswer
    taken = answer.claimed_until is not None and answer.claimed_until > now
    return Waiting(
        event_id=answer.event_id,
        since=answer.since,
        state=answer.state,
        spec=row.spec,
        mine=taken and answer.claimed_by_id == person_id,
        taken_until=answer.claimed_until if taken else None,
        mine_given=bool(row.given) and answer.state == WAITING,
    )


def take_next(session: Session, *, quiz_id: int, person_id: int, now: datetime) -> int | None:
    """Take the oldest answer that nobody else has, or go on with the one taken before; None where none is left."""
    mine = and_(OpenAnswer.claimed_by_id == person_id, OpenAnswer.claimed_until > now)
    answer = session.scalar(
        select(OpenAnswer)
        .where(_open(quiz_id), _free(person_id, now))
        .order_by(case((mine, 0), else_=1), OpenAnswer.since, OpenAnswer.event_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if answer is None:
        return None
    answer.claimed_by_id, answer.claimed_until = person_id, now + LEASE
    session.flush()
    return answer.event_id


def give_back(session: Session, *, quiz_id: int, event_id: int, person_id: int) -> None:
    """Let others take an answer; what somebody else has taken stays theirs. Raises NotFound."""
    answer = session.scalar(
        select(OpenAnswer).where(OpenAnswer.event_id == event_id, OpenAnswer.quiz_id == quiz_id).with_for_update()
    )
    if answer is None:
        raise NotFound
    if answer.claimed_by_id == person_id:
        answer.claimed_by_id = answer.claimed_until = None
        session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMark:
    """An answer as it is marked: no name, and no mark of another trainer but where one decides between two."""

    event_id: int
    kind: str
    spec: Mapping[str, Any]
    spec_version: int
    answer: Mapping[str, Any]
    lines: tuple[Line, ...]
    deciding: bool
    given: tuple[GivenMark, ...]
    until: datetime


def to_mark(session: Session, *, quiz_id: int, event_id: int, person_id: int, types: Types, now: datetime) -> ToMark:
    """Return an answer to the trainer who has taken it; raises NotFound, and Refused for everybody else."""
    row = session.execute(
        _with_question(
            select(OpenAnswer, AnswerEvent.answer, Question.kind, QuestionVersion.spec, QuestionVersion.spec_version)
            .select_from(OpenAnswer)
            .join(AnswerEvent, AnswerEvent.id == OpenAnswer.event_id)
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(OpenAnswer.event_id == event_id, OpenAnswer.quiz_id == quiz_id, OpenAnswer.counts)
    ).one_or_none()
    if row is None:
        raise NotFound
    answer: OpenAnswer = row.OpenAnswer
    _must_be_mine(answer, person_id, now)
    assert answer.claimed_until is not None
    deciding = answer.state == DIFFER
    return ToMark(
        event_id=event_id,
        kind=row.kind,
        spec=row.spec,
        spec_version=row.spec_version,
        answer=row.answer,
        lines=_lines(row.kind, row.spec, row.spec_version, types),
        deciding=deciding,
        given=tuple(_marks(session, event_id)) if deciding else (),
        until=answer.claimed_until,
    )


def _must_be_mine(answer: OpenAnswer, person_id: int, now: datetime) -> None:
    if answer.state == MARKED:
        raise Refused(N_("This answer is marked already."))
    taken = answer.claimed_until is not None and answer.claimed_until > now
    if taken and answer.claimed_by_id != person_id:
        raise Refused(N_("Another trainer marks this answer until %(moment)s."), moment=answer.claimed_until)
    if not taken or answer.claimed_by_id != person_id:
        raise Refused(N_("Your half hour with this answer is over. Take the next one from the queue."))


def _lines(kind: str, spec: Mapping[str, Any], spec_version: int, types: Types) -> tuple[Line, ...]:
    of_kind = types.get(kind)
    return lines_of(spec if of_kind is None else current_spec(of_kind, spec, spec_version))


def _marks(session: Session, event_id: int) -> Sequence[GivenMark]:
    return session.scalars(select(GivenMark).where(GivenMark.event_id == event_id).order_by(GivenMark.id)).all()


def give(
    session: Session,
    *,
    quiz_id: int,
    event_id: int,
    by_id: int,
    points: Mapping[str, int],
    comment: str,
    types: Types,
    config: Config,
    log: Mapping[str, object],
    now: datetime,
) -> OpenAnswer:
    """Give points by line and a comment for the person; the last mark of a try makes its result final and tells them.

    Raises NotFound; Refused for who has not taken it; Invalid for points that are no level of a line.
    """
    # The attempt first, as everybody does who writes a result.
    attempt = session.scalar(
        select(Attempt)
        .join(OpenAnswer, OpenAnswer.attempt_id == Attempt.id)
        .where(OpenAnswer.event_id == event_id, OpenAnswer.quiz_id == quiz_id, OpenAnswer.counts)
        .with_for_update(of=Attempt)
    )
    if attempt is None:
        raise NotFound
    answer = session.scalars(
        select(OpenAnswer)
        .where(OpenAnswer.event_id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    _must_be_mine(answer, by_id, now)
    found = to_mark(session, quiz_id=quiz_id, event_id=event_id, person_id=by_id, types=types, now=now)
    lines = found.lines
    for line in lines:
        if line.place_of(points.get(line.id, -1)) is None:
            raise Invalid(N_("Choose a level in every line."), field=line.id)
    points = {line.id: points[line.id] for line in lines}
    session.add(
        GivenMark(
            event_id=event_id, marker_id=by_id, decides=found.deciding, points=points, comment=comment, given_at=now
        )
    )
    answer.claimed_by_id = answer.claimed_until = None
    session.flush()
    quiz = session.get_one(Quiz, quiz_id)
    _conclude(session, quiz, answer, lines, deciding=found.deciding, now=now)
    record(
        session,
        actor_id=by_id,
        act="answer.decided" if found.deciding else "answer.marked",
        about=f"attempt:{attempt.id}",
        now=now,
        facts={**log, "position": answer.position, "points": dict(points), "state": answer.state},
    )
    if answer.state == MARKED and not _still_open(session, attempt.id):
        result, _ = attempts.write_result(session, attempt, types=types, now=now)
        attempts.record_when_shown(session, rules=attempts.Rules.of(quiz), person_id=attempt.person_id, now=now)
        _tell(session, quiz, attempt, result, config, now)
    return answer


def _conclude(
    session: Session, quiz: Quiz, answer: OpenAnswer, lines: tuple[Line, ...], *, deciding: bool, now: datetime
) -> None:
    """Make an answer marked, undecided between two marks, or let it wait for the second one."""
    marks = _marks(session, answer.event_id)
    last = marks[-1]
    points: Mapping[str, float] = last.points
    comments = [last.comment]
    if not deciding and (quiz.second_marker or len(marks) > 1):
        if len(marks) < 2:
            return
        first = marks[-2]
        if not agree(first.points, last.points, lines):
            answer.state = DIFFER
            session.flush()
            return
        points, comments = between(first.points, last.points), [first.comment, last.comment]
    answer.state, answer.marked_at = MARKED, now
    answer.points, answer.score = dict(points), score_of(points, lines)
    answer.comments = [comment for comment in comments if comment]
    session.flush()


def _still_open(session: Session, attempt_id: int) -> bool:
    return (
        session.scalar(
            select(OpenAnswer.event_id)
            .where(OpenAnswer.attempt_id == attempt_id, OpenAnswer.counts, OpenAnswer.score.is_(None))
            .limit(1)
        )
        is not None
    )


def _tell(
    session: Session, quiz: Quiz, attempt: Attempt, result: attempts.ReadResult, config: Config, now: datetime
) -> None:
    """Write to the person that their answers are marked; the letter tells no mark."""
    person = session.get_one(Person, attempt.person_id)
    say = Words(language_for(person.language, site=config.languages))
    title = pick(quiz.title, (say.language,)).text
    body = (
        say(N_("Hello,")),
        say(N_("a trainer has marked your answers in “%(quiz)s”."), quiz=title),
        say(N_("Sign in to see your result:")) + f"\n{config.base_url}/quizzes/attempts/{attempt.id}",
    )
    mail.write(
        session,
        to=person.email,
        subject=say(N_("Your answers are marked: %(quiz)s"), quiz=title),
        body="\n\n".join(body) + "\n",
        now=now,
        person_id=person.id,
        once=f"marked:{attempt.id}:{result.number}",
    )
