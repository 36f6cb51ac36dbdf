"""Processes that belong to another one."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def end_with(parent: int) -> None:
    """End this process (by SIGTERM, so in order) soon after its parent is gone, however that ended.

    ``parent`` is the process id as the parent itself knows it: it may be gone before this process asks.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with", daemon=True).start()


def first_to_go() -> None:
    """Let the kernel end this process, and those that it starts, before any other where memory runs out.

    For work that can be done again: no server is to be killed in its place.
    """
    with suppress(OSError):  # not on Linux
        Path("/proc/self/oom_score_adj").write_text("1000")


def collect_seldom() -> None:
    """Leave what is loaded by now out of Python's search for circles of dead objects, and search more seldom.

    A request makes thousands of objects, nearly all of which go by themselves when it ends. To search among them at
    every 700th, as Python does unless told otherwise, took up to a tenth of a request's time and found next to nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def give_back_memory() -> None:
    """Let the system have what this process has freed; the C library would keep it, for what is large by megabytes."""
    with suppress(AttributeError):  # glibc's alone
        ctypes.CDLL(None).malloc_trim(0)


class ProcessEnded(RuntimeError):
    """A process that was to give an answer ended without one."""


def in_a_process(work: Callable[[], bytes]) -> bytes:
    """What ``work`` gives, done by a fork of this process: the memory that it takes goes when it ends.

    ``work`` must not use what cannot be shared by two processes, as a connection to the database. An exception that it
    raises is raised here, if it can be pickled; else, or if the process is killed, as the first where memory runs out,
    ProcessEnded.
    """
    from multiprocessing import get_context  # few processes ever do this

    forking = get_context("fork")
    receiver, sender = forking.Pipe(duplex=False)

    def answer() -> None:
        receiver.close()
        first_to_go()
        try:
            sender.send((work(), None))
        except Exception as error:
            sender.send((b"", error))

    process = forking.Process(target=answer, daemon=True)
    process.start()
    sender.close()
    try:
        content, error = receiver.recv()
    except Exception as ended:
        raise ProcessEnded(f"the process ended without an answer: {ended!r}") from ended
    finally:
        receiver.close()
        process.join()
    if error is not None:
        raise error
    given: bytes = content
    return given
