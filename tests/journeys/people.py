"""What people do in a browser: find things by the words that they read, press what they see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from courses.kinds import activity_types, self_checks
from courses.packages.reading import read_package
from lms.paths import CHECKOUT
from lms.testing import Site, config_for_tests
from tests.journeys.live import COURSE, MODULE, PASSWORD, Live

NARROW = {"width": 320, "height": 640}


class Phone:
    """One person's phone, 320 px wide, which notes whatever a page should not do."""

    def __init__(self, context: BrowserContext, live: Live) -> None:
        self.context, self.live = context, live
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        # A 422 is written to the console as well; it is an answer, not a fault.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.live.base, "data:", "about:")):
            self.faults.append(f"asked another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.live.base + path)

    def press(self, words: str, *, exact: bool = False) -> None:
        """Press the first button, or follow the first link, with these words."""
        button = self.page.get_by_role("button", name=words, exact=exact)
        link = self.page.get_by_role("link", name=words, exact=exact)
        button.or_(link).first.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.open("/sign-in")
        self.fill("E-mail", email)
        self.fill("Password", password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name="Account", exact=True)).to_be_visible()

    def path(self) -> str:
        return self.page.url.removeprefix(self.live.base)


Kind = TypeVar("Kind", bound=Phone)


@contextmanager
def phone_of(kind: type[Kind], chromium: Browser, live: Live, *, script: bool = True) -> Iterator[Kind]:
    """A phone with no cookie; at the end nothing may have been refused by the content security policy or by script."""
    context = chromium.new_context(viewport=NARROW, java_script_enabled=script)
    one = kind(context, live)
    try:
        yield one
        assert one.faults == []
    finally:
        context.close()


def phone(chromium: Browser, live: Live, *, script: bool = True) -> AbstractContextManager[Phone]:
    """A phone as `phone_of` gives it, of nobody in particular."""
    return phone_of(Phone, chromium, live, script=script)


@cache
def package() -> Any:
    """The shipped course, as its package has it."""
    with TemporaryDirectory() as folder:
        site = Site(config_for_tests(f"sqlite:///{folder}/none.db", Path(folder)))
        with site.app.app_context():
            checkers = {kind: one.checker for kind, one in activity_types(site.app).items()}
            read = read_package(
                CHECKOUT / "courses" / "library" / COURSE,
                activity_checkers=checkers,
                check_checkers=self_checks(site.app),
            )
        site.close()
    return read


@cache
def _questions() -> Mapping[str, Any]:
    """The questions of module 1's quiz as its package has them, by their words."""
    module = next(module for module in package().modules if module.id == MODULE)
    found: Any = next(one for one in module.activities if one.kind == "quiz").definition["questions"]
    return {plain(question["spec"]["prompt"]["en"]): question for question in found}


def plain(text: str) -> str:
    """Words without Markdown's marks and without regard to white space."""
    return re.sub(r"\s+", " ", re.sub(r"[*_`]", "", text)).strip()


def asked(person: Phone) -> Any:
    """The question that the page asks, as the package has it."""
    return _questions()[plain(person.heading())]


def give_right_answer(person: Phone) -> None:
    """Answer the question on the page as its package says."""
    question = asked(person)
    spec = question["spec"]
    if question["kind"] in ("single_choice", "multiple_choice"):
        for option in spec["options"]:
            if option["right"]:
                choose(person, option["text"]["en"])
    elif question["kind"] == "true_false":
        choose(person, "True" if spec["answer"] else "False")
    elif question["kind"] == "short_text":
        person.page.locator("#answer").fill(spec["accepted"][0])
    elif question["kind"] == "numeric":
        person.page.locator("#answer").fill(str(spec["value"]))
    else:
        for control, words in parts(person, question):
            give_part(control, words)


def give_wrong_answer(person: Phone) -> str:
    """Answer the question on the page wrongly; gives why that is wrong, as the package explains it."""
    question = asked(person)
    spec = question["spec"]
    if question["kind"] in ("single_choice", "multiple_choice"):
        wrong = next(option for option in spec["options"] if not option["right"])
        choose(person, wrong["text"]["en"])
        return plain(wrong["why"]["en"])
    if question["kind"] == "true_false":
        choose(person, "False" if spec["answer"] else "True")
        return plain(spec["why_false" if spec["answer"] else "why_true"]["en"])
    if question["kind"] in ("short_text", "numeric"):
        person.page.locator("#answer").fill("999999")
        return plain(spec["why"]["en"])
    found = parts(person, question)
    for (control, _), (_, words) in zip(found, found[1:] + found[:1], strict=True):
        give_part(control, words if question["kind"] != "gap_text" else "")
    # A gap that is chosen from a list has its reasons at the options instead.
    parts_of = spec.get("pairs") or spec.get("gaps") or ()
    whole = spec.get("why") or next(part["why"] for part in parts_of if "why" in part)
    return plain(whole["en"])


def parts(person: Phone, question: Any) -> list[tuple[Locator, str]]:
    """Each control of a question with several parts, and the words that are right in it."""
    spec, main = question["spec"], person.page.locator("#answer-form")
    if question["kind"] == "ordering":
        wanted = [(item["text"]["en"], str(place)) for place, item in enumerate(spec["items"], 1)]
    elif question["kind"] == "matching":
        wanted = [(pair["left"]["en"], pair["right"]["en"]) for pair in spec["pairs"]]
    else:
        order = re.findall(r"{{([a-z0-9-]+)}}", spec["text"]["en"])
        gaps = {gap["id"]: gap for gap in spec["gaps"]}
        right = [
            gap["accepted"][0]
            if "accepted" in gap
            else next(option["text"]["en"] for option in gap["options"] if option["right"])
            for gap in (gaps[name] for name in order)
        ]
        return [(main.get_by_label(f"Gap {number}", exact=True), words) for number, words in enumerate(right, 1)]
    labels = {plain(label.inner_text()): label.get_attribute("for") for label in main.locator("label").all()}
    return [(main.locator(f"#{labels[plain(label)]}"), words) for label, words in wanted]


def give_part(control: Locator, words: str) -> None:
    if control.evaluate("(one) => one.tagName") == "INPUT":
        control.fill(words or "zzz")
        return
    texts = [plain(text) for text in control.locator("option").all_inner_texts()]
    control.select_option(index=texts.index(plain(words)) if words else 1)


def choose(person: Phone, words: str) -> None:
    """Choose the option that reads so."""
    labels = person.page.locator("label.opt")
    for place in range(labels.count()):
        if plain(labels.nth(place).inner_text()) == plain(words):
            labels.nth(place).click()
            return
    raise AssertionError(f"No option reads {words!r}: {labels.all_inner_texts()}")
