"""A worksheet on paper: every field has room to write."""

from __future__ import annotations

from courses.hooks import Grid, Lines, Tick
from courses.worksheets.paper import paper
from tests.factories.courses import text, worksheet


def test_every_field_has_the_room_that_it_needs() -> None:
    definition = worksheet(earlier={"from": "alpha/worksheet#market"})
    definition["sections"][0]["text"] = text("Take your time.")
    definition["rubric"] = [
        {"id": "weight", "text": text("It is measured."), "points": 2, "levels": [{"points": 1, "text": text("Half.")}]}
    ]

    made = paper(definition, languages=("fr", "en"), translate=str)

    (part,) = made.parts
    assert part.heading is not None and part.heading.text == "The plan"
    assert part.text is not None and part.text.text == "Take your time."
    spaces = {item.prompt.text.removeprefix("Label "): item.space for item in part.items}
    assert spaces["product"] == Lines(count=1)
    assert spaces["market"] == Lines(count=3)
    assert isinstance(spaces["path"], Tick) and [one.text for one in spaces["path"].options] == [
        "As seller",
        "As office",
    ]
    assert isinstance(spaces["costs"], Grid) and spaces["costs"].rows == 2
    assert spaces["earlier"] == Lines(count=1)
    assert made.example is not None and made.example.text == "**Made up.** Garlic."
    assert [(one.points, one.levels[0][1].text) for one in made.criteria] == [(2, "Half.")]
    assert not any(item.key for item in part.items)
