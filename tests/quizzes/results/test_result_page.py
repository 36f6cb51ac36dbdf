"""A result explains itself: what was right, why the rest is not, and where to read it."""

from __future__ import annotations

import re

from lms.testing import Browser
from tests.quizzes.school import School, choice, receipts_in


def submitted(school: School, answers: dict[str, tuple[str, ...]]) -> tuple[Browser, str]:
    """The page of an attempt that answered these."""
    _, browser = school.participant()
    attempt = school.begin(browser)
    for uid, texts in answers.items():
        assert school.answer(browser, attempt, uid, *texts).status_code == 303
    browser.post(f"/quizzes/attempts/{attempt}/submit")
    return browser, browser.get(f"/quizzes/attempts/{attempt}").text


def section(page: str, words: str) -> str:
    """The part of a page that holds these words."""
    return next(part for part in page.split("<section") if words in part)


def test_each_option_says_why_and_links_the_paragraph_that_explains_it(school: School) -> None:
    school.install()

    _, page = submitted(school, {"single": ("Option one of single",)})

    part = section(page, "What fits single?")
    assert [f"why-single-{option}" in part for option in "abc"] == [True] * 3
    assert "Not right yet" in part
    assert 'href="/courses/trade/basics/first#here">The first lesson</a>' in part
    assert re.search(r'<li class="wrong">\s*<div class="head"><b>Option one of single</b>.*?Your answer', part, re.S)
    assert re.search(r'<li class="right">\s*<div class="head"><b>Option two of single</b>.*?Right answer', part, re.S)


def test_a_right_answer_is_shown_and_the_others_are_folded(school: School) -> None:
    school.install()

    _, page = submitted(school, {"single": ("Option two of single",)})

    part = section(page, "What fits single?")
    shown, _, folded = part.partition("<details>")
    assert ("why-single-b" in shown, "why-single-a" in shown) == (True, False)
    assert ("why-single-a" in folded, "why-single-c" in folded) == (True, True)


def test_typed_answers_show_what_was_typed_why_and_what_would_be_right(school: School) -> None:
    school.install()

    _, page = submitted(school, {"words": ("Bandung",), "number": ("12",)})

    words, number = section(page, "Which city"), section(page, "How many orders?")
    assert ("<bdi>Bandung</bdi>" in words, "why-words-near" in words, "<bdi>Buenos Aires</bdi>" in words) == (True,) * 3
    assert ("<bdi>12</bdi>" in number, "why-number" in number, "150" in number) == (True,) * 3


def test_a_question_without_an_answer_is_called_not_answered_and_never_wrong(school: School) -> None:
    school.install([choice("one")])

    _, page = submitted(school, {})

    part = section(page, "What fits one?")
    assert "Not answered" in part
    assert "Not right yet" not in part


def test_what_is_not_right_comes_first(school: School) -> None:
    school.install()

    _, page = submitted(school, {"single": ("Option two of single",), "number": ("12",)})

    assert page.index("How many orders?") < page.index("What fits single?")


def test_the_heading_says_what_one_has_and_needs_and_what_to_do_next(school: School) -> None:
    school.install(tries=2)

    browser, page = submitted(school, {"single": ("Option two of single",)})

    assert "You have 20%. You need 70%." in page
    assert "Try 1 of 2. Your best try counts." in page
    assert "Try again" in page
    assert page.count('class="go') == 1
    assert browser.get(school.intro).text.count("Try again") == 1


def test_a_passed_quiz_leads_on_with_the_course(school: School) -> None:
    school.install([choice("one")])

    _, page = submitted(school, {"one": ("Option two of one",)})

    assert "You passed: Quiz of the basics" in page
    assert re.search(r'class="go[^"]*" href="/courses/trade">', page)


def test_what_to_read_again_is_grouped_by_objective(school: School) -> None:
    school.install()

    _, page = submitted(school, {"single": ("Option two of single",), "several": ("Sea", "Rail")})

    part = section(page, "Read again")
    assert "Count orders" in part
    assert "Name what fits" not in part
    assert part.count("The second lesson") == 1


def test_receipts_are_those_of_the_question_pages(school: School) -> None:
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer_all_right(browser, attempt)
    given = sorted(
        receipts_in(browser.get(f"/quizzes/attempts/{attempt}/{position}").text)[0] for position in range(1, 6)
    )

    browser.post(f"/quizzes/attempts/{attempt}/submit")

    part = section(browser.get(f"/quizzes/attempts/{attempt}").text, "A receipt shows")
    assert sorted(receipts_in(part)) == given


def test_an_attempt_shows_the_version_that_was_answered(school: School) -> None:
    school.install([choice("one", prompt="As it was?")])
    browser, _ = submitted(school, {"one": ("Option two of one",)})
    school.install([choice("one", prompt="As it is now?", right="a")])

    page = browser.get(f"/quizzes/attempts/{school.attempts()[0].id}").text

    assert ("As it was?" in page, "As it is now?" in page) == (True, False)
    assert "You passed" in page
