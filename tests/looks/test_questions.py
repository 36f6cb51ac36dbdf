"""Each kind of question as people meet it: asked, explained, in the editor; narrow and wide, light and dark.

The questions are the longest of their kind in the shipped course. To have pictures of them all:

    python -m pytest tests/looks/test_questions.py --pictures FOLDER
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from lms.database import migrating
from lms.database.session import Engines
from lms.testing import Browser as Asker
from lms.testing import Site, config_for_tests
from quizzes.question_types import BUILT_IN
from tests.journeys.people import package
from tests.looks.showing import LOW_TARGETS, Window, answers_of, opened
from tests.quizzes.authoring.desk import Desk
from tests.quizzes.school import School, controls_of, options_of

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
THEMES = ("light", "dark")
MOMENTS = ("asked", "saved", "explained", "edited")
KINDS = [of_kind.kind for of_kind in BUILT_IN]
TYPED = {"numeric": "12", "short_text": "something else", "open": "I would ask two buyers first. " * 12}


def longest_of_each_kind() -> list[dict[str, Any]]:
    """One question of each kind, as a quiz of the tests' own course can hold it; its id is its kind."""
    found = [
        question
        for module in package().modules
        for activity in module.activities
        if activity.kind == "quiz"
        for question in activity.definition["questions"]
    ]
    return [
        {
            "id": kind.replace("_", "-"),
            "kind": kind,
            "objective": "o1",
            "explains": "first#here",
            "spec": max((one["spec"] for one in found if one["kind"] == kind), key=lambda spec: len(json.dumps(spec))),
        }
        for kind in KINDS
    ]


@pytest.fixture(scope="module")
def pages(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[tuple[str, str], str]]]:
    """A site, and each page by kind and moment."""
    url = f"sqlite:///{scratch / 'questions.db'}"
    engines = Engines(url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(url, tmp_path_factory.mktemp("instance")))
    school = School.found(site)
    school.install(longest_of_each_kind(), time_limit_minutes=30)
    _, learner = school.participant()
    attempt = school.begin(learner)
    _, practiser = school.participant()
    assert practiser.post(f"{school.intro}/practice").status_code == 303
    _, trainer = Desk(school).trainer()
    made = {}
    for kind in KINDS:
        address = f"/quizzes/attempts/{attempt}/{school.position_of(attempt, kind.replace('_', '-'))}"
        made[kind, "asked"] = learner.get(address).text
        made[kind, "saved"] = answered(learner, address, kind)
        made[kind, "edited"] = trainer.get(f"{school.intro}/edit/{kind.replace('_', '-')}").text
    for number in range(1, len(KINDS) + 1):
        address = f"{school.intro}/practice/{number}"
        kind = kind_on(made, practiser.get(address).text)
        made[kind, "explained"] = answered(practiser, address, kind)
    yield site, made
    site.close()


def kind_on(made: dict[tuple[str, str], str], page: str) -> str:
    """Which kind of question a page asks: the one whose own page asks the same."""
    asks = page[page.index('id="ask"') :].partition("</h1>")[0]
    return next(kind for kind in KINDS if asks in made[kind, "asked"])


def answered(asker: Asker, address: str, kind: str) -> str:
    """Answer the question at an address somehow; the page after it."""
    page = asker.get(address).text
    options = list(options_of(page).values())
    form: dict[str, Any] = {"answer": TYPED.get(kind, "")}
    if options:
        form = {"choice": options[:2] if kind == "multiple_choice" else options[:1]}
    for place, control in enumerate(controls_of(page).values(), 1):
        chosen = [value for value in control.options.values() if value]
        form[control.name] = chosen[-place % len(chosen)] if chosen else "something else"
    sent = asker.post(address, {"seen": "0", **form})
    assert sent.status_code == 303, sent.text
    return str(asker.get(address).text)


@pytest.fixture(scope="module")
def window(chromium: Browser, pages: tuple[Site, dict[tuple[str, str], str]]) -> Iterator[Window]:
    with opened(chromium, answers_of(pages[0])) as made:
        yield made


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_question_fits_its_screen_and_can_be_touched(
    window: Window, pages: tuple[Site, dict[tuple[str, str], str]], kind: str, moment: str, pictures: Path | None
) -> None:
    page = window.show(pages[1][kind, moment], "light", WIDTHS[0])
    reach = {}
    for width in WIDTHS:
        window.turn("light", width)
        reach[width] = window.reach()
        for theme in THEMES if pictures else ():
            window.turn(theme, width)
            page.screenshot(path=pictures / f"{kind}-{moment}-{width}-{theme}.png", full_page=True)
    window.turn("light", WIDTHS[0])

    assert reach == {width: width for width in WIDTHS}
    assert page.evaluate(LOW_TARGETS) == []
