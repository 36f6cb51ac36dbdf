"""The stylesheet keeps its rules, and every mock page passes axe and fits its screen, in light and in dark."""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from lms.paths import TEMPLATES
from tests.looks import gallery
from tests.looks.showing import LOW_TARGETS, Window, opened

STYLESHEETS = [gallery.STATIC / "css" / name for name in ("lantern.css", "rooms.css")]
WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")
BUDGETS = (5_100, 3_200)
PHYSICAL = re.compile(
    r"(?<![\w.-])("
    r"(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*"
    r"|left|right|top|bottom|(?:min-|max-)?(?:width|height)"
    r"|border-(?:top|bottom)-(?:left|right)-radius|overflow-[xy]"
    r")\s*:"
)
FOUR_SIDES = re.compile(r"(?<![\w-])(margin|padding|inset|border-width)\s*:\s*([^;}]+)")


def stylesheet() -> str:
    """Both stylesheets without their comments."""
    both = "".join(path.read_text(encoding="utf-8") for path in STYLESHEETS)
    return re.sub(r"/\*.*?\*/", "", both, flags=re.S)


def physical(css: str) -> list[str]:
    """What in `css` names a side of the screen instead of a side of the text."""
    declarations = re.sub(r"@media[^{]*", "@media", css)
    found = [match[1] for match in PHYSICAL.finditer(declarations)]
    for name, value in FOUR_SIDES.findall(declarations):
        sides = re.sub(r"\([^()]*(?:\([^()]*\))*[^()]*\)", "()", value).split()
        if len(sides) == 4 and sides[1] != sides[3]:
            found.append(f"{name}: {value}")
    found += re.findall(r"text-align\s*:\s*(?:left|right)|float\s*:\s*(?:left|right)|to (?:left|right)\b", declarations)
    return found


def blocks(css: str, query: str) -> tuple[str, str]:
    """The text inside each `@media` whose query contains `query`, and everything else."""
    inside, outside, position = "", "", 0
    for match in re.finditer(r"@media[^{]*\{", css):
        if query not in match[0] or match.start() < position:
            continue
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        outside += css[position : match.start()]
        inside += css[match.end() : end - 1]
        position = end
    return inside, outside + css[position:]


def tokens(css: str) -> dict[str, str]:
    """The custom properties that `css` sets to a plain hexadecimal colour on :root."""
    roots = "".join(re.findall(r":root\s*\{([^}]*)\}", css))
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", roots))


