"""A tiny mail server on loopback that can break at any point of the conversation (RFC 5321)."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

Ends = Literal["connect", "mail", "rcpt", "data", "body", "dot", "never"]


@dataclass
class SmtpServer:
    """``breaks_at``: where the connection is cut. ``replies`` replaces what is said there (``rcpt``: "550 no")."""

    breaks_at: Ends = "never"
    replies: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)  # whole messages, as they were sent
    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    conversations: int = 0
    hold: threading.Event | None = None  # set: the last reply waits for it

    def __enter__(self) -> SmtpServer:
        server = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                server.conversations += 1
                try:
                    server._talk(self)
                except OSError:
                    return

        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._tcp.daemon_threads = True
        self._thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.hold is not None:
            self.hold.set()
        self._tcp.shutdown()
        self._tcp.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._tcp.server_address[1]}"

    @property
    def url_with_password(self) -> str:
        return f"smtp://lantern:p%40ss%3Aword@127.0.0.1:{self._tcp.server_address[1]}"

    def _talk(self, at: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            at.wfile.write(line.encode() + b"\r\n")

        if self.breaks_at == "connect":
            return
        say(self.replies.get("connect", "220 tiny"))
        while line := at.rfile.readline().decode("utf-8").strip():
            verb = line.split()[0].lower()
            if verb in ("ehlo", "helo"):
                say("250-tiny")
                say("250-SMTPUTF8")
                say("250 AUTH PLAIN")
            elif verb == "auth":
                self.passwords.append(line.split()[-1])
                say(self.replies.get("auth", "235 welcome"))
            elif verb in ("mail", "rcpt"):
                if self.breaks_at == verb:
                    return
                (self.senders if verb == "mail" else self.recipients).append(line)
                say(self.replies.get(verb, "250 ok"))
            elif verb == "data":
                if self.breaks_at == "data":
                    return
                reply = self.replies.get("data", "354 go on")
                say(reply)
                if reply.startswith("354") and not self._take(at, say):
                    return
            elif verb == "quit":
                say("221 bye")
                return
            else:
                say("250 ok")

    def _take(self, at: socketserver.StreamRequestHandler, say: object) -> bool:
        lines: list[str] = []
        while (line := at.rfile.readline()) != b".\r\n":
            if not line or self.breaks_at == "body":
                return False
            lines.append(
                line.decode("utf-8").replace("\r\n", "\n").removeprefix(".")
            )  # section 4.5.2: dots are doubled
        self.taken.append("".join(lines))
        if self.breaks_at == "dot":
            return False
        if self.hold is not None:
            self.hold.wait(60)
        assert callable(say)
        say(self.replies.get("dot", "250 taken"))
        return True
