"""Tries, late answers, trainers' marks and changed keys, in any order: it comes to what the journal says at the end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from courses.enrolment.models import Enrolment
from courses.learning.models import ActivityResult
from lms import clock
from lms.errors import Refused
from lms.jobs import running
from lms.jobs.models import Job
from quizzes.attempts import services as attempts
from quizzes.attempts.models import Attempt, AttemptQuestion, AttemptShare, LateDecision, OpenAnswer, Result
from quizzes.attempts.rebuilding import rebuild
from quizzes.bank.models import KeyChange, QuestionVersion
from quizzes.facts.models import ChoiceFact, ItemFact, QuizFact
from quizzes.queue import services as queue
from quizzes.queue.models import GivenMark
from quizzes.regrading import services as regrading
from quizzes.regrading.models import Regrade
from tests.quizzes.crowd import decide, event, facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, PART_KINDS, TYPES, School, choice

PLAN = next(one for one in PART_KINDS if one["id"] == "plan")
PEOPLE = 3
PASS_MARK = 0.6
BETWEEN_ACTS = timedelta(minutes=10)
TIME_LIMIT_MINUTES = 25

Act = tuple[str, Any, Any, Any]

PERSON, OPTION, WHICH = st.integers(0, PEOPLE - 1), st.sampled_from("abc"), st.integers(0, 9)
PERHAPS = st.none() | OPTION  # None: not answered, or taken back
WORDS = st.sampled_from(["", "By bus, paid later.", "By boat, paid first."])
ACTS = st.one_of(
    st.tuples(st.just("try"), PERSON, st.tuples(PERHAPS, PERHAPS, WORDS), st.booleans()),
    st.tuples(st.just("submit"), PERSON, st.none(), st.none()),
    st.tuples(st.just("late"), WHICH, PERHAPS, WORDS),
    st.tuples(st.just("decide"), WHICH, st.booleans(), st.none()),
    st.tuples(st.just("mark"), st.integers(0, 2), st.integers(0, 1), st.none()),
    st.tuples(st.just("publish"), OPTION, st.sampled_from([0.3, PASS_MARK, 0.9]), st.none()),
    st.tuples(st.just("look"), st.none(), st.none(), st.none()),
    st.tuples(st.just("apply"), st.none(), st.none(), st.none()),
    st.tuples(st.just("work"), st.none(), st.none(), st.none()),
)
RULES = st.fixed_dictionaries(
    {
        "counts": st.sampled_from(["best", "last", "first"]),
        "time_limit_minutes": st.sampled_from([None, TIME_LIMIT_MINUTES]),
        "closes_after": st.none() | st.integers(3, 10),  # acts; marks are shown then, and not before
        "with_plan": st.booleans(),
    }
)


class Story:
    """One quiz, three people and two trainers; ``passed`` says who passed at any moment by the results so far."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.people = [school.site.person() for _ in range(PEOPLE)]
        self.trainer = school.site.person(role="trainer")
        with school.site.writing() as session:
            session.add_all(
                Enrolment(course_id=school.course_id, person_id=one.id, enrolled_at=MONDAY) for one in self.people
            )

    def begin(self, rules: dict[str, Any]) -> None:
        """Forget what happened before, and set the quiz's rules."""
        with self.school.site.writing() as session:
            for model in (Attempt, Regrade, KeyChange, ItemFact, ChoiceFact, QuizFact, ActivityResult, Job):
                session.execute(delete(model))
        self.rules = {name: rules[name] for name in ("counts", "time_limit_minutes")}
        self.closes_at = None
        if rules["closes_after"] is not None:
            self.closes_at = MONDAY + rules["closes_after"] * BETWEEN_ACTS
            self.rules |= {"review": "after_close", "closes_at": self.closes_at.isoformat()}
        self.plans = [PLAN] if rules["with_plan"] else []
        self.now = MONDAY
        self.publish("b", PASS_MARK, None)
        self.quiz_id = quiz_of(self.school)
        self.newest: dict[int, Result] = {}
        self.passed: set[int] = set()
        self.seen = 0
        self.to_mark: set[int] = set()

    # --- acts -------------------------------------------------------------------------------------------------------

    def do(self, name: str, *values: Any) -> None:
        self.now += BETWEEN_ACTS
        act = {"try": self.take, "submit": self.submit}.get(name) or getattr(self, name)
        with clock.fixed(self.now), suppress(Refused):
            act(*values)
        self.look_at_results(at_once=False)

    def take(self, person: int, answers: tuple[str | None, str | None, str], submit: bool) -> None:
        *chosen, words = answers
        given: dict[str, Any] = {uid: {"chosen": [one]} for uid, one in zip(("q1", "q2"), chosen, strict=True) if one}
        if words:
            given["plan"] = {"text": words}
        with self.school.site.reading() as session:
            begun = self.open_try(session, person)
        if begun is None or self.is_over(begun):
            sit(self.school, given, person=self.people[person], now=self.now, submit=submit, pace=timedelta(seconds=9))

    def submit(self, person: int, _: None, __: None) -> None:
        with self.school.site.writing() as session:
            begun = self.open_try(session, person)
            if begun is not None:
                attempts.submit(session, attempt_id=begun.id, person_id=begun.person_id, types=TYPES, now=self.now)

    def open_try(self, session: Any, person: int) -> Attempt | None:
        found: Attempt | None = session.scalar(
            select(Attempt).where(Attempt.person_id == self.people[person].id, Attempt.closed_at.is_(None))
        )
        return found

    def is_over(self, attempt: Attempt) -> bool:
        return attempt.deadline is not None and self.now >= attempt.deadline

    def late(self, which: int, option: str | None, words: str) -> None:
        """An answer arrives after the end of a try: to its first question, or in words to its last."""
        over = [one for one in self.school.attempts() if one.closed_at is not None or self.is_over(one)]
        if over:
            attempt = over[which % len(over)].id
            uid, answer = (
                ("plan", {"text": words}) if words and self.plans else ("q1", {"chosen": [option]} if option else {})
            )
            position = self.school.position_of(attempt, uid)
            with self.school.site.writing() as session:
                session.add(event(attempt, position, answer, self.now, late=True))

    def decide(self, which: int, counts: bool, _: None) -> None:
        late = [one.id for one in self.school.events() if one.late]
        if late:
            decide(self.school, late[which % len(late)], counts=counts, by=self.trainer, now=self.now)

    def mark(self, road: int, money: int, _: None) -> None:
        with self.school.site.writing() as session:
            taken = queue.take_next(session, quiz_id=self.quiz_id, person_id=self.trainer.id, now=self.now)
            if taken is not None:
                queue.give(
                    session,
                    quiz_id=self.quiz_id,
                    event_id=taken,
                    by_id=self.trainer.id,
                    points={"road": road, "money": money},
                    comment="",
                    types=TYPES,
                    config=self.school.site.config,
                    log={},
                    now=self.now,
                )

    def publish(self, right: str, pass_mark: float, _: None) -> None:
        questions = [choice("q1", right=right), choice("q2"), *self.plans]
        self.school.install(questions, pass_mark=pass_mark, **self.rules)

    def look(self, *_: None) -> None:
        with self.school.site.writing() as session:
            regrading.propose(
                session,
                quiz_id=self.quiz_id,
                uid="q1",
                reason="",
                by_id=self.trainer.id,
                types=TYPES,
                log={},
                now=self.now,
            )

    def apply(self, *_: None) -> None:
        """Apply the change that waits; where a newer key overtook it, leave it."""
        with self.school.site.writing() as session:
            waits = session.scalar(select(Regrade.id).where(Regrade.state == regrading.READY))
        if waits is None:
            return
        what: dict[str, Any] = {"by_id": self.trainer.id, "log": {}, "now": self.now}
        try:
            with self.school.site.writing() as session:
                regrading.apply(session, quiz_id=self.quiz_id, regrade_id=waits, **what)
        except Refused:
            with self.school.site.writing() as session:
                regrading.leave(session, quiz_id=self.quiz_id, regrade_id=waits, **what)

    def work(self, *_: None) -> bool:
        """Let the worker do one thing: a step of a regrade, the close of a try, or what a closed quiz held back."""
        kinds = (attempts.CLOSE_JOB, attempts.RECORD_JOB, regrading.JOB)
        with self.school.site.reading() as session:
            job = session.scalar(
                select(Job)
                .where(Job.state == "waiting", Job.run_after <= self.now, Job.kind.in_(kinds))
                .order_by(Job.run_after, Job.id)
                .limit(1)
            )
        if job is None:
            return False
        with self.school.site.app.app_context():
            assert running.run_job(job.id)
        # A regrade writes all results of a person before it tells the course; anything else tells it of each.
        self.look_at_results(at_once=True, told=[job.payload["person_id"]] if job.kind == attempts.RECORD_JOB else [])
        return True

    # --- what it comes to -------------------------------------------------------------------------------------------

    def look_at_results(self, *, at_once: bool, told: Sequence[int] = ()) -> None:
        """Note who passes by the results that are new; the course is told of those people, and of ``told``."""
        with self.school.site.reading() as session:
            new = session.scalars(select(Result).where(Result.id > self.seen).order_by(Result.id)).all()
            whose = dict(session.execute(select(Attempt.id, Attempt.person_id)).all())
        people = set(told)
        for row in new:
            self.newest[row.attempt_id], self.seen = row, row.id
            people.add(whose[row.attempt_id])
            if not at_once:
                self.note_who_passes(whose, people)
        self.note_who_passes(whose, people)

    def note_who_passes(self, whose: dict[int, int], people: set[int]) -> None:
        if self.marks_are_shown():
            self.passed |= {one for one in people if self.standing(whose, one)[1]}

    def marks_are_shown(self) -> bool:
        if self.closes_at is None:
            return True
        return self.now >= self.closes_at and all(one.closed_at is not None for one in self.school.attempts())

    def standing(self, whose: dict[int, int], person: int) -> tuple[float, bool]:
        """What counts of a person's tries, and whether it is passed."""
        results = [row for attempt, row in sorted(self.newest.items()) if whose[attempt] == person]
        if self.rules["counts"] == "best":
            return max(one.score for one in results), any(one.passed for one in results)
        result = results[-1 if self.rules["counts"] == "last" else 0]
        return result.score, result.passed

    def end(self) -> None:
        """Let time run out for every open try, and the worker do what waits: it looks again until all are closed."""
        for _ in range(3):
            self.now += timedelta(days=1)
            with clock.fixed(self.now):
                while self.work():
                    pass

    def by_the_journal(self) -> dict[int, list[float | None]]:
        """The marks of each closed try, read from the rows by the rules as people are told them."""
        rows = self.school.rows
        decided = {one.event_id: one.counts for one in rows(LateDecision)}
        counting: dict[tuple[int, int], Any] = {}
        for one in sorted(self.school.events(), key=lambda one: one.counter):
            if decided.get(one.id, not one.late):
                counting[one.attempt_id, one.question_position] = one
        keys = {one.version_id: one.key_version_id for one in rows(KeyChange)}
        specs = {one.id: one.spec for one in rows(QuestionVersion)}
        given = {one.event_id: sum(one.points.values()) / 3 for one in rows(GivenMark)}
        marks: dict[int, list[float | None]] = {
            one.id: [] for one in self.school.attempts() if one.closed_at is not None
        }
        self.to_mark = set()
        for question in rows(AttemptQuestion):
            if question.attempt_id not in marks:
                continue
            found = counting.get((question.attempt_id, question.position))
            version = question.question_version_id
            spec = specs[keys.get(version, version)]
            mark: float | None = 0.0
            if found is not None and found.answer and "rubric" in spec:
                self.to_mark.add(found.id)
                mark = given.get(found.id)
            elif found is not None and found.answer:
                right = next(option["id"] for option in spec["options"] if option["right"])
                mark = float(found.answer["chosen"] == [right])
            marks[question.attempt_id].append(mark)
        return marks

    def recorded(self) -> dict[int, tuple[float, bool]]:
        return {one.person_id: (one.score, one.passed_at is not None) for one in self.school.rows(ActivityResult)}

    def worked_out_anew(self) -> dict[int, tuple[float, bool]]:
        whose = {one.id: one.person_id for one in self.school.attempts()}
        people = {whose[one] for one in self.newest}
        return {person: (self.standing(whose, person)[0], person in self.passed) for person in people}


