"""The course that ships: how much of it there is, and that its check finds nothing."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from courses.kinds import activity_types, self_checks
from courses.packages.content import CoursePackage, Module, Question
from courses.packages.findings.all_of_them import findings
from courses.packages.reading import read_package
from courses.plugin import LIBRARY
from lms.app import create_app
from lms.config import of_no_site

FOLDER = LIBRARY / "cross-border-e-commerce"
APPLIED = {"apply", "calculate", "judge", "order"}
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def package() -> CoursePackage:
    app = create_app(of_no_site(), third_party=False)
    with app.app_context():
        checkers = {kind: one.checker for kind, one in activity_types(app).items()}
        return read_package(FOLDER, activity_checkers=checkers, check_checkers=self_checks(app))


def bank(module: Module) -> tuple[Question, ...]:
    return next(activity.questions for activity in module.activities if activity.kind == "quiz")


def texts(package: CoursePackage) -> Iterator[tuple[str, str]]:
    for module in package.modules:
        for lesson in module.lessons:
            yield f"{module.id}/{lesson.id}", lesson.texts["en"].body


def test_the_check_finds_nothing(package: CoursePackage) -> None:
    assert findings(package) == []


def test_all_fifteen_modules_are_ready_with_four_to_six_lessons(package: CoursePackage) -> None:
    assert len(package.modules) == 15
    assert [module.id for module in package.modules if not module.ready] == []
    assert [module.id for module in package.modules if not 4 <= len(module.lessons) <= 6] == []
    assert [lesson.id for module in package.modules for lesson in module.lessons if not lesson.objectives] == []


def test_each_module_has_what_a_module_has(package: CoursePackage) -> None:
    for module in package.modules:
        assert module.opening["en"].count(". ") >= 1, module.id
        assert module.title_origin, module.id
        assert module.seminar, module.id
        assert len(module.sources) >= 4, module.id
        assert 4 <= len(module.faq) <= 6, module.id
        assert "worksheet" in [activity.kind for activity in module.activities], module.id
        terms = {term for lesson in module.lessons for term in lesson.terms}
        assert len(terms) >= 5, module.id


def test_a_worksheet_has_one_title_wherever_it_is_named(package: CoursePackage) -> None:
    """In the list of its module, and over its own page and sheet of paper."""
    sheets = [one for module in package.modules for one in module.activities if one.kind == "worksheet"]

    assert [one.definition["title"] for one in sheets] == [one.title for one in sheets]
    assert len(sheets) == 16
    assert [one.title["en"] for one in sheets if one.title["en"].split(": ")[0] not in ("Worksheet", "Capstone")] == []


def test_each_lesson_asks_two_or_three_questions(package: CoursePackage) -> None:
    asked = {name: len(re.findall(r"^::: check ", body, flags=re.M)) for name, body in texts(package)}

    assert {name: number for name, number in asked.items() if not 2 <= number <= 3} == {}


def test_a_bank_has_twenty_items_and_three_for_each_objective(package: CoursePackage) -> None:
    for module in package.modules:
        questions = bank(module)
        by_objective = Counter(question.objective for question in questions)
        assert len(questions) >= 20, module.id
        assert [one.id for one in module.objectives if by_objective[one.id] < 3] == [], module.id
        applied = [question for question in questions if question.skill in APPLIED]
        assert 3 * len(applied) >= len(questions), module.id


def test_every_kind_of_question_is_used(package: CoursePackage) -> None:
    app = create_app(of_no_site(), third_party=False)
    kinds = {kind.kind for kind in app.extensions["lms.plugins"].collect("quiz_question_types")}

    assert {question.kind for module in package.modules for question in bank(module)} == kinds


def test_at_least_two_hundred_facts_stand_in_lessons_each_with_its_source(package: CoursePackage) -> None:
    used = {fact for module in package.modules for lesson in module.lessons for fact in lesson.facts}

    assert len(used) >= 200
    assert used <= package.facts.keys()
    assert [fact for fact in used if not re.match(r"https?://\S+$", package.facts[fact].url)] == []


def test_the_right_option_is_seldom_the_longest(package: CoursePackage) -> None:
    for module in package.modules:
        longest = [
            max(options, key=lambda option: len(option["text"]["en"]))["right"]
            for question in bank(module)
            if question.kind == "single_choice"
            for options in [question.spec["options"]]
        ]
        assert sum(longest) <= len(longest) / 2, module.id


def test_the_course_and_each_picture_are_small() -> None:
    sizes = {path.name: path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    pictures = {name: len(gzip.compress(body, 9)) for name, body in sizes.items() if name.endswith(".svg")}

    assert sum(len(path.read_bytes()) for path in FOLDER.rglob("*") if path.is_file()) < 5 * MEGABYTE
    assert {name: size for name, size in pictures.items() if size > 15 * 1024} == {}


def test_the_pre_test_has_two_questions_for_each_module_and_gives_no_key_away(package: CoursePackage) -> None:
    assert package.pretest is not None
    questions = package.pretest.questions
    assert Counter(question.objective for question in questions) == {module.id: 2 for module in package.modules}
    assert [question.id for question in questions if not question.explains] == []
    choices = [question.spec["options"] for question in questions if question.kind == "single_choice"]
    places = Counter([option["right"] for option in options].index(True) for options in choices)
    assert len(places) == 4
    assert max(places.values()) <= len(choices) / 2
    for options in choices:
        right, *others = sorted(options, key=lambda option: not option["right"])
        lengths = [len(option["text"]["en"]) for option in others]
        assert min(lengths) - 10 < len(right["text"]["en"]) < max(lengths) + 10, right
    keys = [question.spec["answer"] for question in questions if question.kind == "true_false"]
    assert sorted(keys) == [False, True]


def test_the_welcome_names_three_ways_and_the_about_page_what_the_course_is_not(package: CoursePackage) -> None:
    pages = {page.id: page.texts["en"].body for page in package.pages}

    for path in ("policymaker", "practitioner", "entrepreneur"):
        ways = pages["welcome"].partition(f"{{#{path}}}")[2].partition("\n##")[0]
        assert len(re.findall(r"^\d\. \[Module \d+", ways, flags=re.M)) == 5, path
    for number, module in re.findall(r"\[[Mm]odule (\d+)[^\]]*\]\(([a-z-]+)\)", pages["welcome"]):
        assert package.modules[int(number) - 1].id == module
    for words in ("not an official publication", "published summary", "CC BY 4.0", "Apache", "Open Font License"):
        assert words in pages["about"], words
