"""What `lms course check` finds in a course that can be installed."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from courses.packages.content import CoursePackage
from courses.packages.findings.all_of_them import findings
from courses.packages.findings.coverage import coverage
from courses.packages.findings.lessons import reading_ease, syllables
from courses.packages.reading import read_package
from tests.factories.courses import small_course, text, write_package


class Accepting:
    def check(self, definition: object, *, lessons: object) -> list[Any]:
        return []

    def problems(self, kind: str, spec: object) -> list[Any]:
        return []


def read(folder: Path, files: dict[str, Any]) -> CoursePackage:
    return read_package(
        write_package(folder, files), activity_checkers={"quiz": Accepting()}, check_checkers=[Accepting()]
    )


def found_in(package: CoursePackage, words: str) -> list[str]:
    return [str(one) for one in findings(package) if words in str(one)]


def test_questions_that_are_nearly_the_same_and_options_without_reason_are_found(tmp_path: Path) -> None:
    files = small_course()
    questions = files["alpha/quiz.yaml"]["questions"]
    prompt = text("Which of these papers goes with the parcel to the buyer in the other country?")
    options = [{"id": "a", "text": text("This"), "right": True, "why": text("Yes.")}, {"id": "b", "text": text("That")}]
    for name in ("paper-one", "paper-two"):
        spec = {"prompt": prompt, "options": options}
        questions.append(deepcopy({**questions[0], "id": name, "kind": "single_choice", "spec": spec}))
    package = read(tmp_path, files)

    assert len(found_in(package, "The question “paper-two” is nearly the same as “paper-one”.")) == 1
    assert len(found_in(package, "The option “b” of the question “paper-one” has no explanation.")) == 1


GLOSSARY = {
    "parcel": {"en": "parcel", "fr": "colis", "zh": "包裹"},
    "delivery": {"en": "delivery"},
    "box": {"en": "box"},
    "escrow": {"en": "escrow"},
    "escrow-account": {"en": "escrow account"},
    "edi": {"en": "electronic data interchange (EDI)", "zh": "电子数据交换（EDI）"},
    "who": {"en": "WHO"},
}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("A parcel goes.", ["parcel"]),
        ("Parcels go.", ["parcel"]),
        ("A [[parcel]] goes, a parcel.", []),
        ("[[parcel|Parcels]] go, parcels.", []),
        ("A parcel, a [[parcel]].", ["parcel"]),
        ("A [parcel](second), see https://example.org/parcel and `parcel`.", []),
        ("## A parcel\n\nTable: Parcels\n\n| Parcel |\n|---|\n| A [[parcel\\|parcel]] |", []),
        ("Table: Sizes\n\n| Size |\n|---|\n| A parcel |", ["parcel"]),
        ("## A [[parcel]]\n\nA parcel.", ["parcel"]),
        ("```\na parcel\n```\n\nA subparcel, a parcel-like thing.", []),
        ("Two deliveries and two boxes.", ["box", "delivery"]),
        ("An escrow\naccount.", ["escrow-account"]),
        ("An [[escrow-account|escrow account]] and escrow.", ["escrow"]),
        ("Send it by EDI.", ["edi"]),
        ("Electronic data interchange.", ["edi"]),
        ("Who asks?", []),
        ("WHO asks.", ["who"]),
    ],
)
def test_a_word_whose_first_use_is_not_linked_is_found(tmp_path: Path, body: str, wanted: list[str]) -> None:
    files = small_course()
    files["glossary.yaml"] = {name: {"term": term, "definition": text("It is.")} for name, term in GLOSSARY.items()}
    files["alpha/first.en.md"] += f"\n{body}\n"
    files["alpha/second.en.md"] += "".join(f"\n[[{name}]]\n" for name in GLOSSARY)

    found = found_in(read(tmp_path, files), "Link the first use")

    assert sorted(re.findall(r"\[\[(.*?)\]\]", " ".join(found))) == wanted
    assert all(one.startswith("alpha/first.en.md:") for one in found)


@pytest.mark.parametrize(
    ("language", "body", "wanted"),
    [
        ("fr", "Un colis part.", ["parcel"]),
        ("fr", "Un [[parcel|colis]] part. Un colis arrive.", []),
        ("zh", "跨境包裹通过EDI申报。", ["edi", "parcel"]),
        ("zh", "跨境[[parcel|包裹]]通过[[edi|EDI]]申报。", []),
    ],
)
def test_the_first_use_is_looked_for_in_each_language(
    tmp_path: Path, language: str, body: str, wanted: list[str]
) -> None:
    files = small_course()
    files["course.yaml"]["languages"] = ["en", language]
    files["glossary.yaml"] = {name: {"term": term, "definition": text("It is.")} for name, term in GLOSSARY.items()}
    files[f"alpha/second.{language}.md"] = files["alpha/second.en.md"] + f"\n{body}\n"

    found = found_in(read(tmp_path, files), "Link the first use")

    assert sorted(re.findall(r"\[\[(.*?)\]\]", " ".join(found))) == wanted
    assert all(one.startswith(f"alpha/second.{language}.md:13: ") for one in found)


def test_the_matrix_counts_each_question_once(tmp_path: Path) -> None:
    package = read(tmp_path, small_course())

    asked = sum(len(activity.questions) for module in package.modules for activity in module.activities)
    assert sum(len(ids) for row in coverage(package) for ids in row.questions) == asked


@pytest.mark.parametrize(("word", "number"), [("cat", 1), ("table", 2), ("made", 1), ("parcel", 2), ("tree", 1)])
def test_syllables_are_counted_as_groups_of_vowels(word: str, number: int) -> None:
    assert syllables(word) == number


def test_reading_ease_is_flesch(tmp_path: Path) -> None:
    files = small_course()
    lesson = read(tmp_path, files).modules[0].lessons[0].texts["en"]

    # 6 words, 1 sentence, 6 syllables
    assert reading_ease(replace(lesson, body="The cat sat on the mat.")) == pytest.approx(116.145)
