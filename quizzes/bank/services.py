"""Install quizzes from packages, edit questions as drafts, publish them, and ask what is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.pool import Pool

from lms.database.statements import built_once
from lms.errors import N_, Invalid, NotFound, Refused
from lms.keeping import Keeping
from lms.values import quick_dataclass
from quizzes.bank import definitions
from quizzes.bank.models import DRAFT, PUBLISHED, SUPERSEDED, CaseStem, Question, QuestionVersion, Quiz, has_state
from quizzes.marking.drawing import Candidate, Unmet
from quizzes.question_types import QuestionType
from quizzes.question_types.base import Problem, Spec

Types = Mapping[str, QuestionType]

ReadQuiz: TypeAlias = Quiz | Any
"""A quiz as a model, or, where people wait in crowds, its columns as a named tuple."""


class NotReady(Invalid):
    """A version cannot be published yet; ``problems`` says what an author must mend, ``uid`` in which question."""

    def __init__(self, problems: Sequence[Problem], *, uid: str) -> None:
        super().__init__(N_("Question %(uid)s still needs a change."), uid=uid)
        self.problems = tuple(problems)
        self.uid = uid


@quick_dataclass(frozen=True, slots=True)
class PublishedQuestion:
    """A question that a new attempt may draw, in its present version; in the order of `_current_versions`."""

    question_id: int
    version_id: int
    hash: str  # of its spec
    spec_version: int
    uid: str
    kind: str
    objective: str | None
    explains: str | None
    difficulty: str | None
    case_uid: str | None
    practice_only: bool

    @property
    def candidate(self) -> Candidate:
        """Return it as it takes part in a draw."""
        return Candidate(id=self.question_id, objective=self.objective, difficulty=self.difficulty, case=self.case_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankQuestion:
    """A question with its newest texts: ``published`` is what people get, ``draft`` what an author still works on."""

    question_id: int
    quiz_id: int
    uid: str
    kind: str
    objective: str | None
    explains: str | None
    difficulty: str | None
    skill: str | None
    practice_only: bool
    case_uid: str | None
    position: int
    published: QuestionVersion | None
    draft: QuestionVersion | None

    @property
    def newest(self) -> QuestionVersion | None:
        """The draft, or without one what is published."""
        return self.draft or self.published


def hash_of(spec: Spec) -> str:
    """Return the SHA-256 of a spec; specs that say the same have the same, in whatever order their fields came."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def quiz_of(session: Session, *, activity_id: int) -> Quiz:
    """Return the quiz of an activity; raises NotFound."""
    quiz = session.scalar(select(Quiz).where(Quiz.activity_id == activity_id))
    if quiz is None:
        raise NotFound
    return quiz


def current_versions(session: Session, *, quiz_id: int) -> list[PublishedQuestion]:
    """List what a new attempt draws from, in the author's order."""
    rows = session.connection().execute(_current_versions, {"quiz_id": quiz_id})
    return [PublishedQuestion(*row) for row in rows]


# Built once: putting it together anew costs more than running it.
_current_versions = built_once(
    select(
        Question.id.label("question_id"),
        QuestionVersion.id.label("version_id"),
        QuestionVersion.hash,
        QuestionVersion.spec_version,
        Question.uid,
        Question.kind,
        Question.objective,
        Question.explains,
        Question.difficulty,
        Question.case_uid,
        Question.practice_only,
    )
    .join(QuestionVersion, QuestionVersion.question_id == Question.id)
    .where(
        Question.quiz_id == bindparam("quiz_id"), Question.retired_at.is_(None), has_state(QuestionVersion, PUBLISHED)
    )
    .order_by(Question.position, Question.id)
)


MOST_SPEC_BYTES = 8_000_000
_kept: WeakKeyDictionary[Pool, Keeping[Spec]] = WeakKeyDictionary()
_specs = select(QuestionVersion.hash, QuestionVersion.spec).where(
    QuestionVersion.id.in_(bindparam("ids", expanding=True))
)


