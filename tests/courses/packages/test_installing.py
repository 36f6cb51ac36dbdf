"""Installing a course package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from courses.outline.models import Course, Lesson, LessonText, Module
from courses.packages import installing
from courses.packages.installing import Installed
from lms.testing import Site
from tests.factories.courses import SMALL, small_course, write_package

Install = Callable[[Path], Installed]


def test_a_second_time_changes_nothing(small: Path, install: Install) -> None:
    assert install(small).lines == ()


def test_a_changed_text_is_the_only_change(site: Site, small: Path, install: Install) -> None:
    lesson = small / "alpha" / "second.en.md"
    lesson.write_text(lesson.read_text() + "\nOne more line.\n")

    lines = install(small).lines

    assert lines == ("text of lesson second (en)",)
    assert "One more line." in site.browser(enrolled(site)).get(f"/courses/{SMALL}/alpha/second").text


def test_a_lesson_that_left_the_package_is_retired_and_stays_done(site: Site, small: Path, install: Install) -> None:
    person = enrolled(site)
    browser = site.browser(person)
    browser.post(f"/courses/{SMALL}/alpha/third/done")
    files = small_course()
    files["alpha/module.yaml"]["lessons"] = ["first", "second"]
    del files["alpha/third.en.md"]
    (small / "alpha" / "third.en.md").unlink()
    write_package(small, files)

    lines = install(small).lines

    assert lines == ("lesson third left the package",)
    assert browser.get(f"/courses/{SMALL}/alpha/third").status_code == 404
    with site.reading() as session:
        assert session.scalar(select(Lesson.retired_at).where(Lesson.slug == "third")) is not None


def test_a_module_becomes_ready(site: Site, small: Path, install: Install) -> None:
    files = small_course()
    for name, content in small_course().items():
        if name.startswith("beta/"):
            files[name.replace("beta/", "gamma/")] = content
    write_package(small, files)

    install(small)

    with site.reading() as session:
        assert session.scalar(select(Module.ready).where(Module.slug == "gamma")) is True
        assert session.scalar(select(Course.revision)) == 2


def test_lessons_are_rendered_when_they_are_installed(site: Site, small: Path) -> None:
    with site.reading() as session:
        html = session.scalars(select(LessonText.html)).all()

    assert len(html) == 5
    assert all('<h2 id="heading">A heading</h2>' in one for one in html)


def test_a_stored_text_is_rendered_anew_where_the_cleaner_learnt_something(
    site: Site, small: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.writing() as session:
        before = [(row.hash, row.source_hash, row.revised_on) for row in session.scalars(select(LessonText))]
        session.execute(update(LessonText).values(html="<p onclick=x>as an older cleaner left it</p>"))

    monkeypatch.setattr(installing, "RENDERING", installing.RENDERING + 1)
    lines = install(small).lines

    assert lines == ()
    with site.reading() as session:
        rows = session.scalars(select(LessonText)).all()
        assert all("onclick" not in row.html for row in rows)
        assert [(row.hash, row.source_hash, row.revised_on) for row in rows] == before


def enrolled(site: Site):
    person = site.person()
    site.browser(person).post(f"/courses/{SMALL}/enrol")
    return person


@pytest.mark.usefixtures("small")
def test_the_shipped_course_has_no_fault_and_one_module_ready(install: Install, site: Site) -> None:
    from courses.plugin import LIBRARY

    install(LIBRARY / "cross-border-e-commerce")

    page = site.browser().get("/courses/cross-border-e-commerce").text
    assert page.count('class="lamp prep"') == 14
    assert page.count('id="module-') == 1
