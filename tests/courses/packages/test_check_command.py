"""``lms course check`` as an author runs it: a folder, and no site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lms.paths import CHECKOUT
from tests.factories.courses import small_course, write_package


def check(path: Path, *, in_folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command with no setting at all."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "LMS_SAFE_MODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "lms.cli", "course", "check", str(path)],
        cwd=in_folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_package_is_checked_without_settings_and_nothing_is_written(tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", small_course())
    here = tmp_path / "here"
    here.mkdir()

    done = check(package, in_folder=here)

    assert "no fault" in done.stdout
    assert "Questions by objective and lesson" in done.stdout
    assert "Reading ease" in done.stdout
    found = [line for line in done.stderr.splitlines() if ".yaml:" in line or ".md:" in line]
    assert done.returncode == (1 if found else 0)
    assert done.stderr.splitlines()[-1:] == (
        [f"{len(found)} findings: it can be installed, and could be better."] if found else []
    )
    assert list(here.iterdir()) == []


def test_each_fault_has_its_file_and_line(tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", small_course())
    course = package / "course.yaml"
    course.write_text(course.read_text().replace("version:", "verzion:"))

    done = check(package, in_folder=tmp_path)

    assert done.returncode == 1
    assert "course.yaml:" in done.stderr
    assert "nothing was installed" in done.stderr
    assert done.stdout == ""


def test_what_is_no_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = check(tmp_path / "nowhere", in_folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr == f"Error: {tmp_path / 'nowhere'} is not a folder with a course package.\n"
