"""Cases 4 and 5: only a course's own trainers get in, and every id in an address is held against its parent."""

from __future__ import annotations

import pytest

from quizzes.bank.models import Question, QuestionVersion
from tests.quizzes.authoring.desk import BANK, Desk
from tests.quizzes.school import School, choice

PLACES = (
    ("get", ""),
    ("post", "/new"),
    ("get", "/single"),
    ("post", "/single"),
    ("get", "/single/preview"),
    ("post", "/single/publish"),
    ("get", "/single/retire"),
    ("post", "/single/retire"),
    ("post", "/single/bring-back"),
)
FORM = {"kind": "numeric", "prompt": "Mine now", "began_from": ""}


def state(school: School) -> list[tuple[object, ...]]:
    """All that a trainer can change."""
    return [
        *((row.id, row.hash, row.state) for row in school.rows(QuestionVersion)),
        *((row.id, row.uid, row.retired_at, row.objective, row.explains) for row in school.rows(Question)),
    ]


@pytest.mark.parametrize(("method", "page"), PLACES, ids=lambda value: str(value))
def test_participants_are_refused_and_guests_are_sent_to_sign_in(desk: Desk, method: str, page: str) -> None:
    _, participant = desk.school.participant()
    guest = desk.school.site.browser()
    before = state(desk.school)
    options = {} if method == "get" else {"form": FORM}

    assert getattr(participant, method)(f"{BANK}{page}", **options).status_code == 403
    assert getattr(guest, method)(f"{BANK}{page}", **options).status_code in (303, 401)
    assert state(desk.school) == before


@pytest.mark.parametrize(("method", "page"), PLACES, ids=lambda value: str(value))
def test_case_4_a_trainer_of_another_course_finds_nothing(desk: Desk, method: str, page: str) -> None:
    School.found(desk.school.site, slug="other")
    strangers = [desk.trainer(course="other")[1], desk.trainer(course=None)[1]]
    before = state(desk.school)
    options = {} if method == "get" else {"form": FORM}

    answers = [getattr(stranger, method)(f"{BANK}{page}", **options) for stranger in strangers]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert state(desk.school) == before


@pytest.mark.parametrize(("method", "page"), [place for place in PLACES if place[1].startswith("/single")])
def test_case_4_mixed_ids_are_refused_each_against_its_parent(desk: Desk, method: str, page: str) -> None:
    other = School.found(desk.school.site, slug="other")
    other.install([choice("theirs")])
    _, trainer_of_both = desk.trainer(course="other")
    before = state(desk.school)
    theirs = page.replace("/single", "/theirs")
    options = {} if method == "get" else {"form": FORM}

    mixed = (
        (desk.browser, f"{BANK}{theirs}"),  # my quiz, their question
        (trainer_of_both, f"/quizzes/other/basics/quiz/edit{page}"),  # their quiz, my question
        (desk.browser, f"/quizzes/other/basics/quiz/edit{theirs}"),  # their quiz and question
        (desk.browser, f"/quizzes/trade/elsewhere/quiz/edit{page}"),
        (desk.browser, f"/quizzes/trade/basics/elsewhere/edit{page}"),
    )

    assert [getattr(browser, method)(address, **options).status_code for browser, address in mixed] == [404] * 5
    assert state(desk.school) == before


def test_an_admin_opens_every_course(desk: Desk) -> None:
    admin = desk.school.site.browser(desk.school.site.person(role="admin"))

    assert admin.get(BANK).status_code == 200
    assert admin.get(f"{BANK}/single").status_code == 200


def test_case_5_fields_that_the_form_does_not_have_are_ignored(desk: Desk) -> None:
    extra = {"kind": "numeric", "uid": "x", "state": "published", "number": "9", "retired_at": "x", "quiz_id": "9"}

    assert desk.save("single", {**extra, "prompt": "What fits now?"}).status_code == 303

    question = desk.question("single")
    assert (question.kind, question.uid, question.retired_at) == ("single_choice", "single", None)
    assert desk.versions("single") == [(1, "published"), (2, "draft")]
    assert set(desk.draft("single")) == {"prompt", "options"}


def test_a_form_without_its_token_changes_nothing(desk: Desk) -> None:
    form = desk.form("single")
    before = state(desk.school)

    for page in ("/new", "/single", "/single/publish", "/single/retire", "/single/bring-back"):
        assert desk.browser.post_without_token(f"{BANK}{page}", {**form, "kind": "numeric"}).status_code == 400

    assert state(desk.school) == before


def test_pages_of_trainers_are_kept_by_no_browser(desk: Desk) -> None:
    assert desk.browser.get(f"{BANK}/single").headers["Cache-Control"] == "no-store"
