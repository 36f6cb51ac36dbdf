"""Drawings: what is refused, and that what is kept still draws the same."""

from __future__ import annotations

import random
import string

import pytest

from lms.text.drawings import BadDrawing, read_drawing

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" font-size="14">'


def test_a_drawing_is_kept_with_its_size() -> None:
    drawing = read_drawing(f'{HEAD}\n<text x="1" y="2" fill="#1c2b33">Pay &amp; go</text>\n</svg>'.encode())

    assert (drawing.width, drawing.height) == (320, 200)
    assert '<text x="1" y="2" fill="#1c2b33">Pay &amp; go</text>' in drawing.svg
    assert drawing.svg.startswith(HEAD.replace(">", ' width="320" height="200">'))


def test_a_drawing_that_was_read_reads_the_same_again() -> None:
    once = read_drawing(f'{HEAD}<g><rect width="1" height="1"/><text>a “b” &lt;c&gt;</text></g></svg>'.encode())

    assert read_drawing(once.svg.encode()) == once


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<style>*{}</style>", "<style>"),
        ("<foreignObject/>", "<foreignObject>"),
        ("<image href='x.png'/>", "<image>"),
        ("<a href='javascript:alert(1)'><text>x</text></a>", "<a>"),
        ("<use href='#x'/>", "<use>"),
        ("<animate attributeName='href'/>", "<animate>"),
        ("<svg/>", "<svg>"),
        ("<x:script xmlns:x='http://www.w3.org/2000/svg'/>", "<script>"),
        ("<p xmlns='http://www.w3.org/1999/xhtml'>x</p>", "<p>"),
        ("<rect onload='alert(1)'/>", "“onload”"),
        ("<rect style='fill:red'/>", "“style”"),
        ("<rect class='x'/>", "“class”"),
        ("<rect x:href='#a' xmlns:x='http://www.w3.org/1999/xlink'/>", "“href”"),
        ("<rect fill='url(https://e.example/x#y)'/>", "outside of itself"),
        ("<rect fill='URL( //e.example )'/>", "outside of itself"),
        ("<rect fill='u\\72l(//e.example)'/>", "outside of itself"),
        ("<?xml-stylesheet href='x.css'?>", "processing instruction"),
        ("loose words", "stand in <text>"),
        ("<g>", "not XML"),
        ("&entity;", "not XML"),
    ],
)
def test_what_could_do_harm_is_refused_with_its_line(inside: str, words: str) -> None:
    with pytest.raises(BadDrawing) as refusal:
        read_drawing(f"{HEAD}\n\n{inside}</svg>".encode())

    assert refusal.value.line == 3
    assert words in refusal.value.message % refusal.value.values


def test_a_document_type_is_refused_before_its_entities_grow() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD + "<text>&b;</text></svg>"

    with pytest.raises(BadDrawing, match="document type"):
        read_drawing(bomb.encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"not a drawing", b"<svg/>", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"\xff\xfe<svg", b"<a>" * 100_000],
)
def test_a_file_that_is_no_drawing_is_refused(content: bytes) -> None:
    with pytest.raises(BadDrawing):
        read_drawing(content)


def test_a_drawing_over_its_budget_is_refused() -> None:
    letters = string.ascii_letters + string.digits
    chance = random.Random(1)
    noise = "".join(chance.choice(letters) for _ in range(40_000))

    with pytest.raises(BadDrawing, match="larger than 15 KB"):
        read_drawing(f"{HEAD}<text>{noise}</text></svg>".encode())
