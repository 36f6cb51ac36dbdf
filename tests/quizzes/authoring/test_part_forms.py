"""Matching, ordering, gaps and open questions edited by forms as a browser without script sends them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.quizzes.authoring.desk import BANK, Desk, fields_of
from tests.quizzes.authoring.test_hostile_text import read
from tests.quizzes.school import PART_KINDS, School

SPECS: dict[str, Any] = {question["id"]: question["spec"] for question in PART_KINDS}


@pytest.fixture
def desk(school: School) -> Desk:
    school.install(PART_KINDS)
    return Desk(school)


def spec_of(uid: str, **changes: Any) -> Any:
    return {**deepcopy(SPECS[uid]), **changes}


@pytest.mark.parametrize("uid", SPECS)
def test_a_form_that_nobody_touched_makes_no_version(desk: Desk, uid: str) -> None:
    assert desk.save(uid).status_code == 303

    assert desk.versions(uid) == [(1, "published")]


def test_a_pair_is_changed_one_is_added_and_what_is_left_over_goes(desk: Desk) -> None:
    form = desk.form("papers")
    changes = {
        "pairs-1-right": "names each bag",
        "pairs-3-left": "The waybill",
        "pairs-3-right": "names the carrier",
        "pairs-3-why": "It goes with the parcel.",
        "extra-0-text": "",
        "extra-0-why": "",
        "hint": "",
    }

    assert desk.browser.post(f"{BANK}/papers/publish", {**form, **changes}).status_code == 303

    spec = spec_of("papers", extra=[])
    del spec["hint"]
    spec["pairs"][1]["right"] = {"en": "names each bag"}
    spec["pairs"].append(
        {
            "id": form["pairs-3-id"][0],
            "left": {"en": "The waybill"},
            "right": {"en": "names the carrier"},
            "why": {"en": "It goes with the parcel."},
        }
    )
    assert desk.published("papers") == spec


def test_a_line_moves_by_its_number(desk: Desk) -> None:
    assert desk.publish("way", {"items-3-place": "1.5", "hint": "Begin at the sender."}).status_code == 303

    items = SPECS["way"]["items"]
    expected = spec_of("way", items=[items[0], items[3], items[1], items[2]], hint={"en": "Begin at the sender."})
    assert desk.published("way") == expected
    assert [desk.form("way")[f"items-{row}-place"] for row in range(4)] == [["1"], ["2"], ["3"], ["4"]]


def test_a_problem_of_a_moved_line_stands_at_that_line(desk: Desk) -> None:
    answer = desk.publish("way", {"items-0-place": "9", "items-0-text": "It is *cleared* by customs."})

    assert answer.status_code == 422
    assert '<a href="#items-0-text">Line: Another option has the same text.</a>' in answer.text


def test_a_gap_gets_another_name_another_option_and_another_answer(desk: Desk) -> None:
    form = desk.form("sentence")
    answer = desk.browser.post(f"{BANK}/sentence", {**form, "add": "gaps-1-options"})
    form = fields_of(answer.text, f"{BANK}/sentence")
    changes = {
        "text": "Pay {{early}}; it protects the {{whom}} and costs {{much}}.",
        "gaps-0-id": "early",
        "gaps-0-accepted": "in advance\r\nbeforehand",
        "gaps-0-accents": "y",
        "gaps-1-options-2-text": "carrier",
        "gaps-1-options-2-why": "It is paid by both.",
    }

    assert desk.browser.post(f"{BANK}/sentence/publish", {**form, **changes}).status_code == 303

    spec = spec_of("sentence", text={"en": changes["text"]})
    spec["gaps"][0] |= {"id": "early", "accepted": ["in advance", "beforehand"], "accents": "exact"}
    spec["gaps"][1]["options"].append(
        {
            "id": form["gaps-1-options-2-id"][0],
            "text": {"en": "carrier"},
            "right": False,
            "why": {"en": "It is paid by both."},
        }
    )
    assert desk.published("sentence") == spec


def test_a_gap_that_is_typed_and_chosen_says_so_at_its_field(desk: Desk) -> None:
    answer = desk.publish("sentence", {"gaps-1-accepted": "seller", "gaps-1-options-0-why": ""})

    assert answer.status_code == 422
    assert '<a href="#gaps-1-accepted">Gap 2, If it is typed: answers that are right, one on each line: ' in answer.text
    assert '<a href="#gaps-1-options-0-why">Gap 2, ' in answer.text
    assert 'aria-describedby="gaps-1-options-0-why-error"' in answer.text


def test_other_languages_of_gaps_and_levels_stay_as_they_are(school: School) -> None:
    questions = deepcopy(list(PART_KINDS[2:]))
    gaps, plan = (question["spec"] for question in questions)
    gaps["text"]["fr"] = "Il paie {{when}} ; cela protège le {{whom}} et coûte {{much}}."
    gaps["gaps"][0]["why"]["fr"] = "Parce que"
    gaps["gaps"][1]["options"][0]["text"]["fr"] = "vendeur"
    plan["rubric"][0]["levels"][1]["text"]["fr"] = "à moitié"
    school.install(questions)
    desk = Desk(school)

    desk.save("sentence", {"gaps-0-why": "So", "gaps-1-options-0-text": "the seller"})
    desk.save("plan", {"rubric-0-levels": "0 Nothing\n1: Half\n2. All"})

    drafts = desk.draft("sentence"), desk.draft("plan")
    assert drafts[0]["text"] == gaps["text"]
    assert drafts[0]["gaps"][0]["why"] == {"en": "So", "fr": "Parce que"}
    assert drafts[0]["gaps"][1]["options"][0]["text"] == {"en": "the seller", "fr": "vendeur"}
    assert drafts[1]["rubric"][0]["levels"] == [
        {"points": 0, "text": {"en": "Nothing"}},
        {"points": 1, "text": {"en": "Half", "fr": "à moitié"}},
        {"points": 2, "text": {"en": "All"}},
    ]


def test_an_open_question_gets_another_length_line_and_model(desk: Desk) -> None:
    form = desk.form("plan")
    changes = {
        "least": "",
        "most": "80",
        "rubric-2-text": "Names a price",
        "rubric-2-points": "1",
        "rubric-2-levels": "0 None\n1 One",
        "model": "By ship.",
    }

    assert desk.browser.post(f"{BANK}/plan/publish", {**form, **changes}).status_code == 303

    spec = spec_of("plan", words={"most": 80}, model={"en": "By ship."})
    spec["rubric"].append(
        {
            "id": form["rubric-2-id"][0],
            "text": {"en": "Names a price"},
            "points": 1,
            "levels": [{"points": 0, "text": {"en": "None"}}, {"points": 1, "text": {"en": "One"}}],
        }
    )
    assert desk.published("plan") == spec


@pytest.mark.parametrize(
    ("uid", "changes", "anchor", "sentence"),
    [
        ("plan", {"least": "many"}, "least", "Fewest words: This is a whole number from 1 to 1000."),
        ("plan", {"most": "2"}, "most", "Most words: This is fewer than the least."),
        ("plan", {"rubric-1-points": "٣"}, "rubric-1-points", "Points at most, row 2: This is a whole number"),
        ("plan", {"rubric-0-levels": "0 None\nAll"}, "rubric-0-levels", "row 1: This field is missing."),
        ("papers", {"pairs-0-left": ""}, "pairs-0-left", "This, row 1: This text is missing"),
        ("papers", {"hint": "x" * 5001}, "hint", "Hint, if there is one: This text is longer than 5000 letters."),
        ("sentence", {"text": "No gap."}, "text", "Text: The gap {{much}} does not stand in the text."),
        ("sentence", {"gaps-0-id": "a b"}, "gaps-0-id", "Gap 1, Name of the gap: An id has 1 to 40 letters"),
    ],
)
def test_what_is_missing_is_named_at_its_field(
    desk: Desk, uid: str, changes: dict[str, str], anchor: str, sentence: str
) -> None:
    answer = desk.publish(uid, changes)

    assert answer.status_code == 422
    line = next(line for line in answer.text.split("<li>") if f'href="#{anchor}"' in line and sentence[-30:] in line)
    assert sentence in line
    assert f'id="{anchor}"' in answer.text


@pytest.mark.parametrize(("kind", "uid"), [(question["kind"], question["id"]) for question in PART_KINDS])
def test_a_new_question_of_each_kind_is_written_in_the_browser(desk: Desk, kind: str, uid: str) -> None:
    address = desk.browser.post(f"{BANK}/new", {"kind": kind}).location
    new = address.rpartition("/")[2]
    form, like = desk.form(new), desk.form(uid)
    for _ in range(4):
        for name in ("pairs", "items", "gaps", "rubric"):
            if f"{name}-0-id" in form and any(key.startswith(f"{name}-") and key not in form for key in like):
                form = fields_of(desk.browser.post(address, {**form, "add": name}).text, address)
    typed = {
        name: value for name, value in like.items() if (name in form and not name.endswith("-id")) or "gaps" in name
    }

    assert (
        desk.browser.post(f"{address}/publish", {**form, **typed, "began_from": form["began_from"]}).status_code == 303
    )

    assert desk.versions(new) == [(1, "published")]


@pytest.mark.parametrize("uid", SPECS)
def test_the_preview_shows_the_question_the_solution_and_why(desk: Desk, uid: str) -> None:
    page = desk.browser.get(f"{BANK}/{uid}/preview").text

    expected = {
        "papers": ("names each box", "why-papers-list"),
        "way": ("place 4", "why-way"),
        "sentence": ("in advance", "why-sentence-when"),
        "plan": ("model-plan", "Names a way for the parcel"),
    }[uid]
    before, _, after = page.partition("What a participant sees afterwards")
    assert [text in after for text in expected] == [True, True]
    assert "why-" not in before


@pytest.mark.parametrize("uid", SPECS)
def test_hostile_rows_are_refused_or_kept_as_text(desk: Desk, uid: str) -> None:
    """Cases 20 and 42."""
    hostile = '"><img src=x onerror=alert(1)>{{7*7}}'
    form = desk.form(uid)
    filled = {name: hostile for name in form if name not in ("began_from", "objective", "explains")}
    more = {
        f"{name}-{number}-text": "x" for name in ("gaps-0-options", "items") for number in ("٣", "99999", "-1", "7")
    }

    answer = desk.browser.post(f"{BANK}/{uid}", {**form, **filled, **more})
    refused = desk.browser.post(f"{BANK}/{uid}/publish", {**form, **filled, **more, "add": "gaps-0-nothing"})

    assert (answer.status_code, refused.status_code) in ((303, 200), (422, 200))
    for page in (answer.text, refused.text, desk.page(uid), desk.browser.get(f"{BANK}/{uid}/preview").text):
        assert read(page).found == []
        assert "<img" not in page


def test_the_rule_of_the_mark_is_shown_to_trainers(desk: Desk) -> None:
    assert "the right pairs divided by all pairs" in desk.page("papers")
    assert "would have to move costs an equal part" in desk.page("way")
    assert "the right gaps divided by all gaps" in desk.page("sentence")
    assert "the points given divided by all points" in desk.page("plan")
