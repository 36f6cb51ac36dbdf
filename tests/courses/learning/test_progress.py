"""Reading, marking as done, where one left off, and when a course is complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from courses.enrolment import services as enrolment
from courses.learning import services
from courses.learning.services import left_off, next_step
from courses.packages.installing import Installed
from lms import clock
from lms.accounts.models import Person
from lms.certificates.models import Certificate
from lms.errors import NotFound, Refused
from lms.records import services as records
from lms.testing import Site
from tests.factories.courses import SMALL, small_course, text, with_worksheets, write_package

pytestmark = pytest.mark.usefixtures("small")

LESSONS = [("alpha", "first"), ("alpha", "second"), ("alpha", "third"), ("beta", "first"), ("beta", "second")]


@pytest.fixture
def learner(site: Site) -> Person:
    person = site.person()
    with site.writing() as session:
        enrolment.enrol(session, person_id=person.id, course_slug=SMALL, now=clock.now())
    return person


def mark(site: Site, person: Person, module: str, lesson: str) -> None:
    with site.writing() as session:
        services.mark_done(session, person_id=person.id, course=SMALL, module=module, lesson=lesson, now=clock.now())


def progress_of(site: Site, person: Person) -> tuple[services.Outline, services.Progress]:
    with site.reading() as session:
        return services.course_and_progress(session.connection(), slug=SMALL, person_id=person.id)


def place(site: Site, person: Person) -> tuple[str, str] | None:
    found = left_off(*progress_of(site, person))
    return None if found is None else (found[0].slug, found[1].slug)


def pass_quiz(site: Site, person: Person, module: str, score: float = 1.0, *, passed: bool = True) -> None:
    outline, _ = progress_of(site, person)
    with site.writing() as session:
        services.record_result(
            session,
            person_id=person.id,
            activity_id=outline.module(module).activities[-1].id,
            score=score,
            passed=passed,
            now=clock.now(),
        )


def test_one_begins_at_the_first_lesson(site: Site, learner: Person) -> None:
    assert place(site, learner) == ("alpha", "first")


def test_one_left_off_at_the_first_undone_lesson_after_the_last_done_one(site: Site, learner: Person) -> None:
    mark(site, learner, "alpha", "second")

    assert place(site, learner) == ("alpha", "third")


def test_after_the_last_lesson_one_goes_back_to_what_was_passed_over(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS[1:]:
        mark(site, learner, module, lesson)

    assert place(site, learner) == ("alpha", "first")


def test_with_all_lessons_done_there_is_no_place(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS:
        mark(site, learner, module, lesson)

    assert place(site, learner) is None


def test_the_quiz_comes_after_the_lessons_of_its_module(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS[:3]:
        mark(site, learner, module, lesson)

    step = next_step(*progress_of(site, learner))

    assert step.lesson is None
    assert step.activity is not None
    assert step.module is not None
    assert step.module.slug == "alpha"


def test_marking_twice_is_the_same_as_once(site: Site, learner: Person) -> None:
    mark(site, learner, "alpha", "first")
    mark(site, learner, "alpha", "first")

    _, progress = progress_of(site, learner)

    assert len(progress.done) == 1


def test_who_is_not_enrolled_marks_nothing(site: Site) -> None:
    stranger = site.person()

    with pytest.raises(Refused, match="Enrol in the course first"):
        mark(site, stranger, "alpha", "first")

    _, progress = progress_of(site, stranger)
    assert progress.done == frozenset()


@pytest.mark.parametrize(("module", "lesson"), [("gamma", "first"), ("alpha", "nothing"), ("nothing", "first")])
def test_a_lesson_that_is_not_there_cannot_be_done(site: Site, learner: Person, module: str, lesson: str) -> None:
    with pytest.raises(NotFound):
        mark(site, learner, module, lesson)


def test_the_course_is_complete_when_every_rule_is_met(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS:
        mark(site, learner, module, lesson)
    pass_quiz(site, learner, "alpha", 0.8)
    with site.reading() as session:
        assert records.of_person(session, person_id=learner.id, subject=f"course:{SMALL}") is None

    pass_quiz(site, learner, "beta", 1.0)

    with site.reading() as session:
        completion = records.of_person(session, person_id=learner.id, subject=f"course:{SMALL}")
        assert completion is not None
        assert completion.facts["score"] == pytest.approx(0.9)
        assert completion.facts["minutes"] == 25
        assert completion.facts["title"] == {"en": "A small course for tests"}


def test_a_failed_quiz_does_not_complete(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS:
        mark(site, learner, module, lesson)
    pass_quiz(site, learner, "alpha")

    pass_quiz(site, learner, "beta", 0.4, passed=False)

    with site.reading() as session:
        assert records.of_person(session, person_id=learner.id, subject=f"course:{SMALL}") is None


def test_what_was_passed_stays_passed_and_the_best_score_is_kept(site: Site, learner: Person) -> None:
    pass_quiz(site, learner, "alpha", 0.9)
    pass_quiz(site, learner, "alpha", 0.2, passed=False)

    outline, progress = progress_of(site, learner)

    result = progress.results[outline.module("alpha").activities[-1].id]
    assert (result.score, result.passed) == (0.9, True)


def test_a_course_that_was_completed_stays_completed(site: Site, learner: Person) -> None:
    for module, lesson in LESSONS:
        mark(site, learner, module, lesson)
    pass_quiz(site, learner, "alpha")
    pass_quiz(site, learner, "beta")

    with site.writing() as session:
        services.mark_not_done(session, person_id=learner.id, course=SMALL, module="alpha", lesson="first")
        state = services.certificate_state(session, person_id=learner.id, course=SMALL)

    assert all(rule.met for rule in state.papers[0].rules)
    assert state.papers[0].completed_at is not None


def test_who_met_every_rule_by_a_new_version_of_the_course_can_claim(
    site: Site, learner: Person, small: Path, install: Callable[[Path], Installed]
) -> None:
    for module, lesson in LESSONS:
        if (module, lesson) != ("alpha", "third"):
            mark(site, learner, module, lesson)
    pass_quiz(site, learner, "alpha")
    pass_quiz(site, learner, "beta")
    files = small_course()
    files["alpha/module.yaml"]["lessons"] = ["first", "second"]
    del files["alpha/third.en.md"]
    (small / "alpha" / "third.en.md").unlink()
    install(write_package(small, files))
    browser = site.browser(learner)

    page = browser.get(f"/courses/{SMALL}/certificate").text
    answer = browser.post(f"/courses/{SMALL}/certificate", {"name": "Made Up"})

    assert "Confirm my name and get the certificate" in page
    assert answer.location.startswith("/certificates/")


TWO_PAPERS = [
    {
        "id": "participation",
        "title": text("Certificate of participation"),
        "statement": text("read one module"),
        "rules": [{"rule": "modules_read", "modules": "ready", "least": 1}],
    },
    {
        "id": "completion",
        "title": text("Certificate of completion"),
        "statement": text("did it all"),
        "rules": [
            {"rule": "quizzes_passed", "modules": "ready"},
            {"rule": "activities_done", "activities": ["beta/worksheet"]},
        ],
    },
]


@pytest.fixture
def two_papers(small: Path, install: Callable[[Path], Installed]) -> None:
    files = with_worksheets()
    files["course.yaml"]["papers"] = TWO_PAPERS
    install(write_package(small, files))


@pytest.mark.usefixtures("two_papers")
def test_each_paper_has_its_own_rules_and_is_earned_by_itself(site: Site, learner: Person) -> None:
    for lesson in ("first", "second", "third"):
        mark(site, learner, "alpha", lesson)

    with site.reading() as session:
        state = services.certificate_state(session, person_id=learner.id, course=SMALL)

    assert [[(rule.rule, rule.have, rule.need) for rule in paper.rules] for paper in state.papers] == [
        [("modules_read", 1, 1)],
        [("quizzes_passed", 0, 2), ("activities_done", 0, 1)],
    ]
    assert [paper.completed_at is not None for paper in state.papers] == [True, False]
    with site.reading() as session:
        completion = records.of_person(session, person_id=learner.id, subject=f"course:{SMALL}:participation")
    assert completion is not None
    assert (completion.facts["minutes"], completion.facts["modules"], completion.facts["score"]) == (15, 1, None)


@pytest.mark.usefixtures("two_papers")
def test_each_paper_is_issued_once_and_the_page_shows_both(site: Site, learner: Person) -> None:
    browser, address = site.browser(learner), f"/courses/{SMALL}/certificate"
    for lesson in ("first", "second", "third"):
        mark(site, learner, "alpha", lesson)
    page = browser.get(address).text
    assert "Hand in “Worksheet of beta”" in page
    assert "Modules read: 1 of 1." in page

    first = browser.post(address, {"name": "Made Up"})
    assert first.location.startswith("/certificates/")
    assert "Certificate of participation" in browser.get(first.location).text
    assert browser.post(address, {"name": "Made Up"}).location == first.location
    for module in ("alpha", "beta"):
        pass_quiz(site, learner, module)
    browser.post(f"/worksheets/{SMALL}/beta/worksheet", {**SHEET, "go": "hand-in"})
    assert "Every rule is met." in browser.get(address).text
    second = browser.post(address, {"name": "Made Up"})

    assert second.location != first.location
    with site.reading() as session:
        subjects = session.scalars(select(Certificate.subject).order_by(Certificate.id)).all()
    assert subjects == [f"course:{SMALL}:participation", f"course:{SMALL}"]
    assert browser.get(address).text.count("Your certificate is issued.") == 2


SHEET = {"field:product": "Garlic", "field:market": "Abroad"}