def luminance(colour: str) -> float:
    """The relative luminance of `#rgb` or `#rrggbb`, by WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, by WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme_tokens(theme: str) -> dict[str, str]:
    dark, light = blocks(stylesheet(), "prefers-color-scheme:dark")
    _, light = blocks(light, "print")
    found = tokens(light)
    return {**found, **tokens(dark)} if theme == "dark" else found


# (front, back, least ratio): 4.5 for text, 3 for the edges of controls and for focus
PAIRS = [
    *((front, back, 4.5) for front in ("ink", "soft") for back in ("paper", "sheet", "wash", "lamp-wash")),
    *((front, back, 4.5) for front in ("act", "good", "bad", "lamp-ink") for back in ("paper", "sheet")),
    ("act", "wash", 4.5),
    ("act", "lamp-wash", 4.5),
    ("good", "good-wash", 4.5),
    ("good", "lamp-wash", 4.5),
    ("bad", "bad-wash", 4.5),
    ("ink", "bad-wash", 4.5),
    ("soft", "bad-wash", 4.5),
    ("lamp-ink", "lamp-wash", 4.5),
    ("dark", "lamp", 4.5),
    ("on", "night", 4.5),
    ("on-soft", "night", 4.5),
    ("edge", "paper", 3),
    ("edge", "sheet", 3),
    ("lamp-edge", "paper", 3),
    ("lamp-edge", "lamp-wash", 3),
    ("unlit", "night", 3),
    ("lamp", "night", 3),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=[f"{front}-on-{back}" for front, back, _ in PAIRS])
def test_each_pair_of_tokens_has_enough_contrast(theme: str, front: str, back: str, least: float) -> None:
    colours = theme_tokens(theme)

    assert contrast(colours[front], colours[back]) >= least


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_stylesheet_names_sides_of_the_text_only() -> None:
    assert physical(stylesheet()) == []


@pytest.mark.parametrize(
    "css",
    [
        "a{margin-left:1rem}",
        "a{width:1rem}",
        "a{max-height:1rem}",
        "a{left:0}",
        "a{padding:0 1rem 0 2rem}",
        "a{text-align:right}",
        "a{background:linear-gradient(to right,red,blue)}",
        "a{border-top-left-radius:1px}",
        "a{overflow-x:auto}",
        "@media (min-width:40em){a{min-width:1rem}}",
    ],
)
def test_a_side_of_the_screen_is_found(css: str) -> None:
    assert len(physical(css)) == 1


@pytest.mark.parametrize(
    "css",
    [
        "a{margin-inline:1rem 2rem}",
        ".right::before{color:red}",
        "a{padding:0 1rem 2rem}",
        "a{border-width:1px}",
        "@media (min-width:40em){a{color:red}}",
    ],
)
def test_a_side_of_the_text_is_not_found(css: str) -> None:
    assert physical(css) == []


def test_each_stylesheet_is_within_its_budget() -> None:
    for path, budget in zip(STYLESHEETS, BUDGETS, strict=True):
        assert len(gzip.compress(path.read_bytes(), 9)) <= budget


def test_important_is_kept_for_print_forced_colours_and_hidden_words() -> None:
    css = stylesheet()
    for query in ("print", "forced-colors"):
        _, css = blocks(css, query)
    css = re.sub(r"\.visually-hidden\{[^}]*\}", "", css)

    assert "!important" not in css


def test_the_stylesheet_asks_for_nothing_else() -> None:
    assert re.findall(r"url\(|@import|@font-face", stylesheet()) == []


def test_braces_are_in_pairs() -> None:
    assert stylesheet().count("{") == stylesheet().count("}")


@pytest.mark.parametrize("name", gallery.PAGES)
def test_no_page_has_inline_script_style_or_handler(name: str) -> None:
    html = gallery.render(name)

    assert re.findall(r"<[^>]*\s(?:style|on\w+)\s*=", html) == []
    assert re.findall(r"<style|<script(?![^>]*\ssrc=)", html) == []


def test_case_49_no_template_writes_data_into_a_script() -> None:
    """What a page tells our script stands in attributes, which Jinja escapes; a script block would need other rules."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for opening, inside in re.findall(r"<script([^>]*)>(.*?)</script>", path.read_text(encoding="utf-8"), re.S):
            assert "src=" in opening and not inside.strip(), f"{path.name}: {opening}"


@pytest.mark.parametrize("name", gallery.PAGES)
def test_a_page_lights_at_most_one_amber_button(name: str) -> None:
    lit = len(re.findall(r'class="go[ "]', gallery.render(name)))

    assert lit <= 1


def test_the_summary_links_to_each_refused_field() -> None:
    html = gallery.render("signin")

    summary = html[html.index('id="refused"') : html.index("<form")]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["email", "password"]
    for target in targets:
        assert re.search(rf'<input[^>]*aria-describedby="[^"]*{target}-error"[^>]*\sid="{target}"', html)
        assert f'id="{target}-error"' in html


def test_a_refused_form_keeps_what_was_typed_but_never_a_password() -> None:
    html = gallery.render("signin")

    assert 'value="amina@example"' in html
    assert "short" not in html[html.index("<form") :].replace("short sentence", "")


# --- in a browser ----------------------------------------------------------------------------------------------------


