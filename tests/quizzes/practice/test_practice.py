"""Practice: the same questions, explained at once, without an effect on anything."""

from __future__ import annotations

import pytest

from courses.learning.models import ActivityResult
from lms.testing import Browser
from quizzes.attempts.models import AnswerEvent, Attempt, Result
from quizzes.practice.models import Practice
from tests.quizzes.school import ALL_KINDS, PART_KINDS, School, choice, options_of

PRACTICE = f"{School.intro}/practice"


def answer(browser: Browser, position: int, words: str = "") -> str:
    """Answer a question of the practice by the words of its option; the page that explains it."""
    address = f"{PRACTICE}/{position}"
    offered = options_of(browser.get(f"{address}?again=1").text)
    chosen = next((drawn for text, drawn in offered.items() if words and text.startswith(words)), "")
    sent = browser.post(address, {"choice": chosen} if chosen else {})
    assert (sent.status_code, sent.location) == (303, address)
    return str(browser.get(address).text)


def test_each_question_is_explained_at_once_and_nothing_is_recorded(school: School) -> None:
    school.install([choice("q1"), choice("q2")], tries=1)
    _, browser = school.participant()
    begun = browser.post(PRACTICE)
    before = browser.get(f"{PRACTICE}/1").text

    wrong, right = answer(browser, 1, "Option one"), answer(browser, 1, "Option two")

    assert begun.location == f"{PRACTICE}/1"
    assert "why-q" not in before
    assert ("Not right yet" in wrong, "why-q" in wrong) == (True, True)
    assert "Right" in right
    for model in (Attempt, AnswerEvent, Result, ActivityResult):
        assert school.count(model) == 0
    assert "1 of 1 left" in browser.get(school.intro).text


def test_one_who_practises_again_begins_anew(school: School) -> None:
    school.install([choice("q1"), choice("q2")])
    _, browser = school.participant()
    browser.post(PRACTICE)
    answer(browser, 1, "Option two")
    browser.post(PRACTICE)

    assert "why-q" not in browser.get(f"{PRACTICE}/1").text
    assert [row.answers for row in school.rows(Practice)] == [{}]


@pytest.mark.parametrize("item", [*ALL_KINDS, *PART_KINDS], ids=lambda item: item["kind"])
def test_every_kind_can_be_practised_and_is_explained_though_not_answered(
    school: School, item: dict[str, object]
) -> None:
    school.install([item])
    _, browser = school.participant()
    browser.post(PRACTICE)

    page = answer(browser, 1)

    assert "Not answered" in page
    assert "Answer it again" in page


def test_questions_for_practice_alone_are_drawn_into_no_try(school: School) -> None:
    school.install([choice("counts"), choice("extra") | {"practice_only": True}], review="never")
    _, browser = school.participant()
    browser.post(PRACTICE)
    practised = browser.get(f"{PRACTICE}/1").text
    beyond = browser.get(f"{PRACTICE}/2").status_code
    attempt = school.begin(browser)

    assert "What fits extra?" in practised
    assert beyond == 404
    assert "What fits counts?" in browser.get(f"/quizzes/attempts/{attempt}/1").text
    assert "1 of 1" in browser.get(f"/quizzes/attempts/{attempt}/1").text


def test_the_questions_of_a_case_stay_together_below_its_stem(school: School) -> None:
    school.install(
        [choice("q1"), choice("q2") | {"case": "port"}, choice("q3"), choice("q4") | {"case": "port"}],
        cases=[{"id": "port", "stem": {"en": "A ship waits."}}],
    )
    _, browser = school.participant()
    browser.post(PRACTICE)

    pages = [browser.get(f"{PRACTICE}/{position}").text for position in range(1, 5)]

    with_stem = [place for place, page in enumerate(pages) if "A ship waits." in page]
    assert len(with_stem) == 2
    assert with_stem[1] == with_stem[0] + 1
    assert "The same case" in pages[with_stem[1]]


def test_case_2_a_practice_is_ones_own(school: School) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    _, other = school.participant()
    _, stranger = school.participant(enrolled=False)
    browser.post(PRACTICE)
    answer(browser, 1, "Option two")

    assert other.get(f"{PRACTICE}/1").status_code == 404
    assert stranger.post(PRACTICE).status_code == 409
    assert stranger.get(f"{PRACTICE}/1").status_code == 404


@pytest.mark.parametrize(
    "form",
    [{"choice": "\x00"}, {"choice": ["a", "b"]}, {"choice": "x" * 70_000}, {"choice": "\ud800"}, {"answer": "1e999"}],
    ids=["nul", "two", "too large", "surrogate", "another field"],
)
def test_case_20_nonsense_in_practice_is_refused_or_read_as_nothing(school: School, form: dict[str, object]) -> None:
    school.install([choice("q1")])
    _, browser = school.participant()
    browser.post(PRACTICE)

    try:
        code = browser.post(f"{PRACTICE}/1", form).status_code
    except UnicodeEncodeError:  # the client cannot even send it; a raw body can
        raw = f"csrf_token={browser.token()}&choice=%ED%A0%80".encode()
        code = browser.client.post(
            f"{PRACTICE}/1",
            data=raw,
            content_type="application/x-www-form-urlencoded",
            base_url=browser.app.extensions["lms.config"].base_url,
        ).status_code

    assert code in (303, 413, 422)
    assert "why-q1-b" not in browser.get(f"{PRACTICE}/1").text or code == 303
