"""The list of questions: what it says of each, filters, pages, and new questions."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from quizzes.authoring import pages, services
from quizzes.bank.models import Question
from tests.costs import cost_of
from tests.quizzes.authoring.desk import BANK, Desk
from tests.quizzes.school import School, choice


def rows_of(page: str) -> list[str]:
    """The words of each question of the list."""
    listed = page.split('<ul class="bare list">')[1].split("</ul>")[0].split("<li>")[2:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in listed]


def test_each_question_is_listed_with_its_kind_its_state_and_its_objective(desk: Desk) -> None:
    desk.save("several", {"prompt": "Which two fit best?"})

    assert rows_of(desk.browser.get(BANK).text) == [
        "What fits single? Single choice. Published, version 1. Objective: 1. Name what fits",
        "Which two fit best? Multiple choice. Published, version 1. Draft of version 2. Objective: 1. Name what fits",
        "A bonded warehouse stands inside a zone. True or false. Published, version 1. Objective: 2. Count orders",
        "Which city gave the plan its name? Short text. Published, version 1. Objective: 2. Count orders",
        "How many orders? Number. Published, version 1. Objective: 2. Count orders",
    ]


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("kind=numeric", ["How many orders?"]),
        ("objective=o1", ["What fits single?", "Which two fit best?"]),
        ("state=draft", ["Which two fit best?"]),
        ("state=published&kind=true_false", ["A bonded warehouse stands inside a zone."]),
        ("state=retired", ["Which city gave the plan its name?"]),
        ("state=new", []),
        ("kind=nothing&objective='&state=<b>", ["What fits", "Which two", "A bonded", "How many"]),
    ],
)
def test_the_filters_stand_in_the_address(desk: Desk, query: str, uids: list[str]) -> None:
    desk.save("several", {"prompt": "Which two fit best?"})
    desk.browser.post(f"{BANK}/words/retire")

    page = desk.browser.get(f"{BANK}?{query}").text

    listed = rows_of(page) if uids else []
    assert [row.startswith(uid) for row, uid in zip(listed, uids, strict=True)] == [True] * len(uids)
    assert ("No question fits" in page) == (not uids)


def test_a_long_list_comes_in_pages_that_keep_the_filters(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(120)])
    browser = Desk(school).browser

    first = browser.get(f"{BANK}?objective=o1").text
    second = browser.get(turned(first, "Next page")).text
    third = browser.get(turned(second, "Next page")).text
    back = browser.get(turned(third, "Previous page")).text

    assert [len(rows_of(page)) for page in (first, second, third)] == [50, 50, 20]
    assert [row.split("?")[0] for row in rows_of(first)[:2] + rows_of(second)[:1] + rows_of(third)[-1:]] == [
        "What fits q0",
        "What fits q1",
        "What fits q50",
        "What fits q119",
    ]
    assert "Questions 51 to 100 of 120" in second
    assert "objective=o1" in turned(second, "Next page")
    assert "Next page" not in third
    assert (rows_of(back), "Questions 51 to 100 of 120" in back) == (rows_of(second), True)
    assert "Previous page" not in browser.get(turned(back, "Previous page")).text


def turned(page: str, label: str) -> str:
    """Where the link with this label leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>(?:<[^>]*>)*{label}', page)
    assert found, label
    return unescape(found[1])


def test_a_page_from_which_the_questions_have_gone_is_the_first(school: School) -> None:
    school.install([choice(f"q{number}") for number in range(60)])
    browser = Desk(school).browser
    second = turned(browser.get(BANK).text, "Next page")
    first = turned(browser.get(second).text, "Previous page")
    school.install([choice(f"q{number}") for number in range(50)])

    assert rows_of(browser.get(second).text) == rows_of(browser.get(BANK).text)
    assert "Previous page" not in browser.get(second).text
    assert len(rows_of(browser.get(first).text)) == 50


