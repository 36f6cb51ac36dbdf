"""A closed loop of requests over kept-alive connections, light enough to leave the machine to the servers."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What a loop measured; ``latencies`` in seconds, sorted."""

    per_second: float
    latencies: Sequence[float]
    faults: int
    body_bytes: int

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] if self.latencies else 0.0


class _Line:
    """One connection: sends a request, reads its whole answer, sends the next."""

    def __init__(self, port: int, next_request: Callable[[], bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.next_request = next_request
        self.buffer = b""
        self.sent_at = 0.0

    def send(self) -> None:
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.next_request())

    def read(self) -> tuple[int, int] | None:
        """(status, length of the body) once the answer is complete."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.buffer += part
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(body) < length:
            return None
        return int(head[9:12]), length


def closed_loop(
    port: int, next_request: Callable[[], bytes], *, seconds: float, connections: int = 8, good: Sequence[int] = (200,)
) -> Load:
    """Keep ``connections`` requests under way for ``seconds``; answers other than ``good`` count as faults."""
    selector = selectors.DefaultSelector()
    lines = [_Line(port, next_request) for _ in range(connections)]
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
        line.send()
    latencies: list[float] = []
    faults = body_bytes = 0
    begun = time.perf_counter()
    end = begun + seconds
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(timeout=end - now):
            line: _Line = key.data
            answer = line.read()
            if answer is not None:
                latencies.append(time.perf_counter() - line.sent_at)
                faults += answer[0] not in good
                body_bytes = answer[1]
                line.send()
    taken = time.perf_counter() - begun
    for line in lines:
        line.socket.close()
    return Load(len(latencies) / taken, sorted(latencies), faults, body_bytes)
