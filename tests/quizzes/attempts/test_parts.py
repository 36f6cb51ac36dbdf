"""Questions with several parts, and open ones, from the page to the journal and to the result; without script."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lms.testing import BASE_URL, Browser
from quizzes.bank.services import hash_of
from quizzes.question_types.open import MOST_LETTERS
from tests.quizzes.school import PART_KINDS, School, controls_of, receipts_in

PAPERS = {
    "The invoice": "names the price",
    "The packing list": "names each box",
    "The proof of origin": "names the country",
}
WAY = {
    "It is packed.": "1",
    "The carrier fetches it.": "2",
    "It is cleared by customs.": "3",
    "It is brought to the door.": "4",
}
SENTENCE = {"Gap 1": "in advance", "Gap 2": "seller", "Gap 3": "nothing"}
SPECS: dict[str, Any] = {question["id"]: question["spec"] for question in PART_KINDS}
Started = tuple[School, Browser, int]


@pytest.fixture
def started(school: School) -> Started:
    school.install(PART_KINDS)
    _, browser = school.participant()
    return school, browser, school.begin(browser)


def page_of(started: Started, uid: str) -> str:
    school, browser, attempt = started
    answer = browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, uid)}")
    assert answer.status_code == 200
    return answer.text


def submitted(started: Started) -> str:
    _, browser, attempt = started
    assert browser.post(f"/quizzes/attempts/{attempt}/submit").status_code == 303
    return browser.get(f"/quizzes/attempts/{attempt}").text


def part(page: str, words: str) -> str:
    """The section of a result that holds these words."""
    return next(section for section in page.split("<section") if words in section)


def rows_of(section: str) -> list[str]:
    """The rows of a feedback as plain words."""
    rows = re.findall(r'<li[^>]*>\s*<div class="head">.*?</li>', section, flags=re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_right_answers_are_saved_with_stable_ids_and_shown_again(started: Started) -> None:
    school, browser, attempt = started

    for uid, answers in (("papers", PAPERS), ("way", WAY), ("sentence", SENTENCE)):
        assert school.answer_parts(browser, attempt, uid, answers).status_code == 303
        again = page_of(started, uid)
        assert receipts_in(again)
        for control, words in zip(controls_of(again).values(), controls_of(again), strict=True):
            value = control.options.get(answers[words], answers[words])
            assert f'value="{value}" selected' in again or f'name="{control.name}"' in again
            if not control.options:
                assert f'value="{value}"' in again

    assert [event.answer for event in school.events()] == [
        {"chosen": ["invoice:invoice", "list:list", "proof:proof"]},
        {"chosen": ["pack:1", "fetch:2", "clear:3", "bring:4"]},
        {"chosen": ["whom:a"], "typed": {"when": "in advance", "much": "nothing"}},
    ]
    page = submitted(started)
    assert sorted(mark["score"] for mark in school.results()[0].marks) == [0, 1, 1, 1]
    assert page.count('<span class="tag right">Stands in the right order</span>') == 4


def test_a_part_of_an_answer_is_saved_and_explained_row_by_row(started: Started) -> None:
    school, browser, attempt = started
    school.answer_parts(
        browser, attempt, "papers", {"The invoice": "names the price", "The packing list": "names the weather"}
    )
    school.answer_parts(browser, attempt, "way", {**WAY, "It is packed.": "4", "It is brought to the door.": "1"})
    school.answer_parts(browser, attempt, "sentence", {"Gap 1": "Before", "Gap 2": "buyer"})

    page = submitted(started)

    marks = {mark["position"]: mark["score"] for mark in school.results()[0].marks}
    assert marks[school.position_of(attempt, "papers")] == pytest.approx(1 / 3)
    assert marks[school.position_of(attempt, "way")] == pytest.approx(1 / 3)
    assert marks[school.position_of(attempt, "sentence")] == 0
    assert sorted(rows_of(part(page, "Which paper does what?"))) == [
        "The invoice Right Your answer: names the price why-papers-invoice",
        "The packing list Not right yet Your answer: names the weather Right answer: names each box "
        "why-papers-weather why-papers-list",
        "The proof of origin Not answered Right answer: names the country why-papers-proof",
    ]
    assert rows_of(part(page, "Put the way")) == [
        "It is packed. Has to move Your answer: place 4 Right answer: place 1",
        "The carrier fetches it. Stands in the right order Your answer: place 2",
        "It is cleared by customs. Stands in the right order Your answer: place 3",
        "It is brought to the door. Has to move Your answer: place 1 Right answer: place 4",
    ]
    sentence = part(page, "Complete the sentence.")
    assert rows_of(sentence) == [
        "Gap 1 Not right yet Your answer: Before Right answer: in advance why-sentence-near why-sentence-when",
        "Gap 2 Not right yet Your answer: buyer Right answer: seller why-sentence-buyer why-sentence-seller",
        "Gap 3 Not answered Right answer: nothing why-sentence-much",
    ]
    assert "pays <b>(1)</b> before the <em>parcel</em> moves" in sentence


@pytest.mark.parametrize(("uid", "answers"), [("papers", PAPERS), ("way", WAY), ("sentence", SENTENCE)])
def test_a_part_that_is_still_open_is_told_and_the_rest_is_saved(
    started: Started, uid: str, answers: dict[str, str]
) -> None:
    school, browser, attempt = started
    first = dict(list(answers.items())[:1])

    answer = school.answer_parts(browser, attempt, uid, first)

    said = f"Your answer is saved. Answered so far: 1 of {len(answers)}."
    assert said in browser.get(answer.location).text
    assert said in page_of(started, uid)
    school.answer_parts(browser, attempt, uid, answers)
    assert "Answered so far" not in page_of(started, uid)


def test_an_empty_question_is_not_answered_and_saved_as_nothing(started: Started) -> None:
    school, browser, attempt = started

    for uid in ("papers", "way", "sentence"):
        assert school.answer_parts(browser, attempt, uid, {}).status_code == 303

    assert school.events() == []


def test_a_place_given_twice_is_refused_at_its_fields_and_keeps_what_was_chosen(started: Started) -> None:
    school, browser, attempt = started
    controls = controls_of(page_of(started, "way"))

    answer = school.answer_parts(browser, attempt, "way", {**WAY, "It is packed.": "3"})

    assert answer.status_code == 422
    assert "Place 3 is given more than once. Each line has a place of its own." in answer.text
    wrong = set(re.findall(r'name="(part-[^"]+)"[^>]*aria-invalid="true"', answer.text))
    assert wrong == {controls["It is packed."].name, controls["It is cleared by customs."].name}
    assert answer.text.count("selected") == 4
    first_wrong = re.search(r'id="(answer[^"]*)"[^>]*aria-invalid="true"', answer.text)
    assert first_wrong is not None
    assert f'<a href="#{first_wrong[1]}">Place 3' in answer.text
    assert school.events() == []


@pytest.mark.parametrize("places", ["١٢٣٤", "１２３４", "१२३४"], ids=["Arabic", "full width", "Devanagari"])
def test_case_20_places_are_read_in_digits_of_every_script(started: Started, places: str) -> None:
    school, browser, attempt = started

    answer = school.answer_parts(browser, attempt, "way", dict(zip(WAY, places, strict=True)))

    assert answer.status_code == 303
    assert school.events()[0].answer == {"chosen": ["pack:1", "fetch:2", "clear:3", "bring:4"]}


@pytest.mark.parametrize(
    "value", ["0", "5", "-1", "1.0", "²", "pack", "x" * 50_000, "\0", "1\0", "<b>"], ids=lambda value: ascii(value[:9])
)
def test_case_20_what_is_no_place_is_refused_or_read_as_one(started: Started, value: str) -> None:
    school, browser, attempt = started

    answer = school.answer_parts(browser, attempt, "way", {"It is packed.": value})

    assert answer.status_code == (303 if "\0" in value else 422)
    assert [event.answer for event in school.events()] == ([{"chosen": ["pack:1"]}] if value == "1\0" else [])


@pytest.mark.parametrize("uid", ["papers", "way", "sentence"])
def test_case_20_unknown_parts_options_and_doubles_are_refused(started: Started, uid: str) -> None:
    school, browser, attempt = started
    controls = list(controls_of(page_of(started, uid)).values())
    chosen = next(control for control in controls if control.options)
    other = controls_of(page_of(started, "papers" if uid != "papers" else "sentence"))
    foreign = next(control for control in other.values() if control.options)
    value = list(chosen.options.values())[1]
    position = school.position_of(attempt, uid)
    forms: list[dict[str, Any]] = [
        {"part-unknown": "1"},
        {"part-": "1"},
        {foreign.name: value},
        {chosen.name: list(foreign.options.values())[1] + "x"},
        {chosen.name: [value, value]},
        {chosen.name: ["a"] * 500},
        {chosen.name: SPECS["papers"]["pairs"][0]["id"]},
        {chosen.name: "\ufdfa" * 3_000},
    ]

    for form in forms:
        sent = {name: [values] if isinstance(values, str) else values for name, values in form.items()}
        body = {"client": "phone", "counter": 1, "question": position, "answer": sent}
        script = browser.post(f"/quizzes/attempts/{attempt}/answers", json=body)
        page = browser.post(f"/quizzes/attempts/{attempt}/{position}", form)
        assert (page.status_code, script.status_code) == (422, 422), form

    assert school.events() == []


def test_case_20_signs_that_nobody_means_are_dropped_from_gaps_and_open_answers(started: Started) -> None:
    school, browser, attempt = started
    gap = controls_of(page_of(started, "sentence"))["Gap 1"].name
    answers = {
        "sentence": {gap: ["in\0 ad\ud800vance\u202e"]},
        "plan": {"answer": ["By\0 bus\ud800.\r\n\r\nPaid\u202e."]},
    }

    for number, (uid, answer) in enumerate(answers.items(), start=1):
        body = {"client": "phone", "counter": number, "question": school.position_of(attempt, uid), "answer": answer}
        assert browser.post(f"/quizzes/attempts/{attempt}/answers", json=body).status_code == 200

    assert [event.answer for event in school.events()] == [
        {"typed": {"when": "in advance"}},
        {"text": "By bus.\n\nPaid."},
    ]


@pytest.mark.parametrize("letter", ["a", "é", "通", "\U00020000"], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
def test_the_longest_open_answer_is_saved_whole_with_script_and_without(started: Started, letter: str) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "plan")
    address = f"/quizzes/attempts/{attempt}/{position}"
    whole, other = letter * MOST_LETTERS, letter * (MOST_LETTERS - 1)
    body = {"client": "phone", "counter": 9, "question": position, "answer": {"answer": [other]}}

    form = browser.post(address, {"seen": "0", "go": "next", "answer": whole})
    script = browser.client.post(
        f"/quizzes/attempts/{attempt}/answers",
        data=json.dumps(body),  # every letter escaped: the longest form of JSON
        content_type="application/json",
        headers={"X-CSRFToken": browser.token()},
        base_url=BASE_URL,
    )
    too_long = browser.post(address, {"seen": "9", "answer": whole + "x"})

    assert (form.status_code, script.status_code) == (303, 200)
    assert [event.answer["text"] for event in school.events()] == [whole, other]
    if letter == "a":
        assert too_long.status_code == 422
        assert "This answer is longer than 5000 letters." in too_long.text
        assert f"{whole}x</textarea>" in too_long.text


def test_case_20_ten_megabytes_are_too_large(started: Started) -> None:
    school, browser, attempt = started
    for uid in ("papers", "way", "sentence"):
        control = next(iter(controls_of(page_of(started, uid)).values()))
        address = f"/quizzes/attempts/{attempt}/{school.position_of(attempt, uid)}"
        assert browser.post(address, {control.name: "x" * 10_000_000}).status_code == 413
    address = f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'plan')}"
    assert browser.post(address, {"answer": "x" * 10_000_000}).status_code == 413
    assert school.events() == []


def test_an_open_answer_waits_for_a_trainer_and_shows_no_model_before(started: Started) -> None:
    school, browser, attempt = started

    school.answer(browser, attempt, "plan", "We send it by bus.\r\nThe buyer pays <b>later</b>.")
    page = submitted(started)

    section = part(page, "How would you sell")
    assert "A trainer marks it" in section
    assert "We send it by bus.<br>The buyer pays &lt;b&gt;later&lt;/b&gt;." in section
    assert "Names a way for the parcel" in section
    assert "2 points" in section
    assert "model-plan" not in page
    assert "level-" not in page
    assert "so far. A trainer still marks some answers." in page


def test_an_open_question_without_an_answer_counts_nothing_and_shows_the_model(started: Started) -> None:
    school, _, attempt = started

    page = submitted(started)

    section = part(page, "How would you sell")
    assert ("Not answered" in section, "model-plan" in section) == (True, True)
    marks = {mark["position"]: mark["score"] for mark in school.results()[0].marks}
    assert marks[school.position_of(attempt, "plan")] == 0


def test_a_short_open_answer_is_saved_and_the_next_page_says_so(started: Started) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "plan")

    answer = school.answer(browser, attempt, "plan", "By bus.", go="check")

    assert answer.status_code == 303
    said = "Your answer is saved. It has 2 words; at least 5 are asked for."
    assert f"Question {position}: {said}" in browser.get(answer.location).text
    assert said in page_of(started, "plan")
    school.answer(browser, attempt, "plan", "By bus, and the buyer pays.")
    assert said not in page_of(started, "plan")


def test_a_device_is_told_what_the_next_page_would_say(started: Started) -> None:
    school, browser, attempt = started
    position = school.position_of(attempt, "plan")
    told = []

    for counter, text in enumerate(("By bus.", "By bus, and the buyer pays."), 1):
        sent = {"client": "phone", "counter": counter, "question": position, "answer": {"answer": [text]}}
        headers = {"X-CSRFToken": browser.token()}
        answer = browser.client.post(
            f"/quizzes/attempts/{attempt}/answers", json=sent, headers=headers, base_url=BASE_URL
        )
        assert answer.status_code == 200
        told.append(answer.json.get("advice"))

    assert told == ["Your answer is saved. It has 2 words; at least 5 are asked for.", None]


def test_case_11_pages_before_the_end_hold_no_key_no_reason_no_level_no_hint_no_stable_id(started: Started) -> None:
    seen = "".join(page_of(started, uid) for uid in SPECS)
    seen = seen[seen.index("<main") :]

    for text in ("why-", "level-", "model-", "help-", "in advance", "nothing", "right"):
        assert text not in seen, text
    stable = "invoice|list|proof|weather|pack|fetch|clear|bring|when|whom|much|a|b|road|money"
    assert not re.search(rf'(?:id|name|value|for|data-[a-z]+)="(?:part-)?(?:{stable})"', seen)
    for question in PART_KINDS:
        assert hash_of(question["spec"])[:8] not in seen


def test_case_12_no_id_of_an_answer_is_that_of_its_part_or_of_another_attempt(school: School) -> None:
    school.install(PART_KINDS)
    drawn: list[str] = []
    for _ in range(2):
        _, browser = school.participant()
        attempt = school.begin(browser)
        for uid in ("papers", "sentence"):
            controls = controls_of(page_of((school, browser, attempt), uid))
            drawn += [control.name.removeprefix("part-") for control in controls.values()]
            drawn += {value for control in controls.values() for value in control.options.values() if value}

    assert len(drawn) == len(set(drawn)) == 2 * (3 + 4 + 3 + 2)
    assert all(re.fullmatch(r"[a-z2-7]{10}", one) for one in drawn)


def test_words_in_a_list_are_plain(started: Started) -> None:
    page = page_of(started, "papers")

    assert ">names the price</option>" in page
    assert "It is <em>cleared</em> by customs." in page_of(started, "way")


def test_a_late_answer_to_parts_is_told_in_words(started: Started) -> None:
    school, browser, attempt = started
    name = controls_of(page_of(started, "way"))["It is packed."].name
    position = school.position_of(attempt, "way")
    submitted(started)

    browser.post(f"/quizzes/attempts/{attempt}/{position}", {name: "2"})

    assert "Saved after the end: “2. It is packed.”" in browser.get(f"/quizzes/attempts/{attempt}").text
