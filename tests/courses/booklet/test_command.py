"""``lms booklet build``: from a folder, from an installed course, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lms.cli import cli
from lms.commands.site import CommandLine
from lms.testing import Site
from tests.factories.courses import SMALL, small_course, write_package

Run = Callable[..., Result]


@pytest.fixture
def run(site: Site) -> Iterator[Run]:
    """Run ``lms`` on the test's site."""
    line = CommandLine(replace(site.config, third_party_plugins=False))

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(one) for one in arguments], obj=line, prog_name="lms")

    yield call
    if "app" in line.__dict__:
        line.engines.dispose()


def test_both_formats_are_made_of_a_folder_and_the_same_day_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "course", small_course())

    made = run("booklet", "build", folder, "--out", tmp_path / "one", "--date", "2026-11-29")
    again = run("booklet", "build", folder, "--out", tmp_path / "two", "--date", "2026-11-29")

    assert (made.exit_code, again.exit_code) == (0, 0), made.output
    assert f"{tmp_path}/one/{SMALL}.en.pdf: 0." in made.output
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [f"{SMALL}.en.epub", f"{SMALL}.en.pdf"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_installed_course_is_made_without_its_folder(run: Run, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "course", small_course())
    assert run("course", "install", folder).exit_code == 0
    folder.rename(tmp_path / "gone")

    made = run("booklet", "build", SMALL, "--language", "en", "--format", "pdf", "--out", tmp_path / "out")

    assert made.exit_code == 0, made.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{SMALL}.en.pdf"]


def test_what_it_cannot_do_is_said_and_fails(run: Run, tmp_path: Path) -> None:
    files = small_course()
    files["alpha/second.en.md"] += "\nA smile \U0001f600.\n"
    folder = write_package(tmp_path / "course", files)

    unknown = run("booklet", "build", "no-such-course")
    language = run("booklet", "build", folder, "--language", "fr")
    sign = run("booklet", "build", folder, "--format", "pdf", "--out", tmp_path / "out")

    assert unknown.exit_code != 0
    assert "no-such-course is neither a folder nor a course that is installed here." in unknown.output
    assert language.exit_code != 0
    assert sign.exit_code == 1
    assert "alpha/second.en.md:13: The fonts of the booklet have no sign for" in sign.output
    assert "1 fault; the booklet was not made." in sign.output
    assert list((tmp_path / "out").iterdir()) == []


def test_the_help_says_what_it_does(run: Run) -> None:
    said = run("booklet", "build", "--help").output

    assert "Make the booklets of COURSE-OR-PATH" in said
    assert "--language" in said and "--format [pdf|epub]" in said and "--out" in said
