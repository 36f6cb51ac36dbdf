"""Rules of the house for code that no linter holds."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lms", "courses", "quizzes")
CODE = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
names = [path.relative_to(ROOT).as_posix() for path in CODE]


def tracked() -> list[Path]:
    """Every file that git knows or would add."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "data", "info"}

    assert [name for name in names if set(Path(name).with_suffix("").parts) & empty] == []


@pytest.mark.parametrize("name", [name for name in names if name.startswith(("lms/", "courses/"))])
def test_code_names_no_page_of_a_higher_floor(name: str) -> None:
    """A string in url_for is an import that no linter sees."""
    above = ("courses.", "quizzes.") if name.startswith("lms/") else ("quizzes.",)
    endpoints = re.findall(r"url_for\(\s*[\"']([^\"']+)", (ROOT / name).read_text())

    assert [endpoint for endpoint in endpoints if endpoint.startswith(above)] == []


@pytest.mark.parametrize("name", names)
def test_only_the_configuration_reads_the_environment(name: str) -> None:
    allowed = {"lms/config.py"}
    text = (ROOT / name).read_text()

    assert name in allowed or not re.search(r"os\.environ|os\.getenv|getenv\(", text)


@pytest.mark.parametrize("name", names)
def test_nothing_is_evaluated_or_unpickled(name: str) -> None:
    """Security cases 51 and 59: author's and strangers' text never becomes code or a template."""
    found = re.findall(
        r"(?<![\w.])(?:eval|exec|__import__)\(|pickle\.loads?|yaml\.(?:load|unsafe_load)\(|render_template_string|from_string\(",
        (ROOT / name).read_text(),
    )

    assert found == []


def test_no_file_names_a_registry_or_a_machine() -> None:
    """Lock files keep versions and hashes only; the project speaks of itself alone."""
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js", "deb." + "debian", "/wor" + "k/main"]
    found = []
    for path in tracked():
        if path.suffix in {".ttf", ".otf", ".png", ".svg", ".jpg"}:
            continue
        text = path.read_text(errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]

    assert found == []


def test_every_requirement_is_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


# What a licence may say of itself; GPL and AGPL are not among them.
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|LGPL|Lesser General Public|MPL|Mozilla|Unlicense|0BSD|"
    r"Permission is hereby granted, free of charge",
    re.I,
)
COPYLEFT = re.compile(r"(?<![LM])\bA?GPL|(?<!Lesser )General Public License", re.I)


def run_time_distributions() -> list[str]:
    text = (ROOT / "requirements.txt").read_text()
    pairs = re.findall(r"^([\w.-]+)==\S+(?: ; (.+?))?(?: \\)?$", text, re.M)
    return [name for name, marker in pairs if not re.search(r"win32|Windows|PyPy|< '3\.11'|emscripten", marker or "")]


def licence_of(name: str) -> str:
    """What a distribution says of its licence; the licence file's beginning where its metadata are silent."""
    said = distribution(name).metadata
    words = [said.get("License-Expression") or "", (said.get("License") or "")[:400]]
    words += [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    if not any(words):
        files = [file for file in distribution(name).files or [] if "LICEN" in file.name.upper()]
        words = [Path(str(file.locate())).read_text()[:400] for file in files]
    return " ".join(words)


@pytest.mark.parametrize("name", run_time_distributions())
def test_every_run_time_dependency_is_permissive_or_lgpl(name: str) -> None:
    licence = licence_of(name)

    assert PERMISSIVE.search(licence), licence
    assert not COPYLEFT.search(licence), licence
