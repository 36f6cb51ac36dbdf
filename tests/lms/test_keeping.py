"""What is kept in memory has a bound in bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lms.keeping import ENTRY_BYTES, Keeping


def keeping(entries: int) -> Keeping[str]:
    """Room for so many entries of 1,000 bytes."""
    return Keeping(most_bytes=entries * (1_000 + ENTRY_BYTES))


def test_what_nobody_has_asked_for_since_is_forgotten_first() -> None:
    kept = keeping(2)
    kept.keep("a", "A", 1_000)
    kept.keep("b", "B", 1_000)

    asked = kept.get("a")
    kept.keep("c", "C", 1_000)

    assert asked == "A"
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("A", None, "C")
    assert kept.size_bytes == kept.most_bytes


def test_one_that_grows_drives_others_out() -> None:
    kept = keeping(3)
    for key in "abc":
        kept.keep(key, key, 1_000)

    kept.keep("c", "c", 2_000)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (None, "b", "c")
    assert kept.size_bytes == 3_000 + 2 * ENTRY_BYTES


def test_one_that_is_larger_than_all_the_room_is_kept_alone() -> None:
    kept = keeping(1)
    kept.keep("a", "A", 10)

    kept.keep("b", "B", 1_000_000)

    assert (kept.get("a"), kept.get("b"), len(kept)) == (None, "B", 1)


def test_what_was_kept_just_now_stays_though_all_others_were_used_since() -> None:
    kept = keeping(2)
    for key in "ab":
        kept.keep(key, key, 1_000)
        kept.get(key)

    kept.keep("c", "c", 1_000)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (None, "b", "c")


def test_one_that_is_kept_again_counts_as_used_if_it_was() -> None:
    kept = keeping(3)
    for key in "abc":
        kept.keep(key, key, 1_000)
    kept.get("a")

    kept.keep("a", "larger", 2_000)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("larger", None, "c")


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_keep_at_once_lose_no_byte(hasty_threads: None) -> None:
    kept = keeping(5)

    def work(number: int) -> None:
        for turn in range(2_000):
            key = str((turn * number) % 12)
            if kept.get(key) is None or turn % 3 == 0:
                kept.keep(key, key, 1_000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (1, 5, 7, 11)))

    assert kept.size_bytes == len(kept) * (1_000 + ENTRY_BYTES) <= kept.most_bytes
