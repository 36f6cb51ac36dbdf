"""Bad starts: each is one clear sentence, an exit code that is not 0, and nothing half done (case 82)."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from sqlalchemy import text

from lms.database.session import Engines
from lms.testing import Site

PATIENCE_SECONDS = 60
SECRET = "0123456789abcdef" * 2


def environment(site: Site | None, folder: Path, **changes: str) -> dict[str, str]:
    """What an operator sets for production; a change to an empty text takes it away."""
    values = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "FLASK_"))},
        "LMS_SECRET_KEY": SECRET,
        "LMS_BASE_URL": "https://learn.example.org",
        "LMS_INSTANCE": str(folder / "instance"),
        "LMS_DATABASE_URL": site.config.database_url if site else "",
        "LMS_SAFE_MODE": "1",
        **changes,
    }
    return {name: value for name, value in values.items() if value}


def lms(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lms.cli", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The sentence of a start that was refused; anything else fails the test."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("Error: ")
    return sentence


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(env: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Lantern that answers on ``port``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lms.cli", "serve", "--port", str(port), f"--end-with={os.getpid()}"],
        env=env,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not answers(port):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("command", [("serve",), ("work",)], ids=["serve", "work"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LMS_SECRET_KEY": ""}, "LMS_SECRET_KEY is missing"),
        ({"LMS_SECRET_KEY": "short"}, "LMS_SECRET_KEY is missing or shorter than 32"),
        ({"LMS_BASE_URL": ""}, "LMS_BASE_URL is missing"),
        ({"LMS_BASE_URL": "http://learn.example.org"}, "passwords would travel in the open"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is on"),
        ({"LMS_DATABASE_URL": "oracle://host/name"}, "LMS_DATABASE_URL has an unknown form"),
        ({"LMS_DATABASE_URL": "postgresql://lantern:pass-word@127.0.0.1:1/x"}, "cannot open the database"),
        ({"LMS_DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "cannot open the database"),
    ],
    ids=[
        "no secret",
        "short secret",
        "no address",
        "http on the net",
        "debug",
        "unknown database",
        "unreachable database",
        "no folder for the database",
    ],
)
def test_case_82_production_refuses_a_start_that_cannot_go_well(
    tmp_path: Path, command: tuple[str, ...], changes: dict[str, str], sentence: str
) -> None:
    said = refused(lms(environment(None, tmp_path, **changes), *command))

    assert sentence in said
    assert "pass-word" not in said
    assert sorted(path.name for path in tmp_path.rglob("*") if path.suffix != ".lock") in ([], ["instance"])


def test_what_make_run_keeps_is_not_enough_for_production(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret-key").write_text(SECRET)
    (tmp_path / "instance" / "address").write_text("http://127.0.0.1:8000")

    said = refused(lms(environment(None, tmp_path, LMS_SECRET_KEY="", LMS_BASE_URL=""), "serve"))

    assert "LMS_SECRET_KEY is missing" in said


@pytest.mark.parametrize("command", [("serve",), ("work",), ("demo",), ("db", "upgrade")], ids=" ".join)
def test_a_file_in_the_place_of_the_folder_refuses_the_start(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "instance").write_text("")

    said = refused(lms(environment(None, tmp_path), *command))

    assert f"cannot write in {tmp_path / 'instance'}" in said
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


@pytest.mark.parametrize("command", [("serve",), ("work",), ("people", "list")], ids=" ".join)
@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        (None, "the database is at revision none, this version needs .* run `lms db upgrade` first"),
        ("9999", "made by a newer version"),
    ],
    ids=["without tables", "of a newer version"],
)
def test_a_database_of_another_version_refuses_the_start(
    site: Site, tmp_path: Path, command: tuple[str, ...], revision: str | None, sentence: str
) -> None:
    engines = Engines(site.config.database_url)
    with engines.writing() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    engines.dispose()

    said = refused(lms(environment(site, tmp_path), *command))

    assert re.search(sentence, said, re.IGNORECASE), said


def test_an_upgrade_of_a_database_of_a_newer_version_is_refused(site: Site, tmp_path: Path) -> None:
    with site.engines.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert "made by a newer version" in refused(lms(environment(site, tmp_path), "db", "upgrade"))


def test_a_database_that_cannot_be_reached_refuses_make_run_in_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://lantern:pass-word@127.0.0.1:1/x"

    said = refused(lms(environment(None, tmp_path, LMS_DATABASE_URL=url), "demo", "--port", str(free_port())))

    assert "cannot open the database" in said
    assert "pass-word" not in said


def test_the_process_that_stays_with_make_run_is_a_small_one() -> None:
    code = "import sys, lms.serving.demo, lms.commands.demo\n"
    code += "print([name for name in ('flask', 'sqlalchemy') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_another_program_has_refuses_the_start(site: Site, tmp_path: Path, command: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as Granian does: two could share it in silence
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(lms(environment(None, tmp_path, LMS_DATABASE_URL=""), command, "--port", str(port)))

    assert f"Port {port} on 127.0.0.1 is taken by another program" in said
    assert not (tmp_path / "instance" / "lantern.db").exists()


@pytest.mark.sqlite_only
def test_an_address_of_another_machine_refuses_the_start(tmp_path: Path) -> None:
    said = refused(lms(environment(None, tmp_path), "serve", "--host", "192.0.2.1"))

    assert "cannot listen on 192.0.2.1" in said


@pytest.mark.sqlite_only
def test_a_second_lantern_is_refused_and_the_first_goes_on(site: Site, tmp_path: Path) -> None:
    env = environment(site, tmp_path, LMS_BASE_URL="http://127.0.0.1:8000")
    port = free_port()
    env["LMS_BASE_URL"] = f"http://127.0.0.1:{port}"
    with serving(env, port) as first:
        same_folder = refused(lms(env, "serve", "--port", str(free_port())))
        other_folder = {**env, "LMS_INSTANCE": str(tmp_path / "other")}
        same_port = refused(lms(other_folder, "serve", "--port", str(port)))
        demo = refused(lms(env, "demo", "--port", str(port)))

        assert f"Another Lantern (process {first.pid}) serves {tmp_path / 'instance'} on port {port}" in same_folder
        assert f"Port {port} on 127.0.0.1 is taken" in same_port
        assert f"process {first.pid}" in demo
        assert answers(port)
    assert first.returncode == 0
    assert not answers(port)


@pytest.mark.sqlite_only
def test_a_web_process_that_dies_is_replaced(site: Site, tmp_path: Path) -> None:
    port = free_port()
    env = environment(site, tmp_path, LMS_BASE_URL=f"http://127.0.0.1:{port}", LMS_WORKERS="1")
    with serving(env, port) as server:
        (before,) = children(server.pid)
        os.kill(before, signal.SIGKILL)
        end = time.monotonic() + PATIENCE_SECONDS
        while children(server.pid) in ([], [before]) or not answers(port):
            assert time.monotonic() < end, "the web process is not replaced"
            time.sleep(0.1)

        assert before not in children(server.pid)


@pytest.mark.sqlite_only
def test_phones_that_keep_their_connections_make_nobody_wait(site: Site, tmp_path: Path) -> None:
    """A web server gives each connection a place, used or not; of 1,100 people the last once waited for minutes."""
    port = free_port()
    host = f"127.0.0.1:{port}"
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        with serving(environment(site, tmp_path, LMS_BASE_URL=f"http://{host}"), port), ExitStack() as kept:
            for _ in range(1_300):
                line = kept.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
                line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                assert line.recv(4_096).startswith(b"HTTP/1.1 200")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.sqlite_only
def test_web_processes_share_what_the_server_has_loaded(site: Site, tmp_path: Path) -> None:
    port = free_port()
    with serving(environment(site, tmp_path, LMS_BASE_URL=f"http://127.0.0.1:{port}"), port) as server:
        assert answers(port)
        weights = [weight_of(process) for process in children(server.pid)]

    assert len(weights) == 2
    assert [weight["Pss"] < 0.7 * weight["Rss"] for weight in weights] == [True, True], weights


def weight_of(process: int) -> dict[str, int]:
    """What a process takes in kB, by the names of /proc; Pss counts what is shared by its share."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


@pytest.mark.sqlite_only
def test_web_processes_do_not_outlive_a_server_that_is_killed(site: Site, tmp_path: Path) -> None:
    port = free_port()
    env = environment(site, tmp_path, LMS_BASE_URL=f"http://127.0.0.1:{port}")
    with serving(env, port) as server:
        processes = children(server.pid)
        server.kill()
        server.wait()
        end = time.monotonic() + 20
        while any(is_alive(process) for process in processes):
            assert time.monotonic() < end, "a web process lives on"
            time.sleep(0.1)
        with serving(env, port) as again:
            assert again.poll() is None

    assert len(processes) == 2


def children(process: int) -> list[int]:
    """The processes that ``process`` has started and that run."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in path.read_text().split() if is_alive(int(number))]


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
