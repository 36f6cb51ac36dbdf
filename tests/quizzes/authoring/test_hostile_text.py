"""Cases 42 and 51: what a trainer writes reaches no page as markup, and no template compiler."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lms.testing import Browser
from lms.web.languages import translate
from lms.web.rendering import macros
from quizzes.asking import ask
from quizzes.attempts.pages import Words
from quizzes.kinds import kinds
from quizzes.question_types import QuestionType
from quizzes.results.pages import explain
from tests.quizzes.authoring.desk import BANK, Desk
from tests.quizzes.school import School, options_of

CORPUS = [
    line
    for line in (Path(__file__).parents[2] / "lms" / "text" / "hostile.txt").read_text("utf-8").splitlines()
    if line.strip()
]
TEMPLATES = ["{{config}}", "{% include 'base.html' %}", "{{ 7*7 }}", "${7*7}", "%(prompt)s", "#{7*7}"]
FORBIDDEN_TAGS = {
    *("animate", "base", "embed", "frame", "iframe", "img", "marquee", "math", "object", "set", "video", "audio"),
    *("style", "template", "noscript", "xmp", "applet", "isindex", "foreignobject"),
}


class Page(HTMLParser):
    """Notes what no page of ours holds: tags that run or load, handlers, and links that are no links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ("value", "back") not in attrs:  # our own button, which the first question alone lacks
            self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag in FORBIDDEN_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "xlink:href"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction"):
                address = (value or "").strip().lower()
                if address.startswith(("//", "javascript:", "data:", "vbscript:", "file:", "blob:", "feed:", "view-")):
                    self.found.append(f"{tag} {name}={value}")


# The words that our script says, which stand in templates: as the site writes them, and nothing else is taken out.
OUR_WORDS = re.compile(r'<template data-(?:state|short|say)="[a-z-]+">(?:[^<]|</?(?:p|b|code|a)\b[^>]*>)*</template>')


def read(html: str) -> Page:
    page = Page()
    page.feed(OUR_WORDS.sub("", html))
    return page


FRAME = (
    "html",
    "head",
    "body",
    "title",
    "script",
    "form",
    "fieldset",
    "legend",
    "main",
    "header",
    "footer",
    "meta",
    "link",
    "svg",
    "input",
    "button",
)


def pages_with(desk: Desk, texts: tuple[str, str, str]) -> dict[str, str]:
    """Put texts into prompt, option and why of a question, and give every page that shows them, by its name."""
    prompt, option, why = texts
    answer = desk.publish("single", {"prompt": prompt, "options-0-text": option, "options-0-why": why})
    assert answer.status_code == 303, answer.text
    _, participant = desk.school.participant()
    attempt = desk.school.begin(participant)
    address = f"/quizzes/attempts/{attempt}/{desk.school.position_of(attempt, 'single')}"
    question = participant.get(address).text
    chosen = next(drawn for words, drawn in options_of(question).items() if words not in ("Option two of single",))
    participant.post(address, {"seen": "0", "choice": chosen})
    participant.post(f"/quizzes/attempts/{attempt}/submit")
    return {
        "bank": get(desk.browser, BANK),
        "editor": get(desk.browser, f"{BANK}/single"),
        "preview": get(desk.browser, f"{BANK}/single/preview"),
        "retire": get(desk.browser, f"{BANK}/single/retire"),
        "question": question,
        "result": get(participant, f"/quizzes/attempts/{attempt}"),
    }