def specs_of(connection: Connection, versions: Sequence[PublishedQuestion]) -> list[Spec]:
    """Return what versions ask, in their order; what a process has read before costs no statement.

    Kept by its hash: the number of a version that was deleted may become another's.
    """
    kept = _kept.setdefault(connection.engine.pool, Keeping(most_bytes=MOST_SPEC_BYTES))
    found = {one.hash: spec for one in versions if (spec := kept.get(one.hash)) is not None}
    missing = [one.version_id for one in versions if one.hash not in found]
    if missing:
        for row in connection.execute(_specs, {"ids": missing}):
            weight = 3 * len(json.dumps(row.spec))  # as objects it takes more than as text
            found[row.hash] = kept.keep(row.hash, row.spec, weight)
    return [found[one.hash] for one in versions]


def stems_of(session: Session, *, quiz_id: int) -> dict[str, CaseStem]:
    """Return the present stem of each case of a quiz by its id."""
    rows = session.scalars(select(CaseStem).where(CaseStem.quiz_id == quiz_id).order_by(CaseStem.number))
    return {stem.uid: stem for stem in rows}


def draw(questions: Sequence[PublishedQuestion], quiz: ReadQuiz, *, rng_seed: int) -> list[PublishedQuestion]:
    """Draw the questions of an attempt that counts; raises Refused where the blueprint cannot be met."""
    by_id = {question.question_id: question for question in questions if not question.practice_only}
    candidates = [question.candidate for question in by_id.values()]
    try:
        drawn = definitions.draw(candidates, blueprint=quiz.blueprint, count=quiz.draw, rng_seed=rng_seed)
    except Unmet as unmet:
        message, values = definitions.shortage(unmet, definitions.rows_of(quiz.blueprint))
        raise Refused(message, **values) from None
    return [by_id[question_id] for question_id in drawn]


def must_meet_blueprint(session: Session, *, quiz_id: int) -> None:
    """Raise Refused where the questions that are published now cannot meet the quiz's blueprint."""
    quiz = session.get_one(Quiz, quiz_id)
    if quiz.blueprint:
        session.flush()
        draw(current_versions(session, quiz_id=quiz_id), quiz, rng_seed=0)


@contextmanager
def blueprint_kept(session: Session, *, quiz_id: int) -> Iterator[None]:
    """Raise Refused where what is done inside the block makes a blueprint unmet that was met before it."""
    was_met = True
    try:
        must_meet_blueprint(session, quiz_id=quiz_id)
    except Refused:  # what is done may be a step toward meeting it
        was_met = False
    yield
    if was_met:
        must_meet_blueprint(session, quiz_id=quiz_id)


def count_of_questions(session: Session, *, quiz_id: int) -> int:
    """Count what a new attempt that counts draws from."""
    return session.scalar(select(published_in(quiz_id, practice_only=False))) or 0


def published_in(quiz_id: Any, *, practice_only: bool) -> Any:
    """Return how many questions of a quiz an attempt may draw, or are only practised, as a part of a statement."""
    return (
        select(func.count())
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(
            Question.quiz_id == quiz_id,
            Question.retired_at.is_(None),
            Question.practice_only.is_(practice_only),
            has_state(QuestionVersion, PUBLISHED),
        )
        .scalar_subquery()
    )


def questions_of(session: Session, *, quiz_id: int) -> list[BankQuestion]:
    """List the questions of a quiz for its authors, in their order; retired ones are left out."""
    return _bank_questions(session, Question.quiz_id == quiz_id, Question.retired_at.is_(None))


def question_in(session: Session, *, quiz_id: int, uid: str) -> BankQuestion:
    """Return one question of a quiz; raises NotFound."""
    found = _bank_questions(session, Question.quiz_id == quiz_id, Question.uid == uid, Question.retired_at.is_(None))
    if not found:
        raise NotFound
    return found[0]


