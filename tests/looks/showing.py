"""A page shown in a browser without a server: the page, its style and its script come from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Route

from lms.testing import BASE_URL, Site

LOW_TARGETS = """() => [...document.querySelectorAll(
  'button, select, textarea, input:not([type=hidden], [type=radio], [type=checkbox]), .go, .next, .plain, '
  + '.top a, .foot a, .crumbs a, .lessons a, .list a, .answers a, .opt, .pick label, summary'
)].filter(e => e.offsetParent && !e.matches('.visually-hidden') && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 120))"""
"""What gives the controls of a page that are too low for a finger; links inside a sentence are none."""

FAULTS = """() => axe.run({resultTypes: ['violations']}).then(found => found.violations.map(
  fault => [fault.id, fault.nodes.map(node => node.html.slice(0, 160))]
))"""
NOTHING_KEPT = "if (location.protocol !== 'about:') { localStorage.clear(); sessionStorage.clear() }"


class Window:
    """One window of a browser for page after page: to open one takes longer than all that a page is then asked.

    A page begins as in a new window, with nothing there that an earlier page kept. It may be turned to another width or
    theme while it is shown, as by somebody who turns a phone, or whose phone turns dark in the evening.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = ""

    def show(self, html: str, theme: str, width: int) -> Page:
        self.html = html
        self.turn(theme, width)
        self.page.goto(f"{BASE_URL}/shown")
        return self.page

    def turn(self, theme: str, width: int) -> None:
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": 800})

    def reach(self) -> int:
        """How wide the page is; what is wider than the screen reaches over its edge."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth")
        return found

    def found_by_axe(self) -> list[Any]:
        """Each rule of axe that the page breaks, with the elements that break it."""
        found: list[Any] = self.page.evaluate(FAULTS)
        return found


@contextmanager
def opened(chromium: Browser, answer: Callable[[str], dict[str, Any]]) -> Iterator[Window]:
    """A window; what a page asks for besides itself, ``answer`` gives for each path, as `Route.fulfill` takes it."""

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/shown":
            route.fulfill(body=window.html, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(**answer(path))

    # axe is put into each page by the tests, not by the page.
    context = chromium.new_context(bypass_csp=True, reduced_motion="reduce")
    context.add_init_script(NOTHING_KEPT)
    context.add_init_script(AXE_SCRIPT)
    context.route("**/*", serve)
    window = Window(context.new_page())
    yield window
    context.close()


def answers_of(site: Site) -> Callable[[str], dict[str, Any]]:
    """What a site answers to a guest."""
    client = site.app.test_client()

    def answer(path: str) -> dict[str, Any]:
        found = client.get(path, base_url=BASE_URL)
        return {"body": found.data, "status": found.status_code, "content_type": found.content_type}

    return answer
