"""Trainers mark open answers one after the other: without names, never two at once, and the person is told."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from lms import clock
from lms.audit.models import AuditEntry
from lms.mail.models import Message
from lms.testing import Browser
from quizzes.attempts import afterwards
from quizzes.attempts.models import OpenAnswer
from quizzes.attempts.rebuilding import rebuild
from quizzes.marking.rubric import WHOLE_ANSWER, agree, between, lines_of, score_of
from quizzes.queue import services
from quizzes.queue.models import GivenMark
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import event, facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, PART_KINDS, TYPES, School, choice

QUEUE = "/quizzes/trade/basics/quiz/open-answers"
PLAN = next(one for one in PART_KINDS if one["id"] == "plan")
LINES = lines_of(PLAN["spec"])


@pytest.fixture
def desk(school: School) -> Desk:
    school.install([choice("q1"), PLAN], pass_mark=0.6)
    return Desk(school)


def written(school: School, text: str = "By bus to the neighbour.", **more: Any) -> int:
    return sit(school, {"q1": {"chosen": ["b"]}, "plan": {"text": text}}, **more)


def take(browser: Browser) -> str:
    answer = browser.post(QUEUE)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def give(browser: Browser, address: str, road: str, money: str, comment: str = "") -> Any:
    return browser.post(address, {"line0": road, "line1": money, "comment": comment})


def test_the_oldest_answer_comes_first_and_no_name_is_shown_before_it_is_marked(desk: Desk, school: School) -> None:
    first = written(school, "The elder answer.", name="Amina Secret")
    written(school, "The younger answer.", name="Biko Secret", now=MONDAY + timedelta(hours=1))
    listed = desk.browser.get(QUEUE).text

    address = take(desk.browser)
    page = desk.browser.get(address).text

    assert "The elder answer." in page
    assert "level-half" in page
    assert "model-plan" in page
    assert "Secret" not in listed + page
    assert "@example.org" not in page
    assert f"tries/{first}" not in listed + page
    following = give(desk.browser, address, "2", "0", "Say how the buyer pays.")
    assert following.status_code == 303
    assert "The younger answer." in desk.browser.get(following.location).text
    assert "Amina Secret" in desk.browser.get(QUEUE).text
    assert "Biko Secret" not in desk.browser.get(QUEUE).text


def test_the_result_is_final_once_all_is_marked_and_the_person_is_told(school: School) -> None:
    school.install([choice("q1"), PLAN, {**PLAN, "id": "other"}], pass_mark=0.6)
    desk = Desk(school)
    person, browser = school.participant()
    attempt = sit(
        school,
        {"q1": {"chosen": ["b"]}, "plan": {"text": "By bus, paid later."}, "other": {"text": "By boat, paid first."}},
        person=person,
    )
    page = browser.get(f"/quizzes/attempts/{attempt}").text
    assert "A trainer still marks some answers." in page
    assert "Read again" not in page

    address = give(desk.browser, take(desk.browser), "2", "1", "Clear\nand <b>short</b>.").location
    assert [one.number for one in school.results()] == [1]
    assert school.count(Message) == 0
    give(desk.browser, address, "1", "0")

    results = school.results()
    assert [(one.number, round(one.score, 3), one.passed) for one in results] == [
        (1, 0.333, False),
        (2, round((1 + 1 + 1 / 3) / 3, 3), True),
    ]
    page = browser.get(f"/quizzes/attempts/{attempt}").text
    assert re.findall(r"(\d of \d) points?", page) in (
        ["1 of 2", "0 of 1", "2 of 2", "1 of 1"],
        ["2 of 2", "1 of 1", "1 of 2", "0 of 1"],
    )
    assert "Clear<br>and &lt;b&gt;short&lt;/b&gt;." in page
    message = school.rows(Message)[0]
    assert (message.to, f"/quizzes/attempts/{attempt}" in message.body) == (person.email, True)
    assert not re.search(r"\d+ ?%|\bpassed\b|points", message.body)
    assert [one.act for one in school.rows(AuditEntry) if one.act == "answer.marked"] == ["answer.marked"] * 2
    kept = facts_of(school)
    assert kept
    with school.site.writing() as session:
        rebuild(session, quiz_id=quiz_of(school), types=TYPES)
    assert facts_of(school) == kept


def test_two_trainers_never_have_the_same_answer(desk: Desk, school: School) -> None:
    written(school)
    _, other = desk.trainer()
    address = take(desk.browser)

    assert take(other) == QUEUE
    assert other.get(address).status_code == 409
    assert give(other, address, "2", "1").status_code == 409
    assert take(desk.browser) == address  # it is still theirs
    assert "Another trainer marks it now." in other.get(QUEUE).text
    assert school.count(GivenMark) == 0

    desk.browser.post(f"{address}/back")
    assert take(other) == address


def test_what_is_taken_and_not_marked_is_free_after_half_an_hour(desk: Desk, school: School) -> None:
    written(school)
    _, other = desk.trainer()
    with clock.fixed(MONDAY):
        address = take(desk.browser)
    with clock.fixed(MONDAY + services.LEASE):
        assert give(desk.browser, address, "2", "1").status_code == 409
        assert take(other) == address
        assert give(other, address, "2", "1").status_code == 303
        assert give(desk.browser, address, "0", "0").status_code == 409

    assert [one.score for one in school.rows(OpenAnswer)] == [1.0]


def test_many_trainers_at_once_take_different_answers(desk: Desk, school: School) -> None:
    for _ in range(4):
        written(school)
    browsers = [desk.trainer()[1] for _ in range(4)]
    taken: list[str] = []

    threads = [threading.Thread(target=lambda one=one: taken.append(take(one))) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({one for one in taken if one != QUEUE}) == len([one for one in taken if one != QUEUE])
    assert len(taken) == 4


def second(school: School) -> Desk:
    school.install([choice("q1"), PLAN], pass_mark=0.6, second_marker=True)
    return Desk(school)


def test_two_markers_who_agree_give_the_mean(school: School) -> None:
    desk = second(school)
    _, other = desk.trainer()
    attempt = written(school)
    address = take(desk.browser)
    give(desk.browser, address, "2", "1", "One.")
    assert take(desk.browser) == QUEUE  # nobody marks the same answer twice
    assert "You have marked it; another trainer marks it too." in desk.browser.get(QUEUE).text

    page = other.get(take(other)).text
    assert "One." not in page  # neither sees the other's mark
    give(other, address, "1", "1", "Two.")

    answer = school.rows(OpenAnswer)[0]
    assert (answer.state, answer.points, answer.comments) == ("marked", {"road": 1.5, "money": 1}, ["One.", "Two."])
    assert answer.score == pytest.approx(2.5 / 3)
    assert [one.number for one in school.results() if one.attempt_id == attempt] == [1, 2]


def test_two_markers_far_apart_are_decided_between_by_who_sees_both(school: School) -> None:
    desk = second(school)
    _, other = desk.trainer()
    _, third = desk.trainer()
    written(school)
    address = take(desk.browser)
    give(desk.browser, address, "2", "1", "Very good.")
    take(other)
    give(other, address, "0", "1", "It names no way.")
    desk.browser.post(f"{address}/back")
    other.post(f"{address}/back")
    assert [one.state for one in school.rows(OpenAnswer)] == ["differ"]

    page = third.get(take(third)).text
    assert "Very good." in page
    assert "It names no way." in page
    assert third.get(take(third)).text.count("2 / 2") == 1
    give(third, address, "1", "1", "In between.")

    answer = school.rows(OpenAnswer)[0]
    assert (answer.points, answer.comments) == ({"road": 1, "money": 1}, ["In between."])
    assert [one.decides for one in school.rows(GivenMark)] == [False, False, True]


def test_every_line_needs_a_level_that_there_is(desk: Desk, school: School) -> None:
    written(school)
    address = take(desk.browser)

    answer = desk.browser.post(address, {"line0": "2", "comment": "Kept while I choose."})
    assert answer.status_code == 422
    assert "Kept while I choose." in answer.text
    assert "Choose a level: Says how the buyer pays" in answer.text
    for points in ("3", "-1", "1.5", "nan", "9" * 30, ""):
        assert give(desk.browser, address, points, "1").status_code == 422
    assert school.count(GivenMark) == 0


def test_a_late_answer_that_counts_after_all_is_marked_anew(desk: Desk, school: School) -> None:
    attempt = written(school, "In time.")
    give(desk.browser, take(desk.browser), "2", "1")
    with school.site.writing() as session:
        late = event(attempt, school.position_of(attempt, "plan"), {"text": "Late and longer."}, MONDAY, late=True)
        session.add(late)
        session.flush()
        late_id = late.id

    decide(desk, school, late_id, counts=True)

    assert "Late and longer." in desk.browser.get(take(desk.browser)).text
    assert [(one.counts, one.state) for one in school.rows(OpenAnswer)] == [(False, "marked"), (True, "waiting")]
    decide(desk, school, late_id, counts=False)
    assert [(one.counts, one.state) for one in school.rows(OpenAnswer)] == [(True, "marked"), (False, "waiting")]
    assert school.results()[-1].score == 1.0
    assert take(desk.browser) == QUEUE


def decide(desk: Desk, school: School, event_id: int, *, counts: bool) -> None:
    quiz_id = quiz_of(school)
    with school.site.writing() as session:
        afterwards.decide_late(
            session,
            quiz_id=quiz_id,
            event_id=event_id,
            counts=counts,
            reason="The network was away.",
            by_id=desk.person.id,
            types=TYPES,
            facts={},
            now=MONDAY,
        )


def test_case_22_before_marks_may_be_shown_neither_page_nor_letter_tells_them(school: School) -> None:
    with clock.fixed(MONDAY):
        closes = (MONDAY + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        school.install([choice("q1"), PLAN], review="after_close", closes_at=closes)
        desk = Desk(school)
        person, browser = school.participant()
        attempt = written(school, person=person)
        give(desk.browser, take(desk.browser), "2", "1", "hidden-comment")
        page = browser.get(f"/quizzes/attempts/{attempt}").text

    assert "hidden-comment" not in page
    assert "points" not in page
    assert "%" not in re.sub(r"[\w/.]*%[\w]*\.css", "", page)
    assert "hidden-comment" not in school.rows(Message)[0].body


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ config }}", "<img src=x onerror=alert(1)>"])
def test_case_43_hostile_answers_and_comments_stay_text(desk: Desk, school: School, hostile: str) -> None:
    person, browser = school.participant(name=hostile)
    attempt = written(school, hostile, person=person)
    address = take(desk.browser)
    pages = [desk.browser.get(address).text]
    give(desk.browser, address, "2", "1", hostile)
    pages += [desk.browser.get(QUEUE).text, browser.get(f"/quizzes/attempts/{attempt}").text]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;" in pages[0] or "{{ config }}" in pages[0]


def test_an_answer_of_another_quiz_is_not_found(desk: Desk, school: School) -> None:
    other = School.found(school.site, slug="crafts")
    other.install([choice("q1"), PLAN])
    written(school)
    address = take(desk.browser)
    foreign = desk.trainer(course="crafts")[1]

    assert foreign.get(address).status_code == 404
    assert foreign.get(address.replace("trade", "crafts")).status_code == 404
    assert give(foreign, address.replace("trade", "crafts"), "2", "1").status_code == 404
    assert foreign.post(address.replace("trade", "crafts") + "/back").status_code == 404
    assert foreign.post(QUEUE).status_code == 404


def test_the_queue_takes_as_many_statements_for_many_answers(desk: Desk, school: School) -> None:
    assert "No answer waits" in desk.browser.get(QUEUE).text
    counts = []
    for number in (2, 60):
        for _ in range(number):
            written(school)
        with school.site.statements() as statements:
            assert desk.browser.get(QUEUE).status_code == 200
        counts.append(len(statements))

    assert counts == [6, 6]


def test_marks_agree_where_no_line_is_more_than_a_level_apart() -> None:
    assert agree({"road": 2, "money": 1}, {"road": 1, "money": 0}, LINES)
    assert not agree({"road": 2, "money": 1}, {"road": 0, "money": 1}, LINES)
    assert not agree({"road": 2}, {"road": 2, "money": 1}, LINES)
    assert between({"road": 2, "money": 1}, {"road": 1, "money": 1}) == {"road": 1.5, "money": 1.0}
    assert score_of({"road": 1.5, "money": 0}, LINES) == 0.5


@pytest.mark.parametrize("spec", [{}, {"rubric": None}, {"rubric": []}, {"rubric": [{"id": "a"}]}, {"rubric": "x"}])
def test_a_question_without_a_rubric_is_marked_as_a_whole(spec: dict[str, Any]) -> None:
    assert lines_of(spec) == (WHOLE_ANSWER,)
