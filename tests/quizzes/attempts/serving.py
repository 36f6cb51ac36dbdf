"""A web server in another process, which a test may kill: ``python -m tests.quizzes.attempts.serving``."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lms.paths import CHECKOUT
from lms.testing import BASE_URL, Browser, config_for_tests


class Server:
    """The app on a database, served by threads in a process of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.quizzes.attempts.serving", database_url, str(folder)],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        """End the process as a power cut would: nothing of it runs after this."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass(frozen=True)
class Device:
    """Somebody's signed-in phone, over a real connection."""

    cookie: str
    token: str

    @classmethod
    def of(cls, browser: Browser) -> Device:
        token = browser.token()
        cookie = browser.client.get_cookie("lantern", domain=BASE_URL.split("//")[1].split(":")[0])
        assert cookie is not None
        return cls(f"lantern={cookie.value}", token)

    def save(self, port: int, attempt: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send one answer; raises OSError or HTTPException where the server is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Content-Type": "application/json"}
            connection.request("POST", f"/quizzes/attempts/{attempt}/answers", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def post(self, port: int, address: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Press a button; the status and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode({"csrf_token": self.token, **(form or {})})
            connection.request("POST", address, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location") or ""
        finally:
            connection.close()


def main(database_url: str, folder: str) -> None:
    """Serve until killed; the port is printed first."""
    from werkzeug.serving import make_server

    from lms.app import create_app

    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = listening.getsockname()[1]
    config = config_for_tests(database_url, Path(folder), base_url=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, create_app(config, third_party=False), threaded=True, fd=listening.fileno())
    print(port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main(*sys.argv[1:])
