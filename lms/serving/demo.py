"""A whole site on one machine from nothing: prepare, say how to get in, run the web server with its worker as a child.

This process stays as long as the site runs, so it imports no more than it needs; what is heavy is done by a child.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from lms.config import Config, for_this_machine, from_environment, keep_address
from lms.errors import StartRefused
from lms.serving.alone import must_be_free, only_one

HOST = "127.0.0.1"
SIGN_INS = "demo-sign-ins.txt"
PATIENCE_SECONDS = 60  # how long the web server may take to answer for the first time
LAST_WORDS_SECONDS = 15  # how long web server and worker may take to end

Say = Callable[[str], None]


def run(*, port: int, say: Say) -> None:
    """Prepare the site and run it until SIGTERM or SIGINT.

    Raises StartRefused where it cannot start, and where the web server ends by itself.
    """
    environment = for_this_machine(port=port)
    config = from_environment(environment)
    with only_one(config.instance, "run", port=port):
        with only_one(config.instance, "serve", port=port):
            must_be_free(HOST, port)
        keep_address(config)
        _run_children(config, environment, port=port, say=say)


def kept_sign_ins(path: Path) -> dict[str, str]:
    """The demo's sign-ins as they were written: password by address."""
    if not path.exists():
        return {}
    rows = (line.partition("\t") for line in path.read_text().splitlines())
    return {email: password for email, _, password in rows if email and password}


def _run_children(config: Config, environment: Mapping[str, str], *, port: int, say: Say) -> None:
    asked: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    children: dict[str, subprocess.Popen[bytes]] = {}
    ended: str | None = None
    try:
        preparing = children["preparation"] = _child(environment, "demo", "--only-prepare")
        _wait_for_the_end(children, asked)
        if not asked and preparing.returncode != 0:
            sys.exit(1)  # it has said why
        del children["preparation"]
        if not asked:
            children["web server"] = _child(environment, "serve", "--with-worker", "--port", str(port))
            ended = _wait_for_an_answer(children, port=port, asked=asked)
        if ended is None and not asked:
            _welcome(config, say)
            ended = _wait_for_the_end(children, asked)
    finally:
        _end(children)
        for number, handler in before.items():
            signal.signal(number, handler)
    if not asked:
        raise StartRefused(f"The {ended} ended by itself, so Lantern was stopped; the lines above say why.")
    say("Lantern has stopped. Everything is kept; make run starts it again.")


def _child(environment: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command and a number
        [sys.executable, "-m", "lms.cli", *command, f"--end-with={os.getpid()}"],
        env=dict(environment),
        start_new_session=True,  # Ctrl-C reaches this process alone, which ends the others in order
    )


def _wait_for_an_answer(children: Mapping[str, subprocess.Popen[bytes]], *, port: int, asked: list[int]) -> str | None:
    """Wait until the web server answers; gives the child that ended meanwhile, if one did."""
    opener = build_opener(ProxyHandler({}))
    end = time.monotonic() + PATIENCE_SECONDS
    while not asked and time.monotonic() < end:
        ended = _ended(children)
        if ended is not None:
            return ended
        try:
            with opener.open(f"http://{HOST}:{port}/healthz", timeout=5):
                return None
        except (URLError, OSError) as error:
            if getattr(error, "code", None) is not None:  # it answers, if only that it is asked under another name
                return None
            time.sleep(0.1)
    return None if asked else "web server"


def _welcome(config: Config, say: Say) -> None:
    lines = kept_sign_ins(config.instance / SIGN_INS)
    say(f"\nLantern is at {config.base_url}\n")
    width = max((len(email) for email in lines), default=0)
    for email, password in lines.items():
        say(f"  {email:<{width}}  {password}")
    if not lines:
        say(f"  The passwords were in {SIGN_INS}, which is gone; `lms people password EMAIL` makes new ones.")
    say("\nStop it with Ctrl-C.")
    sys.stdout.flush()


def _wait_for_the_end(children: Mapping[str, subprocess.Popen[bytes]], asked: list[int]) -> str | None:
    while not asked:
        ended = _ended(children)
        if ended is not None:
            return ended
        time.sleep(0.2)
    return None


def _ended(children: Mapping[str, subprocess.Popen[bytes]]) -> str | None:
    return next((name for name, child in children.items() if child.poll() is not None), None)


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + LAST_WORDS_SECONDS
    for child in children.values():
        try:
            child.wait(timeout=max(end - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
