"""A small, made-up course as a package folder: two modules that are ready, with a quiz each, and one in preparation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

SMALL = "small-course"


def text(words: str) -> dict[str, str]:
    return {"en": words}


def single_choice(name: str, objective: str = "o1", explains: str = "first") -> dict[str, Any]:
    return {
        "id": name,
        "kind": "single_choice",
        "objective": objective,
        "explains": explains,
        "spec": {
            "prompt": text(f"Question {name}?"),
            "options": [
                {"id": "a", "text": text("The right one"), "right": True, "why": text("It is right.")},
                {"id": "b", "text": text("The wrong one"), "right": False, "why": text("It is wrong.")},
            ],
            "shuffle": True,
        },
    }


def checks() -> list[dict[str, Any]]:
    """One self-check of each of five kinds; the key words of an explanation are nowhere else."""
    pick, several = single_choice("pick", explains="first#heading"), single_choice("several")
    several["kind"] = "multiple_choice"
    specs: dict[str, dict[str, Any]] = {
        "statement": {
            "prompt": text("A parcel is packed."),
            "answer": True,
            "why_true": text("why-true"),
            "why_false": text("why-false"),
        },
        "words": {"prompt": text("Which city?"), "accepted": ["Buenos Aires"], "why": text("why-words")},
        "number": {
            "prompt": text("How many?"),
            "value": "150",
            "tolerance": {"kind": "absolute", "amount": "0.5"},
            "unit": text("orders"),
            "why": text("why-number"),
        },
    }
    kinds = {"statement": "true_false", "words": "short_text", "number": "numeric"}
    return [
        pick,
        several,
        *(
            {"id": name, "kind": kinds[name], "objective": "o1", "explains": "first", "spec": spec}
            for name, spec in specs.items()
        ),
    ]


def quiz(prefix: str, number: int = 3) -> dict[str, Any]:
    return {
        "title": text(f"Quiz {prefix}"),
        "pass_mark": 0.6,
        "tries": None,
        "draw": None,
        "time_limit_minutes": None,
        "questions": [single_choice(f"{prefix}-{place}") for place in range(1, number + 1)],
    }


def module(name: str, lessons: list[str]) -> dict[str, Any]:
    return {
        "summary": text(f"About {name}."),
        "opening": text("You can do something. You can do more. You can tell why."),
        "title_origin": text("The title is ours."),
        "seminar": text("Made up for the tests."),
        "objectives": [{"id": "o1", "text": text("Tell one thing from another.")}],
        "lessons": lessons,
        "activities": [{"id": "quiz", "kind": "quiz", "file": "quiz.yaml", "title": text(f"Quiz of {name}")}],
        "sources": [
            {"title": "A made-up source", "publisher": "Nobody", "year": "2026", "url": "https://example.org/"}
        ],
        "faq": [{"question": text("Is this made up?"), "answer": text("Yes.")}],
    }


def worksheet(**fields: dict[str, Any]) -> dict[str, Any]:
    """A worksheet with a field of each kind; those in ``fields`` by their ids come last."""
    own = {
        "product": {"kind": "line", "required": True, "help": text("One product.")},
        "market": {"kind": "text", "required": True},
        "price": {"kind": "number"},
        "start": {"kind": "date"},
        "path": {
            "kind": "choice",
            "options": [{"id": name, "text": text(f"As {name}")} for name in ("seller", "office")],
        },
        "costs": {
            "kind": "table",
            "rows": 2,
            "columns": [{"id": name, "label": text(name.title())} for name in ("what", "cost")],
        },
    }
    return {
        "title": text("Worksheet: my plan"),
        "intro": text("You make a *plan*."),
        "sections": [
            {
                "id": "plan",
                "heading": text("The plan"),
                "fields": [
                    {"id": name, "label": text(f"Label {name}"), **rest} for name, rest in {**own, **fields}.items()
                ],
            }
        ],
        "example": text("**Made up.** Garlic."),
    }


def with_worksheets() -> dict[str, Any]:
    """The small course with a worksheet in each module; beta's shows a field of alpha's, and a rule asks for it."""
    files = small_course()
    for name in ("alpha", "beta"):
        entry = {
            "id": "worksheet",
            "kind": "worksheet",
            "file": "worksheet.yaml",
            "title": text(f"Worksheet of {name}"),
        }
        files[f"{name}/module.yaml"]["activities"].insert(0, entry)
    files["alpha/worksheet.yaml"] = worksheet()
    files["beta/worksheet.yaml"] = worksheet(earlier={"from": "alpha/worksheet#market"})
    files["course.yaml"]["papers"][0]["rules"].append({"rule": "worksheets_done", "modules": ["beta"]})
    return files


def small_course() -> dict[str, Any]:
    """The files of the course by name: YAML as values, Markdown as text."""
    course = {
        "format": 1,
        "id": SMALL,
        "version": "1",
        "source_language": "en",
        "languages": ["en"],
        "licence": "CC-BY-4.0",
        "title": text("A small course for tests"),
        "short_title": text("A small course"),
        "summary": text("It is made up."),
        "audience": text("Tests."),
        "origin": text("Made up."),
        "hours": 1,
        "parts": [
            {
                "id": "one",
                "title": text("Part one"),
                "modules": [{"id": "alpha", "title": text("Alpha")}, {"id": "beta", "title": text("Beta")}],
            },
            {"id": "two", "title": text("Part two"), "modules": [{"id": "gamma", "title": text("Gamma")}]},
        ],
        "papers": [
            {
                "id": "completion",
                "title": text("A small certificate"),
                "statement": text("read two modules and passed their quizzes"),
                "rules": [
                    {"rule": "lessons_done", "modules": "ready"},
                    {"rule": "quizzes_passed", "modules": "ready"},
                ],
            }
        ],
    }
    files: dict[str, Any] = {
        "course.yaml": course,
        "LICENSE.md": "Made up for the tests.\n",
        "facts.yaml": {},
        "glossary.yaml": {},
    }
    for name, lessons in (("alpha", ["first", "second", "third"]), ("beta", ["first", "second"])):
        files[f"{name}/module.yaml"] = module(name, lessons)
        files[f"{name}/quiz.yaml"] = quiz(name)
        for lesson in lessons:
            files[f"{name}/{lesson}.en.md"] = (
                f"---\ntitle: {name.title()} {lesson}\nminutes: 5\n"
                f"lead: What {lesson} is about.\nobjectives: [o1]\n---\n"
                f"The text of {name} {lesson}.\n\n## A heading {{#heading}}\n\nMore text.\n"
            )
    files["alpha/checks.yaml"] = {"questions": checks()}
    files["alpha/first.en.md"] += "".join(f"\n::: check {one['id']}\n:::\n" for one in checks())
    return files


def write_package(folder: Path, files: dict[str, Any]) -> Path:
    """Write the files of a package into ``folder``."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return folder
