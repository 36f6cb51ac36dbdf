"""A trainer sees who took a quiz, what each try came to, and each question as the person saw it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from lms.accounts.models import Person
from quizzes.attempts.models import AnswerEvent, Attempt, HintAsked, LateDecision, Result
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import event, quiz_of, sit
from tests.quizzes.school import MONDAY, PART_KINDS, School, choice, options_of

QUIZ = "/quizzes/trade/basics/quiz"
QUESTIONS = [choice("q1"), choice("q2"), {**choice("q3"), "objective": "o2"}]


@pytest.fixture
def desk(school: School) -> Desk:
    school.install(QUESTIONS)
    return Desk(school)


def page_of(desk: Desk, address: str) -> str:
    answer = desk.browser.get(f"{QUIZ}/{address}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_every_page_says_what_will_be_there_while_nobody_took_the_quiz(desk: Desk) -> None:
    assert "Nobody has taken this quiz yet" in page_of(desk, "results")
    assert "No figures yet" in page_of(desk, "results/objectives")
    assert "Nothing to export yet" in page_of(desk, "results/export")


def test_people_are_listed_with_the_try_that_counts(desk: Desk, school: School) -> None:
    best = school.site.person(name="Zuri")
    sit(school, {uid: {"chosen": ["b"]} for uid in ("q1", "q2", "q3")}, person=best)
    sit(school, {"q1": {"chosen": ["b"]}}, person=best)
    sit(school, {"q1": {"chosen": ["b"]}}, name="amara")
    sit(school, {}, name="Biko", submit=False)

    page = page_of(desk, "results")

    names = re.findall(r"<bdi>(.*?)</bdi></a>", page)
    assert names == ["amara", "Biko", "Zuri"]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in page.split('<tr role="row"><th scope="row"')[1:]]
    assert [row[row.index("Passed") - 1] for row in rows if "Passed" in row] == ["100%"]
    assert "33%" in rows[0]
    assert "Under" in rows[1]


def test_a_part_of_a_name_or_an_address_finds_people(desk: Desk, school: School) -> None:
    sit(school, {}, name="Amina Otieno")
    sit(school, {}, name="Per 100%_cent")

    assert re.findall(r"<bdi>(.*?)</bdi></a>", page_of(desk, "results?words=OTIENO")) == ["Amina Otieno"]
    assert re.findall(r"<bdi>(.*?)</bdi></a>", page_of(desk, "results?words=%25_")) == ["Per 100%_cent"]
    assert "Nobody is found" in page_of(desk, "results?words=nobody-at-all")
    assert re.findall(r"<bdi>(.*?)</bdi></a>", page_of(desk, "results?page=900")) == ["Amina Otieno", "Per 100%_cent"]


def fill(school: School, people: int) -> None:
    """Give many people a finished try."""
    quiz_id = quiz_of(school)
    with school.site.writing() as session:
        person = session.scalars(select(Person)).first()
        assert person is not None
        columns = {column.name: getattr(person, column.name) for column in Person.__table__.columns}
        ids = range(1_000_000, 1_000_000 + people)
        session.execute(
            insert(Person), [{**columns, "id": one, "email": f"c{one}@example.org", "name": f"C {one}"} for one in ids]
        )
        session.execute(
            insert(Attempt),
            [
                {
                    "id": one,
                    "quiz_id": quiz_id,
                    "person_id": one,
                    "number": 1,
                    "seed": one,
                    "pass_mark": 0.7,
                    "opened_at": MONDAY,
                    "deadline": None,
                    "submitted_at": MONDAY,
                    "closed_at": MONDAY,
                }
                for one in ids
            ],
        )
        session.execute(
            insert(Result),
            [
                {"attempt_id": one, "number": 1, "score": 0.5, "passed": False, "marks": [], "made_at": MONDAY}
                for one in ids
            ],
        )


@pytest.mark.parametrize("people", [60, 10_000])
def test_a_page_of_people_takes_at_most_five_statements_however_many_there_are(
    desk: Desk, school: School, people: int
) -> None:
    fill(school, people)

    numbers = {}
    for address in ("results", "results?page=2", "results?words=C+1", "results/objectives"):
        with school.site.statements() as statements:
            page = page_of(desk, address)
        numbers[address] = len(statements)

    assert f"of {people}" in page_of(desk, "results?page=2")
    assert page.count("<tr") < 60
    assert numbers == {"results": 5, "results?page=2": 5, "results?words=C+1": 5, "results/objectives": 4}


def test_a_try_shows_each_answer_that_reached_us(desk: Desk, school: School) -> None:
    attempt = sit(school, {"q1": {"chosen": ["a"]}, "q2": {"chosen": ["b"]}})
    place = school.position_of(attempt, "q1")
    with school.site.writing() as session:
        first = session.scalars(select(AnswerEvent).where(AnswerEvent.question_position == place)).one()
        late = event(attempt, place, {"chosen": ["b"]}, MONDAY + timedelta(hours=2), late=True)
        other = event(attempt, school.position_of(attempt, "q2"), {"chosen": ["c"]}, MONDAY, late=True)
        session.add_all([late, other])
        session.flush()
        session.add(
            LateDecision(event_id=late.id, counts=True, reason="Away", decided_by_id=desk.person.id, decided_at=MONDAY)
        )
        session.add(HintAsked(attempt_id=attempt, position=place, asked_at=MONDAY))
        receipt = first.receipt

    page = page_of(desk, f"results/tries/{attempt}")

    assert f"{receipt[:4]}-{receipt[4:]}" in page
    assert page.count("It came after the end and does not count.") == 1
    assert page.count("It came after the end, and a trainer decided that it counts.") == 1
    assert page.count("A later one counts.") == 1
    assert page.count("The hint was taken.") == 1
    assert "Option two of q1" in page
    assert page.count("Not answered") == 1


def test_a_question_is_shown_exactly_as_the_person_saw_it(desk: Desk, school: School) -> None:
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer(browser, attempt, "q1", "Option three of q1")
    place = school.position_of(attempt, "q1")
    theirs = browser.get(f"/quizzes/attempts/{attempt}/{place}").text
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    school.install([choice("q1", prompt="Asked otherwise now"), *QUESTIONS[1:]])

    page = page_of(desk, f"results/tries/{attempt}/{place}")

    assert list(options_of(page).items()) == list(options_of(theirs).items())  # the same order and the same drawn ids
    assert "What fits q1?" in page
    assert "Asked otherwise now" not in page
    chosen = re.findall(r'value="([^"]+)" checked', page)
    assert chosen == [options_of(theirs)["Option three of q1"]]
    assert "<fieldset disabled" in page


def test_a_try_of_another_quiz_is_not_found(desk: Desk, school: School) -> None:
    other = School.found(school.site, slug="crafts")
    other.install(QUESTIONS)
    attempt = sit(school, {})
    person = school.attempts()[0].person_id
    outsider = desk.trainer(course="crafts")[1]

    for address in ("", f"/people/{person}", f"/tries/{attempt}", f"/tries/{attempt}/1", "/objectives", "/export"):
        assert outsider.get(f"{QUIZ}/results{address}").status_code == 404
    for address in (f"/people/{person}", f"/tries/{attempt}", f"/tries/{attempt}/1"):
        assert outsider.get(f"/quizzes/crafts/basics/quiz/results{address}").status_code == 404
    assert desk.browser.get(f"{QUIZ}/results/tries/{attempt}/99").status_code == 404


def test_objectives_are_shares_of_the_marks_of_their_questions(desk: Desk, school: School) -> None:
    sit(school, {uid: {"chosen": ["b"]} for uid in ("q1", "q3")})
    sit(school, {"q1": {"chosen": ["b"]}})

    page = page_of(desk, "results/objectives")

    assert re.findall(r'<progress value="([\d.]+)"', page) == ["0.5", "0.5"]
    assert "Name what fits" in page
    assert "Count orders" in page


def test_an_open_answer_that_waits_is_told_as_such(school: School) -> None:
    school.install([choice("q1"), next(one for one in PART_KINDS if one["id"] == "plan")])
    desk = Desk(school)
    attempt = sit(school, {"plan": {"text": "By bus to the neighbour."}}, name="Writer")

    assert "A trainer still marks" in page_of(desk, "results")
    assert "A trainer marks it" in page_of(desk, f"results/tries/{attempt}")
    assert "By bus to the neighbour." in page_of(desk, f"results/tries/{attempt}/{school.position_of(attempt, 'plan')}")
