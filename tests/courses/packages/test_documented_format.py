"""docs/course-packages.md shows a package piece by piece: put together, the pieces are one that can be installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from courses.packages.installing import Installed
from lms.paths import CHECKOUT
from lms.testing import Site

GUIDE = CHECKOUT / "docs" / "course-packages.md"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 40"><line x1="8" y1="20" x2="312" y2="20"/></svg>'


def piece(heading: str, number: int = 0) -> str:
    """The block of code below the heading that begins so."""
    guide = GUIDE.read_text(encoding="utf-8")
    section = re.split(rf"^##+ {re.escape(heading)}", guide, flags=re.M)[1]
    return re.findall(r"^```(?:yaml|markdown)\n(.*?)^```", section, flags=re.M | re.S)[number]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    module = tmp_path / "sample-trade" / "first-steps"
    module.mkdir(parents=True)
    lesson = piece("Lessons:")
    files = {
        "../course.yaml": piece("course.yaml"),
        "../LICENSE.md": "CC BY 4.0",
        "../facts.yaml": piece("facts.yaml and glossary.yaml"),
        "../glossary.yaml": piece("facts.yaml and glossary.yaml", 1),
        "../welcome.en.md": piece("Pages of the course"),
        "../pretest.yaml": piece("The pre-test: pretest.yaml"),
        "module.yaml": piece("module.yaml"),
        "what-is-sent.en.md": lesson,
        "what-is-sent.fr.md": lesson.replace("title: What is sent", "title: Ce qui est envoyé"),
        "checks.yaml": piece("Self-checks: checks.yaml"),
        "worksheet.yaml": piece("Worksheets: worksheet.yaml"),
        "quiz.yaml": piece("Activities with questions"),
        "way.svg": DRAWING,
    }
    for name, text in files.items():
        (module / name).write_text(text, encoding="utf-8")
    return module.parent


def test_the_package_of_the_guide_is_installed_and_can_be_read(
    folder: Path, install: Callable[[Path], Installed], site: Site
) -> None:
    install(folder)

    page = site.browser().get("/courses/sample-trade/first-steps/what-is-sent").text

    assert "The way of a parcel" in page
    assert "A parcel can be as small as a letter." in page
    assert "The plan of action is of" in page
    assert "how large a parcel is" in site.browser().get("/courses/sample-trade/welcome").text
    assert install(folder).lines == ()


def test_the_guide_names_every_key_that_it_shows() -> None:
    for heading in ("course.yaml", "module.yaml", "Worksheets: worksheet.yaml", "Activities with questions"):
        assert isinstance(yaml.safe_load(piece(heading)), dict)
