"""Worksheets: filled, saved, handed in and printed, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from courses.authoring import services as trainers
from courses.learning.models import ActivityResult
from courses.packages.faults import BadPackage
from courses.packages.installing import Installed
from courses.worksheets.models import WorksheetEvent
from courses.worksheets.services import fold, is_number
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser, Site
from tests.factories.courses import SMALL, text, with_worksheets, worksheet, write_package

Install = Callable[[Path], Installed]
SHEET = f"/worksheets/{SMALL}/alpha/worksheet"
OF_BETA = f"/worksheets/{SMALL}/beta/worksheet"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, install: Install) -> Path:
    made = write_package(tmp_path / "small", with_worksheets())
    install(made)
    return made


@pytest.fixture
def learner(site: Site) -> Person:
    return site.person()


@pytest.fixture
def browser(site: Site, learner: Person) -> Browser:
    browser = site.browser(learner)
    browser.post(f"/courses/{SMALL}/enrol")
    browser.get("/")
    return browser


def shown(page: str) -> dict[str, str]:
    """What the form of a page holds: inputs, texts and chosen options by name."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") != "radio" or " checked" in tag:
            found[attributes["name"]] = attributes.get("value", "")
    for name, value in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>', page):
        found[name] = value
    found.pop("csrf_token", None)
    return found


def send(browser: Browser, go: str = "save", *, sheet: str = SHEET, page: str = "", **changes: str) -> Any:
    """Send the form of a page with some fields changed (``costs__1__what`` for a cell)."""
    form = shown(page or browser.get(sheet).text)
    form.update({f"field:{name.replace('__', ':')}": value for name, value in changes.items()})
    return browser.post(sheet, {**form, "go": go})


def events(site: Site) -> int:
    with site.reading() as session:
        return session.scalar(select(func.count()).select_from(WorksheetEvent)) or 0


def test_what_is_saved_stands_there_again(browser: Browser) -> None:
    response = send(browser, product="Gar<lic", start="2026-12-31", path="office", costs__2__cost="7,50")

    assert response.status_code == 303
    page = browser.get(SHEET).text
    assert "It is not handed in yet." in page
    values = shown(page)
    assert values["field:product"] == "Gar&lt;lic"
    assert values["field:start"] == "2026-12-31"
    assert values["field:path"] == "office"
    assert values["field:costs:2:cost"] == "7,50"
    assert values["field:market"] == ""


def test_the_same_page_sent_twice_is_one_event(site: Site, browser: Browser) -> None:
    page = browser.get(SHEET).text
    for _ in range(3):
        assert send(browser, page=page, product="Garlic").status_code == 303

    assert events(site) == 1


def test_two_pages_do_not_undo_each_other(browser: Browser) -> None:
    one, other = browser.get(SHEET).text, browser.get(SHEET).text
    send(browser, page=one, product="Garlic")
    send(browser, page=other, market="Abroad")

    values = shown(browser.get(SHEET).text)

    assert (values["field:product"], values["field:market"]) == ("Garlic", "Abroad")


def test_what_another_page_wrote_in_the_same_field_is_shown_beside_it(browser: Browser) -> None:
    one, other = browser.get(SHEET).text, browser.get(SHEET).text
    send(browser, page=one, market="In the town")
    send(browser, page=other, market="Abroad")

    page = browser.get(SHEET).text

    assert shown(page)["field:market"] == "Abroad"
    assert "Another page saved: “In the town”." in page
    send(browser, market="Abroad, by post")
    assert "Another page saved" not in browser.get(SHEET).text


def test_the_journal_gives_one_sheet_in_whatever_order_it_is_read(site: Site, browser: Browser) -> None:
    pages = [browser.get(SHEET).text for _ in range(2)]
    for number, page in enumerate([*pages, pages[0]]):
        send(browser, page=page, market=f"Text {number}", product="x" * number)
    with site.reading() as session:
        rows = session.scalars(select(WorksheetEvent)).all()

    assert fold(rows) == fold(reversed(rows))
    assert len(rows) == 3


