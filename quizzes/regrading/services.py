"""Let a newer key mark answers that were given already: look at what follows, then apply it or leave it.

Answers keep the version that the person saw; a row says that another version's key marks it. That row is written when
a trainer applies it, so whoever submits from then on is marked by it at once; a job marks the others, person by
person in small batches. Every result is a new row. What was passed in the course stays passed, and a certificate that
rests on it goes to a list for people to look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, delete, distinct, func, select
from sqlalchemy.orm import Session

from courses.learning.services import subject_of
from courses.outline.models import Activity, Course, Module
from lms.accounts.models import Person
from lms.audit.services import record
from lms.certificates import services as certificates
from lms.certificates.models import Certificate
from lms.errors import N_, NotFound, Refused
from lms.jobs.services import enqueue
from quizzes.asking import current_spec
from quizzes.attempts import services as attempts
from quizzes.attempts.models import Attempt, AttemptQuestion, Result
from quizzes.attempts.services import Types
from quizzes.bank.models import PUBLISHED, KeyChange, Question, QuestionVersion, Quiz
from quizzes.facts import services as facts
from quizzes.facts.services import Sums
from quizzes.marking.rules import counted
from quizzes.question_types import QuestionType
from quizzes.question_types.base import BadSpec, Presentation
from quizzes.regrading.models import CertificateReview, Regrade, RegradeChange

JOB = "quizzes.regrade"
BATCH = 50  # people in one transaction
PAGE_ROWS = 50
LOOKING, READY, LEFT, APPLYING, DONE = "looking", "ready", "left", "applying", "done"
OPEN, STANDS = "open", "stands"
_UNDECIDED = (LOOKING, READY, APPLYING)
_SEEDS = (1, 2**40 + 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderVersion:
    """An earlier version that people were asked. ``same``: it asks what the published one asks, word for word."""

    version_id: int
    number: int
    tries: int
    same: bool
    marked_by_it: bool  # the published version's key marks it already


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The published version of a question and the earlier ones that its key could mark."""

    question_id: int
    uid: str
    kind: str
    version: QuestionVersion
    older: tuple[OlderVersion, ...]

    @property
    def to_mark(self) -> list[int]:
        return [one.version_id for one in self.older if one.same and not one.marked_by_it]


def key_of(session: Session, *, quiz_id: int, uid: str, types: Types) -> Key:
    """Return a question's published key with what it could mark anew; raises NotFound where nothing is published."""
    rows = session.execute(
        select(Question, QuestionVersion, KeyChange.key_version_id)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .outerjoin(KeyChange, KeyChange.version_id == QuestionVersion.id)
        .where(Question.quiz_id == quiz_id, Question.uid == uid)
        .order_by(QuestionVersion.number.desc())
    ).all()
    published = next((row.QuestionVersion for row in rows if row.QuestionVersion.state == PUBLISHED), None)
    if published is None:
        raise NotFound
    question = rows[0].Question
    tries = dict(
        session.execute(
            select(AttemptQuestion.question_version_id, func.count())
            .where(AttemptQuestion.question_version_id.in_([row.QuestionVersion.id for row in rows]))
            .group_by(AttemptQuestion.question_version_id)
        ).all()
    )
    return Key(
        question_id=question.id,
        uid=question.uid,
        kind=question.kind,
        version=published,
        older=tuple(
            OlderVersion(
                version_id=row.QuestionVersion.id,
                number=row.QuestionVersion.number,
                tries=tries[row.QuestionVersion.id],
                same=asks_the_same(types.get(question.kind), row.QuestionVersion, published),
                marked_by_it=row.key_version_id == published.id,
            )
            for row in rows
            if row.QuestionVersion.id != published.id and row.QuestionVersion.id in tries
        ),
    )


