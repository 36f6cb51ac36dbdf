"""A changed key: what follows is seen before anything happens, applied in batches, and nothing is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from courses.learning.models import ActivityResult
from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.jobs import running
from lms.jobs.models import Job
from lms.records.models import Completion
from quizzes.attempts import services as attempts
from quizzes.attempts.models import Attempt, Result
from quizzes.attempts.rebuilding import rebuild
from quizzes.bank.models import KeyChange
from quizzes.regrading import services
from quizzes.regrading.models import CertificateReview, Regrade, RegradeChange
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import facts_of, quiz_of, sit
from tests.quizzes.school import MONDAY, TYPES, School, choice

QUIZ = "/quizzes/trade/basics/quiz"
KEY = f"{QUIZ}/figures/q1/key"
QUESTIONS = [choice("q1"), choice("q2")]


@pytest.fixture
def desk(school: School) -> Desk:
    school.install(QUESTIONS, pass_mark=0.6)
    return Desk(school)


def mend(school: School, right: str = "a") -> None:
    """Publish the first question with another key."""
    school.install([choice("q1", right=right), QUESTIONS[1]], pass_mark=0.6)


def look(desk: Desk) -> str:
    answer = desk.browser.post(KEY, {"reason": "The law changed."})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def page_of(desk: Desk, address: str) -> str:
    answer = desk.browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def work(school: School) -> None:
    """Let the worker do what waits."""
    with school.site.app.app_context():
        while running.sweep():
            pass


def results_of(school: School, attempt: int) -> list[tuple[int, float, bool]]:
    return [(one.number, one.score, one.passed) for one in school.results() if one.attempt_id == attempt]


def both(first: str, second: str = "b") -> dict[str, Any]:
    return {"q1": {"chosen": [first]}, "q2": {"chosen": [second]}}


def test_case_21_nothing_changes_until_it_is_confirmed_and_old_results_are_kept(desk: Desk, school: School) -> None:
    wins, loses, same = (
        sit(school, both(one), name=name) for one, name in (("a", "Wins"), ("b", "Loses"), ("c", "Same"))
    )
    before, facts = [(one.id, one.score) for one in school.results()], facts_of(school)
    mend(school)

    address = look(desk)
    page = page_of(desk, address)

    assert [(one.id, one.score) for one in school.results()] == before
    assert facts_of(school) == facts
    assert school.count(KeyChange) == 0
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["2", "1", "1", "0"]
    assert re.findall(r"<bdi>(Wins|Loses|Same)</bdi>", page) == ["Loses", "Wins"]
    assert "Change 2 results" in page

    assert desk.browser.post(f"{address}/apply").status_code == 303
    work(school)

    assert results_of(school, wins) == [(1, 0.5, False), (2, 1.0, True)]
    assert results_of(school, loses) == [(1, 1.0, True), (2, 0.5, False)]
    assert results_of(school, same) == [(1, 0.5, False)]
    assert "Applied." in page_of(desk, address)
    recorded = {one.person_id: (one.score, one.passed_at is not None) for one in school.rows(ActivityResult)}
    whose = {one.id: one.person_id for one in school.attempts()}
    assert recorded[whose[wins]] == (1.0, True)
    assert recorded[whose[loses]] == (0.5, True)  # what was passed stays passed in the course
    acts = [one.act for one in school.rows(AuditEntry) if one.act.startswith("key.")]
    assert acts == ["key.looked_at", "key.applied"]


def test_a_key_that_changes_nobodys_result_is_applied_as_such(desk: Desk, school: School) -> None:
    same = sit(school, both("c"), name="Same")
    mend(school)

    address = look(desk)
    page = page_of(desk, address)
    desk.browser.post(f"{address}/apply")
    work(school)

    assert "result changes" in page and "Mark by this key" in page and "Change 0" not in page
    assert len(results_of(school, same)) == 1
    assert len(school.rows(KeyChange)) == 1


def test_left_it_changes_nothing_and_another_can_be_looked_at(desk: Desk, school: School) -> None:
    attempt = sit(school, both("a"))
    mend(school)
    address = look(desk)
    assert desk.browser.post(KEY, {"reason": "Again."}).status_code == 409

    assert desk.browser.post(f"{address}/leave").status_code == 303
    work(school)

    assert "Left. Nothing was changed." in page_of(desk, address)
    assert desk.browser.post(f"{address}/apply").status_code == 409
    assert results_of(school, attempt) == [(1, 0.5, False)]
    assert look(desk) != address


def test_applied_twice_or_marked_twice_it_is_done_once(desk: Desk, school: School) -> None:
    attempt = sit(school, both("a"))
    mend(school)
    address = look(desk)
    for _ in range(2):
        assert desk.browser.post(f"{address}/apply").status_code == 303
    work(school)
    with school.site.writing() as session:
        session.execute(update(Regrade).values(state=services.APPLYING, cursor=0, seen=0))
        services.step(session, regrade_id=school.rows(Regrade)[0].id, types=TYPES, now=MONDAY)

    assert len(results_of(school, attempt)) == 2
    assert desk.browser.post(KEY, {"reason": "Again."}).status_code == 409
    assert "marked by this key already" in page_of(desk, KEY)


def test_the_facts_follow_and_equal_those_worked_out_anew(desk: Desk, school: School) -> None:
    for answer in "aabbc":
        sit(school, both(answer))
    mend(school)
    desk.browser.post(f"{look(desk)}/apply")
    work(school)
    kept = facts_of(school)

    with school.site.writing() as session:
        rebuild(session, quiz_id=quiz_of(school), types=TYPES)

    assert facts_of(school) == kept
    page = page_of(desk, f"{QUIZ}/figures/q1")
    assert re.findall(r"<h2[^>]*>(Version \d)", page) == ["Version 2"]  # both versions have one key now
    assert re.search(r"Mean mark</dt><dd>40%", page)


def test_many_people_are_marked_in_batches_with_progress(
    desk: Desk, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 3)
    for _ in range(7):
        sit(school, both("a"))
    mend(school)

    address = look(desk)

    page = page_of(desk, address)
    assert '<progress value="3" max="7">' in page
    assert "You can leave this page." in page
    assert desk.browser.post(f"{address}/apply").status_code == 409
    work(school)
    assert "Change 7 results" in page_of(desk, address)
    desk.browser.post(f"{address}/apply")
    work(school)
    assert [one.number for one in school.results()].count(2) == 7
    assert [(one.state, one.seen, one.of) for one in school.rows(Regrade)] == [("done", 7, 7)]
    assert {one.state for one in school.rows(Job) if one.kind == services.JOB} == {"done"}


def test_who_submits_in_the_middle_is_marked_by_the_new_key_once(
    desk: Desk, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 1)
    sit(school, both("a"))
    under_way = sit(school, both("a"), submit=False)
    mend(school)
    address = look(desk)
    work(school)
    desk.browser.post(f"{address}/apply")

    with school.site.writing() as session:
        person = session.get_one(Attempt, under_way).person_id
        attempts.submit(session, attempt_id=under_way, person_id=person, types=TYPES, now=MONDAY)
    work(school)

    assert results_of(school, under_way) == [(1, 1.0, True)]
    assert [one.number for one in school.results()] == [1, 1, 2] or [one.number for one in school.results()] == [
        1,
        2,
        1,
    ]


def test_the_try_that_counts_decides_who_passes(school: School) -> None:
    school.install(QUESTIONS, pass_mark=0.6, counts="last")
    desk = Desk(school)
    person = school.site.person(name="Twice")
    sit(school, both("b"), person=person)
    sit(school, both("a"), person=person)
    school.install([choice("q1", right="a"), QUESTIONS[1]], pass_mark=0.6, counts="last")

    page = page_of(desk, look(desk))

    assert re.findall(r"<dd>(\d+)</dd>", page) == ["1", "1", "0", "0"]
    assert "2 tries change" in page


def test_certificates_are_listed_to_look_at_and_never_revoked(desk: Desk, school: School) -> None:
    attempt = sit(school, both("b"), name="Holder")
    certificate = certified(school, attempt)
    mend(school)
    address = look(desk)
    assert "Has a certificate" in page_of(desk, address)
    assert school.count(CertificateReview) == 0

    desk.browser.post(f"{address}/apply")
    work(school)

    with school.site.reading() as session:
        assert session.get_one(Certificate, certificate).revoked_at is None
        assert session.scalars(select(Completion)).one() is not None
    review = school.rows(CertificateReview)[0]
    page = page_of(desk, f"{QUIZ}/regrades")
    assert "Holder" in page
    assert "An admin can revoke it." in page
    admin = school.site.browser(school.site.person(role="admin"))
    assert "/revoke" in admin.get(f"{QUIZ}/regrades").text
    stand = f"{QUIZ}/regrades/certificates/{review.id}"
    assert desk.browser.post(stand, {f"c{review.id}-reason": ""}).status_code == 422
    assert desk.browser.post(stand, {f"c{review.id}-reason": "Passed the other quiz."}).status_code == 303
    assert "Looked at: it stands." in page_of(desk, f"{QUIZ}/regrades")
    assert [one.reason for one in school.rows(AuditEntry) if one.act == "certificate.stands"] == [
        "Passed the other quiz."
    ]


def certified(school: School, attempt: int) -> int:
    """Give the person of an attempt a certificate of the course; its paper matters not here."""
    with school.site.writing() as session:
        person = session.get_one(Person, session.get_one(Attempt, attempt).person_id)
        row = Certificate(
            serial="0" * 26,
            subject="course:trade",
            person_id=person.id,
            version=1,
            first_id=None,
            facts={},
            completed_at=MONDAY,
            issued_at=MONDAY,
            issued_by_id=None,
            pdf=b"",
            pdf_sha256="0" * 64,
            revoked_at=None,
            revoked_by_id=None,
            revoked_reason=None,
            replaced_by_id=None,
        )
        session.add(row)
        session.flush()
        return row.id


def test_a_version_that_asks_something_else_cannot_be_marked_by_the_key(desk: Desk, school: School) -> None:
    sit(school, both("a"))
    school.install([choice("q1", right="a", prompt="Which one does not fit?"), QUESTIONS[1]], pass_mark=0.6)

    assert "It asks something else, word by word" in page_of(desk, KEY)
    assert desk.browser.post(KEY, {"reason": "x"}).status_code == 409
    assert school.count(Regrade) == 0


def test_a_change_that_a_newer_version_overtook_is_refused(desk: Desk, school: School) -> None:
    sit(school, both("a"))
    mend(school)
    address = look(desk)
    mend(school, "c")

    assert desk.browser.post(f"{address}/apply").status_code == 409
    assert school.count(KeyChange) == 0


def test_the_participant_reads_the_changed_key_and_is_told(desk: Desk, school: School) -> None:
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer(browser, attempt, "q1", "Option one of q1")
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    assert "A trainer changed the key" not in browser.get(f"/quizzes/attempts/{attempt}").text
    mend(school)
    desk.browser.post(f"{look(desk)}/apply")
    work(school)

    page = browser.get(f"/quizzes/attempts/{attempt}").text

    assert "A trainer changed the key of this question after your try." in page
    assert "1 of 2 questions right." in page
    assert "You have 50%." in page


def test_a_reason_is_needed_and_strangers_find_nothing(desk: Desk, school: School) -> None:
    sit(school, both("a"))
    mend(school)
    assert desk.browser.post(KEY, {"reason": " "}).status_code == 422
    address = look(desk)
    _, outsider = desk.trainer(course=None)
    _, participant = school.participant()

    for act in ("apply", "leave"):
        assert outsider.post(f"{address}/{act}").status_code == 404
        assert participant.post(f"{address}/{act}").status_code == 403
    other = School.found(school.site, slug="crafts")
    other.install(QUESTIONS)
    foreign = desk.trainer(course="crafts")[1]
    assert foreign.post(address.replace("trade", "crafts") + "/apply").status_code == 404
    assert foreign.get(address.replace("trade", "crafts")).status_code == 404
    assert [one.state for one in school.rows(Regrade)] == ["ready"]


def test_the_page_takes_as_many_statements_for_many_people(desk: Desk, school: School) -> None:
    counts = []
    mend(school, "b")
    for people in (2, 60):
        for _ in range(people):
            sit(school, both("a"))
    school.install([choice("q1", right="a"), QUESTIONS[1]], pass_mark=0.6)
    address = look(desk)
    work(school)
    for page in ("", "?page=2"):
        with school.site.statements() as statements:
            page_of(desk, f"{address}{page}")
        counts.append(len(statements))

    assert counts == [6, 6]
    assert school.count(RegradeChange) == 62
    assert school.count(Result) == 62
