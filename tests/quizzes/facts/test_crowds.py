"""Many people submit at one moment, while a changed key is applied: nobody waits in a circle, and no sum is lost."""

from __future__ import annotations

import threading

from lms.jobs import running
from quizzes.attempts import services
from quizzes.attempts.models import Attempt
from quizzes.attempts.rebuilding import rebuild
from quizzes.facts.models import QuizFact
from quizzes.regrading import services as regrading
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, TYPES, School, choice

PEOPLE = 16
QUESTIONS = [choice(f"q{number}") for number in range(6)]


def test_the_facts_are_exact_after_many_submits_at_once_beside_a_regrade(school: School) -> None:
    school.install(QUESTIONS, draw=4)
    desk = Desk(school)
    answers = {f"q{number}": {"chosen": ["a" if number % 2 else "b"]} for number in range(6)}
    for _ in range(4):
        sit(school, answers)
    under_way = [sit(school, answers, submit=False) for _ in range(PEOPLE)]
    with school.site.reading() as session:
        people = {one: session.get_one(Attempt, one).person_id for one in under_way}
    school.install([choice("q0", right="a"), *QUESTIONS[1:]], draw=4)
    quiz_id = quiz_of(school)
    with school.site.writing() as session:
        found = regrading.propose(
            session, quiz_id=quiz_id, uid="q0", reason="", by_id=desk.person.id, types=TYPES, log={}, now=MONDAY
        )
        regrade_id = found.id
    faults: list[BaseException] = []

    def submit(attempt_id: int) -> None:
        try:
            with school.site.writing() as session:
                services.submit(session, attempt_id=attempt_id, person_id=people[attempt_id], types=TYPES, now=MONDAY)
        except BaseException as fault:
            faults.append(fault)

    def apply() -> None:
        try:
            with school.site.writing() as session:
                regrading.apply(
                    session, quiz_id=quiz_id, regrade_id=regrade_id, by_id=desk.person.id, log={}, now=MONDAY
                )
            with school.site.app.app_context():
                running.sweep()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=submit, args=(one,)) for one in under_way]
    threads.insert(PEOPLE // 2, threading.Thread(target=apply))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with school.site.app.app_context():
        while running.sweep():
            pass

    assert faults == []
    assert [row.attempts for row in school.rows(QuizFact)] == [PEOPLE + 4]
    kept = facts_of(school)
    with school.site.writing() as session:
        rebuild(session, quiz_id=quiz_id, types=TYPES)
    assert facts_of(school) == kept
    with school.site.reading() as session:
        for attempt in school.attempts():
            newest = services.newest_result(session, attempt_id=attempt.id)
            marked = services.marked_now(session, attempt, types=TYPES)
            assert services.written(marked.questions, marked.marks) == list(
                newest.marks
            )  # by the new key, whoever came when
