"""What stands beside course.yaml: the pages of the course itself, and its pre-test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courses.kinds import activity_types, self_checks
from courses.outline.models import Course, Module
from courses.packages.content import CoursePackage
from courses.packages.faults import BadPackage
from courses.packages.findings.questions import left_out, unexplained
from courses.packages.installing import Installed
from courses.packages.reading import read_package
from lms.app import create_app
from lms.config import of_no_site
from lms.testing import Site
from quizzes.bank.models import Question, QuestionVersion, Quiz
from tests.factories.courses import text, write_package
from tests.factories.pretests import page, with_pretest

Install = Callable[[Path], Installed]
Change = Callable[[dict[str, Any]], object]


def read(folder: Path, files: dict[str, Any]) -> CoursePackage:
    app = create_app(of_no_site(), third_party=False)
    write_package(folder, files)
    with app.app_context():
        checkers = {kind: one.checker for kind, one in activity_types(app).items()}
        return read_package(folder, activity_checkers=checkers, check_checkers=self_checks(app))


def faults(folder: Path, change: Change) -> list[str]:
    files = with_pretest()
    change(files)
    try:
        read(folder, files)
    except BadPackage as bad:
        return [str(fault) for fault in bad.faults]
    return []


# --- reading ---------------------------------------------------------------------------------------------------------


def test_the_pages_and_the_pre_test_of_a_good_package_are_read(tmp_path: Path) -> None:
    package = read(tmp_path, with_pretest())

    assert [(one.id, one.texts["en"].title) for one in package.pages] == [
        ("welcome", "Welcome"),
        ("about", "Who made it"),
    ]
    assert list(package.pages[0].facts) == ["F1"]
    assert package.pretest is not None
    assert [(one.id, one.objective, one.difficulty) for one in package.pretest.questions] == [
        ("alpha-1", "alpha", "easy"),
        ("alpha-2", "alpha", "easy"),
        ("beta-1", "beta", "easy"),
        ("beta-2", "beta", "easy"),
    ]


def test_a_course_needs_neither(tmp_path: Path) -> None:
    files = with_pretest()
    for name in ("welcome.en.md", "about.en.md", "pretest.yaml"):
        del files[name]

    package = read(tmp_path, files)

    assert (package.pages, package.pretest) == ((), None)


def question(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def of(files: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = files["pretest.yaml"]["questions"][number]
        return found

    return of


FAULTS: dict[str, tuple[Change, str]] = {
    "a link to nowhere": (
        lambda files: files.update({"welcome.en.md": page("Welcome", "One line.\n\n[Beta](betta)")}),
        "welcome.en.md:7: “betta” leads to no lesson, activity or heading of this course.",
    ),
    "a link to a heading that is not there": (
        lambda files: files.update({"about.en.md": page("About", "[Beta](beta/first#nothing)")}),
        "about.en.md:5: “beta/first#nothing” leads to no lesson, activity or heading of this course.",
    ),
    "a fact that is not there": (
        lambda files: files.update({"about.en.md": page("About", "Words.\n\n::: fact F9\n:::")}),
        "about.en.md:7: ",
    ),
    "a self-check on a page": (
        lambda files: files.update({"about.en.md": page("About", "Words.\n\n::: check pick\n:::")}),
        "about.en.md:7: Self-checks stand in lessons only.",
    ),
    "minutes on a page": (
        lambda files: files.update({"about.en.md": files["about.en.md"].replace("lead:", "minutes: 3\nlead:")}),
        "about.en.md:3: Unknown key “minutes”.",
    ),
    "a page without its first lines": (
        lambda files: files.update({"about.en.md": "Words.\n"}),
        "about.en.md:1: A page begins with its title and lead between two lines “---”.",
    ),
    "an empty page": (
        lambda files: files.update({"about.en.md": page("About", "")}),
        "about.en.md:5: This page has no text.",
    ),
    "a page in another language alone": (
        lambda files: (
            files["course.yaml"].update(languages=["en", "fr"]),
            files.update({"about.fr.md": files.pop("about.en.md")}),
        ),
        "about.fr.md:1: There is no about.en.md: a page is in the source language at least.",
    ),
    "an unknown page": (
        lambda files: files.update({"abuot.en.md": files["about.en.md"]}),
        "abuot.en.md:1: Nothing in the package names this file. Is its name misspelt?",
    ),
    "a misspelt key": (
        lambda files: files["pretest.yaml"].update(titel=text("Before")),
        "Unknown key “titel”. Did you mean “title”?",
    ),
    "no introduction": (
        lambda files: files["pretest.yaml"].pop("intro"),
        "The key “intro” is missing.",
    ),
    "a pre-test that is a list": (
        lambda files: files.update({"pretest.yaml": ["question"]}),
        "pretest.yaml:1: Here stands a map: lines of “key: value”.",
    ),
    "a module in preparation": (
        lambda files: question(0)(files).update(module="gamma"),
        "There is no module “gamma” that is ready.",
    ),
    "a question twice": (
        lambda files: question(1)(files).update(id="alpha-1"),
        "The id “alpha-1” is used twice.",
    ),
    "a paragraph that is not there": (
        lambda files: question(0)(files).update(explains="first#nothing"),
        "The lesson “first” has no heading with the anchor “nothing” (en).",
    ),
    "an unknown difficulty": (
        lambda files: question(0)(files).update(difficulty="esy"),
        "“difficulty” cannot be “esy”. Did you mean “easy”?",
    ),
    "two difficulties in one module": (
        lambda files: question(1)(files).update(difficulty="hard"),
        "The questions of one module are of one difficulty: the two times are compared.",
    ),
    "nothing else to ask the second time": (
        lambda files: files["pretest.yaml"]["questions"].pop(1),
        "The module “alpha” needs another question: the second time asks none again.",
    ),
    "an unknown kind of question": (
        lambda files: question(0)(files).update(kind="essay"),
        "This site knows no questions of kind “essay”.",
    ),
    "a question with two right answers": (
        lambda files: question(0)(files)["spec"]["options"][1].update(right=True),
        "Exactly one option is right; here it is 2.",
    ),
    "a pre-test inside a module": (
        lambda files: files["alpha/module.yaml"]["activities"][0].update(kind="pretest"),
        "There is no kind of activity “pretest” on this site.",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, name: str) -> None:
    change, sentence = FAULTS[name]

    found = faults(tmp_path, change)

    assert [fault for fault in found if sentence in fault], found
    assert all(fault.split(":")[1].isdigit() for fault in found)


def test_a_site_without_pre_tests_says_so(tmp_path: Path) -> None:
    write_package(tmp_path, with_pretest())
    app = create_app(of_no_site(), third_party=False)
    with app.app_context(), pytest.raises(BadPackage) as refused:
        checkers = {kind: one.checker for kind, one in activity_types(app).items() if kind != "pretest"}
        read_package(tmp_path, activity_checkers=checkers, check_checkers=self_checks(app))

    assert [str(fault) for fault in refused.value.faults] == [
        "pretest.yaml:1: This site knows no pre-tests. A plugin may bring them."
    ]


def test_the_check_finds_a_module_that_is_left_out_and_an_option_without_a_reason(tmp_path: Path) -> None:
    files = with_pretest()
    files["pretest.yaml"]["questions"] = files["pretest.yaml"]["questions"][:2]
    package = read(tmp_path, files)

    assert [str(one) for one in left_out(package)] == ["pretest.yaml:1: The pre-test asks nothing about “beta”."]
    assert list(unexplained(package)) == []


# --- installing ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, install: Install) -> Path:
    folder = write_package(tmp_path / "small", with_pretest())
    install(folder)
    return folder


def test_a_first_installation_says_what_it_wrote(tmp_path: Path, install: Install) -> None:
    lines = install(write_package(tmp_path / "small", with_pretest())).lines

    assert [line for line in lines if line.startswith(("page", "pretest"))] == [
        "page welcome (en)",
        "page about (en)",
        "pretest: questions: 4 added; the quiz's rules changed",
    ]


def test_a_second_time_changes_nothing(folder: Path, install: Install) -> None:
    assert install(folder).lines == ()


def test_a_changed_page_is_the_only_change(folder: Path, install: Install, site: Site) -> None:
    (folder / "about.en.md").write_text(page("Who made it", "Somebody else."))

    assert install(folder).lines == ("page about (en)",)
    assert "Somebody else." in site.browser().get("/courses/small-course/about").text


def test_a_changed_question_gets_a_new_version(folder: Path, install: Install, site: Site) -> None:
    files = with_pretest()
    files["pretest.yaml"]["questions"][0]["spec"]["prompt"] = text("Another question?")
    write_package(folder, files)

    assert install(folder).lines == ("pretest: questions: 1 changed",)
    with site.writing() as session:
        numbers = session.scalars(
            select(QuestionVersion.number)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.uid == "alpha-1", Question.objective == "alpha")
            .order_by(QuestionVersion.number)
        ).all()
    assert numbers == [1, 2]


def test_a_pre_test_that_left_the_package_is_hidden_and_can_come_back(
    folder: Path, install: Install, site: Site
) -> None:
    written = (folder / "pretest.yaml").read_text()
    (folder / "pretest.yaml").unlink()

    assert install(folder).lines == ("the pre-test left the package",)
    assert site.browser(site.person()).get("/quizzes/small-course/pretest").status_code == 404

    (folder / "pretest.yaml").write_text(written)

    assert install(folder).lines == ()
    assert site.browser(site.person()).get("/quizzes/small-course/pretest").status_code == 200


def test_pages_that_left_the_package_are_gone(folder: Path, install: Install, site: Site) -> None:
    for name in ("welcome", "about"):
        (folder / f"{name}.en.md").unlink()
    (folder / "welcome.en.md").write_text(page("Welcome", "Words without a link."))

    assert install(folder).lines == ("page welcome (en)", "page about (en) left the package")
    assert site.browser().get("/courses/small-course/about").status_code == 404


def test_the_pre_test_is_a_quiz_of_one_question_a_module_and_counts_for_no_module(folder: Path, site: Site) -> None:
    del folder
    with site.writing() as session:
        module = session.scalars(select(Module).where(Module.slug == "pretest")).one()
        quiz = session.scalars(select(Quiz).where(Quiz.tries == 2)).one()
        course = session.scalars(select(Course)).one()
        assert (module.part, module.about["asked"]) == ("", 2)
        assert [row["objective"] for row in quiz.blueprint] == ["alpha", "beta"]
        assert (quiz.pass_mark, quiz.review, quiz.practice) == (0, "after_tries", False)
        assert module.slug not in [one["id"] for one in course.parts]
    assert "Before and after" not in site.browser().get("/courses/small-course").text
