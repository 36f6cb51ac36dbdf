"""Installing a course package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from courses.outline.models import Activity, Course, Lesson, LessonText, Module
from courses.packages import installing
from courses.packages.installing import Installed
from lms.cli import cli
from lms.commands.site import CommandLine
from lms.testing import Site
from quizzes.bank.models import Question, QuestionVersion, Quiz
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


def quiz_questions(site: Site) -> list[tuple[str, int, str | None, str | None]]:
    with site.reading() as session:
        rows = session.execute(
            select(Question.uid, func.count(QuestionVersion.id), Question.objective, Question.explains)
            .join(QuestionVersion, QuestionVersion.question_id == Question.id)
            .join(Quiz, Quiz.id == Question.quiz_id)
            .join(Activity, Activity.id == Quiz.activity_id)
            .join(Module, Module.id == Activity.module_id)
            .where(Module.slug == "alpha")
            .group_by(Question.id)
            .order_by(Question.position)
        )
        return [tuple(row) for row in rows]


def test_a_corrected_typo_makes_one_new_version_of_one_question(site: Site, small: Path, install: Install) -> None:
    before = quiz_questions(site)
    install(small)
    assert quiz_questions(site) == before
    files = small_course()
    spec = files["alpha/quiz.yaml"]["questions"][0]["spec"]
    spec["prompt"] = {"en": spec["prompt"]["en"] + " Corrected."}
    write_package(small, files)

    lines = install(small).lines

    assert lines == ("quiz alpha/quiz: questions: 1 changed",)
    versions = [number for _, number, _, _ in quiz_questions(site)]
    assert versions == [2, *[1] * (len(versions) - 1)]


def test_a_trainers_own_place_of_a_question_stays_until_the_package_moves_it(
    site: Site, small: Path, install: Install
) -> None:
    with site.writing() as session:
        for question in session.scalars(select(Question)):
            question.explains = "second#heading"
    files = small_course()
    files["course.yaml"]["version"] = "2"
    install(write_package(small, files))
    assert {explains for _, _, _, explains in quiz_questions(site)} == {"second#heading"}
    files["alpha/quiz.yaml"]["questions"][0]["explains"] = "third"
    install(write_package(small, files))

    assert quiz_questions(site)[0][3] == "third"
    assert {explains for _, _, _, explains in quiz_questions(site)[1:]} <= {"second#heading"}


def test_an_installation_says_which_module_it_writes(site: Site, small: Path) -> None:
    files = small_course()
    files["course.yaml"]["version"] = "2"
    write_package(small, files)
    line = CommandLine(replace(site.config, third_party_plugins=False))

    result = CliRunner().invoke(cli, ["course", "install", str(small)], obj=line, prog_name="lms")
    line.engines.dispose()

    assert [one.strip() for one in result.stderr.splitlines()] == ["1/3 alpha", "2/3 beta", "3/3 gamma"]
    assert "small-course 2 is installed: nothing has changed." in result.stdout


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
def test_the_shipped_course_has_no_fault_and_every_module_ready(install: Install, site: Site) -> None:
    from courses.plugin import LIBRARY

    install(LIBRARY / "cross-border-e-commerce")

    page = site.browser().get("/courses/cross-border-e-commerce").text
    assert page.count('class="lamp prep"') == 0
    assert page.count('id="module-') == 15
