"""Publishing and retiring: who sees what from when on, and what stays."""

from __future__ import annotations

from datetime import timedelta

from lms import clock
from lms.audit.models import AuditEntry
from tests.quizzes.authoring.desk import BANK, Desk, fields_of
from tests.quizzes.school import MONDAY, School, choice


def shown_to(school: School, browser: object, attempt: int, uid: str) -> str:
    return browser.get(f"/quizzes/attempts/{attempt}/{school.position_of(attempt, uid)}").text  # type: ignore[attr-defined]


def test_whoever_is_in_the_middle_keeps_the_version_that_they_began_with(desk: Desk) -> None:
    school = desk.school
    _, early = school.participant()
    attempt = school.begin(early)

    assert desk.publish("single", {"prompt": "What fits now?", "options-1-text": "A new two"}).status_code == 303

    page = shown_to(school, early, attempt, "single")
    assert "What fits single?" in page
    assert "What fits now?" not in page
    assert school.answer(early, attempt, "single", "Option two of single").status_code == 303
    _, late = school.participant()
    page = shown_to(school, late, school.begin(late), "single")
    assert "What fits now?" in page
    assert "A new two" in page
    early.post(f"/quizzes/attempts/{attempt}/submit")
    assert "Option two of single" in early.get(f"/quizzes/attempts/{attempt}").text
    assert "What fits now?" in shown_to(school, early, school.begin(early), "single")


def test_a_draft_is_seen_by_no_participant(desk: Desk) -> None:
    desk.save("single", {"prompt": "A secret draft?"})
    _, browser = desk.school.participant()

    assert "A secret draft?" not in shown_to(desk.school, browser, desk.school.begin(browser), "single")


def test_the_editor_says_who_keeps_which_version(desk: Desk) -> None:
    school = desk.school
    for _ in range(2):
        school.begin(school.participant()[1])
    desk.publish("single", {"prompt": "What fits now?"})
    _, third = school.participant()
    school.begin(third)
    _, done = school.participant()
    done.post(f"/quizzes/attempts/{school.begin(done)}/submit")

    page = desk.page("single")

    assert "2 people are in the middle of an attempt and keep version 1." in page
    assert "1 person is in the middle of an attempt and keeps version 2." in page
    assert "Whoever begins after you publish gets version 3." in page


def test_attempts_whose_time_ran_out_are_not_in_the_middle(school: School) -> None:
    school.install([choice("timed")], time_limit_minutes=10)
    desk = Desk(school)
    with clock.fixed(MONDAY):
        school.begin(school.participant()[1])
        assert "1 person is in the middle" in desk.page("timed")

    with clock.fixed(MONDAY + timedelta(minutes=11)):
        assert "in the middle" not in desk.page("timed")


def test_publishing_is_in_the_audit_log_once(desk: Desk) -> None:
    desk.save("single", {"prompt": "What fits now?"})
    desk.publish("single")
    desk.publish("single")

    entries = desk.school.rows(AuditEntry)

    question = desk.question("single")
    assert [(entry.act, entry.about, entry.actor_id) for entry in entries if entry.act.startswith("question.")] == [
        ("question.published", f"question:{question.id}", desk.person.id)
    ]
    facts = next(entry.facts for entry in entries if entry.act == "question.published")
    assert {name: facts[name] for name in ("course", "quiz", "question", "version")} == {
        "course": "trade",
        "quiz": "basics/quiz",
        "question": "single",
        "version": 2,
    }


def test_the_preview_is_what_a_participant_sees(desk: Desk) -> None:
    desk.save("several", {"prompt": "Which **two** fit?"})
    desk.publish("several")
    _, participant = desk.school.participant()
    taken = shown_to(desk.school, participant, desk.school.begin(participant), "several")

    answer = desk.browser.get(f"{BANK}/several/preview")

    def without_drawn_order(page: str) -> list[str]:
        part = page.split('<fieldset id="answer-group"')[1].split("</fieldset>")[0]
        ids = [piece.split('"')[0] for piece in part.split('value="')[1:]]
        for number, one in enumerate(ids):
            part = part.replace(one, f"id{number}")
        return sorted(line.split("><span>")[-1] for line in part.splitlines() if line.strip())

    assert without_drawn_order(answer.text) == without_drawn_order(taken)
    assert "Which <strong>two</strong> fit?" in answer.text
    assert [why in answer.text for why in ("why-several-a", "why-several-b", "why-several-c")] == [True] * 3
    assert "This is how a participant sees version 2." in answer.text
    again = desk.browser.get(f"{BANK}/several/preview").text
    assert again == desk.browser.get(f"{BANK}/several/preview").text  # one seed for all previews


