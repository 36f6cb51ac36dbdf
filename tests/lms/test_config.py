"""Configuration: what an operator sets, and one clear sentence where it cannot work (case 82 and the bad starts)."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from lms import config
from lms.errors import StartRefused

GOOD = {"LMS_SECRET_KEY": "0123456789abcdef" * 2, "LMS_BASE_URL": "https://learn.example.org"}


def test_the_least_that_production_needs() -> None:
    found = config.from_environment(GOOD)

    assert found.production
    assert found.is_https
    assert found.host == "learn.example.org"
    assert found.database_url == f"sqlite:///{Path.cwd() / 'instance' / 'lantern.db'}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LMS_SECRET_KEY": ""}, "LMS_SECRET_KEY is missing or shorter than 32"),
        ({"LMS_SECRET_KEY": "x" * 31}, "LMS_SECRET_KEY is missing or shorter than 32"),
        ({"LMS_BASE_URL": ""}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "learn.example.org"}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "ftp://learn.example.org"}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "https://learn.example.org/lms"}, "without a path"),
        ({"LMS_BASE_URL": "https://learn.example.org?x=1"}, "without a path"),
        ({"LMS_BASE_URL": "https://me:word@learn.example.org"}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "https://learn.example.org:port"}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "https://[::1"}, "LMS_BASE_URL is missing or not an address"),
        ({"LMS_BASE_URL": "http://learn.example.org"}, "passwords would travel in the open"),
        ({"LMS_DATABASE_URL": "mysql://host/name"}, "LMS_DATABASE_URL has an unknown form"),
        ({"LMS_DATABASE_URL": "lantern.db"}, "LMS_DATABASE_URL has an unknown form"),
        ({"LMS_DATABASE_URL": "sqlite:///:memory:"}, "LMS_DATABASE_URL has an unknown form"),
        ({"LMS_DATABASE_URL": "sqlite://"}, "LMS_DATABASE_URL has an unknown form"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is on"),
        ({"FLASK_DEBUG": "anything"}, "FLASK_DEBUG is on"),
        ({"LMS_WORKERS": "many"}, "LMS_WORKERS is 'many'"),
        ({"LMS_WORKERS": "0"}, "LMS_WORKERS is '0'"),
        ({"LMS_WORKERS": "٣"}, "LMS_WORKERS is '٣'"),
        ({"LMS_LANGUAGES": "en,../../etc"}, "LMS_LANGUAGES names '../../etc'"),
        ({"LMS_SMTP_URL": "mail.example.org"}, "LMS_SMTP_URL has an unknown form"),
        ({"LMS_SMTP_URL": "smtp://host:port"}, "LMS_SMTP_URL has an unknown form"),
    ],
    ids=lambda value: next(iter(value.items())).__repr__() if isinstance(value, dict) else "",
)
def test_case_82_a_setting_that_cannot_work_refuses_the_start_in_one_sentence(
    changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartRefused, match=sentence) as refusal:
        config.from_environment({**GOOD, **changes})

    assert "\n" not in str(refusal.value)


def test_no_refusal_repeats_a_password() -> None:
    for name, value in (("LMS_SMTP_URL", "mail://me:pass-word@host"), ("LMS_DATABASE_URL", "odd://me:pass-word@host")):
        with pytest.raises(StartRefused) as refusal:
            config.from_environment({**GOOD, name: value})
        assert "pass-word" not in str(refusal.value)


def test_http_is_for_this_machine_or_for_who_accepts_it() -> None:
    local = config.from_environment({**GOOD, "LMS_BASE_URL": "http://localhost:8000"})
    accepted = config.from_environment({**GOOD, "LMS_BASE_URL": "http://learn.example.org", "LMS_ALLOW_HTTP": "1"})

    assert local.is_loopback
    assert not accepted.is_loopback


@pytest.mark.parametrize(
    "given", ["postgres://u:p@host/db", "postgresql://u:p@host/db", "postgresql+psycopg://u:p@host/db"]
)
def test_every_name_of_postgresql_gets_its_driver(given: str) -> None:
    found = config.from_environment({**GOOD, "LMS_DATABASE_URL": given})

    assert found.database_url == "postgresql+psycopg://u:p@host/db"


def test_make_run_keeps_its_secret_and_its_address(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    first = config.for_this_machine({"LMS_INSTANCE": str(instance)}, port=9000)
    config.keep_address(config.from_environment(first))
    second = config.for_this_machine({"LMS_INSTANCE": str(instance)}, port=9000)
    beside = config.beside_the_site({"LMS_INSTANCE": str(instance)})

    assert first == second
    assert first["LMS_BASE_URL"] == "http://127.0.0.1:9000"
    assert len(first["LMS_SECRET_KEY"]) == 64
    assert not config.from_environment(first).production
    assert config.from_environment(beside) == config.from_environment(first)
    assert stat.S_IMODE((instance / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700


def test_who_only_asks_what_to_start_with_changes_no_address(tmp_path: Path) -> None:
    """A second make run is refused; commands beside the first one go on to write its address on certificates."""
    config.keep_address(config.from_environment(config.for_this_machine({"LMS_INSTANCE": str(tmp_path)}, port=9000)))

    config.for_this_machine({"LMS_INSTANCE": str(tmp_path)}, port=9001)

    assert config.beside_the_site({"LMS_INSTANCE": str(tmp_path)})["LMS_BASE_URL"] == "http://127.0.0.1:9000"


def test_make_run_leaves_what_is_set_as_it_is(tmp_path: Path) -> None:
    given = {**GOOD, "LMS_INSTANCE": str(tmp_path)}

    found = config.for_this_machine(given, port=9000)

    assert found == given
    assert not (tmp_path / "secret-key").exists()


def test_two_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(config.kept_secret(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert set(found) == {(tmp_path / "secret-key").read_text().strip()}
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]


def test_a_secret_that_was_cut_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")

    with pytest.raises(StartRefused, match="secret-key holds no secret of 32 characters"):
        config.for_this_machine({"LMS_INSTANCE": str(tmp_path)}, port=8000)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("")

    with pytest.raises(StartRefused, match=r"cannot write in .*/instance"):
        config.for_this_machine({"LMS_INSTANCE": str(tmp_path / "instance")}, port=8000)


@pytest.mark.parametrize("written", ["https://Learn.Example.org", "https://learn.example.org:443/"])
def test_the_address_is_kept_as_browsers_write_it(written: str) -> None:
    """Otherwise every request would come from an unknown host."""
    assert config.from_environment({**GOOD, "LMS_BASE_URL": written}).base_url == "https://learn.example.org"
