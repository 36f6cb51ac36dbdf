"""The other questions of a try come with one request, for a device whose network may go away."""

from __future__ import annotations

import re
from datetime import timedelta

from lms import clock
from lms.testing import Browser
from tests.quizzes.school import MONDAY, School, choice, receipts_in


def ahead(browser: Browser, attempt: int, position: int = 1) -> dict[str, str]:
    pages: dict[str, str] = browser.get(f"/quizzes/attempts/{attempt}/ahead/{position}").json
    return pages


def without_moving(html: str) -> str:
    """A page without what is signed or looked up anew each time."""
    return re.sub(r'data-now="[^"]*"|<script.*?</script>', "", html)


def test_they_are_the_pages_that_one_would_get(school: School) -> None:
    school.install(time_limit_minutes=30)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
        school.answer(browser, attempt, "number", "12")
        pages = ahead(browser, attempt, 2)

        assert sorted(pages) == [f"/quizzes/attempts/{attempt}/{position}" for position in (1, 3, 4, 5)]
        for address, kept in pages.items():
            page = browser.get(address).text
            title, main = re.findall(r"<title>.*?</title>|<main.*</main>", page, re.S)
            assert without_moving(kept) == without_moving(f"{title}\n{main}\n")


def test_they_hold_receipts_but_no_key(school: School) -> None:
    """Case 11 holds for them as for the pages one by one."""
    school.install()
    _, browser = school.participant()
    attempt = school.begin(browser)
    school.answer(browser, attempt, "number", "12")
    seen = "\n".join(ahead(browser, attempt).values())

    assert {event.receipt for event in school.events()} <= {receipt.replace("-", "") for receipt in receipts_in(seen)}
    for text in ("why-", "Bandung", "Buenos Aires", "tolerance", "accepted", "0.5"):
        assert text not in seen, text


def test_nothing_comes_of_a_try_that_is_over(school: School) -> None:
    school.install([choice("one"), choice("two")], time_limit_minutes=10)
    _, browser = school.participant()
    with clock.fixed(MONDAY):
        attempt = school.begin(browser)
    with clock.fixed(MONDAY + timedelta(minutes=11)):
        assert ahead(browser, attempt) == {}


def test_a_site_with_many_questions_sends_three_statements(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(40)])
    _, browser = school.participant()
    attempt = school.begin(browser)

    with school.site.statements() as statements:
        pages = ahead(browser, attempt)

    assert (len(pages), len(statements)) == (39, 3)