@pytest.fixture
def story(school: School, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setattr(regrading, "BATCH", 1)  # so that other acts come between one person and the next
    return Story(school)


def tried(person: int, first: str, second: str = "b", words: str = "", *, submit: bool = True) -> Act:
    return "try", person, (first, second, words), submit


def nothing(name: str) -> Act:
    return name, None, None, None


NO_LIMIT: dict[str, Any] = {"counts": "best", "time_limit_minutes": None, "closes_after": None, "with_plan": False}
KEY_CHANGES: list[Act] = [
    ("publish", "a", PASS_MARK, None),
    nothing("look"),
    *[nothing("work")] * PEOPLE,
    nothing("apply"),
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=RULES, acts=st.lists(ACTS, min_size=4, max_size=18))
# A worse try after a better one, and the other way round: what is recorded at the close of the second is not its own.
@example(rules=NO_LIMIT, acts=[tried(0, "b"), tried(0, "c", "c")])
@example(rules={**NO_LIMIT, "counts": "first"}, acts=[tried(0, "c", "c"), tried(0, "b")])
@example(rules={**NO_LIMIT, "counts": "last"}, acts=[tried(0, "b"), tried(0, "c", "c")])
# A changed key lets a try pass by the pass mark of its day; a better one, begun under a higher mark, does not pass.
@example(
    rules={**NO_LIMIT, "with_plan": True},
    acts=[
        ("publish", "b", 0.3, None),
        tried(0, "a", "c"),
        ("publish", "b", 0.9, None),
        tried(0, "a"),
        *KEY_CHANGES,
        *[nothing("work")] * 2,
    ],
)
# The time of the first try runs out: it is closed by the start of the second, by the worker, or by a late answer.
@example(
    rules={**NO_LIMIT, "time_limit_minutes": TIME_LIMIT_MINUTES},
    acts=[tried(0, "b", submit=False), *[nothing("look")] * 3, tried(0, "c", "c")],
)
@example(
    rules={**NO_LIMIT, "time_limit_minutes": TIME_LIMIT_MINUTES, "counts": "last"},
    acts=[tried(0, "b", submit=False), *[nothing("look")] * 2, ("late", 0, "c", ""), ("decide", 0, True, None)],
)
# The first try is open while the key changes, and closed before, between and after the steps of the regrade.
@example(
    rules=NO_LIMIT,
    acts=[
        tried(0, "b", submit=False),
        tried(1, "b"),
        tried(2, "a"),
        *KEY_CHANGES,
        ("submit", 0, None, None),
        *[nothing("work")] * 4,
        tried(0, "c", "c"),
    ],
)
@example(
    rules=NO_LIMIT,
    acts=[tried(0, "b"), tried(0, "a", submit=False), *KEY_CHANGES, ("submit", 0, None, None), nothing("work")],
)
# What a closed quiz held back is recorded once the last try in it is over, and follows what a trainer decides then.
@example(
    rules={**NO_LIMIT, "closes_after": 4},
    acts=[
        tried(0, "b"),
        tried(0, "c", "c"),
        tried(1, "b", submit=False),
        *[nothing("work")] * 3,
        ("late", 0, "a", ""),
        ("decide", 0, True, None),
    ],
)
# A trainer's mark, then a late answer in its place, then the first one again: its mark comes back.
@example(
    rules={**NO_LIMIT, "with_plan": True},
    acts=[
        tried(0, "b", words="By bus, paid later."),
        ("mark", 2, 1, None),
        ("late", 0, "a", "By boat, paid first."),
        ("decide", 0, True, None),
        ("mark", 0, 0, None),
        ("decide", 0, False, None),
        *KEY_CHANGES,
        *[nothing("work")] * 2,
        ("decide", 0, True, None),
    ],
)
def test_in_whatever_order_it_comes_to_what_the_journal_says(
    story: Story, rules: dict[str, Any], acts: list[Act]
) -> None:
    school = story.school
    story.begin(rules)

    for act in acts:
        story.do(*act)
    story.end()

    marks = story.by_the_journal()
    assert {one: [mark["score"] for mark in row.marks] for one, row in story.newest.items()} == marks
    pass_marks = {one.id: one.pass_mark for one in school.attempts()}
    for attempt, of_try in marks.items():
        score = sum(mark or 0 for mark in of_try) / len(of_try)
        kept = story.newest[attempt]
        assert (kept.score, kept.passed) == (pytest.approx(score), score + 1e-9 >= pass_marks[attempt])
    assert {one.event_id for one in school.rows(OpenAnswer) if one.counts} == story.to_mark
    assert story.recorded() == story.worked_out_anew()

    facts, shares = facts_of(school), shares_of(school)
    assert sorted(shares) == sorted(attempt for attempt, of_try in marks.items() if None not in of_try)
    with school.site.writing() as session:
        session.execute(delete(AttemptShare))
        rebuild(session, quiz_id=story.quiz_id, types=TYPES)
    assert (facts_of(school), shares_of(school)) == (facts, shares)


def shares_of(school: School) -> dict[int, Any]:
    return {one.attempt_id: one.items for one in school.rows(AttemptShare)}
