"""Questions on paper: every kind has its prompt, room for the answer, and a key with its explanations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from courses.hooks import Boxes, Gaps, Lines, PaperItem, Tick
from lms.testing import Site
from lms.text.localised import Localised
from quizzes import paper
from quizzes.question_types import BUILT_IN, SingleChoice
from quizzes.question_types.base import Presentation
from tests.quizzes.school import ALL_KINDS, PART_KINDS, choice

EVERY_KIND = {one["kind"]: one for one in (*ALL_KINDS, *PART_KINDS)}
SPACES = {
    "single_choice": Tick,
    "multiple_choice": Tick,
    "true_false": Tick,
    "short_text": Lines,
    "numeric": Lines,
    "matching": Boxes,
    "ordering": Boxes,
    "gap_text": Gaps,
    "open": Lines,
}


def as_it_is(message: str, **values: object) -> str:
    return message % values if values else message


def put(question: Mapping[str, Any], **more: Any) -> PaperItem:
    item = paper.item(
        question["kind"], question["spec"], name=question["id"], languages=("en",), translate=as_it_is, **more
    )
    assert item is not None
    return item


def texts(thing: object) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(thing, Localised):
        yield thing.text
    elif is_dataclass(thing) and not isinstance(thing, type):
        for part in fields(thing):
            yield from texts(getattr(thing, part.name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from texts(one)


def test_every_built_in_kind_is_tried() -> None:
    assert set(EVERY_KIND) == set(SPACES) == {one.kind for one in BUILT_IN}


@pytest.mark.parametrize("kind", SPACES)
def test_a_kind_has_its_prompt_its_space_and_every_reason_of_its_key(site: Site, kind: str) -> None:
    with site.app.app_context():
        item = put(EVERY_KIND[kind])

    assert item.prompt.text == EVERY_KIND[kind]["spec"]["prompt"]["en"]
    assert isinstance(item.space, SPACES[kind])
    assert any(line.right for line in item.key)
    said = " ".join(texts(item))
    # What is wrong with an answer that was foreseen is said to who gave it, and nobody has given one here.
    whys = set(re.findall(r"why-[a-z-]+", json.dumps(EVERY_KIND[kind]["spec"])))
    foreseen = {"why-words-near", "why-sentence-near", "why-papers-weather", "why-sentence-buyer"}
    assert whys - foreseen <= set(re.findall(r"why-[a-z-]+", said))


@pytest.mark.parametrize("kind", SPACES)
def test_the_question_does_not_tell_its_key(site: Site, kind: str) -> None:
    with site.app.app_context():
        item = put(EVERY_KIND[kind])

    shown = " ".join((*texts(item.prompt), *texts(item.space), *texts(item.instruction), *texts(item.criteria)))
    assert "why-" not in shown
    if isinstance(item.space, Lines):
        assert not any(line.answer.text in shown for line in item.key)


def test_the_letters_of_a_key_are_those_of_the_options(site: Site) -> None:
    with site.app.app_context():
        single, matching = put(EVERY_KIND["single_choice"]), put(EVERY_KIND["matching"])

    assert isinstance(single.space, Tick)
    assert isinstance(matching.space, Boxes)
    for item in (single, matching):
        for line in item.key:
            assert line.option is not None
            assert item.space.options[line.option] == line.answer
    assert [line.answer.text for line in single.key if line.right] == ["Option two of single"]
    assert len(matching.space.options) == 4  # the one that belongs to nobody too


def test_an_order_is_written_as_numbers(site: Site) -> None:
    with site.app.app_context():
        item = put(EVERY_KIND["ordering"])

    assert isinstance(item.space, Boxes)
    assert item.space.options == ()
    assert [(line.label.text, line.answer.text) for line in item.key if line.label] == [
        ("It is packed.", "1"),
        ("The carrier fetches it.", "2"),
        ("It is *cleared* by customs.", "3"),
        ("It is brought to the door.", "4"),
    ]


def test_everybody_gets_the_same_paper(site: Site) -> None:
    with site.app.app_context():
        assert put(EVERY_KIND["matching"]) == put(EVERY_KIND["matching"])


def quiz(**rules: Any) -> dict[str, Any]:
    questions = [{**choice(f"q{number}"), "objective": f"o{number % 2}"} for number in range(8)]
    return {"title": {"en": "Quiz"}, "pass_mark": 0.7, "questions": questions, **rules}


def test_a_quiz_on_paper_is_one_attempt_by_its_blueprint(site: Site) -> None:
    definition = quiz(blueprint=[{"objective": "o0", "draw": 2}, {"objective": "o1", "draw": 1}])
    definition["questions"][1]["practice_only"] = True

    with site.app.app_context():
        made = paper.paper(definition, languages=("en",), translate=as_it_is)

    items = [item for part in made.parts for item in part.items]
    assert len(items) == 3
    assert not any("q1" in item.prompt.text for item in items)
    assert made.intro is not None
    assert made.intro.text.startswith("3 of the 8 questions of this quiz.")
    assert "70% are enough" in made.intro.text


def test_the_questions_of_a_case_stand_below_it(site: Site) -> None:
    definition = quiz(cases=[{"id": "scarves", "stem": {"en": "A made-up case."}}])
    for number in (2, 5):
        definition["questions"][number]["case"] = "scarves"

    with site.app.app_context():
        made = paper.paper(definition, languages=("en",), translate=as_it_is)

    told = [part for part in made.parts if part.text is not None]
    assert [part.text.text for part in told if part.text] == ["A made-up case."]
    assert sorted(item.prompt.text for item in told[0].items) == ["What fits q2?", "What fits q5?"]
    assert sum(len(part.items) for part in made.parts) == 8


class Faulty(SingleChoice):
    """A kind that fails when it is shown."""

    kind = "faulty"

    def present(self, *_: Any, **__: Any) -> Presentation:
        raise RuntimeError("a bug")


def test_a_kind_that_fails_or_is_gone_says_so_in_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [{**choice("one"), "kind": "faulty"}, {**choice("two"), "kind": "gone"}, choice("three")]
    with site.app.app_context():
        monkeypatch.setattr(paper, "types", lambda: {"faulty": Faulty(), "single_choice": SingleChoice()})

        made = paper.paper(quiz(questions=questions), languages=("en",), translate=as_it_is)

    said = sorted(item.prompt.text for part in made.parts for item in part.items)
    assert said == ["This question cannot be put on paper."] * 2 + ["What fits three?"]


def test_words_that_are_not_translated_are_said_to_be_english(site: Site) -> None:
    with site.app.app_context():
        item = paper.item(
            "true_false", EVERY_KIND["true_false"]["spec"], name="x", languages=("ar", "en"), translate=as_it_is
        )

    assert item is not None
    assert isinstance(item.space, Tick)
    assert [option.language for option in item.space.options] == ["en", "en"]