def asks_the_same(of_kind: QuestionType | None, older: QuestionVersion, newer: QuestionVersion) -> bool:
    """Say whether nobody could tell two versions apart before answering, in any language of the older one."""
    if of_kind is None:
        return False
    prompt = older.spec.get("prompt")
    languages = sorted(prompt) if isinstance(prompt, Mapping) and prompt else ["en"]
    try:
        return all(
            _seen(of_kind, older, seed, language) == _seen(of_kind, newer, seed, language)
            for seed in _SEEDS
            for language in languages
        )
    except (BadSpec, KeyError, TypeError, ValueError):
        return False


def _seen(of_kind: QuestionType, version: QuestionVersion, seed: int, language: str) -> Presentation:
    spec = current_spec(of_kind, version.spec, version.spec_version)
    return of_kind.present(spec, seed=seed, languages=(language,))


def propose(
    session: Session,
    *,
    quiz_id: int,
    uid: str,
    reason: str,
    by_id: int,
    types: Types,
    log: Mapping[str, object],
    now: datetime,
) -> Regrade:
    """Begin to look at what a published key would change for answers that were given already; nothing changes yet.

    Raises NotFound; Refused where no earlier version asks the same, and while another change waits to be decided.
    """
    # Two trainers at once: the second waits here and then finds the first one's.
    session.execute(select(Quiz.id).where(Quiz.id == quiz_id).with_for_update(key_share=True))
    key = key_of(session, quiz_id=quiz_id, uid=uid, types=types)
    if session.scalar(select(Regrade.id).where(Regrade.quiz_id == quiz_id, Regrade.state.in_(_UNDECIDED)).limit(1)):
        raise Refused(N_("Another changed key of this quiz waits to be decided. Apply it or leave it first."))
    if not key.to_mark:
        raise Refused(N_("No earlier version asks the same as the published one and is marked by another key."))
    regrade = Regrade(
        quiz_id=quiz_id,
        question_id=key.question_id,
        key_version_id=key.version.id,
        version_ids=key.to_mark,
        state=LOOKING,
        cursor=0,
        seen=0,
        of=0,
        asked_by_id=by_id,
        asked_at=now,
        reason=reason,
        decided_by_id=None,
        decided_at=None,
    )
    regrade.of = session.scalar(_people(regrade, select(func.count(distinct(Attempt.person_id))))) or 0
    session.add(regrade)
    session.flush()
    record(
        session,
        actor_id=by_id,
        act="key.looked_at",
        about=f"question:{key.question_id}",
        reason=reason,
        now=now,
        facts={**log, "question": uid, "version": key.version.number, "regrade": regrade.id},
    )
    step(session, regrade_id=regrade.id, types=types, now=now)
    return regrade


def apply(
    session: Session,
    *,
    quiz_id: int,
    regrade_id: int,
    by_id: int,
    log: Mapping[str, object],
    now: datetime,
) -> Regrade:
    """Let the key mark from now on, and begin to mark what was marked otherwise; twice is the same as once.

    Raises NotFound; Refused where it is not ready, was left, or is no longer what is published.
    """
    regrade = _held(session, quiz_id, regrade_id)
    if regrade.state in (APPLYING, DONE):
        return regrade
    if regrade.state != READY:
        raise Refused(N_("This change was left, or is still being looked at."))
    if session.scalar(select(QuestionVersion.state).where(QuestionVersion.id == regrade.key_version_id)) != PUBLISHED:
        raise Refused(N_("A newer version of the question is published. Leave this change and look anew."))
    session.execute(delete(KeyChange).where(KeyChange.version_id.in_(regrade.version_ids)))
    session.add_all(
        KeyChange(version_id=version_id, key_version_id=regrade.key_version_id, since=now)
        for version_id in regrade.version_ids
    )
    regrade.state, regrade.cursor, regrade.seen = APPLYING, 0, 0
    regrade.decided_by_id, regrade.decided_at = by_id, now
    regrade.of = session.scalar(_people(regrade, select(func.count(distinct(Attempt.person_id))))) or 0
    session.flush()
    _note(session, regrade, "key.applied", by_id, log, now)
    # The key is committed before anybody is marked by it, so that no attempt closes unseen in between.
    enqueue(session, JOB, {"regrade_id": regrade.id}, now=now)
    return regrade