def from_the_gallery(path: str) -> dict[str, Any]:
    file = gallery.STATIC / path.removeprefix("/static/")
    return {"body": file.read_bytes(), "content_type": mimetypes.guess_type(file.name)[0]}


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Window]:
    """One window for all tests that touch no page."""
    with opened(chromium, from_the_gallery) as made:
        yield made


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_axe_finds_nothing(window: Window, name: str) -> None:
    window.show(gallery.render(name), "light", 320)
    faults = []
    for theme in THEMES:
        for width in (320, 1280):
            window.turn(theme, width)
            faults += [(theme, width, fault) for fault in window.found_by_axe()]

    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_nothing_reaches_over_the_edge(window: Window, name: str) -> None:
    window.show(gallery.render(name), "light", WIDTHS[0])
    reach = {}
    for width in WIDTHS:
        window.turn("light", width)
        reach[width] = window.reach()

    assert reach == {width: width for width in WIDTHS}


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_nothing_reaches_over_the_edge_with_large_text(window: Window, name: str) -> None:
    page = window.show(gallery.render(name), "light", 390)

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert window.reach() == 390


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_every_target_outside_a_sentence_is_44_pixels_high(window: Window, name: str) -> None:
    page = window.show(gallery.render(name), "light", 320)

    assert page.evaluate(LOW_TARGETS) == []


@pytest.mark.browser
def test_a_cell_that_is_stacked_stays_one_sentence_beside_its_label(window: Window) -> None:
    page = window.show(gallery.render("lesson"), "light", 320)

    beside = page.evaluate(
        """() => [...document.querySelectorAll('.stack td[data-th]:has(a)')].map(cell => {
          const words = document.createRange();
          words.selectNodeContents(cell);
          const from = cell.getBoundingClientRect().left;
          return [...words.getClientRects()].every(box => box.left >= from + 128);
        })"""
    )

    assert beside
    assert all(beside)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["certificate", "certificate_replaced", "certificate_revoked"])
def test_the_page_of_a_certificate_prints_on_one_sheet(window: Window, name: str) -> None:
    page = window.show(gallery.render(name), "dark", 320)

    assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) == 1


@pytest.mark.browser
def test_a_refused_form_puts_the_focus_on_what_to_change(chromium: Browser) -> None:
    with opened(chromium, from_the_gallery) as window:
        page = window.show(gallery.render("signin"), "light", 320)

        page.wait_for_function("document.activeElement.id === 'refused'")
        page.get_by_role("link", name="Write your password.").click()

        assert page.evaluate("document.activeElement.id") == "password"


SEEN_CRUMBS = """() => [...document.querySelectorAll('.crumbs > li')].filter(e => e.getClientRects().length)
  .map(e => e.textContent)"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "whole", "nearest"),
    [
        ("result", ["Cross-border e-commerce", "Module 3", "Result"], "Module 3"),
        ("lesson", ["Cross-border e-commerce", "Module 3"], "Module 3"),
        ("course", ["Courses"], "Courses"),
    ],
)
def test_on_a_phone_the_way_up_is_the_nearest_page_alone(
    window: Window, name: str, whole: list[str], nearest: str
) -> None:
    page = window.show(gallery.render(name), "light", 768)
    seen = {768: page.evaluate(SEEN_CRUMBS)}

    window.turn("light", 320)
    seen[320] = page.evaluate(SEEN_CRUMBS)

    assert seen == {768: whole, 320: [nearest]}


@pytest.mark.browser
@pytest.mark.parametrize("name", ["question", "people", "home"])
def test_the_keyboard_sees_where_it_is(chromium: Browser, name: str) -> None:
    unseen = []
    with opened(chromium, from_the_gallery) as window:
        page = window.show(gallery.render(name), "light", 768)
        for _ in range(40):
            page.keyboard.press("Tab")
            shown = page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                  return e === document.body || s.outlineStyle === 'solid' || getComputedStyle(e.closest('label') || e)
                    .outlineStyle === 'solid' ? '' : e.outerHTML.slice(0, 120) }"""
            )
            if shown:
                unseen.append(shown)

    assert unseen == []