def test_a_sheet_is_handed_in_when_what_it_needs_is_there(site: Site, browser: Browser) -> None:
    refused = send(browser, "hand-in", product="Garlic", price="a lot", start="soon")

    assert refused.status_code == 422
    assert "4 things" not in refused.text
    assert "Saved, but not handed in: 3 things need a change" in refused.text
    assert re.findall(r'<li><a href="#([\w-]+)">', refused.text) == ["field-market", "field-price", "field-start"]
    assert shown(browser.get(SHEET).text)["field:product"] == "Garlic"
    done = send(browser, "hand-in", page=refused.text, market="Abroad", price="1 500,00", start="2026-12-31")

    assert done.status_code == 303
    assert "Handed in." in browser.get(SHEET).text
    with site.reading() as session:
        result = session.scalars(select(ActivityResult)).one()
    assert (result.score, result.passed_at is not None) == (1.0, True)


def test_a_sheet_that_was_handed_in_can_be_changed_and_handed_in_again(site: Site, browser: Browser) -> None:
    send(browser, "hand-in", product="Garlic", market="Abroad")
    send(browser, market="At home")

    assert "Changed since you handed it in." in browser.get(SHEET).text
    send(browser, "hand-in")
    assert "Changed since" not in browser.get(SHEET).text
    send(browser, "hand-in")
    assert events(site) == 3


def test_a_handed_in_sheet_is_done_and_meets_its_rule(browser: Browser) -> None:
    certificate = f"/courses/{SMALL}/certificate"
    assert "0 of 1 worksheet is handed in." in browser.get(certificate).text

    send(browser, "hand-in", sheet=OF_BETA, product="Garlic", market="Abroad")

    assert "1 of 1 worksheet is handed in." in browser.get(certificate).text
    assert "Handed in" in browser.get(f"/courses/{SMALL}/beta").text


def test_what_was_written_in_another_sheet_is_shown_with_the_way_there(browser: Browser) -> None:
    assert "You have written nothing there yet." in browser.get(OF_BETA).text
    send(browser, market="Abroad & far")

    page = browser.get(OF_BETA).text

    assert "Abroad &amp; far" in page
    assert f'href="{SHEET}#field-market"' in page


def test_a_choice_made_in_another_sheet_is_shown_in_the_language_of_who_reads(
    folder: Path, install: Install, site_with: Callable[..., Site]
) -> None:
    files = with_worksheets()
    files["course.yaml"]["languages"] = ["en", "fr"]
    options = [
        {"id": "office", "text": {"fr": "Au *bureau* de poste", "en": "At the *post* office"}},
        {"id": "home", "text": {"en": "At home"}},
    ]
    files["alpha/worksheet.yaml"] = worksheet(way={"kind": "choice", "options": options})
    files["beta/worksheet.yaml"] = worksheet(
        earlier={"from": "alpha/worksheet#way"}, words={"from": "alpha/worksheet#market"}
    )
    install(write_package(folder, files))
    site = site_with(languages=("en", "fr"))
    browser = site.browser(site.person(language="fr"))
    browser.post(f"/courses/{SMALL}/enrol")
    send(browser, way="office", market="*Abroad*")

    page = browser.get(OF_BETA).text

    assert '<p class="written">Au <em>bureau</em> de poste</p>' in page
    assert '<p class="written">*Abroad*</p>' in page
    send(browser, way="home")
    assert '<p class="written"><span lang="en">At home</span></p>' in browser.get(OF_BETA).text
    english = site.browser(site.person())
    english.post(f"/courses/{SMALL}/enrol")
    send(english, way="office")
    assert '<p class="written">At the <em>post</em> office</p>' in english.get(OF_BETA).text


def test_pages_and_savings_stay_in_their_budgets(site: Site, browser: Browser) -> None:
    page = browser.get(SHEET).text
    with site.statements() as reading:
        browser.get(OF_BETA)
    with site.statements() as saving:
        send(browser, page=page, product="Garlic")

    assert len(reading) == 4
    assert len(saving) == 5


