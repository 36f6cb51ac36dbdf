"""Work that a fork does for its parent."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from lms.processes import ProcessEnded, give_back_memory, in_a_process


def test_a_fork_gives_what_its_work_gives() -> None:
    mine = os.getpid()

    assert in_a_process(lambda: str(os.getpid()).encode()) != str(mine).encode()


def test_what_the_work_raises_is_raised_here() -> None:
    def fail() -> bytes:
        raise LookupError("no such module")

    with pytest.raises(LookupError, match="no such module"):
        in_a_process(fail)


def test_a_fork_that_is_killed_is_told() -> None:
    def die() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    with pytest.raises(ProcessEnded):
        in_a_process(die)


def test_where_memory_runs_out_a_fork_is_killed_before_any_server() -> None:
    asked = Path("/proc/self/oom_score_adj").read_bytes
    mine = asked()

    assert in_a_process(asked) == b"1000\n"
    assert asked() == mine


def test_what_is_freed_goes_back_to_the_system() -> None:
    def held_bytes() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def given_back() -> bytes:
        blocks = [b"x" * 100_000 for _ in range(300)]
        behind_them = b"x" * 5_000  # so that the heap cannot simply end earlier
        before = held_bytes()
        blocks.clear()
        give_back_memory()
        freed = before - held_bytes()
        del behind_them
        return str(freed).encode()

    assert int(in_a_process(given_back)) > 25_000_000


def test_an_error_that_cannot_be_sent_is_told() -> None:
    class Inside(Exception):
        """Of this function alone, so that it cannot be pickled."""

    def fail() -> bytes:
        raise Inside

    with pytest.raises(ProcessEnded):
        in_a_process(fail)
