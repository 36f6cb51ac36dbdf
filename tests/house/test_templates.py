"""Rules of the house for templates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
FLOORS = {"lms": ("courses.", "quizzes."), "courses": ("quizzes.",), "macros": ("courses.", "quizzes."), "quizzes": ()}

ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


def source(name: str) -> str:
    return (TEMPLATES / name).read_text()


@pytest.mark.parametrize("name", ALL)
def test_a_template_has_no_inline_script_style_or_handler(name: str) -> None:
    """Security case 47, and the content security policy, which would not run them."""
    text = source(name)

    assert re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|srcdoc", text, re.I) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if " src=" not in tag] == []


def without_jinja(text: str) -> str:
    """A template's own text: comments, statements, expressions and translated blocks are taken out."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.S)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.S)
    return re.sub(r"\{\{.*?\}\}", "", text, flags=re.S)


@pytest.mark.parametrize("name", ALL)
def test_every_word_for_people_can_be_translated(name: str) -> None:
    """Text outside of `_()` would stay English for ever; names and codes of the site itself are the exception."""
    known = {"Lantern", "UTC", "KB", "PDF", "CSV"}
    text = without_jinja(source(name))
    spoken = re.findall(r"\b(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"", text)
    text = re.sub(r"<[^>]*>|&[a-z]+;|&#\d+;", " ", text)
    found = [word for word in re.findall(r"[^\W\d_]{2,}", " ".join([text, *spoken])) if word not in known]

    assert found == []


@pytest.mark.parametrize("name", [name for name in ALL if "/" in name])
def test_a_template_names_no_page_of_a_higher_floor(name: str) -> None:
    floor = name.split("/")[0]
    endpoints = re.findall(r"url_for\(\s*[\"']([^\"']+)", source(name))

    assert [endpoint for endpoint in endpoints if endpoint.startswith(FLOORS[floor])] == []


def test_templates_mirror_the_packages() -> None:
    folders = {Path(name).parent.as_posix() for name in ALL if "/" in name} - {"macros"}
    strangers = {folder for folder in folders if not (ROOT / folder.replace("/mail", "")).is_dir()}

    assert strangers == set()
