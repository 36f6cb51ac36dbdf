"""A network that goes away in the middle of a quiz: nothing is lost, and each answer says where it is."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import func, select

from courses.enrolment import services as enrolment
from lms import clock
from lms.accounts.models import Person
from lms.paths import STATIC
from quizzes.attempts import services
from quizzes.attempts.models import AnswerEvent, Result
from quizzes.attempts.receipts import shown
from tests.journeys.live import Live
from tests.journeys.people import Phone, phone_of
from tests.quizzes.school import ALL_KINDS, PART_KINDS, TYPES, School, choice

pytestmark = pytest.mark.browser

WORDS = {"id": "why", "kind": "short_text", "objective": "o1", "explains": "first#here"}
SHORT = {**WORDS, "spec": {"prompt": {"en": "Which city?"}, "accepted": ["Bandung"], "why": {"en": "It was."}}}


@pytest.fixture(scope="module")
def school(live: Live) -> School:
    """A course with a quiz of five questions, drawn in any order."""
    made = School.found(live.site, slug="river")
    made.intro = "/quizzes/river/basics/quiz"
    made.install([*(choice(f"q{number}") for number in range(1, 5)), SHORT])
    return made


class Learner(Phone):
    """Somebody with an open try on the page of its first question."""

    def answer(self, option: str = "two") -> None:
        if self.page.locator("input[type=radio]").count():
            label = self.page.locator("label.opt", has_text=re.compile(f"^Option {option} "))
            label.click()
        else:
            self.page.locator("#answer").fill("Bandung" if option == "two" else "Geneva")

    def state(self) -> Any:
        return self.page.locator("#answer-form .state")

    def go_on(self) -> None:
        before = self.heading()
        self.press("Save and")
        expect(self.page.locator("h1")).not_to_have_text(before)

    def lines(self) -> list[str]:
        return [text.strip() for text in self.page.locator(".answers .says").all_inner_texts()]

    @property
    def attempt(self) -> int:
        found = re.search(r"/attempts/(\d+)", self.page.url)
        assert found
        return int(found[1])


@pytest.fixture
def learner(chromium: Browser, live: Live, school: School) -> Iterator[Learner]:
    with phone_of(Learner, chromium, live) as one:
        begin(one, live, school, f"{uuid4().hex}@example.org")
        yield one


def begin(one: Phone, live: Live, school: School, email: str, *, course: str = "river") -> Person:
    person = live.person(email)
    enrol(live, person, course)
    one.sign_in(email)
    one.open(school.intro)
    one.press("Begin")
    expect(one.page.locator("#answer-form")).to_be_visible()
    return person


def enrol(live: Live, person: Person, course: str) -> None:
    with live.site.writing() as session:
        enrolment.enrol(session, person_id=person.id, course_slug=course, now=clock.now())


def events(live: Live, attempt: int) -> list[AnswerEvent]:
    with live.site.reading() as session:
        found = session.scalars(select(AnswerEvent).where(AnswerEvent.attempt_id == attempt).order_by(AnswerEvent.id))
        return list(found)


def pages_are_here(one: Phone) -> None:
    one.page.wait_for_function(
        "() => Object.keys(sessionStorage).filter((key) => key.includes(':page:')).length"
        " >= document.querySelectorAll('.answers a').length"
    )


def test_the_network_goes_after_question_three_and_nothing_is_lost(learner: Learner, live: Live) -> None:
    pages_are_here(learner)
    for _ in range(3):
        learner.answer()
        expect(learner.state()).to_contain_text("Saved. Receipt")  # without a button
        learner.go_on()
    assert len(events(live, learner.attempt)) == 3

    learner.context.set_offline(True)
    learner.answer()
    expect(learner.state()).to_contain_text("On this phone.")
    expect(learner.state()).to_contain_text("The network is away.")
    learner.go_on()
    learner.answer()
    expect(learner.state()).to_contain_text("On this phone.")
    assert [line.split(".")[0] for line in learner.lines()] == ["Saved"] * 3 + ["On this phone"] * 2
    learner.press("Look over all and submit")
    learner.sees("that page is not on this phone")
    assert len(events(live, learner.attempt)) == 3

    learner.context.set_offline(False)
    expect(learner.page.locator(".answers .says.saved")).to_have_count(5)
    told = learner.page.locator(".answers code").all_inner_texts()
    assert sorted(told) == sorted(shown(event.receipt) for event in events(live, learner.attempt))
    learner.page.reload()
    assert learner.page.locator(".answers code").all_inner_texts() == told
    learner.press("Look over all and submit")
    learner.press("Submit my answers")
    learner.sees("100%")
    assert learner.page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':out:'))") == []


def look_over_before_the_last_answer_is_there(learner: Learner) -> list[Route]:
    """Answer all questions; the last answer is held back, and the page that counts them misses it."""
    pages_are_here(learner)
    for _ in range(4):
        learner.answer()
        learner.go_on()
    held: list[Route] = []
    learner.page.route("**/answers", lambda route: held.append(route))
    learner.answer()
    learner.press("Save and look over all")
    learner.sees("One question is not answered")
    return held


def test_answers_that_arrive_after_the_page_that_counts_them_are_counted(learner: Learner, live: Live) -> None:
    held = look_over_before_the_last_answer_is_there(learner)
    for route in held:
        route.continue_()
    learner.sees("Every question is answered")
    learner.sees("Answers that were kept on this phone are saved now")
    assert len(events(live, learner.attempt)) == 5
    learner.press("Submit my answers")
    learner.sees("100%")


def test_answers_that_the_network_held_back_are_counted_when_it_is_back(learner: Learner) -> None:
    pages_are_here(learner)
    for _ in range(4):
        learner.answer()
        learner.go_on()
    learner.page.route("**/answers", lambda route: route.abort())
    learner.answer()
    learner.press("Save and look over all")
    learner.sees("One question is not answered")
    learner.page.unroute("**/answers")
    learner.page.evaluate("dispatchEvent(new Event('online'))")
    learner.sees("Every question is answered")


def test_who_has_gone_on_is_not_taken_back_by_the_page_that_is_counted_anew(learner: Learner, live: Live) -> None:
    answers = look_over_before_the_last_answer_is_there(learner)
    pages: list[Route] = []
    learner.page.route("**/check", lambda route: pages.append(route))
    for route in answers:
        route.continue_()
    learner.page.wait_for_event("request", lambda request: request.url.endswith("/check"))
    learner.page.locator(".answers a").nth(1).click()
    expect(learner.page.locator("#answer-form")).to_be_visible()
    question = learner.heading()
    for route in pages:
        route.continue_()
    learner.page.wait_for_timeout(1_000)

    assert learner.path().endswith("/2")
    assert learner.heading() == question


def test_the_page_that_is_counted_anew_keeps_its_place_and_what_is_pressed_in_it(learner: Learner) -> None:
    answers = look_over_before_the_last_answer_is_there(learner)
    button = learner.page.get_by_role("button", name="Submit my answers")
    button.scroll_into_view_if_needed()
    button.focus()
    box = button.bounding_box()
    assert box
    learner.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    learner.page.mouse.down()
    for route in answers:
        route.continue_()
    learner.sees("Every question is answered")
    expect(button).to_be_focused()
    moved = button.bounding_box()
    assert moved
    assert abs(moved["y"] - box["y"]) < 2
    learner.page.mouse.up()

    learner.sees("100%")


def test_a_page_that_could_not_be_counted_anew_is_when_the_network_is_back(learner: Learner) -> None:
    answers = look_over_before_the_last_answer_is_there(learner)
    learner.page.route("**/check", lambda route: route.abort())
    with learner.page.expect_event("requestfailed", lambda request: request.url.endswith("/check")):
        for route in answers:
            route.continue_()
    learner.sees("One question is not answered")
    learner.page.unroute("**/check")
    learner.page.evaluate("dispatchEvent(new Event('online'))")

    learner.sees("Every question is answered")


def test_what_is_typed_while_the_next_page_is_on_its_way_is_not_lost(learner: Learner, live: Live) -> None:
    while learner.page.locator("#answer").get_attribute("type") == "radio":
        learner.go_on()
    before = learner.heading()
    held: list[Route] = []
    learner.page.route("**/answers", lambda route: held.append(route))
    learner.page.locator("#answer").fill("Ban")
    with learner.page.expect_request("**/answers"):
        learner.press("Save and")
    learner.page.locator("#answer").press("End")
    learner.page.locator("#answer").press_sequentially("dung")
    for route in held[:]:
        route.continue_()
    learner.page.unroute("**/answers")
    expect(learner.page.locator("h1")).not_to_have_text(before)
    expect(learner.page.locator(".answers .says.saved")).to_have_count(1)

    learner.page.wait_for_timeout(1_000)
    assert [event.answer["text"] for event in events(live, learner.attempt)][-1] == "Bandung"


def test_who_presses_twice_goes_on_once(learner: Learner, live: Live) -> None:
    pages_are_here(learner)
    learner.answer()
    expect(learner.state()).to_contain_text("Saved. Receipt")
    passed = learner.page.evaluate("history.length")
    learner.page.route("**/answers", lambda route: (learner.page.wait_for_timeout(500), route.continue_()))
    learner.answer("three")
    learner.page.get_by_role("button", name="Save and").dblclick()
    expect(learner.page.locator(".answers .says.saved")).to_have_count(1)
    learner.page.wait_for_timeout(1_000)

    assert learner.path().endswith("/2")
    assert learner.page.evaluate("history.length") == passed + 1
    assert len(events(live, learner.attempt)) == 2


def test_a_button_that_is_pressed_right_after_typing_is_pressed(chromium: Browser, live: Live) -> None:
    """What was typed is told above the button, where advice on what it was before goes, a moment after the tap."""
    short = School.found(live.site, slug="short")
    short.intro = "/quizzes/short/basics/quiz"
    short.install([PART_KINDS[3]])
    with phone_of(Learner, chromium, live) as one:
        begin(one, live, short, "short@example.org", course="short")
        one.page.locator("#answer").fill("By bus.")
        expect(one.state()).to_contain_text("at least 5 are asked for")
        one.page.reload()
        expect(one.page.locator("#answer-form .advice")).to_be_visible()
        button = one.page.get_by_role("button", name="Save and")
        one.page.set_viewport_size({"width": 320, "height": 1_200})  # the field and the button at once
        one.page.locator("#answer").press("x")
        box = button.bounding_box()
        assert box
        one.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
        one.page.mouse.down()
        one.page.wait_for_timeout(100)
        one.page.mouse.up()

        one.sees("Every question is answered")


def test_the_same_quiz_without_script(chromium: Browser, live: Live, school: School) -> None:
    with phone_of(Learner, chromium, live, script=False) as one:
        begin(one, live, school, "plain@example.org")
        attempt = one.attempt
        for answered in range(5):
            assert [line.split(".")[0] for line in one.lines()] == ["Saved"] * answered + ["Not answered"] * (
                5 - answered
            )
            one.answer()
            one.press("Save and")
        told = one.page.locator(".answers code").all_inner_texts()
        assert sorted(told) == sorted(shown(event.receipt) for event in events(live, attempt))
        assert len(told) == 5
        one.press("Submit my answers")
        one.sees("100%")


def test_an_answer_survives_a_page_that_is_closed_before_it_was_sent(learner: Learner, live: Live) -> None:
    address, attempt = learner.page.url, learner.attempt
    learner.context.set_offline(True)
    learner.answer()
    expect(learner.state()).to_contain_text("On this phone.")
    learner.page.close()
    learner.context.set_offline(False)

    learner.page = learner.context.new_page()
    learner.page.goto(address)

    expect(learner.state()).to_contain_text("Saved. Receipt")
    assert [event.answer != {} for event in events(live, attempt)] == [True]
    learner.page.wait_for_function(
        "() => document.querySelector('input:checked') || document.querySelector('#answer').value"
    )


def test_a_lost_reply_stores_the_answer_once(learner: Learner, live: Live) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(str(route.fetch().text()))
        route.abort()

    learner.page.route("**/answers", lose)
    learner.answer()

    expect(learner.state()).to_contain_text("Saved. Receipt")
    assert json.loads(lost[0])["receipt"] in learner.state().inner_text()
    assert len(events(live, learner.attempt)) == 1


def test_the_last_of_two_tabs_wins(learner: Learner, live: Live) -> None:
    second = learner.context.new_page()
    second.goto(learner.page.url)
    first, other = learner.page, second
    learner.answer("one")
    expect(learner.state()).to_contain_text("Saved")
    learner.page = other
    learner.answer("three")
    expect(learner.state()).to_contain_text("Saved")
    learner.page = first
    told = learner.state().inner_text()
    learner.answer("two")
    expect(learner.state()).not_to_have_text(told)  # what is typed is sent a moment later
    expect(learner.state()).to_contain_text("Saved")

    found = events(live, learner.attempt)
    assert len(found) == 3
    assert [event.counter for event in found] == sorted({event.counter for event in found})


def test_a_session_that_ends_keeps_answers_until_the_same_person_signs_in(
    learner: Learner, live: Live, school: School
) -> None:
    attempt = learner.attempt
    cookies = learner.context.cookies()
    learner.context.clear_cookies()
    learner.answer()
    learner.sees("You are signed out. Your answers are kept on this phone.")

    live.person("another@example.org")
    learner.sign_in("another@example.org")
    learner.open("/account")
    learner.page.wait_for_load_state("networkidle")
    assert events(live, attempt) == []

    learner.context.clear_cookies()
    learner.context.add_cookies(cookies)  # type: ignore[arg-type]
    learner.open(school.intro)
    learner.sees("Answers that were kept on this phone are saved now: 1")
    assert len(events(live, attempt)) == 1


@pytest.mark.parametrize("agrees", [False, True], ids=["stays", "leaves"])
def test_signing_out_says_how_many_answers_would_be_lost(learner: Learner, live: Live, agrees: bool) -> None:
    asked: list[str] = []
    learner.page.on(
        "dialog", lambda dialog: (asked.append(dialog.message), dialog.accept() if agrees else dialog.dismiss())
    )
    learner.page.route("**/answers", lambda route: route.abort())
    learner.answer()
    expect(learner.state()).to_contain_text("The network is away.")
    learner.open("/account")

    learner.press("Sign out on this device")

    if agrees:
        expect(learner.page.get_by_role("link", name="Sign in").first).to_be_visible()
        assert learner.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('person:'))") == []
        assert learner.page.evaluate("sessionStorage.length") == 0
    else:
        learner.page.wait_for_timeout(300)
        assert learner.path() == "/account"
    assert re.sub(r"\s+", " ", asked[0]).strip().endswith("would be lost: 1 Sign out all the same?")


def test_where_the_phone_keeps_nothing_the_page_says_so_until_it_is_saved(
    chromium: Browser, live: Live, school: School
) -> None:
    with phone_of(Learner, chromium, live) as one:
        one.context.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full') }")
        begin(one, live, school, "full@example.org")
        one.context.set_offline(True)
        one.answer()
        expect(one.state()).to_contain_text("Not saved.")
        one.sees("This browser cannot keep answers of this site.")

        one.context.set_offline(False)

        expect(one.state()).to_contain_text("Saved. Receipt")
        assert len(events(live, one.attempt)) == 1


def test_what_the_server_refuses_is_said_and_not_sent_again(learner: Learner, live: Live) -> None:
    while learner.page.locator("#answer").get_attribute("type") == "radio":
        learner.go_on()
    learner.page.locator("#answer").evaluate("(one) => one.removeAttribute('maxlength')")
    learner.page.locator("#answer").fill("x" * 3_000)

    expect(learner.state()).to_contain_text("Not saved.")
    learner.press("Save and")
    learner.sees("Your answer is not saved yet")
    assert events(live, learner.attempt) == []


def test_an_answer_that_cannot_be_read_is_told_why_and_waits_in_the_tab(chromium: Browser, live: Live) -> None:
    counting = School.found(live.site, slug="counting")
    counting.intro = "/quizzes/counting/basics/quiz"
    counting.install([ALL_KINDS[4], PART_KINDS[3]])
    with phone_of(Learner, chromium, live) as one:
        begin(one, live, counting, "counting@example.org", course="counting")
        number, plan = (counting.position_of(one.attempt, uid) for uid in ("number", "plan"))
        questions = one.page.url.rpartition("/")[0]
        line = one.page.locator(".answers li").nth(number - 1)
        one.open(f"{questions}/{number}")
        expect(one.state()).to_have_attribute("role", "status")
        one.page.locator("#answer").fill("many")
        expect(one.state()).to_have_text(re.compile(r"Not saved\. .*number"))

        one.page.locator(".answers a").nth(plan - 1).click()  # a link goes on; the answer waits
        expect(one.page.locator("textarea")).to_be_visible()
        expect(line).to_contain_text("Not saved.")
        one.page.locator("#answer").fill("By bus.")
        expect(one.state()).to_contain_text("It has 2 words; at least 5 are asked for.")
        one.page.locator("#answer").fill("By bus, and the buyer pays.")
        expect(one.state()).to_have_text(re.compile(r"^Saved\. Receipt \S{9}$"))

        one.open(f"{questions}/{number}")  # also after the page was loaded anew
        expect(one.page.locator("#answer")).to_have_value("many")
        expect(one.state()).to_contain_text("Not saved.")
        for _ in range(2):
            one.press("Save and")
            one.sees("Your answer is not saved yet")
            expect(one.page.locator("#answer")).to_have_value("many")
        one.page.reload()
        expect(one.page.locator("#answer")).to_have_value("many")

        one.page.locator("#answer").fill("150")
        expect(one.state()).to_contain_text("Saved. Receipt")
        expect(line).to_contain_text("Saved. Receipt")
        one.go_on()
        one.open(f"{questions}/{number}")
        expect(one.page.locator("#answer")).to_have_value("150")
        expect(one.state()).to_contain_text("Saved. Receipt")


def test_a_phone_whose_clock_is_a_day_wrong_shows_the_time_that_is_left(chromium: Browser, live: Live) -> None:
    timed = School.found(live.site, slug="tides")
    timed.intro = "/quizzes/tides/basics/quiz"
    timed.install([choice("only")], time_limit_minutes=30)
    with phone_of(Learner, chromium, live) as one:
        person = live.person("tides@example.org")
        enrol(live, person, "tides")
        one.sign_in("tides@example.org")
        one.context.add_init_script("{ const now = Date.now; Date.now = () => now() + 86400000 }")
        one.open(timed.intro)
        one.press("Begin")

        expect(one.page.locator("[data-left]")).to_have_text(re.compile("(29|30) minutes"))
        one.answer()
        expect(one.state()).to_contain_text("Saved. Receipt")


def test_the_scripts_of_an_attempt_weigh_little() -> None:
    assert len(gzip.compress((STATIC / "js" / "answers.js").read_bytes(), 9)) <= 8 * 1024


def test_an_autosave_is_one_small_request(learner: Learner) -> None:
    sent: list[int] = []
    learner.page.on(
        "request", lambda request: sent.append(len(request.post_data or "")) if request.method == "POST" else None
    )
    learner.answer()
    expect(learner.state()).to_contain_text("Saved")

    assert len(sent) == 1
    assert sent[0] <= 1_024


def test_somebody_who_types_on_and_on_is_saved_within_two_seconds_of_the_first_letter(learner: Learner) -> None:
    while learner.page.locator("#answer").get_attribute("type") == "radio":
        learner.go_on()
    learner.page.clock.install()
    learner.page.clock.pause_at(clock.now() + timedelta(minutes=1))
    sent: list[str] = []
    learner.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for milliseconds in (700, 700, 500):
        assert sent == []
        learner.page.locator("#answer").press("x")
        learner.page.clock.run_for(milliseconds)

    expect(learner.state()).to_contain_text("Saved. Receipt")
    assert len(sent) == 1


def test_the_time_that_is_left_is_announced(chromium: Browser, live: Live) -> None:
    timed = School.found(live.site, slug="hours")
    timed.intro = "/quizzes/hours/basics/quiz"
    timed.install([choice("only")], time_limit_minutes=30)
    with phone_of(Learner, chromium, live) as one:
        one.page.clock.install()
        begin(one, live, timed, "hours@example.org", course="hours")
        said = one.page.locator("#said[role=status]")
        expect(said).to_be_empty()
        for ahead, left in (("20:30", "10 minutes"), ("05:00", "5 minutes"), ("04:00", "1 minute")):
            one.page.clock.fast_forward(ahead)

            expect(said).to_have_text(f"Time left: {left}")


def test_what_was_answered_after_the_end_is_kept_and_says_so(chromium: Browser, live: Live, school: School) -> None:
    with phone_of(Learner, chromium, live) as one:
        person = begin(one, live, school, "late@example.org")
        attempt = one.attempt
        one.context.set_offline(True)
        one.answer()
        expect(one.state()).to_contain_text("On this phone.")
        with live.site.writing() as session:
            services.submit(session, attempt_id=attempt, person_id=person.id, types=TYPES, now=clock.now())

        one.context.set_offline(False)

        expect(one.state()).to_contain_text("Saved after the end. It is kept and does not count. Receipt")
        assert [event.late for event in events(live, attempt)] == [True]


def asked_by(one: Phone) -> list[str]:
    """The requests that a phone sends from here on, without styles, icons and answers."""
    found: list[str] = []

    def note(request: Any) -> None:
        path = request.url.removeprefix(one.live.base)
        if "/static/" not in path and not path.endswith("/answers"):
            found.append(f"{request.method} {path}")

    one.page.on("request", note)
    return found


@pytest.fixture
def ready(chromium: Browser, live: Live, school: School) -> Iterator[Learner]:
    """Somebody on the page that says the rules."""
    with phone_of(Learner, chromium, live) as one:
        email = f"{uuid4().hex}@example.org"
        enrol(live, live.person(email), "river")
        one.sign_in(email)
        one.open(school.intro)
        yield one


def test_a_whole_try_takes_one_request_to_begin_and_one_to_submit(ready: Learner, school: School) -> None:
    asked = asked_by(ready)
    ready.press("Begin")
    for _ in range(5):
        expect(ready.page.locator("#answer-form")).to_be_visible()
        ready.answer()
        ready.press("Save and")
        ready.page.wait_for_timeout(200)
    ready.press("Submit my answers")
    ready.sees("100%")

    attempt = ready.attempt
    assert asked == [
        f"POST {school.intro}",
        f"GET /quizzes/attempts/{attempt}/check",
        f"POST /quizzes/attempts/{attempt}/submit",
    ]
    expect(ready.page.locator("main")).to_be_focused()
    assert ready.path() == f"/quizzes/attempts/{attempt}"
    ready.page.reload()
    ready.sees("100%")


def test_who_begins_without_a_network_is_told_so_and_begins_when_it_is_back(ready: Learner) -> None:
    ready.context.set_offline(True)
    ready.press("Begin")
    ready.sees("Nothing is lost: press the button again when it is back.")
    ready.context.set_offline(False)
    ready.press("Begin")

    expect(ready.page.locator("#answer-form")).to_be_visible()
    assert ready.page.locator("#said").inner_text() == ""


def test_who_submits_and_loses_the_reply_gets_the_result_at_the_second_press(ready: Learner, live: Live) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.request.url)
            route.fetch()  # it arrives, and its reply does not
            route.abort()
        else:
            route.continue_()

    ready.press("Begin")
    expect(ready.page.locator("#answer-form")).to_be_visible()
    ready.answer()
    expect(ready.state()).to_contain_text("Saved. Receipt")
    ready.press("Look over all and submit")
    ready.sees("questions are not answered")
    ready.page.route("**/submit", lose)
    ready.press("Submit my answers")
    ready.sees("press the button again")
    ready.press("Submit my answers")
    ready.sees("Not answered")

    with live.site.reading() as session:
        assert session.scalar(select(func.count()).where(Result.attempt_id == ready.attempt)) == 1


def test_the_way_back_leads_to_the_rules_also_without_a_network(ready: Learner, school: School) -> None:
    ready.press("Begin")
    expect(ready.page.locator("#answer-form")).to_be_visible()
    ready.page.go_back()
    ready.sees("Go on with your try")  # as the server says it now
    assert ready.path() == school.intro
    ready.page.go_forward()
    expect(ready.page.locator("#answer-form")).to_be_visible()
    ready.context.set_offline(True)
    ready.page.go_back()
    ready.sees("You pass with")
    ready.context.set_offline(False)
    ready.press("Go on with your try")

    expect(ready.page.locator("#answer-form")).to_be_visible()


def test_what_may_not_begin_is_said_on_a_page(chromium: Browser, live: Live, school: School) -> None:
    once = School.found(live.site, slug="once")
    once.intro = "/quizzes/once/basics/quiz"
    once.install([choice("only")], tries=1)
    with phone_of(Learner, chromium, live) as one:
        email = f"{uuid4().hex}@example.org"
        person = live.person(email)
        enrol(live, person, "once")
        one.sign_in(email)
        one.open(once.intro)
        with live.site.writing() as session:  # meanwhile, on another device
            place = {"course_slug": "once", "module_slug": "basics", "activity_slug": "quiz"}
            begun = services.start(session, person_id=person.id, types=TYPES, now=clock.now(), **place)
            attempt = begun.standing.attempt.id
            services.submit(session, attempt_id=attempt, person_id=person.id, types=TYPES, now=clock.now())
        one.press("Begin")
        one.sees("You have used all your tries.")


def test_who_saves_data_gets_each_page_when_it_is_asked_for(ready: Learner, school: School) -> None:
    ready.context.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    ready.page.reload()
    asked = asked_by(ready)
    ready.press("Begin")
    expect(ready.page.locator("#answer-form")).to_be_visible()
    ready.page.wait_for_timeout(2_000)

    assert asked == [f"POST {school.intro}", f"GET {ready.path()}"]
