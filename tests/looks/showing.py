"""A page of a site, shown in a browser without a server: the page, its style and its script come from memory."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route

from lms.testing import BASE_URL, Site

LOW_TARGETS = """() => [...document.querySelectorAll(
  'button, select, textarea, input:not([type=hidden], [type=radio], [type=checkbox]), .go, .next, .plain, '
  + '.top a, .foot a, .crumbs a, .lessons a, .list a, .answers a, .opt, .pick label, summary'
)].filter(e => e.offsetParent && !e.matches('.visually-hidden') && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 120))"""
"""What gives the controls of a page that are too low for a finger; links inside a sentence are none."""


def opened(chromium: Browser, site: Site, html: str, theme: str, width: int) -> tuple[BrowserContext, Page]:
    """Show a page; what it asks for besides, the site answers."""
    # axe is put into the page by its test, not by the page.
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
        bypass_csp=True,
        reduced_motion="reduce",
    )
    client = site.app.test_client()

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/shown":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            found = client.get(path, base_url=BASE_URL)
            route.fulfill(body=found.data, status=found.status_code, content_type=found.content_type)

    context.route("**/*", serve)
    page = context.new_page()
    page.goto(f"{BASE_URL}/shown")
    return context, page