def leave(
    session: Session, *, quiz_id: int, regrade_id: int, by_id: int, log: Mapping[str, object], now: datetime
) -> Regrade:
    """Change nothing; what was looked at stays to be read. Raises NotFound; Refused for what is applied."""
    regrade = _held(session, quiz_id, regrade_id)
    if regrade.state == LEFT:
        return regrade
    if regrade.state not in (READY, LOOKING):
        raise Refused(N_("This change is applied already."))
    regrade.state, regrade.decided_by_id, regrade.decided_at = LEFT, by_id, now
    session.flush()
    _note(session, regrade, "key.left", by_id, log, now)
    return regrade


def _note(session: Session, regrade: Regrade, act: str, by_id: int, log: Mapping[str, object], now: datetime) -> None:
    record(
        session,
        actor_id=by_id,
        act=act,
        about=f"question:{regrade.question_id}",
        reason=regrade.reason,
        now=now,
        facts={**log, "regrade": regrade.id},
    )


def _held(session: Session, quiz_id: int, regrade_id: int) -> Regrade:
    regrade = session.scalar(
        select(Regrade).where(Regrade.id == regrade_id, Regrade.quiz_id == quiz_id).with_for_update()
    )
    if regrade is None:
        raise NotFound
    return regrade


def _people(regrade: Regrade, statement: Any) -> Any:
    return (
        statement.select_from(Attempt)
        .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
        .where(Attempt.quiz_id == regrade.quiz_id, AttemptQuestion.question_version_id.in_(regrade.version_ids))
    )


def step(session: Session, *, regrade_id: int, types: Types, now: datetime) -> None:
    """Look at the next people, or mark them anew; then leave a job for the rest. A repeated call does no harm."""
    regrade = session.scalar(select(Regrade).where(Regrade.id == regrade_id).with_for_update())
    if regrade is None or regrade.state not in (LOOKING, APPLYING):
        return
    people = session.scalars(
        _people(regrade, select(Attempt.person_id).distinct())
        .where(Attempt.person_id > regrade.cursor)
        .order_by(Attempt.person_id)
        .limit(BATCH)
    ).all()
    if people:
        _mark_anew(session, regrade, people, types=types, now=now)
        regrade.cursor = people[-1]
        regrade.seen += len(people)
    if len(people) < BATCH:
        regrade.state = READY if regrade.state == LOOKING else DONE
        regrade.of = regrade.seen
    else:
        enqueue(session, JOB, {"regrade_id": regrade.id}, now=now)
    session.flush()


class _Came(Protocol):
    @property
    def score(self) -> float: ...
    @property
    def passed(self) -> bool: ...


