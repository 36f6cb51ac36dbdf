"""A hostile corpus through every way that text becomes HTML."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.text import markdown
from lms.text.markdown import Fact, GlossaryEntry, address_is_safe

CORPUS = (Path(__file__).parent / "hostile.txt").read_text("utf-8").splitlines()


def as_inline(text: str) -> str:
    return markdown.inline(text)


def as_title(text: str) -> str:
    return markdown.title(text)


def as_document(text: str) -> str:
    return lesson(text)


def as_fact(text: str) -> str:
    fact = Fact({"en": text}, source=text, url=text, grade="A", read=True, publisher=text, year=text, as_of=text)
    return lesson("::: fact F1", facts={"F1": fact})


def as_glossary(text: str) -> str:
    return lesson("[[word]]", glossary={"word": GlossaryEntry({"en": text}, {"en": text})})


def as_table(text: str) -> str:
    cell = text.replace("|", "\\|")
    return lesson(f"Table: {text}\n\n| {cell} | {cell} |\n|---|---|\n| {cell} | {cell} |\n")


def as_timeline(text: str) -> str:
    return lesson(f"::: changed\n{text}\n\n- **{text}** {text}\n:::\n\n::: note\n{text}\n:::")


def lesson(text: str, facts: dict[str, Fact] | None = None, glossary: dict[str, GlossaryEntry] | None = None) -> str:
    glossary = glossary or {"word": GlossaryEntry({"en": "word"}, {"en": "A word."})}
    return markdown.document(text, facts=facts or {}, glossary=glossary, languages=["en"]).html


WAYS = [as_inline, as_title, as_document, as_fact, as_glossary, as_table, as_timeline]

ALLOWED = """
a aside bdi blockquote br caption code dd div dl dt em figcaption figure h2 h3 h4 h5 h6 hr img li ol p pre section
span strong table tbody td th thead tr ul

alt aria-labelledby class data-th href id lang loading rel role scope src start tabindex
"""
TAGS, ATTRIBUTES = (set(words.split()) for words in ALLOWED.split("\n\n"))


class Reader(HTMLParser):
    """Notes everything in a piece of HTML that is not on the list above."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"<{tag} {name}>")
            if name == "id":
                self.ids.append(value or "")
            if name == "src" and urlsplit(value or "").netloc:
                self.faults.append(f"a picture from {value}")
            if name in ("src", "href") and not address_is_safe(value or ""):
                self.faults.append(f"an address {value}")
            if name == "href" and (value or "").startswith("http") and ("rel", "noopener noreferrer") not in attrs:
                self.faults.append(f"no rel for {value}")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("an instruction")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.mark.parametrize("way", WAYS)
def test_nothing_hostile_becomes_markup(way: Callable[[str], str]) -> None:
    """Cases 42, 45: raw HTML, javascript:, data:, vbscript:, reference links, autolinks, picture addresses."""
    for text in [*CORPUS, "\n\n".join(CORPUS), "\n".join(CORPUS)]:
        found = read(way(text))

        assert found.faults == [], text
        assert len(found.ids) == len(set(found.ids)), text


def test_the_reader_of_these_tests_sees_what_is_hostile() -> None:
    bad = '<script>x</script><p onclick=x><a href="javascript:x"></a><img src="//e.example/x"><a href="https://e.example">'

    assert read(bad).faults == [
        "<script>",
        "<p onclick>",
        "an address javascript:x",
        "a picture from //e.example/x",
        "an address //e.example/x",
        "no rel for https://e.example",
    ]


