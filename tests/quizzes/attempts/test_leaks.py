"""What a person sees before answering says nothing about what is right."""

from __future__ import annotations

import hashlib
import re

from quizzes.bank.services import hash_of
from tests.quizzes.school import ALL_KINDS, School, choice, options_of


def test_case_11_pages_before_the_end_hold_no_key_no_reason_no_tolerance_no_stable_id(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    pages = [browser.get(f"/quizzes/attempts/{attempt}/{position}").text for position in range(1, 6)]
    pages.append(browser.get(f"/quizzes/attempts/{attempt}/check").text)
    seen = "\n".join(page[page.index("<main") : page.index("</main>")] for page in pages)

    said = (
        "Choose all answers that are right. A wrong one takes away what a right one gives.",
        "counts as not right",
        "see what is right",
    )
    for sentence in said:
        seen = seen.replace(sentence, "")
    for text in ("why-", "Bandung", "Buenos Aires", "tolerance", "accepted", "right", "0.5"):
        assert text not in seen, text
    assert not re.search(
        r'(?:id|name|value|for|class|data-[a-z]+)="(?:a|b|c|true|false|single|several|words|number)"', seen
    )
    for item in ALL_KINDS:
        digest = hash_of(item["spec"])
        assert digest[:8] not in seen
        assert hashlib.sha256(item["id"].encode()).hexdigest()[:8] not in seen


def test_case_11_what_answers_an_autosave_says_nothing_either(school: School) -> None:
    school.install([choice("one")])
    _, browser = school.participant()
    attempt = school.begin(browser)
    offered = options_of(browser.get(f"/quizzes/attempts/{attempt}/1").text)

    bodies = []
    for counter, words in enumerate(("Option one of one", "Option two of one"), start=1):
        sent = {"client": "phone", "counter": counter, "question": 1, "answer": {"choice": [offered[words]]}}
        bodies.append(browser.post(f"/quizzes/attempts/{attempt}/answers", json=sent).json)

    assert [sorted(body) for body in bodies] == [["counter", "counts", "receipt", "state"]] * 2
    assert [(body["state"], body["counts"]) for body in bodies] == [("saved", True)] * 2


def test_case_12_option_ids_are_drawn_for_each_attempt_and_question(school: School) -> None:
    school.install([choice("one"), choice("two")])
    drawn = []
    for _ in range(3):
        _, browser = school.participant()
        attempt = school.begin(browser)
        for position in (1, 2):
            drawn += options_of(browser.get(f"/quizzes/attempts/{attempt}/{position}").text).values()

    assert len(drawn) == len(set(drawn)) == 18
    assert all(re.fullmatch(r"[a-z2-7]{10}", one) for one in drawn)


def test_case_12_the_order_of_options_says_nothing_about_the_key(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(40)])
    _, browser = school.participant()
    attempt = school.begin(browser)

    places = [
        next(place for place, words in enumerate(options_of(page)) if words.startswith("Option two"))
        for position in range(1, 41)
        if (page := browser.get(f"/quizzes/attempts/{attempt}/{position}").text)
    ]

    assert {places.count(place) > 3 for place in range(3)} == {True}
