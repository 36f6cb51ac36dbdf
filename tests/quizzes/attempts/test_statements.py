"""A question page and a save ask the database at most five times, however much there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from lms import clock
from lms.accounts.models import Person
from lms.heartbeat.models import Heartbeat, Outage
from quizzes.attempts.models import Allowance, AnswerEvent, Attempt, AttemptQuestion
from quizzes.bank.models import QuestionVersion, Quiz
from tests.quizzes.school import MINUTE, MONDAY, School, choice


def fill(school: School, attempts: int) -> None:
    """Give other people many attempts with answers."""
    with school.site.writing() as session:
        quiz_id = session.scalars(select(Quiz.id)).one()
        version_id = session.scalars(select(QuestionVersion.id).limit(1)).one()
        person = session.scalars(select(Person)).first()
        assert person is not None
        columns = {column.name: getattr(person, column.name) for column in Person.__table__.columns}
        people = [{**columns, "id": number, "email": f"crowd{number}@example.org"} for number in ids(attempts)]
        session.execute(insert(Person), people)
        rows = [
            {
                "id": number,
                "quiz_id": quiz_id,
                "person_id": number,
                "number": 1,
                "seed": number,
                "pass_mark": 0.7,
                "opened_at": MONDAY,
                "deadline": None,
                "submitted_at": None,
                "closed_at": None,
            }
            for number in ids(attempts)
        ]
        session.execute(insert(Attempt), rows)
        session.execute(
            insert(AttemptQuestion),
            [{"attempt_id": number, "position": 1, "question_version_id": version_id} for number in ids(attempts)],
        )
        session.execute(
            insert(AnswerEvent),
            [
                {
                    "attempt_id": number,
                    "question_position": 1,
                    "client": "web",
                    "counter": counter,
                    "seen": counter - 1,
                    "answer": {"chosen": ["a"]},
                    "made_at": MONDAY,
                    "late": False,
                    "receipt": "00000000",
                }
                for number in ids(attempts)
                for counter in (1, 2)
            ],
        )


def ids(attempts: int) -> range:
    return range(1_000_000, 1_000_000 + attempts)


def outages(number: int) -> list[Outage]:
    """Outages of the last weeks, and one in the attempt that is counted."""
    return [
        Outage(began_at=begun, ended_at=begun + MINUTE)
        for begun in (MONDAY + MINUTE, *(MONDAY - (day + 1) * timedelta(days=1) for day in range(number - 1)))
    ]


@pytest.fixture(
    params=[(10, 0), (10_000, 0), (10, 200)],
    ids=["10 attempts", "10,000 attempts", "200 outages"],
)
def counted(request: pytest.FixtureRequest, school: School) -> dict[str, int]:
    """How many statements each request sends, with few and with many attempts beside, and after outages."""
    attempts, away = request.param
    case = {"cases": [{"id": "port", "stem": {"en": "A ship waits."}}]}
    questions = [choice(f"q{number}") | {"case": "port"} for number in range(12)]
    school.install(questions, time_limit_minutes=30, hint_cost=0.1, closes_at="2026-11-23T18:00:00Z", **case)
    person, browser = school.participant()
    fill(school, attempts)
    if away:
        with school.site.writing() as session:
            session.add_all([Heartbeat(id=1, at=MONDAY + MINUTE / 10), *outages(away)])
            session.add(
                Allowance(quiz_id=1, person_id=person.id, factor=1.5, minutes=5, tries=1, reason="Slow", set_at=MONDAY)
            )
    numbers: dict[str, int] = {}
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        address = f"/quizzes/attempts/{attempt}/1"
        page = browser.get(address).text
        from tests.quizzes.school import options_of

        first, second, _ = options_of(page).values()
        form = {"csrf_token": browser.token(), "seen": "0", "choice": first}
        sent = {"client": "phone", "counter": 7, "question": 1, "answer": {"choice": [second]}}
        headers = {"X-CSRFToken": browser.token()}
        acts = {
            "question": lambda: browser.get(address),
            "save": lambda: browser.post_without_token(address, form),
            "resend": lambda: browser.post_without_token(address, form),
            "autosave": lambda: browser.client.post(
                f"/quizzes/attempts/{attempt}/answers", json=sent, headers=headers, base_url="http://localhost:8000"
            ),
            "autosave resent": lambda: browser.client.post(
                f"/quizzes/attempts/{attempt}/answers", json=sent, headers=headers, base_url="http://localhost:8000"
            ),
            "question again": lambda: browser.get(address),
            "check": lambda: browser.get(f"/quizzes/attempts/{attempt}/check"),
            "more time": lambda: browser.get(f"/quizzes/attempts/{attempt}/more-time"),
            "asking": lambda: browser.post_without_token(
                f"/quizzes/attempts/{attempt}/more-time", {"csrf_token": browser.token(), "words": "Slow line."}
            ),
            "question asked": lambda: browser.get(address),
        }
        for name, act in acts.items():
            with school.site.statements() as statements:
                answer = act()
            assert answer.status_code in (200, 303), (name, answer.text)
            numbers[name] = len(statements)
    return numbers


def test_question_and_save_send_at_most_five_statements(counted: dict[str, int]) -> None:
    assert counted == {
        "question": 3,
        "save": 5,  # the first of an attempt in this process, which then keeps what never changes
        "resend": 3,
        "autosave": 1,
        "autosave resent": 4,
        "question again": 3,
        "check": 3,
        "more time": 2,
        "asking": 3,
        "question asked": 4,
    }
