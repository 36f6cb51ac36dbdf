"""Work that a fork does for its parent."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from lms.processes import ProcessEnded, in_a_process


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


def test_an_error_that_cannot_be_sent_is_told() -> None:
    class Inside(Exception):
        """Of this function alone, so that it cannot be pickled."""

    def fail() -> bytes:
        raise Inside

    with pytest.raises(ProcessEnded):
        in_a_process(fail)
