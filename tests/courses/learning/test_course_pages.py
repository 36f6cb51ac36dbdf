"""The welcome and the about page of a course, and the links that lead to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from courses.learning import pages
from courses.learning.services import NOTHING
from courses.outline.services import outline_of
from courses.packages.installing import Installed
from lms.testing import Site
from tests.factories.courses import SMALL, write_package
from tests.factories.pretests import page, with_pretest

COURSE = f"/courses/{SMALL}"


@pytest.fixture
def folder(tmp_path: Path, install: Callable[[Path], Installed]) -> Path:
    folder = write_package(tmp_path / "small", with_pretest())
    install(folder)
    return folder


def test_a_guest_reads_the_welcome_and_goes_on_to_the_first_lesson(site: Site, folder: Path) -> None:
    found = site.browser().get(f"{COURSE}/welcome").text

    assert re.search(r"<h1[^>]*>Welcome</h1>", found)
    assert "What Welcome is for." in found
    assert "Two modules are ready." in found
    assert "2 questions, if you like" in found
    assert f'href="{COURSE}/alpha/first"' in found


def test_links_of_a_page_lead_where_they_say(site: Site, folder: Path) -> None:
    browser = site.browser(site.person())
    browser.post(f"{COURSE}/enrol")
    found = browser.get(f"{COURSE}/welcome").text

    links = re.findall(r'href="((?:alpha|beta|about)[^"#]*)', found)

    assert links == ["alpha", "beta/first", "about", "alpha/quiz"]
    statuses = {link: browser.get(f"{COURSE}/{link}").status_code for link in links}
    assert statuses == {"alpha": 200, "beta/first": 200, "about": 200, "alpha/quiz": 303}


def test_who_takes_the_course_goes_on_where_they_are(site: Site, folder: Path) -> None:
    browser = site.browser(site.person())
    browser.post(f"{COURSE}/enrol")
    browser.post(f"{COURSE}/alpha/first/done")

    assert "Go on with lesson 1.2" in browser.get(f"{COURSE}/welcome").text


def test_the_about_page_says_where_each_title_is_from(site: Site, folder: Path) -> None:
    found = site.browser().get(f"{COURSE}/about").text

    assert "Nobody: it is made up." in found
    assert "CC BY 4.0" in found
    assert "CC-BY" not in found + site.browser().get(COURSE).text
    assert found.count("The title is ours.") == 2


def test_the_course_and_the_catalogue_lead_to_the_pages(site: Site, folder: Path) -> None:
    course = site.browser().get(COURSE).text

    assert f'<a href="{COURSE}/welcome">Welcome</a>' in course
    assert f'<a href="{COURSE}/about">Who made it</a>' in course
    assert f'href="{COURSE}/about"' in site.browser().get("/").text


def test_a_course_without_pages_leads_to_none(site: Site, small: Path) -> None:
    found = site.browser().get(COURSE).text

    assert "/welcome" not in found
    for name in ("welcome", "about"):
        assert site.browser().get(f"{COURSE}/{name}").status_code == 404
        assert site.browser().get(f"/courses/unknown/{name}").status_code == 404


def test_a_page_is_in_the_persons_language_or_else_in_the_source_language(
    site: Site, folder: Path, install: Callable[[Path], Installed]
) -> None:
    files = with_pretest()
    files["course.yaml"]["languages"] = ["en", "fr"]
    files["about.fr.md"] = page("Qui l'a fait", "Personne.")
    write_package(folder, files)
    install(folder)
    words = pages.Words(language="fr", translate=lambda message, **values: message % values if values else message)
    with site.writing() as session:
        outline = outline_of(session, slug=SMALL)

    about = pages.about_page(outline, words)
    welcome = pages.welcome_page(outline, NOTHING, words, lambda *_: "")

    assert (about.title, about.language, about.fallback) == ("Qui l'a fait", "fr", False)
    assert (welcome.title, welcome.language, welcome.fallback) == ("Welcome", "en", True)


def test_what_an_author_writes_cannot_leave_its_page(
    site: Site, folder: Path, install: Callable[[Path], Installed]
) -> None:
    (folder / "about.en.md").write_text(page("A <b>title</b>", "<script>alert(1)</script>"))
    install(folder)

    found = site.browser().get(f"{COURSE}/about").text

    assert "<script>alert" not in found
    assert "<b>title" not in found
