"""Typst in a process of its own, which ends when nobody has asked it for a while: it takes the memory of a whole site.

A question is one line of JSON. An answer is one line of JSON, and behind it as many bytes as it says.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from lms.processes import first_to_go, give_back_memory
from lms.typesetting import compiling
from lms.typesetting.compiling import Json, TypesettingError

IDLE_SECONDS = 3.0
LAST_WORDS_SECONDS = 5.0

_one_at_a_time = threading.Lock()
_typesetter: tuple[int, subprocess.Popen[bytes]] | None = (
    None  # with the process that it belongs to: a fork has none yet
)


def compile_pdf(template: str, inputs: Mapping[str, Json], *, timestamp: datetime) -> bytes:
    """As `compiling.compile_pdf`, which the typesetter does."""
    compiling.must_be_template(template, timestamp)
    _, pdf = _ask({"template": template, "inputs": inputs, "timestamp": timestamp.timestamp()})
    return pdf


def missing_glyphs(text: str) -> tuple[str, ...]:
    """As `compiling.missing_glyphs`, which the typesetter does."""
    answer, _ = _ask({"text": text})
    return tuple(answer["missing"])


def _ask(question: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    line = json.dumps(question, allow_nan=False).encode() + b"\n"
    with _one_at_a_time:
        for _ in range(2):  # one that has just ended, as nobody asked it, is asked in vain
            typesetter = _running()
            try:
                answer, content = _talk(typesetter, line)
            except OSError:
                _must_have_ended_by_itself(typesetter)
            else:
                break
        else:
            raise TypesettingError("the process that sets type has ended")
    if "refused" in answer:
        raise TypesettingError(answer["refused"])
    return answer, content


def _talk(typesetter: subprocess.Popen[bytes], line: bytes) -> tuple[dict[str, Any], bytes]:
    assert typesetter.stdin is not None
    assert typesetter.stdout is not None
    typesetter.stdin.write(line)
    typesetter.stdin.flush()
    head = typesetter.stdout.readline()
    answer: dict[str, Any] = json.loads(head) if head.endswith(b"\n") else {"bytes": 1}
    content = typesetter.stdout.read(answer.get("bytes", 0))
    if len(content) < answer.get("bytes", 0):
        raise BrokenPipeError
    return answer, content


def _running() -> subprocess.Popen[bytes]:
    global _typesetter
    if _typesetter is None or _typesetter[0] != os.getpid() or _typesetter[1].poll() is not None:
        command = [sys.executable, "-c", f"from {__name__} import main; main()"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        threading.Thread(target=process.wait, name="end-of-typesetting", daemon=True).start()
        _typesetter = (os.getpid(), process)
    return _typesetter[1]


def _must_have_ended_by_itself(typesetter: subprocess.Popen[bytes]) -> None:
    """Raise TypesettingError where it was killed at its work: another one would be, too."""
    global _typesetter
    _typesetter = None
    try:
        signal_number = -typesetter.wait(LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        typesetter.kill()
    else:
        if signal_number > 0:
            raise TypesettingError(
                f"the process that sets type was killed by signal {signal_number}; was there no memory left?"
            )


def main() -> None:
    """Answer until nobody asks for a while, or whoever asks has ended."""
    first_to_go()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while select.select([asked], [], [], IDLE_SECONDS)[0]:
        line = asked.readline()
        if not line:
            return
        _answer(json.loads(line), told)
        give_back_memory()


def _answer(question: Mapping[str, Any], told: IO[bytes]) -> None:
    content = b""
    answer: dict[str, Any]
    try:
        if "text" in question:
            answer = {"missing": compiling.missing_glyphs(question["text"])}
        else:
            moment = datetime.fromtimestamp(question["timestamp"]).astimezone()
            content = compiling.compile_pdf(question["template"], question["inputs"], timestamp=moment)
            answer = {"bytes": len(content)}
    except TypesettingError as refusal:
        answer = {"refused": str(refusal)}
    told.write(json.dumps(answer).encode() + b"\n" + content)
    told.flush()