def _bank_questions(session: Session, *where: Any) -> list[BankQuestion]:
    published, draft = aliased(QuestionVersion), aliased(QuestionVersion)
    rows = session.execute(
        select(Question, published, draft)
        .select_from(Question)
        .outerjoin(published, and_(published.question_id == Question.id, has_state(published, PUBLISHED)))
        .outerjoin(draft, and_(draft.question_id == Question.id, has_state(draft, DRAFT)))
        .where(*where)
        .order_by(Question.position, Question.id)
    )
    return [
        BankQuestion(
            question_id=question.id,
            quiz_id=question.quiz_id,
            uid=question.uid,
            kind=question.kind,
            objective=question.objective,
            explains=question.explains,
            difficulty=question.difficulty,
            skill=question.skill,
            practice_only=question.practice_only,
            case_uid=question.case_uid,
            position=question.position,
            published=of_published,
            draft=of_draft,
        )
        for question, of_published, of_draft in rows
    ]


def save_draft(
    session: Session, *, question_id: int, spec: Spec, person_id: int, types: Types, now: datetime
) -> QuestionVersion:
    """Keep what a trainer wrote, ready or not: the question's one draft, which nobody else sees.

    Raises NotFound, or Refused where the question's kind is not in use on this site.
    """
    question = _locked(session, question_id)
    of_kind = _type_of(types, question.kind)
    draft = session.scalar(
        select(QuestionVersion).where(QuestionVersion.question_id == question_id, has_state(QuestionVersion, DRAFT))
    )
    if draft is None:
        draft = QuestionVersion(
            question_id=question_id, number=_next_number(session, question_id), state=DRAFT, published_at=None
        )
        session.add(draft)
    draft.spec_version = of_kind.spec_version
    draft.spec = dict(spec)
    draft.hash = hash_of(spec)
    draft.made_by_id = person_id
    draft.made_at = now
    session.flush()
    return draft


def publish(session: Session, *, version_id: int, person_id: int, types: Types, now: datetime) -> QuestionVersion:
    """Publish a draft: attempts that begin from now on see it; those that are open keep what they began with.

    Publishing what is published changes nothing. Raises NotFound; NotReady with the problems; Refused for a version
    that a newer one has replaced, and where the quiz's blueprint could then not be met.
    """
    question_id = session.scalar(select(QuestionVersion.question_id).where(QuestionVersion.id == version_id))
    if question_id is None:
        raise NotFound
    question = _locked(session, question_id)
    version = session.get_one(QuestionVersion, version_id, populate_existing=True)
    if version.state == PUBLISHED:
        return version
    if version.state == SUPERSEDED:
        raise Refused(N_("A newer version of this question is published. Make a new draft."))
    problems = _type_of(types, question.kind).check(version.spec)
    if problems:
        raise NotReady(problems, uid=question.uid)
    with blueprint_kept(session, quiz_id=question.quiz_id):
        _supersede(session, question_id)
        version.state = PUBLISHED
        version.published_at = now
        version.made_by_id = person_id
        session.get_one(Quiz, question.quiz_id).revision += 1
        session.flush()
    return version


