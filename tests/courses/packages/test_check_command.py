"""``lms course check`` as an author runs it: a folder, and no site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert "Questions of each objective" in done.stdout
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


def test_the_matrix_names_every_question_within_eighty_columns(tmp_path: Path) -> None:
    done = check(Path(__file__).parent / "sample", in_folder=tmp_path)

    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  way  border "))
    assert lines[at - 1].split() == ["on-the-way", "easy", "medium", "hard", "not", "said"]
    assert lines[at].split() == ["way", "border", "-", "-", "-", "6"]
    assert lines[at + 1] == "       which-paper which-offices is-seen where-seen what-for-what stations"
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("what", ["file", "closed folder"])
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "package"
    if what == "file":
        path.write_text("a file")
    else:
        path.mkdir(mode=0)
    done = check(path, in_folder=tmp_path)

    assert done.returncode == 1
    # Who runs this as root may read what is closed: then it is a folder without a course.
    assert done.stderr in (
        f"Error: {path} is not a folder with a course package.\n",
        f"Error: {path} cannot be read: this account may not open the folder.\n",
        "course.yaml:1: There is no course.yaml in this folder.\n1 fault; nothing was installed.\n",
    )
