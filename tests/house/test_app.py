"""Rules of the house for the app as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from lms.app import create_app
from lms.plugins.loading import Plugins
from lms.testing import config_for_tests

ROOT = Path(__file__).resolve().parents[2]


def test_no_query_is_made_while_the_app_is_built(tmp_path: Path) -> None:
    """The database is a file that does not exist: a connection alone would make it."""
    connected: list[Any] = []

    def note(*arguments: Any) -> None:
        connected.append(arguments)

    event.listen(Engine, "engine_connect", note)
    try:
        create_app(config_for_tests(f"sqlite:///{tmp_path / 'nothing.db'}", tmp_path), third_party=False)
    finally:
        event.remove(Engine, "engine_connect", note)

    assert connected == []
    assert not (tmp_path / "nothing.db").exists()


def hook_names() -> list[str]:
    plugins = Plugins(third_party=False)
    return sorted(name for name in vars(plugins.manager.hook) if not name.startswith("_"))


@pytest.mark.parametrize("hook", hook_names())
def test_every_hook_is_documented_and_called(hook: str) -> None:
    documented = (ROOT / "docs" / "plugins.md").read_text()
    code = "\n".join(
        path.read_text() for package in ("lms", "courses", "quizzes") for path in (ROOT / package).rglob("*.py")
    )
    event_name = "".join(part.title() for part in hook.split("_"))
    called = re.search(rf"collect(?:_by_plugin)?\(\s*\"{hook}\"", code) or re.search(
        rf"\b{event_name}\(\s*\n?\s*\w+=", code
    )

    assert f"`{hook}" in documented
    assert called, f"nobody calls {hook}"


HEAVY = (
    "alembic", "cryptography", "fsrs", "huey", "lxml", "mako", "openpyxl", "psycopg", "pygments", "segno", "typst",
    "yaml", "courses.packages.reading", "courses.packages.installing",
)  # fmt: skip


def test_what_is_heavy_and_seldom_used_is_not_imported_to_build_the_app() -> None:
    after = f"print(sorted({set(HEAVY)!r} & set(sys.modules)))"

    assert built(f"import sys; {BUILD}; {after}") == "[]"


def test_building_the_app_takes_less_than_half_a_second_of_cpu() -> None:
    """The time of the processor, not of the clock: a machine that is busy with other things does not fail it."""
    imports = "import time, lms.plugin, courses.plugin, quizzes.plugin"

    assert float(built(f"{imports}; before = time.process_time(); {BUILD}; print(time.process_time() - before)")) < 0.5


BUILD = "create_app(config_for_tests('sqlite:////nowhere/x.db', Path('/nowhere')), third_party=False)"


def built(code: str) -> str:
    """What ``code`` prints in a fresh process."""
    imports = "from pathlib import Path; from lms.app import create_app; from lms.testing import config_for_tests"
    command = [sys.executable, "-c", f"{imports}; {code}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r"\"(LMS_[A-Z_]+)\"", (ROOT / "lms" / "config.py").read_text()))
    documented = (ROOT / "docs" / "operating.md").read_text()

    assert sorted(name for name in read if name not in documented) == []