@dataclass(slots=True)
class _Changes:
    """What an installation did, for one line to the operator."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    stems: int = 0
    rules: bool = False
    kept: tuple[str, ...] = ()

    def line(self) -> str | None:
        parts = [
            words.format(number)
            for words, number in (("{} added", self.added), ("{} changed", self.changed), ("{} retired", self.retired))
            if number
        ]
        said = [f"questions: {', '.join(parts)}"] if parts else []
        if self.stems:
            said.append(f"cases: {self.stems} changed")
        if self.rules:
            said.append("the quiz's rules changed")
        if self.kept:
            said.append(f"kept as a trainer published it, though the package changed too: {', '.join(self.kept)}")
        return "; ".join(said) or None


LEFT_THE_PACKAGE = ""  # in place of a hash


def install_quiz(
    session: Session, *, activity_id: int, definition: Mapping[str, Any], types: Types, now: datetime
) -> str | None:
    """Write a package's quiz to the bank; a question gets a new version only where its text changed.

    A question that a trainer changed here since the package was last read keeps the trainer's text. Gives a line on
    what changed, None if nothing did. Raises NotReady for a question with problems, Invalid for one that changed its
    kind; Refused where what is published then cannot meet the quiz's blueprint.
    """
    quiz = session.scalar(select(Quiz).where(Quiz.activity_id == activity_id).with_for_update())
    rules = definitions.rules_of(definition)
    changes = _Changes()
    if quiz is None:
        quiz = Quiz(activity_id=activity_id, revision=1, **rules)
        session.add(quiz)
        session.flush()
        changes.rules = True
    else:
        for name, value in rules.items():
            if getattr(quiz, name) != value:
                setattr(quiz, name, value)
                changes.rules = True
    known = {
        question.uid: question for question in session.scalars(select(Question).where(Question.quiz_id == quiz.id))
    }
    published = {
        version.question_id: version
        for version in session.scalars(
            select(QuestionVersion)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.quiz_id == quiz.id, has_state(QuestionVersion, PUBLISHED))
        )
    }
    wanted: set[str] = set()
    for position, item in enumerate(definition.get("questions", ()), start=1):
        wanted.add(item["id"])
        question = known.get(item["id"])
        if question is None:
            _add(session, quiz, item, position, types, now)
            changes.added += 1
        else:
            _renew(session, question, published.get(question.id), item, position, types, now, changes)
    for uid, question in known.items():
        if uid not in wanted and question.package_hash is not None and question.retired_at is None:
            question.retired_at, question.package_hash = now, LEFT_THE_PACKAGE
            changes.retired += 1
    changes.stems = _renew_stems(session, quiz, definition.get("cases") or (), now)
    if changes.line() is not None:
        quiz.revision += 1
        must_meet_blueprint(session, quiz_id=quiz.id)
    session.flush()
    return changes.line()


def _renew_stems(session: Session, quiz: Quiz, cases: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Write the stems that are new or read otherwise than before as new versions; how many."""
    present = stems_of(session, quiz_id=quiz.id)
    written = 0
    for case in cases:
        before, hashed = present.get(case["id"]), hash_of(case["stem"])
        if before is None or before.hash != hashed:
            session.add(
                CaseStem(
                    quiz_id=quiz.id,
                    uid=case["id"],
                    number=1 if before is None else before.number + 1,
                    stem=dict(case["stem"]),
                    hash=hashed,
                    made_at=now,
                )
            )
            written += 1
    return written


def definition_of(session: Session, *, activity_id: int) -> Mapping[str, Any]:
    """Give a quiz as its package writes it, with the texts that are published now."""
    quiz = quiz_of(session, activity_id=activity_id)
    published = [one for one in questions_of(session, quiz_id=quiz.id) if one.published is not None]
    stems = stems_of(session, quiz_id=quiz.id)
    cases = [
        {"id": uid, "stem": stem.stem} for uid, stem in stems.items() if uid in {one.case_uid for one in published}
    ]
    return {
        **definitions.written_rules(quiz),
        **({"cases": cases} if cases else {}),
        "questions": [
            {
                "id": question.uid,
                "kind": question.kind,
                **definitions.written_place(question),
                "spec": question.published.spec,
            }
            for question in published
            if question.published is not None
        ],
    }


def _add(session: Session, quiz: Quiz, item: Mapping[str, Any], position: int, types: Types, now: datetime) -> None:
    question = Question(
        quiz_id=quiz.id,
        uid=item["id"],
        kind=item["kind"],
        **definitions.placed(item),
        position=position,
        package_hash=hash_of(item["spec"]),
        retired_at=None,
    )
    session.add(question)
    session.flush()
    session.add(_from_package(question, item["spec"], number=1, types=types, now=now))


