"""A receipt is short, fits one answer alone, and can be typed by people."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.attempts.receipts import receipt, receipt_key, shown, typed

KEY = receipt_key("a secret of this test")
EVENT = {"attempt_id": 7, "position": 2, "client": "web", "counter": 3, "answer": {"chosen": ["b"]}}


def test_the_same_answer_has_the_same_receipt() -> None:
    assert receipt(KEY, **EVENT) == receipt(receipt_key("a secret of this test"), **EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"attempt_id": 8},
        {"position": 3},
        {"client": "phone"},
        {"counter": 4},
        {"answer": {"chosen": ["c"]}},
        {"answer": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_answer_has_another_receipt(change: dict[str, object]) -> None:
    assert receipt(KEY, **{**EVENT, **change}) != receipt(KEY, **EVENT)


def test_a_receipt_needs_our_secret() -> None:
    assert receipt(receipt_key("another secret"), **EVENT) != receipt(KEY, **EVENT)


@settings(max_examples=50)
@given(st.integers(1, 2**31), st.text())
def test_a_receipt_has_eight_letters_that_nobody_mistakes(attempt: int, text: str) -> None:
    made = receipt(KEY, **{**EVENT, "attempt_id": attempt, "answer": {"text": text}})

    assert len(made) == 8
    assert not set(made) - set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_what_people_type_is_the_receipt_that_they_read() -> None:
    assert shown("7KQ4M2X1") == "7KQ4-M2X1"
    assert typed(" 7kq4-m2xi ") == "7KQ4M2X1"
