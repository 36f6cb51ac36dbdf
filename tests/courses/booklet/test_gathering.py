"""What a booklet holds: notes counted once, places that lead somewhere, the source text where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from markdown_it.token import Token

from courses.booklet.contents import Booklet, Check, FactBox, Heading, Link, Term
from courses.booklet.reading_markdown import Inexpressible, Source, blocks, spans
from lms.text.localised import Localised
from tests.courses.booklet.conftest import SITE
from tests.factories.courses import SMALL, small_course, text, write_package


def parts(thing: object) -> Iterator[object]:
    """Everything that a value holds."""
    yield thing
    if is_dataclass(thing) and not isinstance(thing, type):
        for part in fields(thing):
            yield from parts(getattr(thing, part.name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from parts(one)


@pytest.fixture(params=["shipped", "small"])
def booklet(request: pytest.FixtureRequest) -> Booklet:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_everything_that_is_pointed_to_is_there(booklet: Booklet) -> None:
    there = {module.place for module in booklet.modules if module.ready}
    there |= {activity.place for module in booklet.modules for activity in module.activities}
    there |= {lesson.place for lesson in booklet.lessons}
    there |= {entry.place for entry in booklet.glossary} | {note.place for note in booklet.notes}
    everything = list(parts(booklet))
    there |= {one.place for one in everything if isinstance(one, Heading | Check)}
    asked = {one.place for one in everything if isinstance(one, Link | Term | FactBox)} - {""}

    assert asked - there == set()
    assert asked


def test_each_fact_has_one_number_in_the_order_of_reading(booklet: Booklet) -> None:
    seen = [one.number for lesson in booklet.lessons for one in parts(lesson.blocks) if isinstance(one, FactBox)]

    assert list(dict.fromkeys(seen)) == [note.number for note in booklet.notes] == list(range(1, len(set(seen)) + 1))


def test_every_address_is_whole_and_on_the_site(booklet: Booklet) -> None:
    addresses = [lesson.address for lesson in booklet.lessons] + [module.address for module in booklet.modules]

    assert all(address.startswith(f"{SITE}/courses/{booklet.slug}/") for address in addresses)
    links = [one for one in parts(booklet) if isinstance(one, Link)]
    assert [link for link in links if not link.address.startswith(("https://", "http://", "mailto:"))] == []


def test_the_glossary_is_in_the_order_of_the_alphabet(shipped: Booklet) -> None:
    terms = [entry.term.text.casefold() for entry in shipped.glossary]

    assert terms == sorted(terms)
    assert len(terms) > 100


def test_each_self_check_of_the_course_is_on_paper_with_its_key(shipped: Booklet) -> None:
    checks = [check for lesson in shipped.lessons for check in lesson.checks]

    assert len(checks) > 150
    assert [check.place for check in checks if check.item is None or not check.item.key] == []


def test_each_module_has_a_worksheet_and_a_quiz_of_ten_on_paper(shipped: Booklet) -> None:
    for module in shipped.modules:
        kinds = [activity.kind for activity in module.activities]
        assert {"worksheet", "quiz"} <= set(kinds)
        quiz = next(activity.paper for activity in module.activities if activity.kind == "quiz")
        assert quiz is not None
        assert sum(len(part.items) for part in quiz.parts) == 10


def test_a_text_that_is_not_translated_is_taken_from_the_source_language(
    gathered: Callable[[Path, str], Booklet], tmp_path: Path
) -> None:
    files = small_course()
    files["course.yaml"]["languages"] = ["en", "fr"]
    files["course.yaml"]["title"]["fr"] = "Un petit cours"
    files["alpha/second.fr.md"] = files["alpha/second.en.md"].replace("More text.", "Encore.")

    booklet = gathered(write_package(tmp_path / "two", files), "fr")

    assert booklet.title == Localised("Un petit cours", "fr")
    assert booklet.summary == Localised("It is made up.", "en")
    assert [lesson.language for lesson in booklet.lessons] == ["en", "fr", "en", "en", "en"]
    assert booklet.words_language == "en"  # the interface is not translated either


def test_a_module_in_preparation_has_its_title_alone(gathered: Callable[[Path, str], Booklet], tmp_path: Path) -> None:
    booklet = gathered(write_package(tmp_path / "one", small_course()), "en")

    gamma = booklet.modules[2]

    assert (gamma.number, gamma.title.text, gamma.ready, gamma.lessons) == (3, "Gamma", False, ())
    assert booklet.lessons[0].number == "1.1"
    assert booklet.lessons[0].address == f"{SITE}/courses/{SMALL}/alpha/first"


def test_inline_markdown_gives_spans_and_a_picture_its_words() -> None:
    assert spans(Localised("", "en")) == ()
    assert "a *b* ![c](d.png)".count("!") == 1
    words = [str(one) for one in spans(Localised("a *b* ![c](d.png)", "en"))]
    assert "text='c'" in words[-1]


def test_a_block_that_nobody_knows_is_told_with_its_line() -> None:
    source = Source(
        file="alpha/first.en.md",
        line=7,
        place="alpha/first",
        target=lambda address: (address, ""),
        fact=lambda _: FactBox(Localised("", ""), 1),
        check=None,
        pictures={},
    )

    with pytest.raises(Inexpressible) as refusal:
        blocks([Token("mystery_open", "div", 1, map=[4, 6])], source)

    assert str(refusal.value) == "alpha/first.en.md:11: The booklet has no form for this: mystery_open."


def test_words_that_a_package_does_not_have_are_empty(gathered: Callable[[Path, str], Booklet], tmp_path: Path) -> None:
    files = small_course()
    for key in ("title_origin", "seminar", "faq", "sources"):
        del files["alpha/module.yaml"][key]
    files["alpha/module.yaml"]["summary"] = text("Short.")

    module = gathered(write_package(tmp_path / "bare", files), "en").modules[0]

    assert (module.title_origin.text, module.seminar.text, module.faq, module.sources) == ("", "", (), ())
