"""One Lantern a place: the port is free, the folder is nobody else's, and nobody outlives their parent."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.errors import StartRefused


@contextmanager
def only_one(instance: Path, name: str, *, port: int) -> Iterator[None]:
    """Hold ``instance/<name>.lock`` inside the block; raise StartRefused where another Lantern holds it."""
    path = instance / f"{name}.lock"
    # A record lock belongs to this process alone: web processes that outlive it do not hold it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            process, _, its_port = os.read(handle, 100).decode().strip().partition(" ")
            raise StartRefused(
                f"Another Lantern (process {process or 'unknown'}) serves {instance} on port {its_port or 'unknown'}; "
                "stop it first, or set LMS_INSTANCE to another folder."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {port}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def must_be_free(host: str, port: int) -> None:
    """Raise StartRefused where the port cannot be listened on.

    The web server itself would share it in silence with whoever listens already (SO_REUSEPORT).
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in addresses:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
                probe.listen(1)
    except OSError as error:
        raise StartRefused(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program; stop it, or choose another port "
            "(make run PORT=9000, lms serve --port 9000)."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this account; choose one above 1023."
    return f"Lantern cannot listen on {host}, port {port}: {error.strerror or error}."