def test_the_preview_of_typed_answers_shows_the_right_one_and_the_near_ones(desk: Desk) -> None:
    page = desk.browser.get(f"{BANK}/words/preview").text

    assert [text in page for text in ("Buenos Aires", "why-words<", "Bandung", "why-words-near")] == [True] * 4
    assert "150\u00a0orders" in desk.browser.get(f"{BANK}/number/preview").text


def test_case_12_stable_option_ids_stay_out_of_the_preview(desk: Desk) -> None:
    form = desk.form("single")

    page = desk.browser.get(f"{BANK}/single/preview").text

    drawn = [piece.split('"')[0] for piece in page.split('name="choice"')[1:]]
    assert len(drawn) == 3
    values = [piece.split('value="')[1].split('"')[0] for piece in page.split('name="choice"')[1:]]
    assert all(len(value) == 10 for value in values)
    new_ids = [form[f"options-{row}-id"][0] for row in (3, 4)]
    assert len({*new_ids, *(desk.form("single")[f"options-{row}-id"][0] for row in (3, 4))}) == 4


def test_a_draft_is_published_from_its_preview_as_it_was_seen(desk: Desk) -> None:
    desk.save("single", {"prompt": "What fits now?"})
    address = f"{BANK}/single/publish"
    seen = fields_of(desk.browser.get(f"{BANK}/single/preview").text, address)
    desk.save("single", {"prompt": "Something else?"})

    refused = desk.browser.post(address, seen)

    assert refused.status_code == 409
    assert "Something else?" in refused.text
    assert desk.versions("single") == [(1, "published"), (2, "draft")]
    again = fields_of(desk.browser.get(f"{BANK}/single/preview").text, address)
    assert desk.browser.post(address, again).status_code == 303
    assert desk.published("single")["prompt"] == {"en": "Something else?"}


def test_a_draft_that_is_not_ready_has_a_preview_that_says_so(desk: Desk) -> None:
    uid = desk.browser.post(f"{BANK}/new", {"kind": "true_false"}).location.rsplit("/", 1)[1]

    page = desk.browser.get(f"{BANK}/{uid}/preview").text

    assert "This question cannot be shown yet." in page
    assert desk.browser.post(f"{BANK}/{uid}/publish", {"began_from": desk.form(uid)["began_from"]}).status_code == 422


def test_retiring_says_first_what_happens(school: School) -> None:
    school.install([choice("one"), choice("two")], draw=2)
    desk = Desk(school)
    school.begin(school.participant()[1])

    page = desk.browser.get(f"{BANK}/one/retire").text

    assert "What fits one?" in page
    assert "1 published question is left in this quiz." in page
    assert "Attempts then have fewer questions than the quiz wants." in page
    assert "1 person is in the middle of an attempt and keeps version 1." in page
    assert desk.question("one").retired_at is None


def test_a_retired_question_is_drawn_no_more_and_kept_by_who_has_it(desk: Desk) -> None:
    school = desk.school
    _, early = school.participant()
    attempt = school.begin(early)

    assert desk.browser.post(f"{BANK}/single/retire").status_code == 303
    desk.browser.post(f"{BANK}/single/retire")

    assert "What fits single?" in shown_to(school, early, attempt, "single")
    _, late = school.participant()
    assert "of 4" in late.get(f"/quizzes/attempts/{school.begin(late)}/1").text
    assert desk.browser.get(f"{BANK}/single").status_code == 404
    assert "What fits single?" not in desk.browser.get(BANK).text
    assert "What fits single?" in desk.browser.get(f"{BANK}?state=retired").text
    assert desk.browser.post(f"{BANK}/single/bring-back").status_code == 303
    _, again = school.participant()
    assert "of 5" in again.get(f"/quizzes/attempts/{school.begin(again)}/1").text
    acts = [entry.act for entry in school.rows(AuditEntry) if entry.act.startswith("question.")]
    assert acts == ["question.retired", "question.brought_back"]


def test_the_rooms_of_a_course_are_found_from_my_courses(desk: Desk) -> None:
    assert f'href="{BANK}"' in desk.browser.get("/trainer").text