def get(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.sqlite_only
def test_case_42_hostile_texts_are_markup_on_no_page(school: School) -> None:
    school.install()
    desk = Desk(school)
    harmless = {name: read(html).tags for name, html in pages_with(desk, ("Why?", "An option", "Because")).items()}

    for number, payload in enumerate(CORPUS):
        # Options must differ; the number stands in front, where it breaks up nothing.
        for name, html in pages_with(desk, (f"{payload} ?", f"{number} {payload}", f"{payload} .")).items():
            page = read(html)
            assert page.found == [], (name, payload, page.found)
            grown = {tag for tag in FRAME if page.tags.get(tag, 0) > harmless[name].get(tag, 0)}
            assert grown == set(), (name, payload)


@pytest.mark.parametrize("text", TEMPLATES)
def test_case_51_template_code_prints_itself(desk: Desk, text: str) -> None:
    for name, html in pages_with(desk, (f"ask {text} end", f"option {text} end", f"why {text} end")).items():
        written = html.replace("&#39;", "'").replace("&#x27;", "'")
        if name not in ("bank", "retire"):
            assert f"option {text} end" in written, name
        assert f"ask {text} end" in written, name
        assert "SECRET_KEY" not in html
        assert read(html).found == []


def test_case_42_the_list_of_problems_and_the_conflict_show_hostile_text_as_text(desk: Desk) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    form = desk.form("words")
    desk.save("words", {"prompt": hostile, "near-0-text": hostile})

    refused = desk.publish("words", {"accepted": f"{hostile}\n{hostile}", "why": ""})
    conflict = desk.browser.post(f"{BANK}/words", {**form, "prompt": hostile, "near-0-was": hostile})

    assert (refused.status_code, conflict.status_code) == (422, 409)
    for answer in (refused, conflict):
        assert read(answer.text).found == []
        assert "<img" not in answer.text


def questions_with(number: int, payload: str) -> dict[str, dict[str, Any]]:
    """The spec of each kind with parts, and of an open one, with the payload wherever a participant reads a text."""
    texts = [{"en": f"{number} {payload} {letter}"} for letter in "abcdef"]
    pairs = [{"id": name, "left": texts[at], "right": texts[at], "why": texts[at]} for at, name in enumerate("abc")]
    items = [{"id": name, "text": texts[at]} for at, name in enumerate("abc")]
    options = [{"id": name, "text": texts[at], "right": at == 0, "why": texts[at]} for at, name in enumerate("ab")]
    gaps = [
        {"id": "gap-a", "options": options},
        {"id": "gap-b", "accepted": [payload], "why": texts[1], "near": [{"text": f"{payload} x", "why": texts[2]}]},
    ]
    levels = [{"points": 0, "text": texts[0]}, {"points": 1, "text": texts[1]}]
    rubric = [{"id": "a", "text": texts[0], "points": 1, "levels": levels}]
    text = f"{payload} {{{{gap-a}}}} {payload} {{{{gap-b}}}}"
    return {
        "matching": {"prompt": texts[3], "pairs": pairs, "extra": [{"id": "x", "text": texts[4], "why": texts[4]}]},
        "ordering": {"prompt": texts[3], "items": items, "why": texts[3]},
        "gap_text": {"prompt": texts[3], "text": {"en": text}, "gaps": gaps},
        "open": {"prompt": texts[3], "rubric": rubric, "model": texts[4], "hint": texts[5]},
    }


AFTERWARDS = """{% from "quizzes/results/parts.html" import parts, long with context %}
{{ explained.prompt }}{{ explained.text }}{{ parts(explained.parts) }}{{ long(explained, True) }}{{ explained.why }}"""


@pytest.mark.sqlite_only
def test_cases_42_and_43_hostile_texts_in_parts_and_open_answers_are_markup_on_no_page(school: School) -> None:
    """What a page prints of a question before and after it, made by the templates of the pages."""
    shown = 0
    with school.site.app.test_request_context():
        words = Words(language="en", translate=translate)
        environment = school.site.app.jinja_env
        around = {"chrome": SimpleNamespace(language="en")}
        for number, payload in enumerate(CORPUS):
            for kind, spec in questions_with(number, payload).items():
                found = kinds()[kind]
                if found.type.check(spec):
                    continue  # such as a gap inside of markup
                given = {"answer": [payload]} if kind == "open" else all_parts(found.type, spec)
                response = found.type.read(spec, given, seed=1, locale="en")
                asked = ask(found, spec, 1, seed=1, languages=["en"], response=response)
                explained = explain(found, spec, response, words, seed=1, state="wrong")
                before = read(macros("quizzes/question_types/question.html").question(asked))
                after = read(environment.from_string(AFTERWARDS).render(explained=explained, **around))
                assert before.found + after.found == [], (kind, payload)
                assert (before.tags["fieldset"], before.tags.get("form")) == (1, None), (kind, payload)
                assert {"script", "form", "main", "input"} & set(after.tags) == set(), (kind, payload)
                shown += 1
    assert shown > 3.5 * len(CORPUS)


def all_parts(of_kind: QuestionType, spec: dict[str, Any]) -> dict[str, list[str]]:
    parts = of_kind.present(spec, seed=1, languages=["en"]).parts
    return {
        part.name: [part.options[place % len(part.options)].id if part.options else "words"]
        for place, part in enumerate(parts)
    }
