"""Installing a course package."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from courses.outline.models import Activity, Course, Lesson, LessonText, Module
from courses.packages import installing
from courses.packages.installing import Installed
from lms.cli import cli
from lms.commands.site import CommandLine
from lms.database.base import Model
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


SAMPLE = Path(__file__).parent / "sample"
SAMPLE_COURSE = "sample-trade"


@pytest.fixture
def sample(tmp_path: Path, install: Install) -> Path:
    """The folder of the sample, which has every feature of the format, installed."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    install(folder)
    return folder


def change(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), "utf-8")


def everything(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables by the table's name, without the course's own revision."""
    with site.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Model.metadata.sorted_tables
            if table.name not in ("course", "job", "heartbeat")
        }


def test_nothing_is_written_for_a_package_that_is_the_same(site: Site, sample: Path, install: Install) -> None:
    before = everything(site)
    assert len(before["question_version"]) == 16
    assert install(sample).lines == ()
    change(sample, "course.yaml", 'version: "2026.1"', 'version: "2026.2"')

    assert install(sample).lines == ()

    assert everything(site) == before


@pytest.mark.parametrize(
    ("file", "before", "after", "line", "tables"),
    [
        ("on-the-way/price.en.md", "Add three", "Add the three", "text of lesson price (en)", {"lesson_text": 0}),
        ("on-the-way/border.fr.md", "Voir", "Voyez", "text of lesson border (fr)", {"lesson_text": 0}),
        (
            "on-the-way/quiz.yaml",
            "An office sees what",
            "An office sees all that",
            "quiz on-the-way/quiz: questions: 1 changed",
            {"question_version": 1, "question": 0, "quiz": 0, "activity": 0},
        ),
        ("on-the-way/checks.yaml", "three stations", "3 stations", "self-check on-the-way/in-order", {"self_check": 0}),
        (
            "on-the-way/worksheet.yaml",
            "Ten minutes, with",
            "Ten minutes and",
            "worksheet on-the-way/worksheet: changed",
            {"worksheet": 0, "activity": 0},
        ),
    ],
    ids=["lesson", "translation", "question", "self-check", "worksheet"],
)
def test_a_typo_makes_one_new_version_of_what_it_stands_in(
    site: Site,
    sample: Path,
    install: Install,
    file: str,
    before: str,
    after: str,
    line: str,
    tables: dict[str, int],
) -> None:
    """``tables`` has each table that changed, and how many rows it has more: versions are rows of their own."""
    rows = everything(site)
    change(sample, file, before, after)

    assert install(sample).lines == (line,)

    now = everything(site)
    assert {name: len(now[name]) - len(rows[name]) for name in rows if now[name] != rows[name]} == tables
    for name in tables:
        assert len([row for row in rows[name] if row not in now[name]]) <= 1, name


def test_what_leaves_the_package_and_comes_back_has_kept_what_people_did(
    site: Site, small: Path, install: Install
) -> None:
    person = enrolled(site)
    browser = site.browser(person)
    browser.post(f"/courses/{SMALL}/alpha/third/done")
    browser.post(f"/courses/{SMALL}/beta/first/done")
    before = everything(site)
    files = small_course()
    files["course.yaml"]["parts"][0]["modules"].pop()  # beta
    files["alpha/module.yaml"]["lessons"].pop()
    files["alpha/quiz.yaml"]["questions"].pop()
    for name in [name for name in files if name.startswith(("beta/", "alpha/third"))]:
        (small / name).unlink()
        del files[name]
    write_package(small, files)
    install(small)
    assert browser.get(f"/courses/{SMALL}/beta/first").status_code == 404

    install(write_package(small, small_course()))

    after = everything(site)
    for table in ("lesson_done", "enrolment", "question_version", "question", "lesson", "module"):
        assert after[table] == before[table], table
    assert browser.get(f"/courses/{SMALL}/beta/first").status_code == 200


@pytest.mark.parametrize("step", ["_install_lessons", "_install_checks", "_install_activities"])
def test_an_installation_that_breaks_off_leaves_nothing_half_done(
    site: Site, sample: Path, install: Install, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = everything(site)
    change(sample, "first-steps/where-it-goes.en.md", "Somebody looks", "Somebody looks long")
    change(sample, "on-the-way/price.en.md", "Add three", "Add the three")
    whole = getattr(installing, step)

    def break_off(session: Session, row: Module, *rest: object, **values: object) -> object:
        if row.slug == "on-the-way":
            raise KeyboardInterrupt
        return whole(session, row, *rest, **values)

    with monkeypatch.context() as patch:
        patch.setattr(installing, step, break_off)
        with pytest.raises(KeyboardInterrupt):
            install(sample)

    assert everything(site) == before
    assert len(install(sample).lines) == 2


def test_two_installations_at_once_end_in_one_state(site: Site, tmp_path: Path, install: Install) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    for version in ("first", "second"):
        with ThreadPoolExecutor(4) as pool:
            done = [future.result() for future in [pool.submit(install, folder) for _ in range(4)]]

        assert sorted(bool(one.lines) for one in done) == [False, False, False, True], version
        before = everything(site)
        assert len(before["lesson"]) == 4
        assert len(before["question_version"]) == (16 if version == "first" else 17)
        assert install(folder).lines == ()
        change(folder, "on-the-way/quiz.yaml", "en: An office", "en: An office here")
