"""Serials: random, readable, forgiving of how people type."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.serials import ALPHABET, LENGTH, grouped, new_serial, read_serial

SERIAL = "4J7QK2MX9T0VBNH8RDYCW5E3A6"


def numbers(serials: list[str]) -> list[int]:
    return [int("".join(f"{ALPHABET.index(character):05b}" for character in serial), 2) for serial in serials]


def test_case_27_a_serial_is_128_bits_of_the_systems_generator_and_nothing_else(monkeypatch):
    asked: list[int] = []
    drawn = 0xFEDCBA98765432100123456789ABCDEF
    monkeypatch.setattr(secrets, "randbits", lambda bits: (asked.append(bits), drawn)[1])

    serial = new_serial()

    assert asked == [128]
    assert numbers([serial]) == [drawn]


def test_case_27_every_bit_of_a_serial_is_as_often_set_as_not():
    serials = [new_serial() for _ in range(4000)]

    assert len(set(serials)) == 4000
    drawn = numbers(serials)
    for place in range(128):
        share = sum(number >> place & 1 for number in drawn) / 4000
        assert 0.45 < share < 0.55, f"bit {place}"  # more than six standard deviations wide


def test_the_smallest_and_the_largest_number_have_26_characters(monkeypatch):
    for number, serial in ((0, "0" * 26), (2**128 - 1, "7" + "Z" * 25)):
        monkeypatch.setattr(secrets, "randbits", lambda bits, number=number: number)

        assert new_serial() == serial
        assert read_serial(serial) == serial


def test_a_serial_is_grouped_in_fours_for_people():
    assert grouped(SERIAL) == "4J7Q-K2MX-9T0V-BNH8-RDYC-W5E3-A6"


@pytest.mark.parametrize(
    "typed",
    [
        SERIAL,
        "4J7Q-K2MX-9T0V-BNH8-RDYC-W5E3-A6",
        "4j7q k2mx 9t0v bnh8 rdyc w5e3 a6",
        "  4J7Q–K2MX—9T0V‑BNH8−RDYC_W5E3.A6\n",
        "4J7QK2MX9TOVBNH8RDYCW5E3A6",
        "４Ｊ７Ｑ-K2MX-9ToV-BNH8-RDYC-W5E3-A6",
    ],
    ids=["plain", "grouped", "small letters and spaces", "other dashes", "letter O for 0", "full width"],
)
def test_what_people_type_is_read(typed):
    assert read_serial(typed) == SERIAL


def test_i_and_l_are_read_as_one():
    assert read_serial("1l1I" + "0" * 22) == "1111" + "0" * 22


@pytest.mark.parametrize(
    "typed",
    ["", SERIAL[:-1], SERIAL + "0", "8" + SERIAL[1:], "U" + SERIAL[1:], SERIAL[:-1] + "é", "4" * 100_000, "\x00" * 26,
     "\ud800" * 26, "٤" * 26, "../" * 9],
    ids=["empty", "too short", "too long", "more than 128 bits", "U is no digit", "accent", "huge", "NUL", "surrogate",
         "Arabic digits", "path"],
)  # fmt: skip
def test_what_cannot_be_a_serial_is_none(typed):
    assert read_serial(typed) is None


@given(st.text(max_size=60))
def test_reading_never_raises_and_what_it_gives_reads_as_itself(text):
    serial = read_serial(text)

    assert serial is None or (len(serial) == LENGTH and read_serial(grouped(serial).lower()) == serial)
