"""Case 20: whatever is sent is refused or normalised, and never breaks a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lms.testing import BASE_URL, Browser
from tests.quizzes.school import School, options_of

TYPED = {
    "NUL": "Buenos\0 Aires",
    "a lone surrogate": "Buenos\ud800 Aires",
    "bidi controls": "\u202eBuenos Aires\u202c",
    "blanks": "  buenos \t\n aires  ",
}
NOT_NUMBERS = {
    "1e999": "1e999",
    "NaN": "NaN",
    "infinity": "Infinity",
    "markup": "<script>alert(1)</script>",
    "two numbers": "1 2 3,,4",
    "9000 digits": "9" * 9000,
}


@pytest.fixture
def started(school: School) -> tuple[School, Browser, int]:
    school.install()
    _, browser = school.participant()
    return school, browser, school.begin(browser)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_case_20_signs_that_nobody_means_are_dropped(started: tuple[School, Browser, int], typed: str) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "words")
    body = {"client": "phone", "counter": 1, "question": position, "answer": {"answer": [typed]}}

    answer = browser.post(f"/quizzes/attempts/{attempt}/answers", json=body)

    assert answer.status_code == 200, answer.text
    assert [event.answer["text"].casefold() for event in school.events()] == ["buenos aires"]


@pytest.mark.parametrize("typed", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
def test_case_20_what_is_no_number_comes_back_with_what_was_typed_and_a_sentence(
    started: tuple[School, Browser, int], typed: str
) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "number")

    form = browser.post(f"/quizzes/attempts/{attempt}/{position}", {"seen": "0", "answer": typed})
    body = {"client": "phone", "counter": 1, "question": position, "answer": {"answer": [typed]}}
    script = browser.post(f"/quizzes/attempts/{attempt}/answers", json=body)

    assert (form.status_code, script.status_code) == (422, 422)
    assert 'aria-invalid="true"' in form.text
    assert "Your answer is not saved yet" in form.text
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in form.text
    assert school.events() == []


@pytest.mark.parametrize("typed", ["٣٫٥", "3.5", "٣٫٥ orders"], ids=["arabic", "latin", "with its unit"])
def test_case_20_digits_of_every_script_are_one_number(started: tuple[School, Browser, int], typed: str) -> None:
    school, browser, attempt = started

    school.answer(browser, attempt, "number", typed)

    assert [event.answer["number"] for event in school.events()] == ["3.5"]


def test_case_20_options_that_are_unknown_double_or_too_many_are_refused(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    several, single = school.position_of(attempt, "several"), school.position_of(attempt, "single")
    of_several = list(options_of(browser.get(f"/quizzes/attempts/{attempt}/{several}").text).values())
    of_single = list(options_of(browser.get(f"/quizzes/attempts/{attempt}/{single}").text).values())
    wrong: list[tuple[int, list[str]]] = [
        (several, ["unknown"]),
        (several, [of_several[0], of_several[0]]),
        (several, [*of_several, of_single[0]]),
        (single, of_single[:2]),
        (single, ["x" * 40_000]),
    ]

    for position, chosen in wrong:
        answer = browser.post(f"/quizzes/attempts/{attempt}/{position}", {"choice": chosen})
        assert answer.status_code == 422, chosen

    assert school.events() == []


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"client": "\xff\xfe"}',
    "a list": b"[]",
    "deep nesting": b"[" * 30_000,
    "a deep object": b'{"answer":' * 5_000 + b"1" + b"}" * 5_000,
    "a number of 9000 digits": b'{"client":"p","counter":' + b"9" * 9000 + b',"question":1,"answer":{}}',
    "NaN": b'{"client":"p","counter":NaN,"question":1,"answer":{}}',
    "1e999": b'{"client":"p","counter":1e999,"question":1,"answer":{}}',
    "a fraction": b'{"client":"p","counter":1.5,"question":1,"answer":{}}',
    "true as a number": b'{"client":"p","counter":true,"question":1,"answer":{}}',
    "counter 0": b'{"client":"p","counter":0,"question":1,"answer":{}}',
    "counter -1": b'{"client":"p","counter":-1,"question":1,"answer":{}}',
    "a counter far ahead": b'{"client":"p","counter":9007199254740991,"question":1,"answer":{}}',
    "no client": b'{"counter":1,"question":1,"answer":{}}',
    "an empty client": b'{"client":"","counter":1,"question":1,"answer":{}}',
    "a long client": b'{"client":"' + b"p" * 33 + b'","counter":1,"question":1,"answer":{}}',
    "a client with NUL": b'{"client":"p\\u0000","counter":1,"question":1,"answer":{}}',
    "a client with a line end": b'{"client":"p\\n","counter":1,"question":1,"answer":{}}',
    "the server's own client": b'{"client":"web","counter":1,"question":1,"answer":{}}',
    "question 0": b'{"client":"p","counter":1,"question":0,"answer":{}}',
    "a text as question": b'{"client":"p","counter":1,"question":"1","answer":{}}',
    "no answer": b'{"client":"p","counter":1,"question":1}',
    "a text as answer": b'{"client":"p","counter":1,"question":1,"answer":"b"}',
    "a text as values": b'{"client":"p","counter":1,"question":1,"answer":{"choice":"b"}}',
    "numbers as values": b'{"client":"p","counter":1,"question":1,"answer":{"choice":[1]}}',
    "objects as values": b'{"client":"p","counter":1,"question":1,"answer":{"choice":[{"a":1}]}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_case_20_bodies_that_no_device_of_ours_sends_are_refused(
    started: tuple[School, Browser, int], body: bytes
) -> None:
    school, browser, attempt = started

    answer = _post(browser, attempt, body)

    assert answer.status_code == 422, answer.text
    assert school.events() == []


def _post(browser: Browser, attempt: int, body: bytes) -> Any:
    return browser.client.post(
        f"/quizzes/attempts/{attempt}/answers",
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": browser.token()},
        base_url=BASE_URL,
    )


def test_case_20_ten_megabytes_are_too_large(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "words")
    body = {"client": "p", "counter": 1, "question": position, "answer": {"answer": ["x" * 10_000_000]}}

    assert _post(browser, attempt, json.dumps(body).encode()).status_code == 413
    assert browser.post(f"/quizzes/attempts/{attempt}/{position}", {"answer": "x" * 10_000_000}).status_code == 413
    assert browser.post(f"/quizzes/attempts/{attempt}/{position}", {"answer": "x" * 100_000}).status_code == 413
    assert browser.post(f"/quizzes/attempts/{attempt}/{position}", {"answer": "x" * 2_001}).status_code == 422
    assert school.events() == []


def test_case_20_the_longest_answer_that_is_allowed_is_saved_whole(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started

    school.answer(browser, attempt, "words", "\U00020000" * 2_000)

    assert [len(event.answer["text"]) for event in school.events()] == [2_000]


@pytest.mark.parametrize("seen", ["", "-1", "x", "٣", "9" * 40, "1e9"], ids=repr)
def test_a_page_whose_number_is_lost_still_saves(started: tuple[School, Browser, int], seen: str) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "number")

    answer = browser.post(f"/quizzes/attempts/{attempt}/{position}", {"seen": seen, "answer": "150"})

    assert answer.status_code == 303
    assert [event.seen for event in school.events()] == [None]


def test_markup_in_an_answer_is_shown_as_it_was_typed(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    school.answer(browser, attempt, "words", "<b>*not* {{7*7}}</b>")
    position = school.position_of(attempt, "words")
    browser.post(
        f"/quizzes/attempts/{attempt}/answers",
        json={"client": "zz", "counter": 9, "question": position, "answer": {"answer": ["other"]}},
    )

    question = browser.get(f"/quizzes/attempts/{attempt}/{position}").text
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    result = browser.get(f"/quizzes/attempts/{attempt}").text

    assert "&lt;b&gt;*not* {{7*7}}&lt;/b&gt;" in question
    assert "<b>*not*" not in question + result
