from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from courses.packages.content import CoursePackage, content_hash
from courses.packages.faults import BadPackage
from courses.packages.reading import read_package
from courses.worksheets.definition import WorksheetChecker
from lms.text.markdown import document

SAMPLE = Path(__file__).parent / "sample"


@dataclass
class Checker:
    """A kind of activity that finds the faults it was given, and remembers what it was shown."""

    faults: Iterable[tuple[str, str, Mapping[str, object]]] = ()
    seen: list[tuple[Mapping[str, object], Mapping[str, frozenset[str]]]] = field(default_factory=list)

    def check(
        self, definition: Mapping[str, object], *, lessons: Mapping[str, frozenset[str]]
    ) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        self.seen.append((definition, lessons))
        return self.faults if len(self.seen) == 1 else ()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a package that has no fault."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


class AnyCheck:
    """Takes every self-check."""

    def problems(self, kind: str, spec: Mapping[str, object]) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        return ()


def read_sample(folder: Path, checker: Checker | None = None) -> CoursePackage:
    checkers = {"quiz": checker or Checker(), "worksheet": WorksheetChecker()}
    return read_package(folder, activity_checkers=checkers, check_checkers=[AnyCheck()])


def faults_of(folder: Path, checker: Checker | None = None) -> list[str]:
    """The faults as “file:line: message”, none for a good package."""
    try:
        read_sample(folder, checker)
    except BadPackage as bad:
        return [str(fault) for fault in bad.faults]
    return []


