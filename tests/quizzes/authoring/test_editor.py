"""Questions edited by forms as a browser without script sends them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from lms.testing import Browser
from quizzes.bank.models import QuestionVersion
from tests.quizzes.authoring.desk import BANK, Desk, fields_of
from tests.quizzes.school import ALL_KINDS, PART_KINDS, School, choice

SPECS: dict[str, Any] = {question["id"]: question["spec"] for question in ALL_KINDS}


def spec_of(uid: str, **changes: Any) -> Any:
    return {**deepcopy(SPECS[uid]), **changes}


def test_a_single_choice_keeps_its_ids_and_gets_a_new_option(desk: Desk) -> None:
    form = desk.form("single")
    new_id = form["options-3-id"][0]

    answer = desk.browser.post(
        f"{BANK}/single",
        {
            **form,
            "prompt": "Which *one* fits?",
            "options-1-text": "Option 2",
            "options-3-text": "Option four",
            "options-3-why": "It came late.",
            "right": new_id,
        },
    )

    assert answer.status_code == 303
    options = spec_of("single")["options"]
    options[1]["text"] = {"en": "Option 2"}
    options[1]["right"] = False
    options.append({"id": new_id, "text": {"en": "Option four"}, "right": True, "why": {"en": "It came late."}})
    assert desk.draft("single") == {"prompt": {"en": "Which *one* fits?"}, "options": options}
    assert desk.published("single") == SPECS["single"]
    assert "The draft is saved." in desk.page("single")


def test_a_multiple_choice_is_marked_in_each_row(desk: Desk) -> None:
    form = desk.form("several")
    del form["options-1-right"]

    desk.browser.post(f"{BANK}/several", {**form, "options-2-right": "y", "options-2-text": "Air"})

    options = spec_of("several")["options"]
    options[1]["right"] = False
    options[2] |= {"right": True, "text": {"en": "Air"}}
    assert desk.draft("several") == spec_of("several", options=options)


def test_the_rule_for_a_part_of_a_multiple_choice_is_said_to_authors_and_participants(
    desk: Desk, school: School
) -> None:
    assert "the right ones chosen less the wrong ones chosen" in desk.page("several")
    assert "the right ones chosen less" not in desk.page("single")
    _, browser = school.participant()
    attempt = school.begin(browser)
    asked = browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, 'several')}").text

    assert "A wrong one takes away what a right one gives." in asked


def test_a_statement_becomes_false(desk: Desk) -> None:
    assert desk.save("statement", {"answer": "false", "why_false": "It stands outside."}).status_code == 303

    assert desk.draft("statement") == spec_of("statement", answer=False, why_false={"en": "It stands outside."})


def test_a_short_text_takes_more_answers_and_near_ones(desk: Desk) -> None:
    desk.save(
        "words",
        {
            "accepted": "Buenos Aires\r\n\r\n  Ciudad de Buenos Aires ",
            "accents": "y",
            "near-0-why": "That was in 1955.",
            "near-1-text": "Nairobi",
            "near-1-why": "That was in 2009.",
        },
    )

    assert desk.draft("words") == spec_of(
        "words",
        accepted=["Buenos Aires", "Ciudad de Buenos Aires"],
        accents="exact",
        near=[
            {"text": "Bandung", "why": {"en": "That was in 1955."}},
            {"text": "Nairobi", "why": {"en": "That was in 2009."}},
        ],
    )


def test_what_is_never_compared_is_said_beside_the_rules_for_case_and_accents(desk: Desk, school: School) -> None:
    said = "Never compared: blanks around or doubled"
    assert desk.page("words").count(said) == 1
    school.install(PART_KINDS)

    assert desk.page("sentence").count(said) == 1


def test_a_number_is_kept_with_a_point_and_without_grouping(desk: Desk) -> None:
    desk.save("number", {"value": "1,250.5", "tolerance_kind": "relative", "tolerance_amount": "0.05", "unit": ""})

    spec = spec_of("number", value="1250.5", tolerance={"kind": "relative", "amount": "0.05"})
    del spec["unit"]
    assert desk.draft("number") == spec


@pytest.mark.parametrize("uid", SPECS)
def test_a_form_that_nobody_touched_makes_no_version(desk: Desk, uid: str) -> None:
    assert desk.save(uid).status_code == 303

    assert desk.versions(uid) == [(1, "published")]


@pytest.mark.parametrize("uid", SPECS)
def test_a_form_that_is_sent_twice_makes_one_draft(desk: Desk, uid: str) -> None:
    form = {**desk.form(uid), "prompt": "Another text?", "options-3-text": "More", "options-3-why": "So"}

    answers = [desk.browser.post(f"{BANK}/{uid}", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert desk.versions(uid) == [(1, "published"), (2, "draft")]


def test_other_languages_stay_as_they_are(school: School) -> None:
    question = choice("two-tongues")
    question["spec"]["prompt"]["fr"] = "Laquelle ?"
    for option in question["spec"]["options"]:
        option["text"]["fr"] = f"Choix {option['id']}"
        option["why"]["fr"] = f"Parce que {option['id']}"
    school.install([question])
    desk = Desk(school)
    form = desk.form("two-tongues")

    # The first option goes, so that the rows move.
    cleared = {"options-0-text": "", "options-0-why": ""}
    desk.browser.post(f"{BANK}/two-tongues", {**form, **cleared, "prompt": "Which?", "options-2-text": "Third"})

    spec = deepcopy(question["spec"])
    spec["prompt"]["en"] = "Which?"
    spec["options"][2]["text"]["en"] = "Third"
    assert desk.draft("two-tongues") == {**spec, "options": spec["options"][1:]}
    assert "also there in: fr" in desk.page("two-tongues")


def test_adding_a_row_keeps_what_was_typed_and_saves_nothing(desk: Desk) -> None:
    form = {**desk.form("single"), "prompt": "Half a sen", "options-4-text": "Typed", "add": "options"}

    answer = desk.browser.post(f"{BANK}/single", form)

    assert answer.status_code == 200
    shown = fields_of(answer.text, f"{BANK}/single")
    assert (shown["prompt"], shown["options-4-text"], shown["options-5-text"]) == (["Half a sen"], ["Typed"], [""])
    assert "options-6-text" not in shown
    assert shown["options-4-id"] == form["options-4-id"]
    assert shown["right"] == form["right"]
    assert desk.draft("single") is None


def test_there_is_room_for_twelve_options(desk: Desk) -> None:
    form = desk.form("single")
    for _ in range(20):
        answer = desk.browser.post(f"{BANK}/single", {**form, "add": "options"})
        form = fields_of(answer.text, f"{BANK}/single")

    assert "options-11-text" in form
    assert "options-12-text" not in form
    assert 'name="add"' not in answer.text


def test_an_option_whose_fields_are_cleared_is_taken_away(desk: Desk) -> None:
    desk.save("single", {"options-0-text": " ", "options-0-why": "\r\n"})

    assert [option["id"] for option in desk.draft("single")["options"]] == ["b", "c"]


def test_a_draft_with_problems_is_saved_and_says_what_is_missing(desk: Desk) -> None:
    answer = desk.save("single", {"options-2-why": "", "prompt": ""})

    assert answer.status_code == 303
    page = desk.page("single")
    assert "2 things are missing before this can be published." in page
    assert '<a href="#options-2-why">Option 3, feedback: ' in page
    assert 'aria-describedby="options-2-why-error"' in page
    assert '<a href="#prompt">Question: ' in page


def test_publishing_a_draft_with_problems_is_refused_and_keeps_what_was_typed(desk: Desk) -> None:
    answer = desk.publish("single", {"options-2-why": "", "prompt": "A better question?"})

    assert answer.status_code == 422
    assert "One thing needs a change" in answer.text
    assert fields_of(answer.text, f"{BANK}/single")["prompt"] == ["A better question?"]
    assert desk.versions("single") == [(1, "published"), (2, "draft")]
    again = {**fields_of(answer.text, f"{BANK}/single"), "options-2-why": "It is third."}
    assert desk.browser.post(f"{BANK}/single/publish", again).status_code == 303
    assert desk.versions("single") == [(1, "superseded"), (2, "published")]


@pytest.mark.parametrize(
    ("uid", "changes", "sentence"),
    [
        ("single", {"right": ""}, "Options: Exactly one option is right; here it is 0."),
        ("several", {"options-2-right": "y"}, "Options: No option is wrong; at least one must be."),
        ("statement", {"why_true": ""}, "What you say to somebody who chooses “True”: "),
        ("words", {"accepted": ""}, "Answers that are right: "),
        ("words", {"accepted": "Rio\nrio"}, "Answers that are right, line 2: Another answer is the same"),
        ("words", {"near-0-why": ""}, "What is wrong with it, row 1: "),
        ("number", {"value": "many"}, "Right number: A number is written"),
        ("number", {"tolerance_amount": "-1"}, "Largest difference: A tolerance is 0 or more."),
    ],
)
def test_each_problem_is_said_in_words_at_its_field(
    desk: Desk, uid: str, changes: dict[str, str], sentence: str
) -> None:
    answer = desk.publish(uid, changes)

    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_text_that_is_far_too_long_is_refused_and_shown_again(desk: Desk) -> None:
    answer = desk.save("statement", {"prompt": "x" * 20_001})

    assert answer.status_code == 422
    assert "Shorten it to save it." in answer.text
    assert "x" * 20_001 in answer.text
    assert desk.draft("statement") is None


def test_two_trainers_do_not_write_over_each_other(desk: Desk) -> None:
    colleague, browser = desk.trainer()
    mine, theirs = desk.form("statement"), desk.form("statement", browser)
    browser.post(f"{BANK}/statement", {**theirs, "why_true": "Theirs."})

    answer = desk.browser.post(f"{BANK}/statement", {**mine, "why_true": "Mine.", "prompt": "My prompt."})

    assert answer.status_code == 409
    assert "Somebody saved this question after you opened it" in answer.text
    assert f"{colleague.name} saved it on" in answer.text
    assert "Theirs." in answer.text
    shown = fields_of(answer.text, f"{BANK}/statement")
    assert (shown["why_true"], shown["prompt"]) == (["Mine."], ["My prompt."])
    assert desk.draft("statement")["why_true"] == {"en": "Theirs."}
    # Having read both, the trainer decides.
    assert desk.browser.post(f"{BANK}/statement", shown).status_code == 303
    assert desk.draft("statement")["why_true"] == {"en": "Mine."}


def test_of_two_who_save_at_the_same_moment_one_is_asked(desk: Desk) -> None:
    _, browser = desk.trainer()
    form = desk.form("statement")

    def press(one: Browser, text: str) -> int:
        return one.post(f"{BANK}/statement", {**form, "why_true": text}).status_code

    with ThreadPoolExecutor(2) as pool:
        pressed = [pool.submit(press, desk.browser, "Mine."), pool.submit(press, browser, "Theirs.")]

    assert sorted(one.result() for one in pressed) == [303, 409]
    assert desk.versions("statement") == [(1, "published"), (2, "draft")]


def test_publishing_over_a_newer_draft_is_refused_too(desk: Desk) -> None:
    mine = desk.form("statement")
    desk.save("statement", {"why_true": "Theirs."})

    answer = desk.browser.post(f"{BANK}/statement/publish", {**mine, "why_true": "Mine."})

    assert answer.status_code == 409
    assert desk.versions("statement") == [(1, "published"), (2, "draft")]
    assert desk.draft("statement")["why_true"] == {"en": "Theirs."}


def test_a_form_that_does_not_say_what_it_began_from_changes_nothing(desk: Desk) -> None:
    form = {**desk.form("statement"), "prompt": "From nowhere."}
    del form["began_from"]

    assert desk.browser.post(f"{BANK}/statement", form).status_code == 409
    assert desk.draft("statement") is None


def test_the_objective_and_the_place_that_explains_are_edited_here(desk: Desk) -> None:
    page = desk.page("single")
    assert "first#here (no longer in the module)" in page

    assert desk.save("single", {"objective": "o2", "explains": "second"}).status_code == 303

    question = desk.question("single")
    assert (question.objective, question.explains) == ("o2", "second")
    assert desk.versions("single") == [(1, "published")]
    assert desk.save("single", {"explains": "", "objective": ""}).status_code == 303
    assert desk.question("single").explains is None


@pytest.mark.parametrize("changes", [{"explains": "elsewhere#x"}, {"objective": "o9"}])
def test_a_place_that_is_not_offered_is_refused(desk: Desk, changes: dict[str, str]) -> None:
    assert desk.save("single", changes).status_code == 422
    assert desk.question("single").explains == "first#here"


@pytest.mark.parametrize(
    "name", ["options-²-text", "options-٣-text", f"options-{'9' * 6000}-text", "options--text", "options-1-text-x"]
)
def test_names_of_fields_that_no_page_has_do_no_harm(desk: Desk, name: str) -> None:
    assert desk.save("single", {name: "x"}).status_code == 303
    assert desk.draft("single") is None


def test_ids_that_no_page_gave_are_replaced_by_new_ones(desk: Desk) -> None:
    form = desk.form("single")

    changes = {"options-1-id": 'b"><b>', "options-2-id": "a", "right": "a"}
    desk.browser.post(f"{BANK}/single", {**form, **changes})

    ids = [option["id"] for option in desk.draft("single")["options"]]
    assert ids[0] == "a"
    assert len(set(ids)) == 3
    assert all(len(one) == 8 and one.isalnum() for one in ids[1:])


def test_reading_writes_nothing(desk: Desk) -> None:
    desk.save("single", {"prompt": "A draft?"})
    before = [(row.id, row.hash, row.state) for row in desk.school.rows(QuestionVersion)]

    with desk.school.site.statements() as statements:
        for page in ("", "/single", "/single/preview", "/single/retire", "/words", "/number/preview"):
            assert desk.browser.get(f"{BANK}{page}").status_code == 200

    assert [statement for statement in statements if not statement.lstrip().upper().startswith("SELECT")] == []
    assert [(row.id, row.hash, row.state) for row in desk.school.rows(QuestionVersion)] == before