def keep(browser: Browser, client: str, counter: int, seen: int = 0, **changes: str) -> Any:
    """Send what a device wrote under a number of its own."""
    changes = {f"field:{name}": value for name, value in changes.items()}
    body = {"client": client, "counter": counter, "seen": seen, "changes": changes}
    return browser.post(f"{SHEET}/events", json=body)


def test_a_device_keeps_what_it_writes_and_a_resend_is_the_same_event(site: Site, browser: Browser) -> None:
    for _ in range(3):
        answer = keep(browser, "phone", 1, product="Garlic ")

        assert answer.json == {"counter": 1, "fields": {"field:product": "Garlic"}}
    assert events(site) == 1
    assert keep(browser, "phone", 1, product="Onions").status_code == 409


def test_of_two_devices_the_higher_number_counts_in_whatever_order_they_arrive(browser: Browser) -> None:
    keep(browser, "tablet", 2, product="Onions", market="Abroad")
    told = keep(browser, "phone", 1, product="Garlic", price="3").json

    assert told == {
        "counter": 2,
        "fields": {"field:product": "Onions", "field:market": "Abroad", "field:price": "3"},
    }
    assert "Another page saved: “Garlic”." in browser.get(SHEET).text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"client": "web", "counter": 1, "seen": 0, "changes": {}}, 422),
        ({"client": "a b", "counter": 1, "seen": 0, "changes": {}}, 422),
        ({"client": "a", "counter": 0, "seen": 0, "changes": {"field:product": "x"}}, 422),
        ({"client": "a", "counter": 10**6, "seen": 0, "changes": {"field:product": "x"}}, 422),
        ({"client": "a", "counter": 1, "seen": "0", "changes": {}}, 422),
        ({"client": "a", "counter": 1, "seen": 0, "changes": {"field:product": 3}}, 422),
        ({"client": "a", "counter": 1, "seen": 0, "changes": {"field:market": "x" * 5_001}}, 422),
        ([], 422),
        ({"client": "a", "counter": 1, "seen": 0, "changes": {"field:nothing": "x", "csrf_token": "x"}}, 200),
    ],
)
def test_what_no_device_of_ours_sends_is_not_kept(site: Site, browser: Browser, body: Any, status: int) -> None:
    assert browser.post(f"{SHEET}/events", json=body).status_code == status
    assert events(site) == 0


def test_a_text_that_is_too_long_comes_back_whole_enough_to_mend(site: Site, browser: Browser) -> None:
    response = send(browser, market="word " * 1_100, product="Garlic")

    assert response.status_code == 422
    assert "longer than 5,000 characters" in response.text
    assert shown(response.text)["field:product"] == "Garlic"
    assert len(shown(response.text)["field:market"]) > 5_000
    assert events(site) == 0


def test_a_sheet_sent_when_the_session_is_over_comes_back_after_the_sign_in(site: Site, browser: Browser) -> None:
    page = browser.get(SHEET).text

    response = site.browser().post(SHEET, {**shown(page), "field:product": "Garlic", "go": "save"})

    assert response.status_code == 401
    assert 'name="sent:field:product" value="Garlic"' in response.text


def test_who_does_not_take_the_course_may_print_it_and_not_fill_it(site: Site) -> None:
    stranger = site.browser(site.person())

    page = stranger.get(SHEET)

    assert page.status_code == 200
    assert "Enrol to fill it here" in page.text
    assert 'name="field:product"' not in page.text
    assert stranger.post(SHEET, {"field:product": "x"}).status_code == 409
    assert keep(stranger, "phone", 1, product="x").status_code == 409


def test_a_trainer_of_the_course_reads_what_was_handed_in_and_no_more(
    site: Site, browser: Browser, learner: Person
) -> None:
    send(browser, "hand-in", product="Garlic", market="Abroad")
    send(browser, market="A thought that is not handed in")
    trainer, outsider = site.person(role="trainer"), site.person(role="trainer")
    with site.writing() as session:
        trainers.grant(session, person_id=trainer.id, scope=SMALL, now=clock.now())
    room, one = f"{SHEET}/handed-in", f"{SHEET}/handed-in/{learner.id}"

    assert learner.name in site.browser(trainer).get(room).text
    page = site.browser(trainer).get(one).text
    assert "Abroad" in page
    assert "A thought" not in page
    assert "<textarea" not in page
    assert site.browser(trainer).get(f"{SHEET}/handed-in/{outsider.id}").status_code == 404
    for address in (room, one):
        assert site.browser(outsider).get(address).status_code == 404
        assert browser.get(address).status_code == 403


