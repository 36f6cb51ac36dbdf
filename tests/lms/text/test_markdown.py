"""What Markdown becomes, and what authors are told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from lms.text.markdown import WORDS, Document, Fact, GlossaryEntry, document, inline, inline_links, title, words_only

CORPUS = (Path(__file__).parent / "hostile.txt").read_text("utf-8").splitlines()

FACTS = {
    "M01-F10": Fact(
        {"en": "The plan is of **1978**.", "fr": "Le plan est de **1978**."},
        source="Report & plan",
        url="https://example.org/a?b=1&c=2",
        grade="A",
        read=True,
        publisher="Example Office",
        year="2020",
        as_of="2022-03-25",
    ),
    "M01-F11": Fact(
        {"en": "A price."}, source="A shop", url="https://example.org", grade="C", read=False, as_of="2016"
    ),
}
GLOSSARY = {
    "parcel": GlossaryEntry({"en": "parcel", "fr": "colis"}, {"en": "A thing that is *sent*."}),
    "zone": GlossaryEntry({"en": "zone"}, {"en": "A place."}),
}

LESSON = """
A [[parcel]] and another [[parcel|small parcel]] go to a [[zone|free zone]]: [more](https://example.org), [here](#one).

## What is e-commerce? {#one}

::: fact M01-F10

Table: Where *goods* wait

| Code | Who buys | Where |
|---|---|---|
| 9610 | A consumer | A [[zone\\|zone]] |

### Details

Table: How many

| Year | Parcels | Shops |
|------|--------:|------:|
| 2022 |     132 |    12 |

::: changed
Zones are places.

- **March 2022, at the seminar** — 132 zones [source](https://example.org/132)
- **End of 2022**
  165 zones
:::

## What is e-commerce?

::: note
Weigh **first**.

- One
- Two
:::

```
code
```

::: fact M01-F11
:::
"""


def made(text: str, *languages: str) -> Document:
    return document(text, facts=FACTS, glossary=GLOSSARY, languages=languages or ("en",))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* `c`", "<strong>a</strong> <em>b</em> <code>c</code>"),
        ("# a\n- b", "# a\n- b"),
        ("[a](https://b.example)", '<a href="https://b.example" rel="noopener noreferrer">a</a>'),
        ("[a](b#c)", '<a href="b#c">a</a>'),
        ("![what it shows](a.png)", "what it shows"),
        ("[[parcel]] ::: note", "[[parcel]] ::: note"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_inline_gives_words_without_blocks(text: str, html: str) -> None:
    assert inline(text) == html
    assert inline(text + " " * 5_000).rstrip() == html


def test_a_title_keeps_e_commerce_together() -> None:
    assert title("E-Commerce & the e-commerce of re-sale") == (
        '<span class="nowrap">E-Commerce</span> &amp; the <span class="nowrap">e-commerce</span> of re-sale'
    )


@pytest.mark.parametrize("kept", ["e-commerce:", "(e-commerce)", "“E-commerce”,", "e-commerce’s", "cross-border?"])
def test_a_word_that_is_kept_together_keeps_the_signs_around_it(kept: str) -> None:
    assert title(f"Rural {kept} now") == f'Rural <span class="nowrap">{escape(kept)}</span> now'


def test_words_and_links_of_inline_text() -> None:
    assert words_only("**a** [b](c) `d` ![e](f)\ng") == "a b d e g"
    assert inline_links("[a](b) <https://c.example> [d](javascript:e)") == ("b", "https://c.example")


def test_a_whole_lesson_has_no_problem() -> None:
    page = made(LESSON)

    assert page.problems == ()
    assert page.headings == (
        ("one", "What is e-commerce?"),
        ("details", "Details"),
        ("what-is-e-commerce", "What is e-commerce?"),
    )
    assert page.facts == ("M01-F10", "M01-F11")
    assert [term.id for term in page.terms] == ["parcel", "zone"]
    assert {"one", "details", "fact-m01-f10", "w-parcel"} <= page.anchors
    assert [(link.address, link.line) for link in page.links][:2] == [("https://example.org", 2), ("#one", 2)]


def test_a_fact_shows_its_source_date_and_grade() -> None:
    assert made("::: fact M01-F10").html.strip() == (
        '<figure class="fact" id="fact-m01-f10"><p>The plan is of <strong>1978</strong>.</p><figcaption>'
        '<p>Source: <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">'
        "<bdi>Report &amp; plan</bdi></a>, <bdi>Example Office</bdi>, <bdi>2020</bdi></p><p>As of 25 March 2022</p>"
        "<p>Grade A: an official source, read by us</p></figcaption></figure>"
    )
    assert (
        "<p>Grade C: a trade page; check before you use it, not yet checked by us</p>" in made("::: fact M01-F11").html
    )


def test_added_words_come_translated_and_dates_in_the_language_of_the_text() -> None:
    words = {**WORDS, "source": "Source :", "as_of": "En date du %(moment)s", "words": "Mots de cette leçon"}

    page = document("[[parcel]]\n\n::: fact M01-F10", facts=FACTS, glossary=GLOSSARY, languages=["fr"], words=words)

    assert "Le plan est de" in page.html
    assert "En date du 25 mars 2022" in page.html
    assert "Mots de cette leçon</h2>" in page.html


def test_what_is_in_another_language_says_so() -> None:
    html = made("::: fact M01-F11\n\n[[parcel]]", "fr", "en").html

    assert '<p lang="en">A price.</p>' in html
    assert '<dd lang="en">A thing that is <em>sent</em>.</dd>' in html
    assert "lang" not in made("::: fact M01-F11\n\n[[parcel]]", "en").html


def test_only_the_first_use_of_a_word_is_a_link() -> None:
    html = made("## The [[parcel]]\n\n[[parcel]], [[parcel|parcels]]").html

    assert '<h2 id="the-parcel">The parcel</h2>' in html
    assert '<p><a class="term" href="#w-parcel">parcel</a>, parcels</p>' in html
    assert html.count('<dt id="w-parcel">parcel</dt>') == 1


def test_a_word_inside_a_link_is_no_second_link() -> None:
    assert '<a href="zones">the parcel</a>' in made("[the [[parcel]]](zones)").html


def test_the_timeline_has_each_date_on_its_own_line() -> None:
    html = made(
        "::: changed\n- **March 2022** — 132 zones [source](https://a.example)\n- **2025**: more\n- **2026**\n:::"
    ).html

    assert '<aside class="changed" aria-labelledby="changed-title">\n<h2 id="changed-title">What changed' in html
    assert "<ol>\n<li><strong>March 2022</strong><br>\n132 zones <a " in html
    assert "<li><strong>2025</strong><br>\nmore</li>\n<li><strong>2026</strong></li>\n</ol>" in html


def test_a_table_of_words_has_roles_and_labels_for_stacking() -> None:
    html = made("Table: Who\n| Code | **Who** |\n|---|---|\n| 1 | A |").html

    assert '<table class="stack" role="table">\n<caption>Who</caption>' in html
    assert '<thead role="rowgroup">\n<tr role="row">\n<th scope="col" role="columnheader">Code</th>' in html
    assert '<th scope="row" role="rowheader">1</th>\n<td role="cell" data-th="Who">A</td>' in html


def test_a_table_of_numbers_scrolls_and_is_named_by_its_caption() -> None:
    html = made("Table: Sums\n\n| Year | A | B |\n|---|--:|--:|\n| 2022 | 1 | 2 |").html

    assert '<div class="scroll" tabindex="0" role="region" aria-labelledby="table-1">\n<table class="numbers">' in html
    assert '<caption id="table-1">Sums</caption>' in html
    assert '<th scope="row">2022</th>\n<td class="number">1</td>' in html
    assert "style" not in html


def test_headings_never_take_the_ids_of_the_page() -> None:
    page = made("## Content\n\n## 中文\n\n## Fact M01\n\n## Fact M01\n\n## One\n\n## Two {#one}")

    assert [heading[0] for heading in page.headings] == [
        "content-2",
        "section",
        "section-fact-m01",
        "section-fact-m01-2",
        "one-2",
        "one",
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a\n\n::: fact M99", 3, "no fact “M99”"),
        ("a\nb [[no]]", 2, "no word “no”"),
        ("[[parcel]]\nb\\\n*c* [[no|x]]", 3, "no word “no”"),
        ("- a\n- b\n  [[no]]", 3, "no word “no”"),
        ("a\n\n| a | b |\n|---|---|\n| c | [[no]] |", 5, "no word “no”"),
        ("a\n\n::: box\nb\n:::", 3, "knows no block “box”"),
        ("a\n\n::: note\nb", 3, "not closed"),
        ("::: note\nb\n::: fact M01-F10\n:::", 1, "not closed"),
        ("a\n:::", 2, "none is open"),
        ("- a\n\n  ::: note\n  b\n  :::", 3, "cannot stand inside a list"),
        ("::: note big\nb\n:::", 1, "Nothing follows"),
        ("::: changed\n- **a** b\n:::\n\n::: changed\n- **a** b\n:::", 5, "one block only"),
        ("::: changed\n- **a** b\n- c\n:::", 3, "begins with its date"),
        ("::: changed\n-\n:::", 2, "begins with its date"),
        ("::: changed\nb\n:::", 1, "has one list"),
        ("# a", 1, "begin at “##”"),
        ("## a\n\n#### b", 3, "skips a level: use “###”"),
        ("### b", 1, "skips a level: use “##”"),
        ("## a {#A b}", 1, "at the end of its heading"),
        ("## a {#A}", 1, "cannot be an anchor"),
        ("## a {#w-parcel}", 1, "cannot be an anchor"),
        ("## a {#x}\n\n## b {#x}", 3, "is taken"),
        ("## a {#content}", 1, "is taken"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", 1, "has a caption"),
        ("Table: x\n\n|   | b |\n|---|---|\n| 1 | 2 |", 3, "has a heading"),
        ("Table: x\n\n| a | b |\n|---|---|\n|   | 2 |", 3, "names the row"),
        ("Table: x\n\na", 1, "directly before its table"),
        ("Table: x\n\n|a|b|\n|--|--|\n|1|2|\n\nTable: x\n\n|a|b|\n|--|--|\n|1|2|", 9, "the same caption"),
        ("a\n![](b.png)", 2, "says in words"),
        ("![a](https://b.example/c.png)", 1, "There is no picture"),
    ],
)
def test_authors_are_told_what_to_mend_and_where(text: str, line: int, message: str) -> None:
    problems = [(problem.line, problem.message % problem.values) for problem in made(text).problems]

    assert [(where, what) for where, what in problems if where == line and message in what] != [], problems


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, from LMS_CHROMIUM or PATH; without one these tests fail."""
    chromium = os.environ.get("LMS_CHROMIUM") or shutil.which("chromium")
    assert chromium, "Chromium is missing: install it (Debian: apt-get install chromium) or set LMS_CHROMIUM."
    switches = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=[*switches.split(), "--no-first-run"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network; it notes every address that it asks for."""
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def whole_page(html: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lesson</title></head>'
        f"<body><main><h1>Lesson</h1>{html}</main></body></html>"
    )


@pytest.mark.browser
def test_axe_finds_nothing_in_a_lesson(page: Page) -> None:
    page.set_content(whole_page(made(LESSON).html))

    found = Axe().run(page)

    assert found.response["violations"] == []
    assert found.response["passes"] != []


@pytest.mark.browser
def test_hostile_text_runs_nothing_in_a_browser(page: Page) -> None:
    """Cases 42, 44, 45: no alert, no request, no element that a page may not have, for the whole corpus."""
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: alarms.append(request.url))
    table = [f"| {text.replace('|', '')} | x |" for text in CORPUS if not text.startswith(":::")]
    pieces = [
        *(inline(text) for text in CORPUS),
        *(title(text) for text in CORPUS),
        *(made(text).html for text in CORPUS),
        made("\n".join(["Table: x", "| a | b |", "|---|---|", *table])).html,
    ]

    page.set_content(whole_page("".join(f"<div>{piece}</div>" for piece in pieces)))
    page.evaluate(
        """document.querySelectorAll('main *:not(a[href^="http" i], a[href^="mailto" i])').forEach(one => {
            if (!one.closest('a[href^="http" i], a[href^="mailto" i]')) { one.focus(); one.click(); }
        })"""
    )
    page.wait_for_timeout(200)

    # A relative picture of the corpus is asked for at about:blank, where it has no address.
    assert alarms == []
    assert page.locator("script, svg, math, iframe, object, embed, style, form, template, base, link").count() == 0


@pytest.mark.browser
def test_the_browser_of_these_tests_would_raise_the_alarm(page: Page) -> None:
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))

    page.set_content(whole_page(f"<img src=x onerror=alert('seen')>{escape('<b>')}"))
    page.wait_for_timeout(200)

    assert alarms == ["seen"]