@pytest.mark.parametrize("turn", ["0", "-1", "x-1", "²-²", "9" * 5000, "1-" + "9" * 30, "999999999-999999999", "1-1-1"])
@pytest.mark.parametrize("name", ["after", "before", "page"])
def test_a_turn_that_leads_nowhere_is_the_first_page(desk: Desk, name: str, turn: str) -> None:
    assert len(rows_of(desk.browser.get(BANK, query_string={name: turn, "page": turn}).text)) == 5


def test_of_very_many_questions_no_total_is_said(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_COUNTED", 100)
    monkeypatch.setattr(pages, "MOST_COUNTED", 100)
    school.install([choice(f"q{number}") for number in range(101)])
    browser = Desk(school).browser

    first = browser.get(BANK).text

    assert "More than 100 questions" in first
    assert "Questions 1 to 50<" in first
    assert "Questions 51 to 100<" in browser.get(turned(first, "Next page")).text


@pytest.mark.parametrize(
    "query", ["", "kind=single_choice", "objective=o1", "state=published", "state=retired", "last"]
)
def test_a_page_reads_no_more_rows_of_many_questions_than_of_few(
    school: School, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows as the database counts them; SQLite counts the steps of its machine."""
    monkeypatch.setattr(services, "MOST_COUNTED", 100)
    desk, costs = Desk(school), []
    for number in (200, 1_000):
        school.install([choice(f"q{place}") for place in range(number)])
        if query == "state=retired":
            school.install([])
        address = BANK
        if query == "last":
            with school.site.reading() as session:
                position, last = session.execute(
                    select(func.max(Question.position), func.max(Question.id)).where(Question.retired_at.is_(None))
                ).one()
            address = f"{BANK}?before={position}-{last}&page=9"
        elif query:
            address = f"{BANK}?{query}"
        costs.append(cost_of(school.site, lambda at=address: desk.browser.get(at)))  # type: ignore[misc]

    few, many = costs
    assert few > 50
    assert many < 1.2 * few


def test_the_number_of_statements_does_not_grow_with_the_questions(school: School) -> None:
    counts = []
    desk = Desk(school)
    for number in (10, 300):
        school.install([choice(f"q{place}") for place in range(number)])
        with school.site.statements() as statements:
            assert desk.browser.get(BANK).status_code == 200
        counts.append(len(statements))
        with school.site.statements() as statements:
            assert desk.browser.get(f"{BANK}/q1").status_code == 200
        counts.append(len(statements))

    assert counts[:2] == counts[2:]
    assert max(counts) <= 8


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "true_false", "short_text", "numeric"])
def test_a_new_question_of_each_kind_opens_empty_and_is_asked_nobody(desk: Desk, kind: str) -> None:
    answer = desk.browser.post(f"{BANK}/new", {"kind": kind})

    assert answer.status_code == 303
    uid = answer.location.rsplit("/", 1)[1]
    assert re.fullmatch(rf"{kind.replace('_', '-')}-[a-z2-7]{{5}}", uid)
    page = desk.page(uid)
    assert "before this can be published" not in page
    assert desk.versions(uid) == [(1, "draft")]
    assert rows_of(desk.browser.get(f"{BANK}?state=new").text)[0].startswith("This question has no text yet.")
    assert desk.publish(uid).status_code == 422
    _, participant = desk.school.participant()
    assert "of 5" in participant.get(f"/quizzes/attempts/{desk.school.begin(participant)}/1").text


def test_a_kind_that_is_not_known_here_makes_no_question(desk: Desk) -> None:
    assert desk.browser.post(f"{BANK}/new", {"kind": "essay"}).status_code == 409
    assert desk.browser.post(f"{BANK}/new").status_code == 409
    assert len(rows_of(desk.browser.get(BANK).text)) == 5


def test_a_question_that_a_package_calls_new_can_be_edited(school: School) -> None:
    school.install([choice("new")])
    desk = Desk(school)

    assert desk.save("new", {"prompt": "What is new?"}).status_code == 303

    assert desk.draft("new")["prompt"] == {"en": "What is new?"}