def test_every_control_has_a_name_in_words_and_each_id_is_there_once(browser: Browser) -> None:
    page = send(browser, "hand-in").text
    ids = re.findall(r'\sid="([^"]+)"', page)

    assert sorted(ids) == sorted(set(ids))
    for names in re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page):
        assert set(names.split()) <= set(ids), names
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids, anchor


def test_an_unchanged_worksheet_is_not_written_anew(folder: Path, install: Install) -> None:
    assert install(folder).lines == ()
    files = with_worksheets()
    files["alpha/worksheet.yaml"]["example"] = text("Onions.")
    write_package(folder, files)

    assert install(folder).lines == ("worksheet alpha/worksheet: changed",)


def test_what_was_written_stays_where_a_field_leaves_the_sheet(
    site: Site, browser: Browser, folder: Path, install: Install
) -> None:
    send(browser, product="Garlic", market="Abroad")
    files = with_worksheets()
    files["alpha/worksheet.yaml"]["sections"][0]["fields"].pop(0)
    write_package(folder, files)
    install(folder)
    send(browser, market="At home")
    write_package(folder, with_worksheets())
    install(folder)

    assert shown(browser.get(SHEET).text)["field:product"] == "Garlic"


@pytest.mark.parametrize("written", ["1500", "-3", "2.5", "1 500,00", "1,500.00", "١٢٣", "12 %".replace(" ", ""), "−4"])
def test_numbers_are_taken_as_people_write_them(written: str) -> None:
    assert is_number(written)


@pytest.mark.parametrize("written", ["a lot", "", "-", "..", "15 boxes"])
def test_words_are_no_numbers(written: str) -> None:
    assert not is_number(written)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown kind": ({"odd": {"kind": "picture"}}, "“kind” cannot be “picture”"),
    "no kind": ({"odd": {}}, "The key “kind” is missing."),
    "choice without options": ({"odd": {"kind": "choice"}}, "“options” lists 2 to 12 things."),
    "table without rows": (
        {"odd": {"kind": "table", "columns": [{"id": "a", "label": text("A")}]}},
        "“rows” is a whole",
    ),
    "five columns": (
        {"odd": {"kind": "table", "rows": 1, "columns": [{"id": c, "label": text(c)} for c in "abcde"]}},
        "“columns” lists 1 to 4 things.",
    ),
    "rows of a line": ({"odd": {"kind": "line", "rows": 3}}, "“rows” belongs to another kind of field."),
    "unknown key": ({"odd": {"kind": "line", "size": 3}}, "Unknown key “size”."),
    "from nowhere": ({"odd": {"from": "alpha/worksheet#nothing"}}, "leads to no field of a worksheet"),
    "from no address": ({"odd": {"from": "there"}}, "“from” is as “module/worksheet#field”."),
    "empty label": ({"odd": {"kind": "line", "label": {"en": " "}}}, "The text in “en” is empty or no text."),
    "no label": ({"odd": {"kind": "line", "label": "Odd"}}, "“label” is a text for each language"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_worksheet_is_told_with_its_line(tmp_path: Path, install: Install, name: str) -> None:
    fields, message = FAULTS[name]
    files = with_worksheets()
    files["alpha/worksheet.yaml"] = worksheet(**fields)
    made = write_package(tmp_path / "faulty", files)
    lines = (made / "alpha" / "worksheet.yaml").read_text().splitlines()

    with pytest.raises(BadPackage) as bad:
        install(made)

    [fault] = bad.value.faults
    assert fault.file == "alpha/worksheet.yaml"
    assert message in str(fault)
    first = next(number for number, line in enumerate(lines, start=1) if "odd" in line)
    assert abs(fault.line - first) <= 25
