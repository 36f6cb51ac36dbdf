"""A good package broken once for each thing that `lms course check` finds, wherever in a package that can stand."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from flask import Flask

from courses.kinds import activity_types, self_checks
from courses.packages.faults import BadPackage
from courses.packages.findings.all_of_them import findings
from courses.packages.reading import read_package
from lms.app import create_app
from lms.config import of_no_site

SAMPLE = Path(__file__).parent / "sample"
COURSE, FACTS, GLOSSARY = "course.yaml", "facts.yaml", "glossary.yaml"
FIRST, FIRST_QUIZ = "first-steps/module.yaml", "first-steps/quiz.yaml"
SENT, SENT_FR, GOES = (f"first-steps/{name}.md" for name in ("what-is-sent.en", "what-is-sent.fr", "where-it-goes.en"))
MODULE, QUIZ, CHECKS = (f"on-the-way/{name}.yaml" for name in ("module", "quiz", "checks"))
SHEET, PLAN = "on-the-way/worksheet.yaml", "on-the-way/plan.yaml"
BORDER, BORDER_FR, PRICE = (f"on-the-way/{name}.md" for name in ("border.en", "border.fr", "price.en"))
PICTURE = "on-the-way/way.svg"
WORDS = " ".join(f"Word{number} stands here." for number in range(170))


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(of_no_site(), third_party=False)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The sample, with lessons of a good length."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "package"))
    for lesson in folder.glob("*/*.md"):
        lesson.write_text(f"{lesson.read_text('utf-8')}\n{WORDS}\n", "utf-8")
    return folder


def check(app: Flask, folder: Path) -> list[str]:
    """What `lms course check` says of a folder: its faults, or else its findings."""
    with app.app_context():
        checkers = {kind: one.checker for kind, one in activity_types(app).items()}
        try:
            read = read_package(folder, activity_checkers=checkers, check_checkers=self_checks(app))
        except BadPackage as bad:
            return [str(fault) for fault in bad.faults]
    return [str(finding) for finding in findings(read)]


def change(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), "utf-8")


def test_the_sample_has_nothing_to_mend(app: Flask, package: Path) -> None:
    assert check(app, package) == []


def word(shown: str = "[[box]]") -> str:
    return f"Only lessons link words of the glossary: take the brackets of “{shown}” away."


def link(address: str = "price") -> str:
    return f"Only lessons may link inside the course: “{address}” leads nowhere here."


def dead(address: str) -> str:
    return f"“{address}” leads to no lesson, activity or heading of this course."


NO_PICTURE = "Only lessons show pictures."
NO_BLOCK = "Only lessons have blocks such as “::: fact”."
NO_BOX = "There is no word “box” in glossary.yaml."
NO_FACT = "There is no fact “M09-F09” in facts.yaml."
NO_ALTERNATIVE = "A picture says in words what it shows: ![these words](file.svg)."
WHY_IS_MISSING = "why: This field is missing."

# what is broken: (file, before, after, what stands on the line that is told or else what changed, sentence)
FAULTS = {
    # a fact without source
    "no source": (
        FACTS,
        "  source: A report of the seminar\n",
        "",
        'text: {en: "The seminar',
        "The key “source” is missing.",
    ),
    "empty source": (FACTS, "source: A report of the seminar", "source: ''", "", "“source” is empty."),
    "no address": (
        FACTS,
        "  url: https://example.org/report\n",
        "",
        'text: {en: "The seminar',
        "The key “url” is missing.",
    ),
    # an unknown fact
    "fact": (SENT, "M01-F01", "M09-F09", "", NO_FACT),
    "fact in a translation": (BORDER_FR, "M02-F01", "M09-F09", "", NO_FACT),
    "fact in a FAQ": (
        MODULE,
        "        Seldom. It is",
        "        Seldom.\n\n        ::: fact M01-F01\n\n        It is",
        "::: fact",
        NO_BLOCK,
    ),
    "fact in a quiz": (QUIZ, '{en: "Would you send it, and why?"}', "{en: '::: fact M01-F01'}", "", NO_BLOCK),
    "fact in a worksheet": (
        SHEET,
        "    You know what",
        "    ::: fact M01-F01\n\n    You know what",
        "::: fact",
        NO_BLOCK,
    ),
    "fact in a module's text": (
        FIRST,
        "    Write down",
        "    ::: fact M01-F01\n\n    Write down",
        "::: fact",
        NO_BLOCK,
    ),
    # an unknown word of the glossary
    "word": (BORDER, "[[border]]", "[[box]]", "", NO_BOX),
    "word in a translation": (BORDER_FR, "[[border|frontière]]", "[[box|boîte]]", "", NO_BOX),
    "word in a note": (BORDER, "Ask first.", "Ask [[box]] first.", "", NO_BOX),
    "word in a quotation": (BORDER, "“Ask”, they say.", "“Ask”, [[box]].", "", NO_BOX),
    "word in a table": (SENT, "| Large | A kettle |", "| Large | A [[box]] |", "", NO_BOX),
    "word in a list": (BORDER, "- It goes with the goods", "- It goes with a [[box]]", "", NO_BOX),
    "word in what changed": (SENT, "165 zones", "165 [[box]]", "", NO_BOX),
    "word in a caption": (BORDER, "Table: What three", "Table: What [[box]]", "", NO_BOX),
    "word in a lead": (SENT, "lead: A parcel is", "lead: A [[box]] is", "", word()),
    "word in a FAQ": (MODULE, "fr: Rarement.", "fr: '[[box|Boîte]].'", "", word("[[box|Boîte]]")),
    "word in an opening": (MODULE, "It meets an office.", "It meets a [[box]].", "", word()),
    "word in a case": (QUIZ, "Two scarves cost", "[[box]] cost", "", word()),
    "word in a prompt": (QUIZ, "Which paper names the price?", "Which [[box]]?", "", word()),
    "word in an option": (QUIZ, "text: {en: West}", 'text: {en: "[[box]]"}', "", word()),
    "word in a hint": (QUIZ, "{en: It asks for money.}\n", '{en: "[[box]]"}\n', "", word()),
    "word in a reason": (QUIZ, "why: {en: A fence may stand there.}", 'why: {en: "[[box]]"}', "", word()),
    "word in a rubric": (QUIZ, "text: {en: Names a price}", 'text: {en: "[[box]]"}', "", word()),
    "word in a model answer": (QUIZ, "Yes: 78 is less", "[[box]] is less", "", word()),
    "word in a self-check": (CHECKS, "{en: The office comes between.,", "{en: '[[box]]',", "", word()),
    "word in a worksheet": (SHEET, "{en: Why this one}", '{en: "[[box]]"}', "", word()),
    "word in a worksheet's introduction": (SHEET, "You know what it weighs", "You know [[box]]", "", word()),
    "word in a column": (SHEET, "label: {en: Cost}}", 'label: {en: "[[box]]"}}', "", word()),
    "word in a worksheet's rubric": (PLAN, "{en: With the scales}", '{en: "[[box]]"}', "", word()),
    "word in a fact": (FACTS, "opened 7 %", "opened [[box]]", "", word()),
    "word in a definition": (GLOSSARY, "The line between", "The [[box]] between", "", word()),
    "word in a summary": (COURSE, "A short course", "A [[box]] course", "", word()),
    # a dead internal link
    "link": (BORDER, "(price)", "(prise)", "", dead("prise")),
    "link to a heading": (BORDER, "sent#size", "sent#sise", "", dead("../first-steps/what-is-sent#sise")),
    "link in a translation": (BORDER_FR, "price#sum", "price#sums", "", dead("price#sums")),
    "link in a list": (BORDER, "(quiz)", "(quizz)", "", dead("quizz")),
    "link in a table": (BORDER, "| West   |", "| [West](west) |", "", dead("west")),
    "link in a note": (BORDER, "Ask first.", "Ask\n[first](first).", "[first](first)", dead("first")),
    "link in what changed": (PRICE, "a tax of 10 %", "a [tax](taxes)", "", dead("taxes")),
    "link in a lead": (SENT, "lead: A parcel is", "lead: A [parcel](price) is", "", link()),
    "link in a FAQ": (MODULE, "(https://example.org/report).\n", "(price).\n", "", link()),
    "link in an objective": (FIRST, "Say where it goes.", "'[Say](price) where.'", "", link()),
    "link in a question": (QUIZ, "In 2022 there was no tax", "In 2022 [no tax](price)", "", link()),
    "link in a reason": (QUIZ, "{en: The table says so.}", "{en: '[So](price).'}", "", link()),
    "link in a case": (QUIZ, "Deux écharpes coûtent 60", "[Deux](price) coûtent 60", "", link()),
    "link in a self-check": (CHECKS, '{en: "60 times 0.1."}', '{en: "[60](price) times 0.1."}', "", link()),
    "link in a worksheet": (SHEET, "Weigh it **first**", "Weigh it [first](price)", "", link()),
    "link in an example": (PLAN, "By post, since", "[By post](price), since", "", link()),
    "explained in no lesson": (
        CHECKS,
        "explains: price#sum",
        "explains: prise",
        "",
        "There is no lesson “prise” in this module.",
    ),
    "explained below no heading": (
        QUIZ,
        "explains: price#sum",
        "explains: price#sums",
        "",
        "The lesson “price” has no heading with the anchor “sums” (en).",
    ),
    "explained below a heading of one language": (
        BORDER_FR,
        "{#papers}",
        "{#papiers}",
        None,
        "The lesson “border” has no heading with the anchor “papers” (fr).",
    ),
    "from no field": (
        PLAN,
        "worksheet#why",
        "worksheet#who",
        "",
        "from: “on-the-way/worksheet#who” leads to no field of a worksheet.",
    ),
    # an option without explanation
    "single choice": (
        QUIZ,
        ", why: {en: It names each box., fr: Elle nomme chaque boîte.}",
        "",
        "- {id: list, text: {en: The pack",
        WHY_IS_MISSING,
    ),
    "multiple choice": (QUIZ, ", why: {en: Four days.}", "", "- {id: west, text: {en: West}", WHY_IS_MISSING),
    "true or false": (
        QUIZ,
        "      why_false: {en: It sees it.}\n",
        "",
        "spec:\n      prompt: {en: An office sees",
        "why_false: This field is missing.",
    ),
    "short text": (QUIZ, "      why: {en: A border.}\n", "", "spec:\n      prompt: {en: Name the line", WHY_IS_MISSING),
    "a near answer": (QUIZ, ", why: {en: A fence may stand there.}", "", "text: fence", WHY_IS_MISSING),
    "a pair": (QUIZ, ", why: {en: It is the quick one.}", "", "- {id: west, left", WHY_IS_MISSING),
    "an answer of no pair": (QUIZ, ", why: {en: Nobody asks for that.}", "", "- {id: song", WHY_IS_MISSING),
    "an order": (
        QUIZ,
        "      why: {en: From sender to buyer.}\n",
        "",
        'spec:\n      prompt: {en: "In what order',
        WHY_IS_MISSING,
    ),
    "a number": (QUIZ, ", why: {en: 60 and 12.}", "", 'prompt: {en: "Goods and way', WHY_IS_MISSING),
    "a gap": (QUIZ, ", why: {en: A tenth of 60.}", "", "- {id: tax, accepted", WHY_IS_MISSING),
    "an option of a gap": (QUIZ, ", why: {en: It takes it.}", "", "- {id: office, text: {en: office}", WHY_IS_MISSING),
    "a self-check": (
        CHECKS,
        "      why: {en: The office comes between., fr: Le bureau est au milieu.}\n",
        "",
        "prompt: {en: Put the three",
        WHY_IS_MISSING,
    ),
    # a picture without words
    "no alternative": (BORDER, "![A line from a house through an office to another house.]", "![]", "", NO_ALTERNATIVE),
    "no alternative in a translation": (
        BORDER_FR,
        "![Une ligne d'une maison à une autre, par un bureau.]",
        "![]",
        "",
        NO_ALTERNATIVE,
    ),
    "picture in a question": (
        QUIZ,
        "{en: An office sees what crosses.}",
        "{en: 'An office. ![](way.svg)'}",
        "",
        NO_PICTURE,
    ),
    "picture in a self-check": (CHECKS, "The tax is 10 % of 60.", "![](way.svg)", "", NO_PICTURE),
    "picture in a FAQ": (MODULE, "It is *seen*.", "![](way.svg)", "", NO_PICTURE),
    "picture in a worksheet": (SHEET, "Ten minutes, with", "![](way.svg) with", "", NO_PICTURE),
    # a heading out of order
    "heading": (BORDER, "### The invoice", "#### The invoice", "", "This heading skips a level: use “###”."),
    "heading of a title": (
        PRICE,
        "## The sum",
        "# The sum",
        "",
        "Headings of a lesson begin at “##”: its title is the first level.",
    ),
    "heading in a translation": (BORDER_FR, "## Trois", "### Trois", "", "This heading skips a level: use “##”."),
    "heading in a worksheet": (
        SHEET,
        "    ## At the end",
        "    #### At the end",
        "",
        "intro.en: This heading skips a level: use “##”.",
    ),
    "heading in a module's text": (
        FIRST,
        "    ## Your parcel",
        "    ### Your parcel",
        "",
        "This heading skips a level: use “##”.",
    ),
    # what does not stop an installation
    "few questions": (
        FIRST_QUIZ,
        "objective: o2\n    difficulty: hard",
        "objective: o1\n    difficulty: hard",
        None,
        "The objective “o2” has 2 questions; it needs at least 3.",
    ),
    "short lesson": (GOES, WORDS, "", "Go back to", "This lesson has 11 words; 500 to 1200 read well."),
    "short lesson in a translation": (
        BORDER_FR,
        WORDS,
        "",
        "Un colis arrive",
        "This lesson has 16 words; 500 to 1200 read well.",
    ),
    "long lesson": (
        PRICE,
        WORDS,
        f"{WORDS} {WORDS} {WORDS}",
        "Add three numbers",
        "This lesson has 1548 words; 500 to 1200 read well.",
    ),
    "same question": (
        QUIZ,
        "Name the line between two countries.",
        '"Which paper names the price?"',
        "- id: where-seen",
        "The question “where-seen” is nearly the same as “which-paper”.",
    ),
    "same as a self-check": (
        CHECKS,
        "The tax is 10 % of 60. How much is it?",
        "Goods and way: how much?",
        "- id: tax",
        "The question “tax” is nearly the same as “goods-and-way”.",
    ),
    "first use": (BORDER, "a [[border]].", "a border.", "", "Link the first use of “border”: [[border]]."),
    "first use in the plural": (
        SENT,
        "A [[parcel]] is",
        "Parcels are, a [[parcel]] is",
        "",
        "Link the first use of “parcel”: [[parcel]].",
    ),
    "first use in a translation": (
        SENT_FR,
        "[[parcel|colis]]",
        "colis",
        "",
        "Link the first use of “colis”: [[parcel]].",
    ),
}

ELSEWHERE = {
    "explained below a heading of one language": [(QUIZ, "border#papers"), (CHECKS, "border#papers")],
    "few questions": [(FIRST, "- id: o2")],
}
"""Where a fault is told that stands in another file than the one that was changed."""


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_in_its_place(app: Flask, package: Path, name: str) -> None:
    file, before, after, mark, sentence = FAULTS[name]
    whole = (package / file).read_text("utf-8")
    change(package, file, before, after)
    changed = (package / file).read_text("utf-8")

    found = check(app, package)

    if name in ELSEWHERE:
        places = [
            f"{other}:{number}"
            for other, words in ELSEWHERE[name]
            for number, line in enumerate((package / other).read_text("utf-8").split("\n"), start=1)
            if words in line
        ]
    else:
        place = changed.index(mark) if mark else next(n for n, sign in enumerate(changed) if sign != whole[n])
        places = [f"{file}:{line_of(changed, place)}"]
    assert found == sorted(f"{place}: {sentence}" for place in places)


def test_what_is_right_is_not_found(app: Flask, package: Path) -> None:
    change(package, PRICE, "Add three numbers.", "Add three numbers.\n\n::: note\nA border, a parcel.\n:::")
    change(package, QUIZ, "Complete the sentence.", '"`[[box]]` or [there](https://example.org) [[1, 2]]"')

    assert check(app, package) == []


def test_a_picture_over_its_budget_is_found(app: Flask, package: Path) -> None:
    points = " ".join(str(random.Random(number).random()) for number in range(3_000))
    change(package, PICTURE, "<line", f'<polyline points="{points}"/><line')

    assert check(app, package) == [f"{PICTURE}:1: This picture is larger than 15 KB, compressed."]


def test_chinese_lessons_are_measured_in_characters(app: Flask, package: Path) -> None:
    change(package, COURSE, "languages: [en, fr]", "languages: [en, fr, zh-Hans]")
    front = "---\ntitle: 关税\nminutes: 4\nlead: 关税。\nobjectives: [price, way]\n---\n"
    lesson = f"{front}## 总和 {{#sum}}\n\n::: check tax\n:::\n"
    (package / "on-the-way/price.zh-Hans.md").write_text(lesson + "关税与价格。" * 20, "utf-8")

    assert check(app, package) == [
        "on-the-way/price.zh-Hans.md:7: This lesson has 102 characters; 500 to 1200 read well."
    ]
    (package / "on-the-way/price.zh-Hans.md").write_text(lesson + "关税与价格。" * 120, "utf-8")
    assert check(app, package) == []
