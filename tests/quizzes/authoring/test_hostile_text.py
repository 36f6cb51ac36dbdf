"""Cases 42 and 51: what a trainer writes reaches no page as markup, and no template compiler."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from lms.testing import Browser
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


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
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
