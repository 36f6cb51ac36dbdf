"""The sample plugin as a distribution: built, installed, brought to its next version and taken away again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lms.testing import config_for_tests

SAMPLE = Path(__file__).parents[2] / "sample_plugin"

VISIT = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from lms.testing import Site, config_for_tests

site = Site(config_for_tests(sys.argv[1], Path(sys.argv[2])), third_party=True)
plugins = site.app.extensions["lms.plugins"]
seen = {
    "plugins": {about.name: about.version for about in plugins.loaded},
    "quarantined": {fault.name: fault.reason for fault in plugins.quarantined},
    "kinds": [kind.kind for kind in plugins.collect("quiz_question_types")],
}
"""
USE = (
    VISIT
    + """
from courses.hooks import LessonCompleted
from lms.plugins.events import tell

person = site.person(name="Amina")
browser = site.browser(person)
guest = site.browser()
seen["guest reads"] = guest.get("/sample/").status_code
seen["guest writes"] = guest.post("/sample/", {"words": "hello"}).status_code
seen["empty"] = browser.post("/sample/", {"words": " "}).status_code
seen["writes"] = browser.post("/sample/", {"words": "Thank you, <b>all</b>."}).status_code
seen["page"] = guest.get("/sample/").text
seen["privacy"] = guest.get("/privacy").text
newcomer = site.person(name="Bao")
with site.writing() as session:
    for lesson in (1, 2):
        tell(session, LessonCompleted(person_id=newcomer.id, lesson_id=lesson, at=datetime.now(UTC)))
seen["after the event"] = guest.get("/sample/").text.count("finished a first lesson.")
from lms.jobs import running
with site.app.app_context():
    running.sweep()
    from lms.jobs.models import Job
    from lms.database.session import reading
    with reading() as session:
        seen["jobs"] = [job.state for job in session.query(Job).filter_by(kind="sample.clear_away")]
print(json.dumps(seen))
"""
)
LOOK = (
    VISIT
    + """
seen["page"] = site.browser().get("/sample/").status_code
seen["privacy"] = site.browser().get("/privacy").status_code
print(json.dumps(seen))
"""
)
CONTRACT = """
from lantern_sample.sureness import Sureness
from quizzes.question_types.contract import check_contract

def spec(answer):
    return {
        "prompt": {"en": "Tea is older than coffee.", "fr": "Le thé est plus ancien que le café."},
        "answer": answer,
        "why_true": {"en": "It was drunk in China long before."},
        "why_false": {"en": "It was drunk in China long before."},
    }

check_contract(Sureness(), [spec(True), spec(False)], alike=[(spec(True), spec(False))])
scores = {}
for option in Sureness().options(spec(True)):
    scores[option.id] = Sureness().mark(spec(True), {"chosen": [option.id]}).score
print(scores)
"""


class Machine:
    """A place where the sample is installed beside Lantern, with a site's database and folder."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.packages = folder / "packages"
        self.instance = folder / "instance"
        self.build = folder / "build"
        self.database_url = database_url
        self.config = config_for_tests(database_url, self.instance)

    def install(self, version: str) -> None:
        """Build the distribution and install it, as pip does it, without a network."""
        shutil.rmtree(self.build, ignore_errors=True)
        shutil.copytree(SAMPLE, self.build, ignore=shutil.ignore_patterns("__pycache__", "next_version"))
        if version != "1.0.0":
            shutil.copytree(SAMPLE / "next_version", self.build, dirs_exist_ok=True)
            project = self.build / "pyproject.toml"
            project.write_text(project.read_text().replace('version = "1.0.0"', f'version = "{version}"'))
        self.uninstall()
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
        self._run("-m", "pip", "install", *options, "--target", str(self.packages), str(self.build))

    def uninstall(self) -> None:
        shutil.rmtree(self.packages, ignore_errors=True)

    def python(self, code: str) -> str:
        return self._run("-c", code, self.database_url, str(self.instance))

    def visit(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.python(code).splitlines()[-1])
        return found

    def lms(self, *arguments: str) -> str:
        return self._run("-m", "lms.cli", *arguments)

    def _run(self, *arguments: str) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.packages),
            "LMS_DATABASE_URL": self.database_url,
            "LMS_INSTANCE": str(self.instance),
            "LMS_SECRET_KEY": self.config.secret_key,
            "LMS_BASE_URL": self.config.base_url,
        }
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path, database_url: str) -> Machine:
    return Machine(tmp_path, database_url)


def test_a_whole_life_of_a_plugin(machine: Machine) -> None:
    machine.install("1.0.0")
    assert "sample: upgraded to sample1" in machine.lms("db", "upgrade")
    assert "sample: is at sample1" in machine.lms("db", "upgrade")

    first = machine.visit(USE)

    assert first["plugins"] == {"lms": "0.1.0", "courses": "0.1.0", "quizzes": "0.1.0", "sample": "1.0.0"}
    assert first["quarantined"] == {}
    assert "sample_sureness" in first["kinds"]
    assert (first["guest reads"], first["guest writes"]) == (200, 401)
    assert (first["empty"], first["writes"]) == (422, 303)
    assert "Thank you, &lt;b&gt;all&lt;/b&gt;." in first["page"]
    assert 'href="/sample/"' in first["privacy"]
    assert "Wall of thanks" in first["privacy"]
    assert first["after the event"] == 1
    assert first["jobs"] == ["done"]
    assert machine.lms("thanks").splitlines() == [
        "Bao: finished a first lesson.",
        "Amina: Thank you, <b>all</b>.",
        "2 lines.",
    ]
    assert "thanks" in machine.lms("--help")
    assert "sample  1.0.0  A sample plugin  (third party, in use)" in machine.lms("plugins", "list")

    machine.install("2.0.0")
    assert "sample: upgraded to sample2" in machine.lms("db", "upgrade")
    second = machine.visit(LOOK)
    assert (second["plugins"]["sample"], second["page"]) == ("2.0.0", 200)
    assert machine.lms("thanks").splitlines()[-1] == "2 lines."

    machine.uninstall()
    gone = machine.visit(LOOK)
    assert (gone["page"], gone["privacy"]) == (404, 200)
    assert "sample_sureness" not in gone["kinds"]
    assert "sample  not installed; its tables ext_sample_… are kept" in machine.lms("plugins", "list")
    assert "thanks" not in machine.lms("--help")
    assert machine.lms("db", "upgrade").startswith("lantern: is at")

    machine.install("2.0.0")
    assert machine.lms("thanks").splitlines()[-1] == "2 lines."


def test_its_kind_of_question_keeps_the_contract(machine: Machine) -> None:
    machine.install("1.0.0")

    scores = machine.python(CONTRACT)

    expected = {"surely_true": 1.0, "rather_true": 0.75, "rather_false": 0.25, "surely_false": 0.0}
    assert scores.strip() == str(expected)


def test_its_migrations_make_the_tables_of_its_models(machine: Machine) -> None:
    check = """
import sys
from alembic import command
from lms.database.migrating import alembic_config
from lms.plugins.loading import Plugins
from lms.database.session import Engines

(history,) = Plugins(third_party=True).histories()
engines = Engines(sys.argv[1])
with engines.writing() as connection:
    command.check(alembic_config(history, connection))
with engines.writing() as connection:
    command.downgrade(alembic_config(history, connection), "base")
"""
    for version in ("1.0.0", "2.0.0"):
        machine.install(version)
        machine.lms("db", "upgrade")
        assert "No new upgrade operations" in machine.python(check)
