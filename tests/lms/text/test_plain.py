from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.text.plain import clean_line, clean_text

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cn"]),
        st.sampled_from("\u200c\u200d\u202e\u2067\u115f\ufeff\u094dकموA\r\n\u0344\u0301"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("  Ama   Owusu \n", "Ama Owusu"),
        ("A\x00m\x07a\ud800", "Ama"),
        ("\u202eevil\u202c \u2067x\u2069\u200e", "evil x"),
        ("zero\u200bwidth\ufeff\u2060\u00ad", "zerowidth"),
        ("e\u0301", "é"),
        ("a\u3000b\u00a0c\td", "a b c d"),
        ("\u3164\u115f\u2800", ""),
        ("x\ufffe\ufdd0y", "xy"),
        ("{{7*7}} \\input{x} <b>", "{{7*7}} \\input{x} <b>"),
    ],
)
def test_a_line_is_cleaned(sent: str, expected: str) -> None:
    assert clean_line(sent, longest=100) == expected


@pytest.mark.parametrize(
    "name",
    ["می\u200cخواهم", "क्\u200dष", "ന്\u200d", "Ким Љубав", "王小明", "José Nuñez", "O’Brien-Smith", "🎓"],
    ids=["persian", "devanagari", "old malayalam", "cyrillic", "chinese", "latin", "signs", "emoji"],
)
def test_names_are_kept_as_they_are_spelt(name: str) -> None:
    assert clean_line(name, longest=100) == name


def test_joiners_hide_nowhere_else() -> None:
    assert clean_line("ad\u200dmin \u200cx م\u200d", longest=100) == "admin x م"


def test_text_keeps_its_lines_and_inner_spaces() -> None:
    assert clean_text("\r\n one  two \r\n\r\n\u2028three\x00\t|\n\n", longest=100) == " one  two\n\n\nthree\t|"


def test_too_long_is_said_and_never_cut() -> None:
    assert clean_line("a" * 10, longest=10) == "a" * 10
    with pytest.raises(Invalid, match="longer than 10 characters"):
        clean_line("a" * 11, longest=10)
    with pytest.raises(Invalid, match="longer than 10 characters"):
        clean_text("\u200b" * 10_000_000, longest=10)


def test_a_tower_of_marks_is_kept_low() -> None:
    assert clean_line("a" + "\u0316" * 5_000, longest=5_000) == "a" + "\u0316" * 30


@given(HOSTILE)
def test_cleaning_twice_is_the_same_as_once(text: str) -> None:
    line = clean_line(text, longest=10_000)
    lines = clean_text(text, longest=10_000)

    assert clean_line(line, longest=10_000) == line
    assert clean_text(lines, longest=10_000) == lines


@given(HOSTILE)
def test_clean_text_can_be_stored_and_hides_nothing(text: str) -> None:
    """Case 20: NUL, lone surrogates and bidirectional controls are normalised away."""
    line = clean_line(text, longest=10_000)
    lines = clean_text(text, longest=10_000)

    line.encode()
    lines.encode()
    assert unicodedata.is_normalized("NFC", line)
    assert {unicodedata.category(sign) for sign in line} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert {unicodedata.category(sign) for sign in lines if sign not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert not set(line + lines) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
