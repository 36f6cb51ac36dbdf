"""Packages that nobody means well with: always faults with file and line, never an error, never slow."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from courses.kinds import activity_types, self_checks
from courses.packages.faults import BadPackage
from courses.packages.findings.all_of_them import findings
from courses.packages.reading import read_package
from lms.app import create_app
from lms.config import of_no_site

SAMPLE = Path(__file__).parent / "sample"
PRICE = "on-the-way/price.en.md"
FILES = sorted(str(path.relative_to(SAMPLE)) for path in SAMPLE.rglob("*.*"))
FRONT = "---\ntitle: What it costs\nminutes: 5\nlead: It costs.\nobjectives: [price, way]\n---\n"
END = "\n\n## The sum {#sum}\n\n::: check tax\n:::\n"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(of_no_site(), third_party=False)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "package"))


def check(app: Flask, folder: Path) -> list[str]:
    """Every fault and finding; each has a file and a line."""
    with app.app_context():
        checkers = {kind: one.checker for kind, one in activity_types(app).items()}
        try:
            read = read_package(folder, activity_checkers=checkers, check_checkers=self_checks(app))
        except BadPackage as bad:
            told = [str(fault) for fault in bad.faults]
        else:
            told = [str(finding) for finding in findings(read)]
    assert [one for one in told if not re.match(r"[^:\n]+:[1-9][0-9]*: \S", one)] == []
    return told


BOMB = b"a: &a [x,x,x,x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (n + 1, n + 1, n, n) for n in range(97, 120))
BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "a line end": lambda _: b"\n",
    "half of it": lambda content: content[: len(content) // 2],
    "NUL": lambda content: content[:20] + b"\0" + content[20:],
    "no UTF-8": lambda content: content[:20] + b"\xff\xfe" + content[20:],
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "Latin-1": lambda content: content.decode().replace("e", "é").encode("latin-1", "replace"),
    "a number": lambda _: b"42",
    "a list": lambda _: b"- 1\n- [2, {a: b}]\n",
    "a map of nothing": lambda _: b"a:\nb: {}\nc: []\n",
    "lists everywhere": lambda content: re.sub(rb": [^{\n]+\n", b": [1, {a: 2}]\n", content),
    "maps everywhere": lambda content: re.sub(rb": [^{\n]+\n", b": {en: {en: [x]}}\n", content),
    "numbers everywhere": lambda content: re.sub(rb": [^{\[\n]+\n", b": 1e3\n", content),
    "nothing everywhere": lambda content: re.sub(rb": [^{\[\n]+\n", b":\n", content),
    "long ids": lambda content: re.sub(rb"id: [a-z-]+", b"id: " + b"a-" * 50_000 + b"a", content),
    "long names": lambda content: re.sub(rb"\b[a-z]+:", b"x" * 5_000 + b":", content),
    "no prose": lambda content: re.sub(rb"[A-Za-z]", b"[", content),
    "a bomb": lambda _: BOMB,
    "deep": lambda _: b"[" * 100_000,
    "a deep map": lambda _: b"{a: " * 50_000,
    "a million of one": lambda _: b"a: [" + b"1," * 500_000 + b"]\n",
}  # fmt: skip


@pytest.mark.parametrize("file", FILES)
def test_a_broken_file_is_told_and_is_no_error(app: Flask, package: Path, file: str) -> None:
    whole = (package / file).read_bytes()
    told = {}
    for name, broken in BREAKS.items():
        (package / file).write_bytes(broken(whole))
        told[name] = check(app, package)

    for name in ("NUL", "no UTF-8", "UTF-16", "Latin-1"):
        assert any(one.startswith(f"{file}:") for one in told[name]), name
    for name in ("a bomb", "deep", "a deep map", "a million of one", "a number", "a list"):
        assert any(one.startswith(f"{file}:") for one in told[name]) or not file.endswith(".yaml"), name


@pytest.mark.parametrize("file", FILES)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(app: Flask, package: Path, file: str) -> None:
    before = check(app, package)
    (package / file).write_bytes(b"\xef\xbb\xbf" + (package / file).read_bytes().replace(b"\n", b"\r\n"))

    assert check(app, package) == before


@pytest.mark.parametrize("file", FILES)
def test_a_folder_or_a_link_in_the_place_of_a_file_is_told(app: Flask, package: Path, file: str) -> None:
    (package / file).unlink()
    (package / file).mkdir()
    assert any(one.startswith(f"{file}:1: This is not a file.") for one in check(app, package))
    (package / file).rmdir()
    for target, sentence in (
        ("/etc/hostname", "a link that leads out of the package"),
        ("nowhere", "not a file"),
        (Path(file).name, "not a file"),
    ):
        (package / file).symlink_to(target)
        assert any(one.startswith(f"{file}:1: ") and sentence in one for one in check(app, package))
        (package / file).unlink()


LARGE = 190_000
REPEATED = (
    "[", "[[", "[[a]] ", "`a ", "``", "*a ", "*a _b ", "> ", "- a\n", "|", "| a ", "](", "[a](", "[a](b) ",
    "![a](", "<a ",
    "[a]: b\n", "::: note\n", "::: fact M02-F01\n\n", "## A heading\n\n", "## a {#b}\n", "\n", "a", " ",
    "http://a.b/ ", "~~~\n",
    "...", "{", "{{", "parcel ", "包", "Figure: a\n\n", "Table: a\n\n",
    "::: changed\n- **a** b\n:::\n", "![a](way.svg)\n\n",
)  # fmt: skip


@pytest.mark.parametrize("part", REPEATED)
def test_a_lesson_of_one_thing_without_end_is_read_in_time(app: Flask, package: Path, part: str) -> None:
    (package / PRICE).write_text(FRONT + part * (LARGE // len(part.encode())) + END, "utf-8")

    assert check(app, package) != []


def test_ten_thousand_headings_alike_have_ten_thousand_addresses(app: Flask, package: Path) -> None:
    (package / PRICE).write_text(FRONT + "## A heading\n\n" * 10_000 + "[The last](#a-heading-10000)." + END, "utf-8")

    assert check(app, package)[-1] == f"{PRICE}:7: This lesson has 20004 words; 500 to 1200 read well."


def test_a_lesson_and_a_text_have_a_largest_size(app: Flask, package: Path) -> None:
    (package / PRICE).write_text(FRONT + "a" * 200_000 + END, "utf-8")
    sheet = package / "on-the-way/worksheet.yaml"
    sheet.write_text(sheet.read_text("utf-8").replace("Dix minutes.", "x" * 30_000), "utf-8")

    told = check(app, package)

    assert f"{PRICE}:1: This file is larger than 200 KB." in told
    assert "on-the-way/worksheet.yaml:9: This text is longer than 20000 letters." in told


def test_the_same_ids_in_two_modules_are_two_things(app: Flask, package: Path) -> None:
    shutil.copytree(package / "first-steps", package / "next-steps")

    told = check(app, package)

    assert {one for one in told if "next-steps" in one} == {
        one.replace("first-steps", "next-steps") for one in told if "first-steps" in one
    }
    assert len({one.partition(":")[0] for one in told}) == 9


def test_five_thousand_files_are_too_many(app: Flask, package: Path) -> None:
    (package / "drafts").mkdir()
    for number in range(5_001):
        (package / "drafts" / f"{number}.txt").touch()

    assert ".:1: A course has at most 5000 files." in check(app, package)
