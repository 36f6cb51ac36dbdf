"""Every answer is an event with a receipt; resending, reordering and second devices give one result."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lms import clock
from lms.testing import Browser
from tests.quizzes.school import MINUTE, MONDAY, School, choice, options_of, receipts_in, seen_by


@pytest.fixture
def started(school: School) -> tuple[School, Browser, int]:
    school.install([choice("one", shuffle=False), choice("two", shuffle=False)])
    _, browser = school.participant()
    return school, browser, school.begin(browser)


def send(browser: Browser, attempt: int, client: str, counter: int, option: str, question: int = 1) -> Any:
    """Send an answer as a device does; ``option`` is its first letters, "" for none."""
    offered = options_of(browser.get(f"/quizzes/attempts/{attempt}/{question}").text)
    chosen = [drawn for words, drawn in offered.items() if option and words.startswith(f"Option {option}")]
    return browser.post(
        f"/quizzes/attempts/{attempt}/answers",
        json={"client": client, "counter": counter, "question": question, "answer": {"choice": chosen}},
    )


def shown(browser: Browser, attempt: int, question: int = 1) -> str | None:
    """The number of the option that a question page shows as chosen, in letters."""
    page = browser.get(f"/quizzes/attempts/{attempt}/{question}").text
    drawn = {value: words for words, value in options_of(page).items()}
    return next((words.split()[1] for value, words in drawn.items() if f'value="{value}" checked' in page), None)


def test_an_answer_is_stored_with_a_receipt_and_by_its_stable_id(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started

    answer = send(browser, attempt, "phone", 1, "two")

    event = school.events()[0]
    receipt = f"{event.receipt[:4]}-{event.receipt[4:]}"
    assert answer.json == {"receipt": receipt, "state": "saved", "counts": True, "counter": 1}
    assert event.answer == {"chosen": ["b"]}
    assert receipts_in(browser.get(f"/quizzes/attempts/{attempt}/1").text) == [receipt, receipt]


def test_an_identical_resend_is_the_same_event(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    first = send(browser, attempt, "phone", 1, "two").json

    assert send(browser, attempt, "phone", 1, "two").json == first
    assert len(school.events()) == 1


def test_another_answer_under_the_same_number_is_refused_with_the_receipt_that_holds(
    started: tuple[School, Browser, int],
) -> None:
    school, browser, attempt = started
    receipt = send(browser, attempt, "phone", 1, "two").json["receipt"]

    other_answer = send(browser, attempt, "phone", 1, "one")
    other_question = send(browser, attempt, "phone", 1, "two", question=2)

    assert [(answer.status_code, answer.json["receipt"]) for answer in (other_answer, other_question)] == [
        (409, receipt)
    ] * 2
    assert len(school.events()) == 1


def test_case_18_of_what_a_phone_kept_nothing_is_altered_afterwards_given_another_time_or_taken_from_another(
    started: tuple[School, Browser, int],
) -> None:
    """There is no file to carry; a phone sends what it kept, and each of these is refused or changes nothing."""
    school, browser, attempt = started
    offered = list(options_of(browser.get(f"/quizzes/attempts/{attempt}/1").text).values())
    kept = {"client": "phone", "counter": 1, "question": 1, "answer": {"choice": offered[:1]}}
    address = f"/quizzes/attempts/{attempt}/answers"
    with clock.fixed(MONDAY):
        first = browser.post(address, json={**kept, "made_at": "2020-01-01T00:00:00Z", "late": False}).json
        twice = browser.post(address, json=kept).json
        altered = browser.post(address, json={**kept, "answer": {"choice": offered[1:2]}})
    _, other = school.participant()
    of_another = other.post(address, json=kept)
    into_ones_own = other.post(f"/quizzes/attempts/{school.begin(other)}/answers", json=kept)

    event = school.events()[0]
    assert (first["state"], twice) == ("saved", first)
    assert event.made_at == MONDAY  # the time is the server's
    assert (altered.status_code, altered.json["receipt"]) == (409, first["receipt"])
    assert altered.json["error"] == "This device has sent another answer under the same number."
    assert of_another.status_code == 404
    assert into_ones_own.status_code == 422  # its options were drawn for somebody else
    assert len(school.events()) == 1


def test_case_17_an_old_autosave_that_arrives_late_changes_nothing(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    send(browser, attempt, "phone", 2, "three")

    late_one = send(browser, attempt, "phone", 1, "one").json

    assert (late_one["state"], late_one["counts"], late_one["counter"]) == ("saved", False, 2)
    assert shown(browser, attempt) == "three"
    assert len(school.events()) == 2


def test_case_17_a_resend_says_whether_its_own_answer_counts_whenever_it_arrived(
    started: tuple[School, Browser, int],
) -> None:
    school, browser, attempt = started
    order = [(2, "three"), (1, "one"), (2, "three"), (1, "one")]

    answers = [send(browser, attempt, "phone", counter, words).json for counter, words in order]

    assert [answer["counts"] for answer in answers] == [True, False, True, False]
    assert [answer["receipt"] for answer in answers[2:]] == [answer["receipt"] for answer in answers[:2]]
    assert len(school.events()) == 2


@pytest.mark.parametrize("order", [("amber", "zinc"), ("zinc", "amber")], ids="-".join)
def test_of_two_answers_that_did_not_know_of_each_other_the_same_counts_and_both_are_shown(
    started: tuple[School, Browser, int], order: tuple[str, str]
) -> None:
    _, browser, attempt = started
    options = {"amber": "one", "zinc": "two"}
    for client in order:
        send(browser, attempt, client, 1, options[client])

    page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    assert shown(browser, attempt) == "two"
    assert re.search("Another device answered: “Option one of (one|two)”. The answer above counts.", page)


@pytest.mark.parametrize("clients", [("A", "a"), ("a-", "aB"), ("_", "0")], ids="/".join)
def test_clients_are_compared_as_python_compares_them_whatever_the_database_does(
    started: tuple[School, Browser, int], clients: tuple[str, str]
) -> None:
    _, browser, attempt = started
    low, high = sorted(clients)
    send(browser, attempt, high, 1, "two")

    assert send(browser, attempt, low, 1, "one").json["counts"] is False
    assert shown(browser, attempt) == "two"


def test_an_answer_can_be_taken_back(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    send(browser, attempt, "phone", 1, "two")

    send(browser, attempt, "phone", 2, "")

    assert [event.answer for event in school.events()] == [{"chosen": ["b"]}, {}]
    assert "Not answered." in browser.get(f"/quizzes/attempts/{attempt}/1").text


# Without script


def post(browser: Browser, attempt: int, page: str, option: str, **more: str) -> Any:
    """Press "Save and go on" on a question page that was loaded before."""
    chosen = {words.split()[1]: drawn for words, drawn in options_of(page).items()}[option]
    return browser.post(f"/quizzes/attempts/{attempt}/1", {"seen": seen_by(page), "choice": chosen, **more})


def test_a_form_sent_twice_is_one_event_with_one_receipt(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    page = browser.get(f"/quizzes/attempts/{attempt}/1").text

    post(browser, attempt, page, "two")
    post(browser, attempt, page, "two")

    assert [(event.client, event.counter, event.seen) for event in school.events()] == [("web", 1, 0)]


def test_two_tabs_without_script_save_both_answers_and_the_last_one_counts(
    started: tuple[School, Browser, int],
) -> None:
    school, browser, attempt = started
    tab = other_tab = browser.get(f"/quizzes/attempts/{attempt}/1").text

    post(browser, attempt, tab, "two")
    post(browser, attempt, other_tab, "one")
    post(browser, attempt, tab, "two")  # thought again

    assert [event.answer["chosen"] for event in school.events()] == [["b"], ["a"], ["b"]]
    assert shown(browser, attempt) == "two"


def test_case_17_an_old_page_that_is_sent_again_does_not_undo_a_newer_answer_and_the_person_is_told(
    started: tuple[School, Browser, int],
) -> None:
    school, browser, attempt = started
    old = browser.get(f"/quizzes/attempts/{attempt}/1").text
    post(browser, attempt, old, "one")
    post(browser, attempt, browser.get(f"/quizzes/attempts/{attempt}/1").text, "two")

    answer = post(browser, attempt, old, "one")

    assert answer.location == f"/quizzes/attempts/{attempt}/1"
    page = browser.get(answer.location).text
    assert "You saved a newer answer to this question since. The newer one counts." in page
    assert len(school.events()) == 2


def test_going_on_without_an_answer_writes_nothing(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started

    answer = browser.post(f"/quizzes/attempts/{attempt}/1", {"seen": "0"})

    assert (answer.status_code, answer.location) == (303, f"/quizzes/attempts/{attempt}/2")
    assert school.events() == []


def test_a_page_without_script_comes_after_everything_that_devices_sent(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    send(browser, attempt, "phone", 41, "one")

    post(browser, attempt, browser.get(f"/quizzes/attempts/{attempt}/1").text, "two")

    assert [(event.client, event.counter) for event in school.events()] == [("phone", 41), ("web", 42)]
    assert shown(browser, attempt) == "two"


# After the end


def test_case_16_after_the_deadline_answers_are_kept_flagged_and_not_counted_whatever_the_request_says(
    school: School,
) -> None:
    school.install([choice("one", shuffle=False)], time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        page = browser.get(f"/quizzes/attempts/{attempt}/1").text
        offered = {words.split()[1]: drawn for words, drawn in options_of(page).items()}
        browser.post(f"/quizzes/attempts/{attempt}/1", {"seen": "0", "choice": offered["one"]})
    late = {"client": "phone", "counter": 9, "question": 1, "answer": {"choice": [offered["two"]]}}
    claims = {"made_at": MONDAY.isoformat(), "late": False, "now": MONDAY.isoformat()}

    with clock.fixed(MONDAY + 30 * MINUTE):
        answer = browser.post(f"/quizzes/attempts/{attempt}/answers", json={**late, **claims})
        form = browser.post(f"/quizzes/attempts/{attempt}/1", {"seen": "0", "choice": offered["three"], **claims})
        result = browser.get(f"/quizzes/attempts/{attempt}").text

    assert (answer.json["state"], answer.json["counts"]) == ("late", False)
    assert form.location == f"/quizzes/attempts/{attempt}"
    assert [(event.late, event.made_at >= MONDAY + 30 * MINUTE) for event in school.events()] == [
        (False, False),
        (True, True),
        (True, True),
    ]
    assert "Your time ran out. What was saved by then counts." in result
    assert "2 answers came after the end." in result
    assert "You have 0%. You need 70%." in result  # the right one came late


def test_case_17_after_submitting_a_resend_has_its_old_receipt_and_a_new_answer_is_late(
    started: tuple[School, Browser, int],
) -> None:
    school, browser, attempt = started
    first = send(browser, attempt, "phone", 1, "one").json
    offered = options_of(browser.get(f"/quizzes/attempts/{attempt}/1").text)
    drawn = {words.split()[1]: value for words, value in offered.items()}
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    score = school.results()[0].score
    address = f"/quizzes/attempts/{attempt}/answers"

    def again(counter: int, words: str) -> Any:
        answer = {"choice": [drawn[words]]}
        return browser.post(address, json={"client": "phone", "counter": counter, "question": 1, "answer": answer})

    resent, changed = again(1, "one"), again(2, "two")

    assert (resent.json["receipt"], resent.json["state"]) == (first["receipt"], "saved")
    assert (changed.json["state"], changed.json["counts"]) == ("late", False)
    assert [event.late for event in school.events()] == [False, True]
    assert [result.score for result in school.results()] == [score]


def test_rows_of_the_journal_cannot_be_changed_by_code(started: tuple[School, Browser, int]) -> None:
    school, browser, attempt = started
    send(browser, attempt, "phone", 1, "two")

    with pytest.raises(RuntimeError, match="never changes"), school.site.writing() as session:
        event = session.merge(school.events()[0])
        event.answer = {"chosen": ["a"]}

    assert school.events()[0].answer == {"chosen": ["b"]}
