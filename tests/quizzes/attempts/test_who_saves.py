"""A save finds out with its one statement who sends it; what a process knows of a person is never the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lms import clock
from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.testing import Browser
from tests.quizzes.school import School


class Writer:
    """Somebody whose device has saved one answer, so that the process knows them and their attempt."""

    def __init__(self, school: School) -> None:
        school.install()
        self.school = school
        self.person, self.browser = school.participant()
        self.attempt = school.begin(self.browser)
        self.position = school.position_of(self.attempt, "number")
        self.counter = 0
        self.token = self.browser.token()
        assert self.saves("12").status_code == 200

    def saves(self, typed: str, browser: Browser | None = None) -> Any:
        self.counter += 1
        sent = {
            "client": "phone",
            "counter": self.counter,
            "question": self.position,
            "answer": {"answer": [typed]},
        }
        return (browser or self.browser).client.post(
            f"/quizzes/attempts/{self.attempt}/answers",
            json=sent,
            headers={"X-CSRFToken": self.token if browser is None else browser.token()},
            base_url="http://localhost:8000",
        )


@pytest.fixture
def writer(school: School) -> Writer:
    return Writer(school)


def test_one_statement_is_all_it_takes(writer: Writer) -> None:
    with writer.school.site.statements() as statements:
        answer = writer.saves("13")

    assert (answer.status_code, len(statements)) == (200, 1)


def test_a_sign_in_that_ended_elsewhere_ends_here_too(writer: Writer) -> None:
    with writer.school.site.writing() as session:
        accounts.sign_out_everywhere(session, person_id=writer.person.id)

    answer = writer.saves("13")

    assert answer.status_code == 401
    assert len(writer.school.events()) == 1


def test_a_suspended_person_saves_nothing_more(writer: Writer) -> None:
    with writer.school.site.writing() as session:
        accounts.suspend(session, person_id=writer.person.id, actor_id=None, reason="Asked for it.", now=clock.now())

    assert writer.saves("13").status_code == 401
    assert len(writer.school.events()) == 1


def test_a_sign_in_that_ran_out_is_over(writer: Writer) -> None:
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert writer.saves("13").status_code == 401
    assert len(writer.school.events()) == 1


def test_what_cannot_be_read_is_not_told_to_somebody_who_is_signed_out(writer: Writer) -> None:
    with writer.school.site.writing() as session:
        accounts.sign_out_everywhere(session, person_id=writer.person.id)

    assert writer.saves("twelve").status_code == 401


def test_a_number_is_read_in_the_language_that_the_person_has_now(writer: Writer) -> None:
    with writer.school.site.writing() as session:
        session.get_one(Person, writer.person.id).language = "fr"

    assert writer.saves("12,5").status_code == 200
    assert writer.school.events()[-1].answer["number"] == "12.5"


def test_somebody_else_gets_no_answer_into_an_attempt(writer: Writer) -> None:
    _, stranger = writer.school.participant()
    stranger.get(writer.school.intro)

    assert writer.saves("13", stranger).status_code == 404
    assert len(writer.school.events()) == 1


def test_each_of_two_devices_is_asked_for_itself(writer: Writer) -> None:
    """One device is signed out; the other one goes on."""
    other = writer.school.site.browser(writer.person)
    other.get(writer.school.intro)
    assert writer.saves("13", other).status_code == 200

    writer.browser.post("/sign-out")

    assert writer.saves("14").status_code in (400, 401)
    assert writer.saves("15", other).status_code == 200
    assert [event.answer["number"] for event in writer.school.events()] == ["12", "13", "15"]