@pytest.mark.parametrize("way", [as_inline, as_document])
@pytest.mark.parametrize(
    "text",
    [
        "[a]\n\n[a]: javascript:alert(1)",
        "[a][b]\n\n[b]: <data:text/html,x>",
        "![a]\n\n[a]: vbscript:x",
        "[a]\n\n[a]: //evil.example",
    ],
)
def test_reference_links_obey_the_same_rule(way: Callable[[str], str], text: str) -> None:
    """Case 45: an address that is written apart from its link."""
    html = way(text)

    assert "href" not in html
    assert "src" not in html


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
        ("&amp;amp;lt;b&amp;amp;gt;", "&amp;lt;b&amp;gt;"),
        ("%3Cscript%3E", "%3Cscript%3E"),
        (r"\u003cscript\u003e", r"\u003cscript\u003e"),
    ],
)
def test_what_is_encoded_twice_is_decoded_once_at_most(way: Callable[[str], str], text: str, shown: str) -> None:
    """Case 44: nothing is decoded after the HTML was cleaned."""
    words = read(way(text)).words

    assert shown in words or text in words
    assert "<script>" not in words
    assert "<b>" not in words


@pytest.mark.parametrize("way", [as_inline, as_title, as_document, as_fact, as_glossary, as_table])
@pytest.mark.parametrize(
    "text",
    [
        "{{config}}",
        "{{7*7}}",
        "{% raw %}",
        "${7*7}",
        r"\input{secret}",
        r"$$\input{secret}$$",
        r"\href{x}{y}",
        "#{7*7}",
    ],
)
def test_template_and_formula_code_prints_itself(way: Callable[[str], str], text: str) -> None:
    """Cases 50, 51: author text reaches neither a template compiler nor a formula reader."""
    assert text in read(way(text)).words


@pytest.mark.parametrize("text", ["<iframe src=https://video.example></iframe>", "<embed src=x>", "<object data=x>"])
def test_nothing_is_embedded(text: str) -> None:
    """Case 50: no frame, no embed, no object."""
    assert read(as_document(text)).words.strip() == text


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.org/a?b=c:d#e", True),
        ("HTTP://example.org", True),
        ("mailto:team@example.org", True),
        ("buenos-aires", True),
        ("../other/lesson#a", True),
        ("/certificates/1?x=a:b", True),
        ("#anchor", True),
        ("", False),
        ("mailto:", False),
        ("//example.org", False),
        ("/\\example.org", False),
        ("https:example.org", False),
        ("https:///example.org", False),
        ("https://a@example.org", False),
        ("https://[::1", False),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("java%0Ascript:alert(1)", False),
        ("ftp://example.org", False),
        ("x\u202ey", False),
    ],
)
def test_where_a_link_may_lead(address: str, safe: bool) -> None:
    """Case 45: safe schemes only."""
    assert address_is_safe(address) is safe


PIECES = st.lists(
    st.one_of(
        st.sampled_from(CORPUS),
        st.sampled_from(
            ["[", "](", ")", "`", "\n", "\n\n", "|", "|---|---|", "::: note\n", "\n:::\n", "[[", "]]", "{#", "}"]
        ),
        st.text(max_size=8),
        st.characters(categories=["Cs", "Cc", "Cf"]),
    ),
    max_size=12,
).map("".join)


@given(PIECES)
def test_no_mixture_of_pieces_becomes_markup_or_raises(text: str) -> None:
    """Cases 20, 42: hostile pieces in any order, with NUL and lone surrogates."""
    for way in WAYS:
        html = way(text)
        found = read(html)

        html.encode()
        assert found.faults == []
        assert len(found.ids) == len(set(found.ids))


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000, "[[" * 10_000, "![" * 10_000, "*a_" * 7_000, "`" * 10_000 + "a", "> " * 5_000, "- " * 5_000,
     "[a](" * 5_000, "<" * 20_000, "::: note\n" * 2_000, "|a" * 3_000 + "\n" + "|-" * 3_000, "&" * 20_000,
     "a **b " * 5_000, "[x]: a\n" * 3_000, "# a\n" * 3_000],
)  # fmt: skip
@pytest.mark.timeout(60)
def test_a_text_made_to_be_slow_ends(text: str) -> None:
    """Case 20: nested brackets, quotations and tables do not take the square of their length, nor the whole stack."""
    assert read(as_inline(text)).faults == []
    assert read(as_document(text)).faults == []
