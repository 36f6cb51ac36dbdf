from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.text.slugs import LONGEST_SLUG, RESERVED, is_slug, must_be_free, slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Buenos Aires, 1978", "buenos-aires-1978"),
        ("  What's an e-commerce?  ", "whats-an-e-commerce"),
        ("Équité – coopération", "equite-cooperation"),
        ("Straße nach Łódź", "strasse-nach-lodz"),
        ("跨境电商", ""),
        ("BRI 一带一路 today", "bri-today"),
        ("{{config}} ../../etc", "config-etc"),
    ],
)
def test_a_title_becomes_a_slug(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_a_long_title_is_cut_between_two_words() -> None:
    made = slug("south south cooperation " * 10)

    assert made == "south-south-cooperation-south-south-cooperation-south-south-cooperation-south"


@given(st.text())
def test_every_slug_is_empty_or_a_slug_and_stays_itself(title: str) -> None:
    made = slug(title)

    assert made == "" or is_slug(made)
    assert slug(made) == made


@pytest.mark.parametrize(
    "text", ["", "-a", "a-", "a--b", "A", "é", "a b", "a/b", "..", "a\n", "a" * (LONGEST_SLUG + 1)]
)
def test_what_an_address_would_not_take_is_no_slug(text: str) -> None:
    assert not is_slug(text)
    with pytest.raises(Invalid, match="cannot stand in an address"):
        must_be_free(text)


@pytest.mark.parametrize("text", ["enrol", "new", "edit", "certificate", "quiz-results"])
def test_words_of_our_own_addresses_are_not_free(text: str) -> None:
    assert is_slug(text)
    with pytest.raises(Invalid, match="own addresses"):
        must_be_free(text)


def test_reserved_words_are_slugs_and_other_slugs_are_free() -> None:
    assert [word for word in RESERVED if not is_slug(word)] == []
    must_be_free("quiz")
    must_be_free("buenos-aires")
