"""The window in which pages are shown sees what is wrong in one theme or on one width alone, and forgets each page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.looks.showing import Window, opened

pytestmark = pytest.mark.browser

FAINT = "p{color:#888;background:#777}"


def page_with(style: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Made up</title>'
        f"<style>p{{color:#000;background:#fff}}{style}</style></head>"
        "<body><main><h1>Made up</h1><p>Some words.</p></main></body></html>"
    )


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Window]:
    with opened(chromium, lambda path: {"status": 404}) as made:
        yield made


def rules(window: Window, theme: str, width: int) -> list[str]:
    window.turn(theme, width)
    return [rule for rule, _ in window.found_by_axe()]


def test_a_page_without_a_fault_has_none(window: Window) -> None:
    window.show(page_with(""), "light", 320)

    assert [rules(window, theme, width) for theme in ("light", "dark") for width in (320, 1280)] == [[], [], [], []]


def test_what_is_faint_in_the_dark_alone_is_found_there(window: Window) -> None:
    window.show(page_with(f"@media (prefers-color-scheme:dark){{{FAINT}}}"), "light", 320)

    assert [rules(window, theme, 320) for theme in ("light", "dark", "light")] == [[], ["color-contrast"], []]


def test_what_is_faint_on_a_wide_screen_alone_is_found_there(window: Window) -> None:
    window.show(page_with(f"@media (min-width:1000px){{{FAINT}}}"), "light", 320)

    assert [rules(window, "light", width) for width in (320, 1280, 320)] == [[], ["color-contrast"], []]


def test_what_reaches_over_the_edge_of_a_narrow_screen_alone_is_found_there(window: Window) -> None:
    window.show(page_with("body{margin:0}p{inline-size:500px}"), "light", 1280)
    reach = {}
    for width in (1280, 320, 768):
        window.turn("light", width)
        reach[width] = window.reach()

    assert reach == {1280: 1280, 320: 500, 768: 768}


def test_nothing_is_there_that_an_earlier_page_kept(window: Window) -> None:
    page = window.show(page_with(FAINT), "dark", 320)
    page.evaluate("localStorage.setItem('device', 'x'); sessionStorage.setItem('top', 'x')")
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    page = window.show(page_with(""), "light", 320)

    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "16px"
    assert rules(window, "light", 320) == []
