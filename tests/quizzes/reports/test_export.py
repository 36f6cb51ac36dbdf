"""The files hold every answer, and nothing in them is a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms.audit.models import AuditEntry
from quizzes.reports import services, views
from quizzes.reports.sheets import as_csv, as_xlsx, restored, safe
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.crowd import event, sit
from tests.quizzes.school import MONDAY, PART_KINDS, School, choice

EXPORT = "/quizzes/trade/basics/quiz/results/export"
PLAN = next(one for one in PART_KINDS if one["id"] == "plan")
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '"=1"',
    "'=1",
    "  =1",
    "＝1",
    "＋1",
    "－1",
    "＠A1",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
]


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.fixture
def desk(school: School) -> Desk:
    school.install([choice("q1"), choice("q2"), PLAN])
    return Desk(school)


def take(desk: Desk, file: str) -> bytes:
    answer = desk.browser.post(EXPORT, {"file": file})
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def test_every_answer_has_a_line_late_and_replaced_ones_and_questions_without_one(desk: Desk, school: School) -> None:
    attempt = sit(school, {"q1": {"chosen": ["a"]}, "plan": {"text": "One\nTwo"}}, name="Amina")
    place = school.position_of(attempt, "q1")
    with school.site.writing() as session:
        session.add(event(attempt, place, {"chosen": ["b"]}, MONDAY + timedelta(hours=1), late=True))

    rows = rows_of(take(desk, "answers").decode())

    assert sorted(
        (row["Question"], row["Answer"], row["After the end"], row["Counts"], row["Mark"]) for row in rows
    ) == [
        ("plan", "One\nTwo", "0", "1", ""),
        ("q1", "Option one of q1", "0", "1", "0.0"),
        ("q1", "Option two of q1", "1", "0", ""),
        ("q2", "", "", "1", "0.0"),
    ]
    assert {row["Name"] for row in rows} == {"Amina"}
    assert {len(row["Receipt"]) for row in rows if row["Answer"]} == {9}
    assert json.loads(next(row["Answer as stored"] for row in rows if row["Question"] == "plan")) == {
        "text": "One\nTwo"
    }


def test_a_file_of_tries_has_a_line_each_and_is_named_after_the_quiz(desk: Desk, school: School) -> None:
    sit(school, {"q1": {"chosen": ["b"]}})
    sit(school, {}, submit=False)

    answer = desk.browser.post(EXPORT, {"file": "tries"})

    assert [(row["Score"], row["Passed"]) for row in rows_of(answer.text)] == [("0.3333", "0"), ("", "")]
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="trade-basics-quiz-tries-20')
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_workbook_holds_both_and_the_log_says_who_took_it(desk: Desk, school: School) -> None:
    sit(school, {"q1": {"chosen": ["b"]}}, name="Amina")

    book = openpyxl.load_workbook(io.BytesIO(take(desk, "workbook")))

    assert book.sheetnames == ["Tries", "Answers"]
    assert [row[0] for row in book["Answers"].iter_rows(values_only=True)] == ["Name", "Amina", "Amina", "Amina"]
    entries = [one for one in school.rows(AuditEntry) if one.act == "quiz.exported"]
    assert [(one.actor_id, one.facts["file"]) for one in entries] == [(desk.person.id, "workbook")]


@pytest.mark.parametrize("text", FORMULAS)
def test_case_79_no_cell_of_either_file_is_a_formula(desk: Desk, school: School, text: str) -> None:
    sit(school, {"plan": {"text": text}}, name=text.strip() or "x")

    row = next(one for one in rows_of(take(desk, "answers").decode()) if one["Question"] == "plan")
    sheet = openpyxl.load_workbook(io.BytesIO(take(desk, "workbook")))["Answers"]

    for name in ("Name", "Answer"):
        assert row[name].startswith("'")
    assert restored(row["Answer"]) == text
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell.value for cell in cells if str(cell.value)[:1] in "=+-@\t\r＝＋－＠" and cell.value]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_case_79_what_was_made_safe_can_be_restored(text: str) -> None:
    cell = safe(text)

    assert not cell.lstrip(" \"'").startswith(("=", "+", "-", "@")) or cell.startswith("'")
    assert restored(cell) == safe_letters(text)


def safe_letters(text: str) -> str:
    """What no file can hold is left out of it."""
    return "".join(one for one in text if one in "\t\n\r" or (ord(one) > 31 and one not in "\ufffe\uffff"))


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ config }}", "\u202eevil", "a\x0bb"])
def test_case_43_hostile_names_and_answers_go_through_as_text(desk: Desk, school: School, hostile: str) -> None:
    sit(school, {"plan": {"text": hostile}}, name=hostile)

    book = openpyxl.load_workbook(io.BytesIO(take(desk, "workbook")))
    page = desk.browser.get(f"{EXPORT.removesuffix('/export')}").text

    assert hostile.replace("\x0b", "") in [cell.value for row in book["Answers"].iter_rows() for cell in row]
    assert "<script>alert" not in page


def test_a_large_file_is_sent_as_it_is_read(desk: Desk, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    for _ in range(5):
        sit(school, {"q1": {"chosen": ["b"]}})

    assert len(rows_of(take(desk, "tries").decode())) == 5
    pieces = list(as_csv([["x" * 1_000]] * 100))
    assert len(pieces) > 2
    assert "".join(pieces).count("\r\n") == 100


def test_a_workbook_of_too_many_answers_is_refused_and_the_page_says_so(
    desk: Desk, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(school, {"q1": {"chosen": ["b"]}, "q2": {"chosen": ["b"]}})
    monkeypatch.setattr(views, "MOST_IN_A_WORKBOOK", 1)

    assert desk.browser.post(EXPORT, {"file": "workbook"}).status_code == 409
    assert "take the CSV files" in desk.browser.get(EXPORT).text
    assert [one.act for one in school.rows(AuditEntry) if one.act == "quiz.exported"] == []


def test_case_9_only_trainers_of_the_course_get_a_file(desk: Desk, school: School) -> None:
    _, participant = school.participant()
    _, outsider = desk.trainer(course=None)

    assert participant.post(EXPORT, {"file": "answers"}).status_code == 403
    assert outsider.post(EXPORT, {"file": "answers"}).status_code == 404
    with school.site.reading() as session:
        assert session.scalars(select(AuditEntry.id).where(AuditEntry.act == "quiz.exported")).all() == []


def test_numbers_stay_numbers_in_a_workbook() -> None:
    sheet = openpyxl.load_workbook(as_xlsx([("a", [[0.5, 3, True, None, "-3"]])]))["a"]

    assert [cell.value for cell in next(sheet.rows)] == [0.5, 3, 1, None, "'-3"]
