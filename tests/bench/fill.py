"""Fill a database for the bench: people who learn, attempts under way, and a journal of answers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import insert, select

from courses.commands import install_shipped
from courses.enrolment.models import Enrolment
from courses.learning.models import LessonDone
from courses.outline.models import Course, Lesson, Module
from lms import clock
from lms.accounts.models import Person, SignIn
from lms.accounts.tokens import hash_of, new_token
from lms.database import migrating
from lms.testing import SIGN_IN_KEY, Site
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion
from quizzes.bank.models import Quiz
from quizzes.bank.services import current_versions
from quizzes.question_types.seeds import new_seed
from tests.bench.floor_table import saved

SIGNED_IN = 400  # browsers that the bench drives in turn
PER_ATTEMPT = 10
LOT = 5_000
MOST_DONE = 12  # lessons that a person has done at most


@dataclass
class Saver:
    """A browser that saves answers: to one question of its own attempt, each with a new number."""

    cookie: str
    token: str
    attempt_id: int
    client: str = field(default_factory=lambda: secrets.token_hex(8))

    def content(self, counter: int) -> dict[str, object]:
        return {"client": self.client, "counter": counter, "question": 1, "answer": {"answer": [str(counter % 1000)]}}


@dataclass(frozen=True)
class Filled:
    lesson: str
    course: str
    people: Sequence[int]
    cookies: Sequence[str]
    savers: Sequence[Saver]


def fill(site: Site, *, people: int, answers: int) -> Filled:
    """Migrate, install the shipped course, and write ``people`` learners and ``answers`` answer events."""
    migrating.upgrade(site.engines)
    with site.engines.writing() as connection:
        saved.metadata.create_all(connection)
    with site.app.app_context():
        install_shipped(site.app)
    now = clock.now()
    with site.writing() as session:
        course_id, slug = session.execute(select(Course.id, Course.slug)).one()
        lessons = list(session.scalars(select(Lesson.id).order_by(Lesson.id).limit(MOST_DONE)))
        quiz = session.scalars(select(Quiz).order_by(Quiz.id).limit(1)).one()
        versions = current_versions(session, quiz_id=quiz.id)
        ids = list(
            session.scalars(
                insert(Person).returning(Person.id, sort_by_parameter_order=True),
                [
                    {
                        "email": f"person{number}@example.org",
                        "name": f"Made-up Person {number}",
                        "country": "KE",
                        "time_zone": "Africa/Nairobi",
                        "language": "en",
                        "password_hash": "!",
                        "role": "participant",
                        "email_verified_at": now,
                        "registered_at": now,
                    }
                    for number in range(people)
                ],
            )
        )
        enrolments = [{"course_id": course_id, "person_id": one, "enrolled_at": now} for one in ids]
        session.execute(insert(Enrolment), enrolments)
        done = [  # not all at the same place: a page is kept for each
            {"person_id": one, "lesson_id": lesson, "done_at": now}
            for number, one in enumerate(ids)
            for lesson in lessons[: number % (len(lessons) + 1)]
        ]
        session.execute(insert(LessonDone), done)
        attempts = _attempts(session, quiz, ids, versions, count=min(people, max(SIGNED_IN, answers // PER_ATTEMPT)))
        _journal(session, attempts, answers)
    cookies, savers = [], []
    tokens = [new_token() for _ in range(SIGNED_IN)]
    with site.writing() as session:
        session.execute(
            insert(SignIn),
            [
                {
                    "token_hash": hash_of(token),
                    "person_id": one,
                    "begun_at": now,
                    "expires_at": now + timedelta(days=1),
                }
                for token, one in zip(tokens, ids, strict=False)
            ],
        )
    with site.reading() as session:
        of_person = dict(session.execute(select(Attempt.person_id, Attempt.id)).all())
    for token, person in zip(tokens, ids, strict=False):
        cookie, form_token = cookie_of(site, token)
        cookies.append(cookie)
        savers.append(Saver(cookie, form_token, of_person[person]))
    base = f"/courses/{slug}"
    with site.reading() as session:
        module, first = session.execute(
            select(Module.slug, Lesson.slug)
            .join(Lesson, Lesson.module_id == Module.id)
            .order_by(Module.position, Lesson.position)
            .limit(1)
        ).one()
    return Filled(f"{base}/{module}/{first}", base, ids[:SIGNED_IN], cookies, savers)


def _attempts(session, quiz, people, versions, *, count):  # type: ignore[no-untyped-def]
    """One open attempt each, whose first question takes any number."""
    numeric = [one for one in versions if one.kind == "numeric"] + [one for one in versions if one.kind != "numeric"]
    now = clock.now()
    rows = [
        {"quiz_id": quiz.id, "person_id": one, "number": 1, "seed": new_seed(), "pass_mark": 0.7, "opened_at": now}
        for one in people[:count]
    ]
    ids = list(session.scalars(insert(Attempt).returning(Attempt.id, sort_by_parameter_order=True), rows))
    drawn = [
        {"attempt_id": one, "position": position, "question_version_id": version.version_id}
        for one in ids
        for position, version in enumerate(numeric[:PER_ATTEMPT], start=1)
    ]
    session.execute(insert(AttemptQuestion), drawn)
    return ids


def _journal(session, attempts, answers):  # type: ignore[no-untyped-def]
    """Answers of an earlier hour, from a device of each person."""
    an_hour_ago = clock.now() - timedelta(hours=1)
    lot = []
    for number in range(answers):
        attempt = attempts[number % len(attempts)]
        counter = number // len(attempts) + 1
        lot.append(
            {
                "attempt_id": attempt,
                "question_position": counter % PER_ATTEMPT + 1,
                "client": "filled",
                "counter": counter,
                "answer": {},
                "made_at": an_hour_ago,
                "late": False,
                "receipt": "00000000",
            }
        )
        if len(lot) == LOT:
            session.execute(insert(AnswerEvent), lot)
            lot = []
    if lot:
        session.execute(insert(AnswerEvent), lot)


def cookie_of(site: Site, token: str) -> tuple[str, str]:
    """The cookie of a browser that is signed in, and a form token that goes with it."""
    raw = secrets.token_hex(20)
    serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
    value = serializer.dumps({SIGN_IN_KEY: token, "_fresh": True, "_permanent": True, "csrf_token": raw})
    with site.app.test_request_context(base_url=site.config.base_url):
        from flask import session
        from flask_wtf.csrf import generate_csrf

        session["csrf_token"] = raw
        return f"{site.app.config['SESSION_COOKIE_NAME']}={value}", str(generate_csrf())
