"""The close: marks come from the journal, once, and stay."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import quizzes
from courses.learning.models import ActivityResult
from courses.outline.models import Course
from lms import clock
from lms.plugins import About, hookimpl
from lms.records.models import Completion
from quizzes.attempts import journal, services
from quizzes.attempts.models import Result
from quizzes.hooks import AttemptSubmitted
from tests.quizzes.school import ALL_KINDS, MINUTE, MONDAY, TYPES, School


def test_a_right_attempt_passes_and_the_course_knows(school: School) -> None:
    school.install()
    person, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)

    answer = browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert (answer.status_code, answer.location) == (303, f"/quizzes/attempts/{attempt}")
    assert [(result.score, result.passed, result.number) for result in school.results()] == [(1.0, True, 1)]
    recorded = school.rows(ActivityResult)
    assert [(row.person_id, row.activity_id, row.score) for row in recorded] == [(person.id, school.activity_id, 1.0)]
    assert recorded[0].passed_at is not None


def test_marks_recomputed_from_the_journal_are_those_of_the_result(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer(browser, attempt, "several", "Sea")
    school.answer(browser, attempt, "several", "Sea", "Rail", "Smoke")
    school.answer(browser, attempt, "words", "Bandung")
    school.answer(browser, attempt, "number", "150")
    browser.post(f"/quizzes/attempts/{attempt}/submit")

    with school.site.reading() as session:
        row = session.scalars(select(Result)).one()
        questions = services.questions_of(session, attempt_id=attempt)
        answers = journal.answers_of(session, attempt_id=attempt)
        marks = services.marks_of(questions, answers, types=TYPES)

    assert services.written(questions, marks) == list(row.marks)
    by_uid = {question.uid: mark["score"] for question, mark in zip(questions, row.marks, strict=True)}
    assert by_uid == {"single": 0, "several": 0.5, "statement": 0, "words": 0, "number": 1}
    assert row.score == pytest.approx(0.3)


def test_a_try_whose_time_runs_out_after_its_course_was_taken_away_is_closed_and_counts(school: School) -> None:
    school.install(time_limit_minutes=30)
    person, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    with school.site.writing() as session:
        session.execute(update(Course).values(published_at=None))

    later = clock.now() + 31 * MINUTE
    with clock.fixed(later), school.site.writing() as session:
        assert services.close_if_over(session, attempt_id=attempt, types=TYPES, now=later)

    assert [result.score for result in school.results()] == [1.0]
    assert [row.passed_at is not None for row in school.rows(ActivityResult)] == [True]
    assert [row.person_id for row in school.rows(Completion)] == [person.id]


def test_case_15_fifty_submits_at_once_give_one_result_and_one_decision(school: School) -> None:
    school.install()
    person, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    browsers = [school.site.browser(person) for _ in range(50)]
    gate = threading.Barrier(50)
    codes: list[int] = []

    def submit(number: int) -> None:
        gate.wait()
        codes.append(browsers[number].post(f"/quizzes/attempts/{attempt}/submit").status_code)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [303] * 50
    assert len(school.results()) == 1
    assert school.count(ActivityResult) == 1


def test_submitting_again_later_changes_nothing(school: School) -> None:
    school.install()
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        browser.post(f"/quizzes/attempts/{attempt}/submit")
    with clock.fixed(MONDAY + MINUTE):
        browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert [(row.submitted_at, row.closed_at) for row in school.attempts()] == [(MONDAY, MONDAY)]
    assert len(school.results()) == 1


def test_submitting_after_the_deadline_closes_the_attempt_as_it_stood_then(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        school.answer(browser, attempt, "number", "150")
    with clock.fixed(MONDAY + 40 * MINUTE):
        seen = browser.get(f"/quizzes/attempts/{attempt}").text  # before anybody closed it
        assert school.results() == []
        browser.post(f"/quizzes/attempts/{attempt}/submit")

    row = school.attempts()[0]
    assert (row.submitted_at, row.closed_at) == (None, MONDAY + 30 * MINUTE)
    assert school.results()[0].score == pytest.approx(0.2)
    assert "You have 20%. You need 70%." in seen


def test_case_19_a_score_from_outside_has_no_way_in(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    claims = {"score": "1", "passed": "true", "marks": "[1,1,1,1,1]", "person_id": "1", "pass_mark": "0"}

    school.answer(browser, attempt, "number", "7", **claims)
    browser.post(f"/quizzes/attempts/{attempt}/submit", claims)

    assert [(result.score, result.passed) for result in school.results()] == [(0.0, False)]
    assert school.attempts()[0].pass_mark == 0.7


def test_case_19_no_view_of_quizzes_reads_a_score() -> None:
    readers = [
        path.name
        for path in Path(quizzes.__path__[0]).rglob("views.py")
        for line in path.read_text().splitlines()
        if "request." in line and any(word in line for word in ("score", "passed", "mark"))
    ]

    assert readers == []


def test_plugins_are_told_once_after_the_commit(school: School) -> None:
    school.install()
    person, browser = school.participant()
    told: list[AttemptSubmitted] = []

    class Listener:
        about = About(name="listener", title="Listener", version="1")

        @hookimpl
        def attempt_submitted(self, event: AttemptSubmitted) -> None:
            told.append(event)

    school.site.app.extensions["lms.plugins"].manager.register(Listener(), "listener")
    attempt = school.begin(browser)
    for _ in range(2):
        browser.post(f"/quizzes/attempts/{attempt}/submit")

    assert [(event.attempt_id, event.person_id, event.score, event.passed) for event in told] == [
        (attempt, person.id, 0.0, False)
    ]


def test_a_question_whose_kind_is_gone_waits_for_a_trainer_and_the_rest_is_marked(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    plugins = school.site.app.extensions["lms.plugins"]
    collect = plugins.collect

    def without_numbers(hook: str) -> list[Any]:
        return [item for item in collect(hook) if getattr(item, "kind", "") != "numeric"]

    monkeypatch.setattr(type(plugins), "collect", lambda self, hook: without_numbers(hook))
    page = browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'number')}").text
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    seen = browser.get(f"/quizzes/attempts/{attempt}").text

    assert "This site cannot show this kind of question now." in page
    assert [round(result.score, 3) for result in school.results()] == [0.8]
    assert sum(mark["score"] is None for mark in school.results()[0].marks) == 1
    assert "A trainer marks it" in seen
    assert len(ALL_KINDS) == 5
