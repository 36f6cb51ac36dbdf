"""Servers for the bench: ours and the floor, under granian with the same settings, and what they weigh."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lms.serving.web import MOST_CONNECTIONS
from lms.typesetting import typesetter

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(target: str, environment: Mapping[str, str], *, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``target`` (module:app) under granian with two processes of one thread each, until the block ends."""
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(PROCESSES), "--blocking-threads", "1", "--workers-kill-timeout", "3", "--no-ws",
        "--backlog", str(MOST_CONNECTIONS), "--backpressure", str(MOST_CONNECTIONS),
        "--log-level", "error", target,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True)
    try:
        wait_for(port, process)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers on its port, with all its processes."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1.0)  # both processes, not only the first
            return
    raise RuntimeError("the server did not start")


def family(process: int) -> list[int]:
    """A process and all its descendants."""
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def weight_mb(process: int) -> tuple[float, float]:
    """The summed PSS of a process and its descendants, and of those among them that set type, in MB of 10^6 bytes."""
    kilobytes = {False: 0, True: 0}
    for member in family(process):
        try:
            text = Path(f"/proc/{member}/smaps_rollup").read_text()
            sets_type = typesetter.__name__ in Path(f"/proc/{member}/cmdline").read_text()
        except OSError:
            continue
        kilobytes[sets_type] += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return sum(kilobytes.values()) * 1024 / 1e6, kilobytes[True] * 1024 / 1e6


def cpu_seconds(process: int) -> float:
    """The CPU time that the living threads of a process and of its descendants have used, to the nanosecond.

    Those of our servers live as long as they do; `/proc/PID/stat` knows the dead too, but only hundredths of a second.
    """
    nanoseconds = 0
    for member in family(process):
        for thread in Path(f"/proc/{member}/task").iterdir():
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9
