"""Each contract of import-linter is broken once on purpose: one whose names match nothing is silently kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREAKS = {
    "quizzes stands on courses": ("lms/records/services.py", "import courses.outline.models"),
    "The rooms of the core": ("lms/text/slugs.py", "import lms.accounts.models"),
    "The slices of courses": ("courses/outline/services.py", "import courses.learning.services"),
    "The slices of quizzes": ("quizzes/bank/services.py", "import quizzes.attempts.services"),
    "Inside a slice": ("courses/enrolment/models.py", "import courses.enrolment.services"),
    "Services, question types": ("quizzes/question_types/numeric.py", "import flask"),
}


def lint(folder: Path) -> str:
    linter = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    shutil.copy(ROOT / ".importlinter", folder)
    for package in ("lms", "courses", "quizzes"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("*.ttf", "*.otf", "__pycache__")
        )
    return folder


def test_the_layers_hold(copy: Path) -> None:
    assert "0 broken" in lint(copy)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_contract_notices_when_it_is_broken(copy: Path, contract: str) -> None:
    name, wrong = BREAKS[contract]
    file = copy / name
    kept = file.read_text()
    file.write_text(f"{kept}\n{wrong}\n")
    try:
        said = lint(copy)
    finally:
        file.write_text(kept)

    broken = [line for line in said.splitlines() if line.endswith("BROKEN") or "BROKEN" in line]
    assert any(line.startswith(contract) for line in broken), said
