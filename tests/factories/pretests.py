"""The small course with its pages and a pre-test: two questions for each of its two modules."""

from __future__ import annotations

from typing import Any

from tests.factories.courses import single_choice, small_course, text


def page(title: str, body: str) -> str:
    return f"---\ntitle: {title}\nlead: What {title} is for.\n---\n{body}\n"


def pretest() -> dict[str, Any]:
    """Each question has a key word of its own in its explanation: ``why-alpha-1``."""
    questions = []
    for module in ("alpha", "beta"):
        for number in (1, 2):
            question = single_choice(f"{module}-{number}")
            del question["objective"]
            for option in question["spec"]["options"]:
                option["why"] = text(f"why-{module}-{number}")
            questions.append({**question, "module": module, "difficulty": "easy"})
    return {"title": text("Before and after"), "intro": text("It is *no* examination."), "questions": questions}


def with_pretest() -> dict[str, Any]:
    """The files of the small course with a welcome, an about page and a pre-test."""
    files = small_course()
    files["facts.yaml"] = {
        "F1": {
            "text": text("Two modules are ready."),
            "source": "A made-up source",
            "year": "2026",
            "url": "https://example.org/",
            "grade": "A",
            "read": True,
        }
    }
    links = "[Alpha](alpha), [a heading](beta/first#heading), [who made it](about), [the quiz](alpha/quiz)."
    files["welcome.en.md"] = page("Welcome", f"Begin with {links}\n\n::: fact F1\n:::\n")
    files["about.en.md"] = page("Who made it", "Nobody: it is made up.")
    files["pretest.yaml"] = pretest()
    return files
