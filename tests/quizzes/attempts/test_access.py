"""Attempts are their owner's alone."""

from __future__ import annotations

import pytest

from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Course
from lms import clock
from lms.accounts.models import Person
from lms.testing import BASE_URL
from tests.quizzes.school import MONDAY, School, choice

PLACES = (
    ("get", "/quizzes/attempts/{}/1"),
    ("post", "/quizzes/attempts/{}/1"),
    ("get", "/quizzes/attempts/{}/check"),
    ("post", "/quizzes/attempts/{}/submit"),
    ("get", "/quizzes/attempts/{}"),
)


@pytest.mark.parametrize(("method", "address"), PLACES, ids=lambda value: str(value))
def test_case_2_somebody_elses_attempt_is_exactly_as_unknown_as_one_that_does_not_exist(
    school: School, method: str, address: str
) -> None:
    school.install([choice("one")])
    attempt = school.begin(school.participant()[1])
    _, stranger = school.participant()

    theirs = getattr(stranger, method)(address.format(attempt))
    unknown = getattr(stranger, method)(address.format(99_999))

    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert theirs.text.replace(stranger.token(), "") == unknown.text.replace(stranger.token(), "")
    assert (school.events(), school.results()) == ([], [])


def test_case_2_autosaving_into_somebody_elses_attempt_stores_nothing(school: School) -> None:
    school.install([choice("one")])
    attempt = school.begin(school.participant()[1])
    _, stranger = school.participant()
    body = {"client": "phone", "counter": 1, "question": 1, "answer": {"choice": []}}

    answers = [stranger.post(f"/quizzes/attempts/{number}/answers", json=body) for number in (attempt, 99_999)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json == answers[1].json
    assert school.events() == []


@pytest.mark.parametrize("question", [2, 99, 10_000])
def test_case_3_an_answer_to_a_question_that_was_not_drawn_is_refused(school: School, question: int) -> None:
    school.install([choice("one"), choice("two")], draw=1)
    _, browser = school.participant()
    attempt = school.begin(browser)
    body = {"client": "phone", "counter": 1, "question": question, "answer": {"choice": []}}

    assert browser.post(f"/quizzes/attempts/{attempt}/answers", json=body).status_code == 404
    assert browser.post(f"/quizzes/attempts/{attempt}/{question}", {"answer": "x"}).status_code == 404
    assert browser.get(f"/quizzes/attempts/{attempt}/{question}").status_code == 404
    assert school.events() == []


def test_case_3_options_of_another_attempt_are_no_options_here(school: School) -> None:
    from tests.quizzes.school import options_of

    school.install([choice("one")])
    _, browser = school.participant()
    _, other = school.participant()
    attempt, others = school.begin(browser), school.begin(other)
    foreign = options_of(other.get(f"/quizzes/attempts/{others}/1").text)["Option two of one"]

    assert browser.post(f"/quizzes/attempts/{attempt}/1", {"choice": foreign}).status_code == 422
    assert browser.post(f"/quizzes/attempts/{attempt}/1", {"choice": "b"}).status_code == 422
    assert school.events() == []


def test_case_7_a_suspended_person_is_refused_within_one_request(school: School) -> None:
    school.install([choice("one")])
    person, browser = school.participant()
    attempt = school.begin(browser)
    body = {"client": "phone", "counter": 1, "question": 1, "answer": {"choice": []}}
    with school.site.writing() as session:
        session.get_one(Person, person.id).suspended_at = clock.now()

    assert browser.post(f"/quizzes/attempts/{attempt}/answers", json=body).status_code == 401
    assert browser.get(f"/quizzes/attempts/{attempt}/1", follow_redirects=False).status_code == 303
    assert school.events() == []


def test_case_7_somebody_who_left_the_course_answers_no_more_and_still_reads_results(school: School) -> None:
    school.install([choice("one")])
    person, browser = school.participant()
    done = school.begin(browser)
    browser.post(f"/quizzes/attempts/{done}/submit")
    attempt = school.begin(browser)
    with school.site.writing() as session:
        session.delete(session.query(Enrolment).filter_by(person_id=person.id).one())

    body = {"client": "phone", "counter": 1, "question": 1, "answer": {"choice": []}}
    refused = [
        browser.get(f"/quizzes/attempts/{attempt}/1"),
        browser.post(f"/quizzes/attempts/{attempt}/1"),
        browser.post(f"/quizzes/attempts/{attempt}/answers", json=body),
        browser.post(f"/quizzes/attempts/{attempt}/submit"),
        browser.post(school.intro),
    ]

    assert [answer.status_code for answer in refused] == [409] * 5
    assert browser.get(f"/quizzes/attempts/{done}").status_code == 200
    assert (len(school.results()), school.events()) == (1, [])


def test_case_8_a_course_that_is_not_published_has_no_quiz(school: School) -> None:
    school.install([choice("one")])
    _, browser = school.participant()
    attempt = school.begin(browser)
    with school.site.writing() as session:
        session.get_one(Course, school.course_id).published_at = None

    codes = {browser.get(school.intro).status_code, browser.post(school.intro).status_code}
    codes |= {getattr(browser, method)(address.format(attempt)).status_code for method, address in PLACES}

    assert codes == {404}


def test_case_8_a_quiz_that_was_taken_out_begins_no_more_and_what_is_open_can_be_finished(school: School) -> None:
    school.install([choice("one")])
    _, browser = school.participant()
    attempt = school.begin(browser)
    with school.site.writing() as session:
        session.get_one(Activity, school.activity_id).retired_at = MONDAY

    assert browser.post(school.intro).status_code == 404
    assert school.answer(browser, attempt, "one", "Option two of one").status_code == 303
    assert browser.post(f"/quizzes/attempts/{attempt}/submit").status_code == 303
    assert [result.score for result in school.results()] == [1.0]


def test_guests_are_sent_to_the_sign_in_and_scripts_are_told(school: School) -> None:
    school.install([choice("one")])
    attempt = school.begin(school.participant()[1])
    guest = school.site.browser()

    assert guest.get(f"/quizzes/attempts/{attempt}/1").status_code == 303
    assert guest.post(f"/quizzes/attempts/{attempt}/answers", json={}).status_code == 401


def test_a_form_without_its_token_writes_nothing(school: School) -> None:
    school.install([choice("one")])
    _, browser = school.participant()
    attempt = school.begin(browser)

    assert browser.post_without_token(f"/quizzes/attempts/{attempt}/submit").status_code == 400
    assert browser.post_without_token(f"/quizzes/attempts/{attempt}/1", {"choice": "x"}).status_code == 400
    bare = browser.client.post(f"/quizzes/attempts/{attempt}/answers", json={}, base_url=BASE_URL)
    assert bare.status_code == 400
    assert browser.post(f"/quizzes/attempts/{attempt}/answers", {"client": "phone"}).status_code == 415
    assert (school.events(), school.results()) == ([], [])


def test_numbers_that_no_row_can_have_are_not_found(school: School) -> None:
    _, browser = school.participant()

    assert browser.get(f"/quizzes/attempts/{2**63}").status_code == 404
    assert browser.get(f"/quizzes/attempts/1/{2**31}").status_code == 404