def _mark_anew(session: Session, regrade: Regrade, people: Sequence[int], *, types: Types, now: datetime) -> None:
    applying = regrade.state == APPLYING
    quiz = session.get_one(Quiz, regrade.quiz_id)
    # All are held before anything is written, in one order: who submits holds one attempt and waits for nobody here.
    rows = session.scalars(
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.person_id.in_(people))
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    touched = set(
        session.scalars(
            select(AttemptQuestion.attempt_id).where(
                AttemptQuestion.attempt_id.in_([one.id for one in rows]),
                AttemptQuestion.question_version_id.in_(regrade.version_ids),
            )
        )
    )
    newest = select(func.max(Result.number)).where(Result.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    results = {
        result.attempt_id: result
        for result in session.scalars(
            select(Result)
            .join(Attempt, Attempt.id == Result.attempt_id)
            .where(Attempt.id.in_([one.id for one in rows]), Result.number == newest)
        )
    }
    version = session.get_one(QuestionVersion, regrade.key_version_id)
    keys = dict.fromkeys(regrade.version_ids, (version.spec, version.spec_version))
    before: dict[int, list[_Came]] = {}
    after: dict[int, list[_Came]] = {}
    changed: dict[int, int] = {}
    sums = Sums()
    for attempt in sorted(rows, key=lambda one: one.number):
        result = results.get(attempt.id)
        if attempt.closed_at is None or result is None:
            continue  # it is marked by the key of its moment when it closes
        came_to: _Came = result
        if attempt.id in touched:
            marked = attempts.only_anew(
                attempts.marked_now(session, attempt, types=types, keys=keys),
                result,
                regrade.version_ids,
                pass_mark=attempt.pass_mark,
            )
            if attempts.written(marked.questions, marked.marks) != list(result.marks):
                changed[attempt.person_id] = changed.get(attempt.person_id, 0) + 1
                came_to = marked.came_to
                if applying:
                    came_to = attempts.add_result(session, attempt, marked, sums, types=types, now=now)
        before.setdefault(attempt.person_id, []).append(result)
        after.setdefault(attempt.person_id, []).append(came_to)
    if applying and changed:
        facts.write(session, quiz.id, sums)
    session.execute(
        delete(RegradeChange).where(RegradeChange.regrade_id == regrade.id, RegradeChange.person_id.in_(people))
    )
    for person_id, tries in sorted(changed.items()):
        was, will = _standing(before[person_id], quiz.counts), _standing(after[person_id], quiz.counts)
        certificate = _certificate(session, regrade, person_id) if was[1] and not will[1] else None
        session.add(
            RegradeChange(
                regrade_id=regrade.id,
                person_id=person_id,
                tries=tries,
                score_before=was[0],
                score_after=will[0],
                passed_before=was[1],
                passed_after=will[1],
                certificate_id=None if certificate is None else certificate.id,
            )
        )
        if applying:
            attempts.record_when_shown(session, rules=attempts.Rules.of(quiz), person_id=person_id, now=now)
            if certificate is not None:
                _list_for_review(session, regrade, certificate)
    session.flush()


def _standing(results: Sequence[_Came], counts: str) -> tuple[float, bool]:
    """What counts of somebody's tries: its score, and whether they pass."""
    result = counted(results, counts=counts, by=lambda one: one.score)
    assert result is not None  # who is changed has a result
    return result.score, any(one.passed for one in results) if counts == attempts.BEST else result.passed


def _course(session: Session, quiz_id: int) -> Any:
    return session.execute(
        select(Course.id, Course.slug)
        .join(Module, Module.course_id == Course.id)
        .join(Activity, Activity.module_id == Module.id)
        .join(Quiz, Quiz.activity_id == Activity.id)
        .where(Quiz.id == quiz_id)
    ).one()


def _certificate(session: Session, regrade: Regrade, person_id: int) -> Certificate | None:
    """The person's certificate of the course that stands, if there is one."""
    course = _course(session, regrade.quiz_id)
    return certificates.standing(session, person_id=person_id, subject=subject_of(course.slug))


def _list_for_review(session: Session, regrade: Regrade, certificate: Certificate) -> None:
    session.add(
        CertificateReview(
            course_id=_course(session, regrade.quiz_id).id,
            certificate_id=certificate.id,
            regrade_id=regrade.id,
            state=OPEN,
            reason="",
            decided_by_id=None,
            decided_at=None,
        )
    )


# --- looking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRegrade:
    """A change of a key with its question."""

    regrade: Regrade
    uid: str
    spec: Mapping[str, Any]
    version: int
    by: str | None


def regrades(session: Session, *, quiz_id: int) -> list[ListedRegrade]:
    """List the last fifty changes of keys of a quiz, the newest first, in one statement."""
    return _listed(session, Regrade.quiz_id == quiz_id)


def _listed(session: Session, *where: ColumnElement[bool]) -> list[ListedRegrade]:
    rows = session.execute(
        select(Regrade, Question.uid, QuestionVersion.spec, QuestionVersion.number, Person.name)
        .join(Question, Question.id == Regrade.question_id)
        .join(QuestionVersion, QuestionVersion.id == Regrade.key_version_id)
        .outerjoin(Person, Person.id == Regrade.asked_by_id)
        .where(*where)
        .order_by(Regrade.id.desc())
        .limit(PAGE_ROWS)
    )
    return [
        ListedRegrade(regrade=row.Regrade, uid=row.uid, spec=row.spec, version=row.number, by=row.name) for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What a change of a key does: how many people, and a page of them, those whose passing changes first."""

    listed: ListedRegrade
    changed: int
    pass_now: int
    fall_below: int
    certificates: int
    rows: tuple[tuple[RegradeChange, str], ...]  # with the person's name
    number: int


def consequences(session: Session, *, quiz_id: int, regrade_id: int, number: int) -> Consequences:
    """Return what a change does, in three statements; raises NotFound."""
    found = _listed(session, Regrade.id == regrade_id, Regrade.quiz_id == quiz_id)
    if not found:
        raise NotFound
    change = RegradeChange
    totals = session.execute(
        select(
            func.count().label("changed"),
            func.count().filter(change.passed_after, change.passed_before.is_(False)).label("pass_now"),
            func.count().filter(change.passed_before, change.passed_after.is_(False)).label("fall_below"),
            func.count(change.certificate_id).label("certificates"),
        ).where(change.regrade_id == regrade_id)
    ).one()
    number = max(1, min(number, -(-totals.changed // PAGE_ROWS)))
    rows = session.execute(
        select(change, Person.name)
        .join(Person, Person.id == change.person_id)
        .where(change.regrade_id == regrade_id)
        .order_by((change.passed_before != change.passed_after).desc(), func.lower(Person.name), Person.id)
        .limit(PAGE_ROWS)
        .offset((number - 1) * PAGE_ROWS)
    )
    return Consequences(
        listed=found[0],
        changed=totals.changed,
        pass_now=totals.pass_now,
        fall_below=totals.fall_below,
        certificates=totals.certificates,
        rows=tuple((row.RegradeChange, row.name) for row in rows),
        number=number,
    )


# --- certificates ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedCertificate:
    """A certificate to be looked at, with its person and how they stand since the key changed."""

    review: CertificateReview
    serial: str
    name: str
    revoked: bool
    regrade_id: int


def reviews(session: Session, *, course_id: int) -> list[ReviewedCertificate]:
    """List the certificates of a course that a changed key touches, those to be decided first, in one statement."""
    rows = session.execute(
        select(CertificateReview, Certificate.serial, Certificate.revoked_at, Person.name)
        .join(Certificate, Certificate.id == CertificateReview.certificate_id)
        .outerjoin(Person, Person.id == Certificate.person_id)
        .where(CertificateReview.course_id == course_id)
        .order_by(CertificateReview.state, CertificateReview.id.desc())
        .limit(500)
    )
    return [
        ReviewedCertificate(
            review=row.CertificateReview,
            serial=row.serial,
            name=row.name or "",
            revoked=row.revoked_at is not None,
            regrade_id=row.CertificateReview.regrade_id,
        )
        for row in rows
    ]


def let_stand(
    session: Session,
    *,
    course_id: int,
    review_id: int,
    reason: str,
    by_id: int,
    log: Mapping[str, object],
    now: datetime,
) -> CertificateReview:
    """Note that somebody looked at a certificate and it stands. Raises NotFound. To revoke it is an admin's."""
    review = session.scalar(
        select(CertificateReview)
        .where(CertificateReview.id == review_id, CertificateReview.course_id == course_id)
        .with_for_update()
    )
    if review is None:
        raise NotFound
    if review.state == OPEN:
        review.state, review.reason, review.decided_by_id, review.decided_at = STANDS, reason, by_id, now
        session.flush()
        record(
            session,
            actor_id=by_id,
            act="certificate.stands",
            about=f"certificate:{review.certificate_id}",
            reason=reason,
            now=now,
            facts={**log, "regrade": review.regrade_id},
        )
    return review