def change(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


# --- what a good package gives ---------------------------------------------------------------------------------------


def test_a_good_package_is_read_whole(package: Path) -> None:
    checker = Checker()

    read = read_sample(package, checker)

    assert read.course.id == "sample-trade"
    assert read.course.version == "2026.1"
    assert read.course.languages == ("en", "fr")
    assert read.course.hours == 1.5
    assert [(module.id, module.ready) for module in read.modules] == [
        ("first-steps", True),
        ("next-steps", False),
        ("on-the-way", True),
    ]
    first = read.modules[0]
    assert [lesson.id for lesson in first.lessons] == ["what-is-sent", "where-it-goes"]
    assert set(first.lessons[0].texts) == {"en", "fr"}
    assert first.lessons[0].texts["fr"].title == "Ce que l'on envoie"
    assert set(first.lessons[0].facts) == {"M01-F01"}
    assert set(first.lessons[0].terms) == {"parcel"}
    assert first.minutes("fr") == 5 + 3
    assert read.ready_minutes == 4 + 3 + 6 + 5
    assert read.facts["M01-F01"].as_of == "2022-03-25"
    assert [question.id for question in first.activities[0].questions] == [
        "parcel-is-packed",
        "where",
        "the-small-one",
        "how-many-sizes",
        "who-looks",
        "is-it-seen",
    ]
    assert [(rule.rule, rule.modules, rule.every_ready) for rule in read.course.papers[0].rules] == [
        ("lessons_done", ("first-steps", "on-the-way"), True),
        ("quizzes_passed", ("first-steps",), False),
        ("activities_done", (), False),
    ]


def test_a_kind_of_activity_sees_its_file_and_the_anchors_of_the_lessons(package: Path) -> None:
    checker = Checker()

    read_sample(package, checker)

    (definition, lessons), _ = checker.seen
    assert definition["pass_mark"] == 0.7
    assert definition["tries"] is None
    # “w-parcel” is in the French text too; the fact is not.
    assert lessons == {
        "what-is-sent": frozenset({"size", "w-parcel"}),
        "where-it-goes": frozenset({"customs"}),
    }


def test_the_lessons_of_the_sample_render_without_problems(package: Path) -> None:
    read = read_sample(package)

    for lesson in read.modules[0].lessons:
        for language, text in lesson.texts.items():
            page = document(text.body, facts=lesson.facts, glossary=lesson.terms, languages=(language, "en"))
            assert page.problems == ()


# --- hashes ----------------------------------------------------------------------------------------------------------


def test_hashes_follow_the_content_and_not_its_place(package: Path) -> None:
    before = read_sample(package)
    change(package, "first-steps/quiz.yaml", "questions:", "# a remark\n\nquestions:")
    change(package, "first-steps/where-it-goes.en.md", "minutes: 3\n", "minutes: 3\n# a remark\n")

    assert read_sample(package).hash == before.hash


def test_a_changed_fact_changes_the_lessons_that_show_it(package: Path) -> None:
    before = read_sample(package)
    change(package, "facts.yaml", "15 lectures", "16 lectures")

    after = read_sample(package)

    assert after.hash != before.hash
    hashes = [[lesson.hash for lesson in read.modules[0].lessons] for read in (before, after)]
    assert hashes[0][0] != hashes[1][0]
    assert hashes[0][1] == hashes[1][1]


def test_a_changed_question_changes_its_hash_and_its_activity_only(package: Path) -> None:
    before = read_sample(package).modules[0]
    change(package, "first-steps/quiz.yaml", "Where does it go?", "Where does a parcel go?")

    after = read_sample(package).modules[0]

    assert after.activities[0].hash != before.activities[0].hash
    changed = [
        old.id
        for old, new in zip(before.activities[0].questions, after.activities[0].questions, strict=True)
        if old.hash != new.hash
    ]
    assert changed == ["where"]
    assert after.lessons[0].hash == before.lessons[0].hash


def test_a_hash_is_sha_256_of_canonical_json() -> None:
    assert content_hash({"b": 1, "a": ["é", None, True]}) == content_hash({"a": ("é", None, True), "b": 1})
    assert content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert content_hash(1) != content_hash("1")


def test_a_lesson_text_hashes_without_its_place(package: Path) -> None:
    lesson = read_sample(package).modules[0].lessons[0]
    text = lesson.texts["en"]

    assert content_hash(replace(text, line=99, file="elsewhere")) == content_hash(text)
    assert content_hash(replace(text, minutes=99)) != content_hash(text)


# --- faults ----------------------------------------------------------------------------------------------------------

COURSE = "course.yaml"
MODULE = "first-steps/module.yaml"
LESSON = "first-steps/what-is-sent.en.md"
FRENCH = "first-steps/what-is-sent.fr.md"
OTHER = "first-steps/where-it-goes.en.md"
QUIZ = "first-steps/quiz.yaml"

FAULTS = {
    # the course
    "another format": (COURSE, "format: 1", "format: 2", 1, "format 1."),
    "misspelt key": (COURSE, "licence:", "lisence:", 6, "Did you mean “licence”?"),
    "unknown key": (COURSE, "hours: 1.5", "hours: 1.5\nxyzzy: 1", 12, "Unknown key “xyzzy”."),
    "missing key": (COURSE, "hours: 1.5\n", "", 1, "The key “hours” is missing."),
    "no number": (COURSE, "hours: 1.5", "hours: twelve", 11, "“hours” is a number from 0 on."),
    "empty number": (COURSE, "hours: 1.5", "hours:", 11, "“hours” is empty."),
    "reserved course": (COURSE, "id: sample-trade", "id: new", 2, "own addresses need"),
    "bad slug": (COURSE, "id: sample-trade", "id: Sample Trade", 2, "cannot stand in an address"),
    "reserved module": (COURSE, "id: next-steps", "id: certificate", 19, "own addresses need"),
    "second module": (COURSE, "id: next-steps", "id: first-steps", 19, "The id “first-steps” is used twice."),
    "bad language": (COURSE, "[en, fr]", "[en, fr, Klingon language]", 5, "not a language tag"),
    "language twice": (COURSE, "[en, fr]", "[en, fr, fr]", 5, "“fr” stands here twice."),
    "source is no language": (COURSE, "source_language: en", "source_language: de", 4, "one of the languages"),
    "text for all": (COURSE, "summary: {en: ", "summary: {xx: ", 9, "“xx” is not among the languages"),
    "no source text": (COURSE, "{en: Day one}", "{fr: Jour un}", 15, "no text in the source language, “en”"),
    "no language map": (COURSE, "{en: Day one}", "Day one", 15, "a text for each language"),
    "empty text": (COURSE, "{en: Day one}", "{en: ''}", 15, "empty or no text"),
    "inside link": (COURSE, "https://example.org/seminar", "seminar", 12, "Only lessons may link"),
    "unknown rule": (COURSE, "rule: lessons_done", "rule: lesson_done", 29, "Did you mean “lessons_done”?"),
    "unknown rule word": (COURSE, "modules: ready", "modules: all", 30, "“modules” is “ready” or a list"),
    "impossible rule": (COURSE, "[first-steps]", "[first-steps, next-steps]", 32, "“next-steps” is in preparation"),
    "unknown module": (COURSE, "[first-steps]", "[fist-steps]", 32, "There is no module “fist-steps”."),
    "least of too many": (COURSE, "modules: ready", "modules: ready\n      least: 5", 31, "There are 4 of these now"),
    "rule of nothing": (COURSE, "      modules: ready\n", "", 29, "The key “modules” is missing."),
    "rule of both": (COURSE, "modules: ready", "modules: ready\n      activities: [a/b]", 31, "no “activities”"),
    "paper without title": (COURSE, "    title: {en: A sample of e-commerce}\n", "", 25, "The key “title” is missing."),
    "long paper": (COURSE, "id: completion", "id: " + "c" * 31, 25, "has at most 30 letters"),
    "long version": (COURSE, '"2026.1"', "v" * 41, 3, "“version” has at most 40 letters."),
    "long language": (COURSE, "[en, fr]", "[en, fr, abc-defghijk-lmnopqrs]", 5, "not a language tag"),
    "no list": (COURSE, "languages: [en, fr]", "languages: en", 5, "“languages” is a list"),
    # YAML
    "no yaml": (COURSE, "[en, fr]", "[en, fr", None, "This is not YAML"),
    "alias": (COURSE, "{en: Sample}", "&x {en: Sample}", 8, "Anchors (&) and aliases (*)"),
    "bare alias": (COURSE, "{en: Sample}", "*x", 8, "Anchors (&) and aliases (*)"),
    "object": (COURSE, "{en: Sample}", "!!python/object/apply:os.system [id]", 8, "Tags (!)"),
    "merge key": (COURSE, "{en: Sample}", "{<<: {en: a}, en: Sample}", 8, "“<<” is not among the languages"),
    "duplicate key": (COURSE, "hours: 1.5", "hours: 1.5\nhours: 2", 12, "The key “hours” stands here twice."),
    "deep": (COURSE, "hours: 1.5", "hours: " + "[" * 60 + "]" * 60, 11, "deeper than 50 levels"),
    "two documents": (COURSE, "hours: 1.5", "hours: 1.5\n---\na: 1", 12, "one YAML document only"),
    "escaped NUL": (COURSE, "version: \"2026.1\"", "version: \"a\\0\"", 3, "cannot be printed"),
    "key is a list": (COURSE, "hours: 1.5", "[a]: 1.5", 11, "A key is a word."),
    # facts and words
    "bad grade": ("facts.yaml", "grade: A", "grade: D", 8, "It is one of: A, B, C."),
    "bad read": ("facts.yaml", "read: true", "read: yes", 9, "true or false"),
    "bad address": ("facts.yaml", "https://example.org/report", "javascript:alert(1)", 7, "begins with https://"),
    "bad glossary id": ("glossary.yaml", "parcel:", "A parcel:", 1, "cannot be an id"),
    "bad glossary language": ("glossary.yaml", "fr: colis", "French: colis", 2, "“French” is not among"),
    # a module
    "unknown module key": (MODULE, "faq:", "faqs:", 23, "Did you mean “faq”?"),
    "missing lesson file": (MODULE, "- where-it-goes", "- where-it-went", 11, "no file first-steps/where-it-went."),
    "lesson twice": (MODULE, "- where-it-goes", "- what-is-sent", 11, "“what-is-sent” stands here twice."),
    "bad lesson id": (MODULE, "- where-it-goes", "- ../where", 11, "cannot be the id of a lesson"),
    "reserved lesson": (MODULE, "- where-it-goes", "- enrol", 11, "own addresses need"),
    "objective twice": (MODULE, "- id: o2", "- id: o1", 7, "The id “o1” is used twice."),
    "activity like lesson": (MODULE, "- id: quiz", "- id: what-is-sent", 13, "“what-is-sent” is used twice."),
    "unknown kind": (MODULE, "kind: quiz", "kind: quizz", 14, "Did you mean “quiz”?"),
    "kind of a plugin": (MODULE, "kind: quiz", "kind: essay", 14, "A plugin may bring it."),
    "missing activity": (MODULE, "file: quiz.yaml", "file: quid.yaml", 15, "There is no file first-steps/quid.yaml."),
    "activity elsewhere": (MODULE, "file: quiz.yaml", "file: ../facts.yaml", 15, "in the folder of the module"),
    "worksheet word": (MODULE, "**parcel**", "[[parcel]]", 30, "take the brackets of “[[parcel]]” away"),
    # a lesson
    "no front matter": (LESSON, "---\ntitle", "title", 1, "between two lines “---”"),
    "no title": (LESSON, "title: What is sent\n", "", 2, "The key “title” is missing."),
    "no minutes": (LESSON, "minutes: 4\n", "", 2, "The key “minutes” is missing."),
    "half minutes": (LESSON, "minutes: 4", "minutes: 4.5", 3, "a whole number from 1 to 240"),
    "truth for minutes": (LESSON, "minutes: 4", "minutes: true", 3, "a whole number from 1 to 240"),
    "unknown objective": (OTHER, "[o2]", "[o3]", 5, "There is no objective “o3”"),
    "other objectives": (FRENCH, "[o1]", "[o2]", 1, "not those of the lesson in the source language"),
    "unknown fact": (LESSON, "M01-F01", "M01-F99", 11, "There is no fact “M01-F99”"),
    "unknown word": (FRENCH, "[[parcel|", "[[colis|", 7, "There is no word “colis”"),
    "broken link": (LESSON, "(where-it-goes#customs)", "(where-it-went)", 7, "“where-it-went” leads to no lesson"),
    "broken anchor": (LESSON, "#customs", "#custom", 7, "“where-it-goes#custom” leads to no"),
    "broken own anchor": (LESSON, "(#size)", "(#sizes)", 7, "“#sizes” leads to no"),
    "broken module": (OTHER, "../first-steps/", "../next-steps/", 7, "“../next-steps/what-is-sent” leads to no"),
    "absolute link": (OTHER, "../first-steps/what-is-sent", "/courses/x", 7, "“/courses/x” leads to no"),
    "picture": (OTHER, "Somebody", "![A desk](desk.png) Somebody", 11, "on a line of its own"),
    "stray block end": (OTHER, "Somebody", ":::\n\nSomebody", 11, "closes a block, but none is open"),
    "hidden sign": (OTHER, "Somebody", "Some\u202ebody", 11, "a hidden sign, U+202E"),
    # the envelope of questions
    "misspelt setting": (QUIZ, "pass_mark: 0.7", "passmark: 0.7", 2, "Did you mean “pass_mark”?"),
    "pass mark": (QUIZ, "pass_mark: 0.7", "pass_mark: 70", 2, "“pass_mark” is a number from 0 to 1."),
    "draw": (QUIZ, "draw: 2", "draw: 7", 4, "“draw” is a whole number from 1 to 6."),
    "tries": (QUIZ, "tries: null", "tries: 0", 3, "“tries” is a whole number from 1 on."),
    "question twice": (QUIZ, "id: where", "id: parcel-is-packed", 16, "is used twice"),
    "question objective": (QUIZ, "objective: o2", "objective: o9", 18, "There is no objective “o9”"),
    "explains no lesson": (QUIZ, "explains: where-it-goes", "explains: where", 19, "There is no lesson “where”"),
    "explains no heading": (QUIZ, "sent#size", "sent#sizes", 10, "no heading with the anchor “sizes” (en, fr)"),
    "question key": (QUIZ, "explains: where-it-goes", "explain: where-it-goes", 19, "Did you mean “explains”?"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_file_and_line(package: Path, name: str) -> None:
    """Case 59 for YAML: aliases, objects, duplicate keys and deep nesting are refused."""
    file, before, after, line, message = FAULTS[name]
    change(package, file, before, after)

    faults = faults_of(package)

    place = rf"{re.escape(file)}:{line or '[0-9]+'}: "
    assert [fault for fault in faults if re.match(place, fault) and message in fault] != [], faults


def test_the_sample_has_no_fault(package: Path) -> None:
    assert faults_of(package) == []


def test_all_faults_are_told_at_once_in_order(package: Path) -> None:
    change(package, QUIZ, "draw: 2", "draw: 7")
    change(package, COURSE, "hours: 1.5", "hours: twelve")
    change(package, LESSON, "minutes: 4", "minutes: 0")
    change(package, LESSON, "M01-F01", "M01-F99")

    assert faults_of(package) == [
        "course.yaml:11: “hours” is a number from 0 on.",
        "first-steps/quiz.yaml:4: “draw” is a whole number from 1 to 6.",
        "first-steps/what-is-sent.en.md:3: “minutes” is a whole number from 1 to 240.",
        "first-steps/what-is-sent.en.md:11: There is no fact “M01-F99” in facts.yaml.",
    ]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("questions.1.spec.options.1.text", "25: text"),
        ("questions.1.spec.options", "23: options"),
        ("questions.1.spec.options.7.text", "23: text"),
        ("questions.0.spec.prompt.en", "12: prompt.en"),
        ("questions.0", "7"),
        ("pass_mark", "2: pass_mark"),
        ("nowhere.0", "1"),
        ("", "1"),
    ],
)
def test_what_a_kind_of_activity_finds_gets_its_line(package: Path, path: str, place: str) -> None:
    checker = Checker(faults=[(path, "No option is “%(word)s”.", {"word": "right"})])

    assert faults_of(package, checker) == [f"first-steps/quiz.yaml:{place}: No option is “right”."]


@pytest.mark.parametrize("missing", ["course.yaml", "LICENSE.md"])
def test_a_missing_file_is_told(package: Path, missing: str) -> None:
    (package / missing).unlink()

    [fault] = faults_of(package)

    assert fault.startswith(f"{missing}:1: There is no {missing}")


def test_facts_and_glossary_may_be_absent_if_nothing_uses_them(package: Path) -> None:
    (package / "facts.yaml").unlink()
    (package / "glossary.yaml").unlink()

    assert {fault.partition(": ")[2] for fault in faults_of(package)} == {
        "There is no word “parcel” in glossary.yaml.",
        "There is no word “border” in glossary.yaml.",
        "There is no fact “M01-F01” in facts.yaml.",
        "There is no fact “M02-F01” in facts.yaml.",
    }


def test_a_lesson_without_text_is_told(package: Path) -> None:
    path = package / OTHER
    path.write_text(path.read_text("utf-8").partition("Go back")[0], "utf-8")

    assert f"{OTHER}:7: This lesson has no text." in faults_of(package)


def test_a_glossary_may_be_ahead_of_the_languages_of_its_course(package: Path) -> None:
    change(package, "glossary.yaml", "fr: colis", "fr: colis, zh-Hans: 包裹")

    assert faults_of(package) == []


def test_a_file_that_nothing_names_is_told(package: Path) -> None:
    (package / "first-steps/what-is-send.fr.md").write_text("x")
    (package / "thrid-steps").mkdir()
    (package / "thrid-steps/module.yaml").write_text("x")
    (package / "next-steps").mkdir()
    (package / "next-steps/draft.en.md").write_text("a module in preparation may have drafts")
    (package / "README.md").write_text("x")

    assert [fault.partition(":")[0] for fault in faults_of(package)] == [
        "first-steps/what-is-send.fr.md",
        "thrid-steps/module.yaml",
    ]


def test_no_ready_module_makes_a_rule_impossible(package: Path) -> None:
    (package / MODULE).unlink()
    (package / "on-the-way/module.yaml").unlink()
    change(package, COURSE, "modules: [first-steps]", "modules: ready")

    assert faults_of(package)[:2] == [
        "course.yaml:30: No module is ready, so nobody could meet this rule.",
        "course.yaml:32: No module is ready, so nobody could meet this rule.",
    ]


def test_a_link_out_of_the_folder_is_refused(package: Path, tmp_path: Path) -> None:
    """Case 56: a symbolic link leads nowhere outside, be it a file or a folder."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (package / "LICENSE.md").unlink()
    (package / "LICENSE.md").symlink_to(secret)
    shutil.move(package / "first-steps", tmp_path / "elsewhere")
    (package / "first-steps").symlink_to(tmp_path / "elsewhere")

    faults = faults_of(package)

    assert "LICENSE.md:1: This file is a link that leads out of the package." in faults
    assert f"{MODULE}:1: This file is a link that leads out of the package." in faults


def test_what_is_no_file_is_refused(package: Path) -> None:
    (package / "facts.yaml").unlink()
    os.mkfifo(package / "facts.yaml")
    (package / "glossary.yaml").unlink()
    (package / "glossary.yaml").mkdir()

    faults = faults_of(package)

    assert "facts.yaml:1: This is not a file." in faults
    assert "glossary.yaml:1: This is not a file." in faults


def test_a_file_has_a_largest_size_and_is_utf_8(package: Path) -> None:
    (package / "facts.yaml").write_bytes(b"#" * 2_000_001)
    (package / "glossary.yaml").write_bytes(b"a: b\n\nc: \xff\n")

    faults = faults_of(package)

    assert "facts.yaml:1: This file is larger than 2000 KB." in faults
    assert "glossary.yaml:3: This file is not written in UTF-8." in faults


@pytest.mark.timeout(60)
def test_a_million_levels_are_refused_at_the_fifty_first(package: Path) -> None:
    """Case 59: nesting without end."""
    (package / "facts.yaml").write_text("a: " + "[" * 1_000_000)

    assert "facts.yaml:1: Nothing is nested deeper than 50 levels." in faults_of(package)


def test_windows_line_ends_and_a_byte_order_mark_are_read(package: Path) -> None:
    before = read_sample(package).hash
    for file in package.rglob("*.*"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert read_sample(package).hash == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "nowhere") == ["course.yaml:1: There is no course.yaml in this folder."]


def test_words_that_other_yaml_turns_into_something_else_stay_words(package: Path) -> None:
    change(package, COURSE, "{en: Day one}", "{en: no}")
    change(package, COURSE, "{en: Next steps}", "{en: 2024-05-01}")
    change(package, COURSE, 'version: "2026.1"', "version: 2026.10")

    read = read_sample(package)

    assert read.course.parts[0].title == {"en": "no"}
    assert read.modules[1].title == {"en": "2024-05-01"}
    assert read.course.version == "2026.10"
