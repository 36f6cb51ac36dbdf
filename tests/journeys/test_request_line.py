"""A request as a client writes it by hand, to the server that `lms serve` starts (security case 72)."""

from __future__ import annotations

import socket

import pytest

from tests.journeys.live import Live


def first_line(live: Live, request: str) -> str:
    """Send ``request`` as it is; gives the status line of the answer."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        with connection.makefile("rb") as answer:
            return answer.readline().decode().strip()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\nHost: {own}\nConnection: close\n\n", "200"),
        ("GET http://{own}/ HTTP/1.1\nHost: {own}\nConnection: close\n\n", "200"),
        ("GET / HTTP/1.1\nHost: evil.example\nConnection: close\n\n", "400"),
        ("GET http://evil.example/ HTTP/1.1\nHost: evil.example\nConnection: close\n\n", "400"),
        ("GET http://{own}/ HTTP/1.1\nHost: evil.example\nConnection: close\n\n", "400"),
        ("GET / HTTP/1.1\nHost: {own}\nHost: evil.example\nConnection: close\n\n", "400"),
        ("GET / HTTP/1.1\nConnection: close\n\n", "400"),
    ],
    ids=[
        "own",
        "own absolute",
        "foreign",
        "foreign absolute",
        "foreign header",
        "two hosts",
        "no host",
    ],
)
def test_a_request_under_a_foreign_name_is_refused_by_the_real_server_case_72(
    live: Live, request_text: str, status: str
) -> None:
    # The server hands on the Host header alone: a foreign line beside our own Host gets our own page, and no address
    # on a page of ours comes from a request.
    own = live.base.removeprefix("http://")

    line = first_line(live, request_text.replace("{own}", own))

    assert line.split()[1] == status, line
