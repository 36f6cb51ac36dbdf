"""Pictures of lessons: where they stand, and how they are served."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from courses.outline.models import Course, Picture
from courses.packages.faults import BadPackage
from courses.packages.installing import Installed
from lms.testing import Site
from tests.factories.courses import SMALL, small_course, write_package

Install = Callable[[Path], Installed]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><text x="9" y="20">Pay first</text></svg>'
FIGURE = "\nFigure: The *two* steps\n\n![One pays, then the parcel leaves.](steps.svg)\n"


@pytest.fixture
def drawn(tmp_path: Path, install: Install) -> Path:
    """A small course whose first lesson has a picture."""
    files = small_course()
    files["alpha/first.en.md"] += FIGURE
    files["alpha/steps.svg"] = SVG
    folder = write_package(tmp_path / "drawn", files)
    install(folder)
    return folder


def source(site: Site) -> str:
    found = re.search(r'<img src="([^"]+)"', site.browser().get(f"/courses/{SMALL}/alpha/first").text)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("drawn")
def test_a_picture_has_its_size_its_words_and_its_caption(site: Site) -> None:
    page = site.browser().get(f"/courses/{SMALL}/alpha/first").text

    assert (
        'alt="One pays, then the parcel leaves." width="320" height="200" loading="lazy">'
        "<figcaption>The <em>two</em> steps</figcaption>"
    ) in page


@pytest.mark.usefixtures("drawn")
def test_a_picture_may_be_kept_for_a_year_and_may_do_nothing(site: Site) -> None:
    response = site.browser().get(source(site), headers={"Accept-Encoding": "gzip"})

    assert response.status_code == 200
    assert response.mimetype == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in response.headers
    assert "Pay first" in site.browser().get(source(site)).text


def test_a_changed_picture_has_another_address_and_the_old_one_stays(site: Site, drawn: Path, install: Install) -> None:
    before = source(site)
    (drawn / "alpha" / "steps.svg").write_text(SVG.replace("Pay", "Ask"))

    lines = install(drawn).lines

    assert lines == ("text of lesson first (en)",)
    assert source(site) != before
    assert site.browser().get(before).status_code == 200
    assert install(drawn).lines == ()
    with site.reading() as session:
        assert session.scalar(select(func.count()).select_from(Picture)) == 2


@pytest.mark.usefixtures("drawn")
def test_a_picture_of_a_course_that_is_not_published_is_not_there(site: Site) -> None:
    address = source(site)
    with site.writing() as session:
        session.execute(update(Course).values(published_at=None))

    assert site.browser().get(address).status_code == 404
    assert site.browser().get(f"/courses/{SMALL}/pictures/{'0' * 64}.svg").status_code == 404


@pytest.mark.parametrize(
    ("lesson", "svg", "fault"),
    [
        (FIGURE.replace("![One pays, then the parcel leaves.]", "![]"), SVG, "alpha/first.en.md:{}: A picture says"),
        (FIGURE.replace("steps.svg", "other.svg"), SVG, "alpha/first.en.md:{}: There is no picture “other.svg”"),
        (FIGURE.replace("Figure: The *two* steps\n\n", ""), SVG, "Each picture has a caption"),
        (FIGURE, SVG.replace("<text", "\n<script/><text"), "alpha/steps.svg:2: A picture may not have the element"),
    ],
    ids=["no words", "no file", "no caption", "script"],
)
def test_a_faulty_picture_is_told_with_file_and_line(
    tmp_path: Path, install: Install, lesson: str, svg: str, fault: str
) -> None:
    files = small_course()
    line = files["alpha/first.en.md"].count("\n") + 4
    files["alpha/first.en.md"] += lesson
    files["alpha/steps.svg"] = svg
    folder = write_package(tmp_path / "drawn", files)

    with pytest.raises(BadPackage) as bad:
        install(folder)

    assert [found for found in map(str, bad.value.faults) if fault.format(line) in found] != []


def test_a_picture_that_no_lesson_shows_is_a_fault(tmp_path: Path, install: Install) -> None:
    folder = write_package(tmp_path / "drawn", {**small_course(), "alpha/steps.svg": SVG})

    with pytest.raises(BadPackage) as bad:
        install(folder)

    assert [fault.file for fault in bad.value.faults] == ["alpha/steps.svg"]