def _renew(
    session: Session,
    question: Question,
    published: QuestionVersion | None,
    item: Mapping[str, Any],
    position: int,
    types: Types,
    now: datetime,
    changes: _Changes,
) -> None:
    if question.kind != item["kind"]:
        raise Invalid(
            N_("Question %(uid)s was of kind %(was)s. A question of another kind needs an id of its own."),
            uid=question.uid,
            was=question.kind,
        )
    before = question.package_hash
    fresh = {**definitions.placed(item), "position": position}
    fresh["package_hash"] = hash_of(item["spec"])
    if before == LEFT_THE_PACKAGE:  # what a trainer retired stays retired
        fresh["retired_at"] = None
    places = any(getattr(question, name) != value for name, value in fresh.items() if name != "package_hash")
    for name, value in fresh.items():
        if getattr(question, name) != value:
            setattr(question, name, value)
    if question.package_hash == before or (published is not None and published.hash == question.package_hash):
        changes.changed += places
        return
    if before != LEFT_THE_PACKAGE and published is not None and published.hash != before:
        changes.kept += (question.uid,)
        return
    version = _from_package(question, item["spec"], number=_next_number(session, question.id), types=types, now=now)
    _supersede(session, question.id)
    session.add(version)
    session.flush()
    changes.changed += 1


def _from_package(question: Question, spec: Spec, *, number: int, types: Types, now: datetime) -> QuestionVersion:
    of_kind = _type_of(types, question.kind)
    problems = of_kind.check(spec)
    if problems:
        raise NotReady(problems, uid=question.uid)
    return QuestionVersion(
        question_id=question.id,
        number=number,
        spec_version=of_kind.spec_version,
        spec=dict(spec),
        state=PUBLISHED,
        made_by_id=None,
        made_at=now,
        published_at=now,
        hash=hash_of(spec),
    )


def _locked(session: Session, question_id: int) -> Question:
    """The question, so that two trainers publish one after the other; raises NotFound."""
    question = session.scalar(select(Question).where(Question.id == question_id).with_for_update())
    if question is None:
        raise NotFound
    return question


def _type_of(types: Types, kind: str) -> QuestionType:
    if kind not in types:
        raise Refused(N_("Questions of kind %(kind)s are not in use on this site."), kind=kind)
    return types[kind]


def _supersede(session: Session, question_id: int) -> None:
    for version in session.scalars(
        select(QuestionVersion).where(QuestionVersion.question_id == question_id, has_state(QuestionVersion, PUBLISHED))
    ):
        version.state = SUPERSEDED
    session.flush()  # before the next is published: there is one at a time


def _next_number(session: Session, question_id: int) -> int:
    newest = session.scalar(select(func.max(QuestionVersion.number)).where(QuestionVersion.question_id == question_id))
    return (newest or 0) + 1


def add_question(
    session: Session, *, quiz_id: int, uid: str, kind: str, person_id: int, types: Types, now: datetime
) -> Question:
    """Add an empty question behind the others: a draft that nobody is asked before it is published.

    Raises Refused where the kind is not in use on this site.
    """
    of_kind = _type_of(types, kind)
    last = session.scalar(select(func.max(Question.position)).where(Question.quiz_id == quiz_id))
    question = Question(
        quiz_id=quiz_id,
        uid=uid,
        kind=kind,
        objective=None,
        explains=None,
        difficulty=None,
        skill=None,
        practice_only=False,
        case_uid=None,
        position=(last or 0) + 1,
        package_hash=None,
        retired_at=None,
    )
    session.add(question)
    session.flush()
    session.add(
        QuestionVersion(
            question_id=question.id,
            number=1,
            spec_version=of_kind.spec_version,
            spec={},
            state=DRAFT,
            made_by_id=person_id,
            made_at=now,
            published_at=None,
            hash=hash_of({}),
        )
    )
    session.flush()
    return question


def set_retired(session: Session, *, question_id: int, retired_at: datetime | None) -> bool:
    """Draw a question for no new attempt from now on, or, with None, again; say whether that changed anything.

    Open attempts keep it. Raises NotFound, and Refused where the quiz's blueprint could then not be met.
    """
    question = _locked(session, question_id)
    if (question.retired_at is None) == (retired_at is None):
        return False
    with blueprint_kept(session, quiz_id=question.quiz_id):
        question.retired_at = retired_at
        session.get_one(Quiz, question.quiz_id).revision += 1
        session.flush()
    return True
