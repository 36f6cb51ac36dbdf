"""A participant from the catalogue to the certificate, and a stranger who checks it; with script and without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete, func, select

from courses.learning.services import mark_done
from courses.outline.services import outline_of
from lms import clock
from lms.accounts.models import Person, SignIn
from lms.certificates.models import Certificate
from quizzes.attempts.models import AnswerEvent, Attempt
from tests.databases import Postgres
from tests.journeys.live import COURSE, MODULE, PASSWORD, Live, live_on, prepare
from tests.journeys.people import Phone, asked, give_right_answer, give_wrong_answer, phone, plain

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
NAME = "Amina Wanjirũ Otieno"
LESSONS = 5


def learn_and_earn(chromium: Browser, live: Live, *, script: bool) -> str:
    """The whole way of one participant; gives the number of the certificate."""
    email = f"amina-{'with' if script else 'without'}@example.org"
    with phone(chromium, live, script=script) as amina:
        read_as_a_guest(amina)
        register(amina, email)
        verify(amina, email)
        enrol(amina)
        read_every_lesson(amina)
        fail_once_and_see_why(amina)
        pass_the_quiz(amina)
        read_nine_more_modules(live, email)
        return get_the_certificate(amina)


def read_as_a_guest(amina: Phone) -> None:
    amina.open("/")
    amina.sees("on the phone that you have")
    amina.page.locator(".band .go").first.click()
    expect(amina.page).to_have_url(re.compile(f"/courses/{COURSE}/{MODULE}/"))
    amina.sees("Create an account to go on")
    assert amina.context.cookies() == []


def register(amina: Phone, email: str) -> None:
    amina.press("Create an account to go on")
    amina.fill("Name", "Amina")
    amina.fill("E-mail", email)
    amina.fill("Password", PASSWORD)
    amina.page.get_by_label("Country or territory").select_option("KE")
    amina.page.get_by_label("Time zone").select_option("Africa/Nairobi")
    amina.press("Create the account", exact=True)
    amina.sees("An account needs your agreement")  # nothing of what was typed is lost
    expect(amina.page.get_by_label("E-mail", exact=True)).to_have_value(email)
    amina.fill("Password", PASSWORD)
    amina.page.locator("#consent").check()
    amina.press("Create the account", exact=True)
    amina.sees("Look into your mail")
    amina.page.locator("main").get_by_role("link", name="Sign in").click()
    amina.fill("E-mail", email)
    amina.fill("Password", PASSWORD)
    amina.page.get_by_role("button", name="Sign in").click()
    expect(amina.page).to_have_url(re.compile(f"/courses/{COURSE}/{MODULE}/"))


def verify(amina: Phone, email: str) -> None:
    amina.open(amina.live.link_mailed_to(email))
    amina.sees(email)
    amina.press("Yes, verify it")
    amina.open("/verify")
    amina.sees("There is nothing more to do.")


def enrol(amina: Phone) -> None:
    amina.open(f"/courses/{COURSE}")
    amina.press("Enrol, it costs nothing")
    amina.sees("You are enrolled.")
    amina.open(f"/courses/{COURSE}/certificate")
    amina.sees("Modules read: 0 of 10.")
    amina.open(f"/courses/{COURSE}")


def read_every_lesson(amina: Phone) -> None:
    amina.page.locator(".band .go").first.click()
    for number in range(1, LESSONS + 1):
        expect(amina.page.locator("main")).to_contain_text(f"1.{number}")
        read = amina.path()
        amina.press("Mark as done and go on")
        expect(amina.page).not_to_have_url(amina.live.base + read)
        if number == 2:  # away, and back to where it was left off
            left = amina.path()
            amina.open("/")
            amina.page.locator(".band .go").first.click()
            assert amina.path() == left
    amina.open(f"/courses/{COURSE}/certificate")
    amina.sees("Modules read: 1 of 10.")


def begin(amina: Phone, words: str = "Begin the quiz") -> None:
    amina.open(f"/quizzes/{COURSE}/{MODULE}/quiz")
    amina.press(words)
    expect(amina.page).to_have_url(re.compile(r"/quizzes/attempts/\d+/\d+$"))


def fail_once_and_see_why(amina: Phone) -> None:
    begin(amina)
    question = asked(amina)
    why = give_wrong_answer(amina)
    amina.press("Look over all and submit")
    amina.sees("9 questions are not answered")
    amina.press("Submit my answers")
    amina.sees("You need 70%.")
    assert why in plain(amina.page.locator("main").inner_text())
    lesson = question["explains"].split("#")[0]
    section = amina.page.locator("section", has=amina.page.locator("#question-1")).first
    section.get_by_text("Explained in").get_by_role("link").click()
    assert lesson in amina.path()


def pass_the_quiz(amina: Phone) -> None:
    begin(amina, "Try again")
    for number in range(1, 11):
        amina.sees(f"{number} of 10")
        give_right_answer(amina)
        if number == 3:  # the back button, and the same form once more: one answer
            amina.press("Save and go on")
            amina.sees("4 of 10")
            amina.page.go_back()
            amina.sees("3 of 10")
            if not amina.page.locator("input:checked").count() and amina.page.locator("#answer").input_value() == "":
                give_right_answer(amina)
        amina.press("Save and go on" if number < 10 else "Save and look over all")
    amina.sees("Every question is answered")
    amina.page.get_by_role("button", name="Submit my answers").click(click_count=2)
    amina.sees("You passed")
    amina.sees("100%")


def read_nine_more_modules(live: Live, email: str) -> None:
    """What the journey through module 1 has shown, for the modules that a certificate of participation still needs."""
    with live.site.writing() as session:
        person_id = session.scalars(select(Person.id).where(Person.email == email)).one()
        for module in outline_of(session, slug=COURSE).ready[1:10]:
            for lesson in module.lessons:
                place = {"course": COURSE, "module": module.slug, "lesson": lesson.slug}
                mark_done(session, person_id=person_id, **place, now=clock.now())


def get_the_certificate(amina: Phone) -> str:
    amina.open(f"/courses/{COURSE}/certificate")
    expect(amina.page.locator("main")).to_contain_text("Your name on the certificate")
    amina.page.locator("#name").fill(NAME)
    amina.press("Confirm my name and get the certificate")
    amina.sees("This certificate stands.")
    serial = amina.path().rpartition("/")[2]
    amina.open("/certificates/mine")
    amina.sees(NAME)
    with amina.page.expect_download() as download:
        amina.page.get_by_role("link", name="Get the PDF").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    return serial


def check_as_a_stranger(chromium: Browser, live: Live, serial: str, *, script: bool) -> None:
    with live.site.reading() as session:
        row = session.scalars(select(Certificate).where(Certificate.serial == serial)).one()
        address = row.facts.get("address", f"{live.base}/certificates/{serial}")
        day = row.issued_at
    with phone(chromium, live, script=script) as stranger:
        stranger.open(address)
        stranger.sees("This certificate stands.")
        for words in (NAME, "Cross-border e-commerce", live.site.config.issuer, str(day.year)):
            expect(stranger.page.locator("main")).to_contain_text(words, ignore_case=True)
        assert stranger.context.cookies() == []


@SCRIPT
def test_a_participant_learns_and_a_stranger_checks_the_certificate(
    chromium: Browser, live: Live, script: bool
) -> None:
    serial = learn_and_earn(chromium, live, script=script)

    check_as_a_stranger(chromium, live, serial, script=script)
    with live.site.reading() as session:
        holder = select(Certificate.person_id).where(Certificate.serial == serial).scalar_subquery()
        attempts = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.person_id == holder))
        papers = session.scalar(select(func.count()).select_from(Certificate).where(Certificate.person_id == holder))
    assert (attempts, papers) == (2, 1)  # also after the back button and a double press


def test_the_whole_way_on_postgresql(chromium: Browser, postgres: Postgres, scratch: Path) -> None:
    url = postgres.url(postgres.create("journey"))
    folder = scratch / "live-postgres"
    folder.mkdir()
    prepare(url, folder)
    with live_on(url, folder, worker=True) as live:
        serial = learn_and_earn(chromium, live, script=True)
        check_as_a_stranger(chromium, live, serial, script=True)
    postgres.drop("journey")


@SCRIPT
def test_a_sign_in_that_ends_in_the_middle_of_a_quiz_loses_no_answer(
    chromium: Browser, live: Live, script: bool
) -> None:
    email = f"interrupted-{script}@example.org".lower()
    person = live.person(email)
    with phone(chromium, live, script=script) as baraka:
        baraka.sign_in(email)
        baraka.open(f"/courses/{COURSE}")
        baraka.press("Enrol, it costs nothing")
        begin(baraka)
        with live.site.writing() as session:
            session.execute(delete(SignIn).where(SignIn.person_id == person.id))
        give_right_answer(baraka)
        baraka.press("Save and go on")
        if script:
            baraka.sees("You are signed out. Your answers are kept on this phone.")
            baraka.press("Sign in to send them")
        else:
            baraka.sees("What you sent is kept on this page")
        baraka.fill("E-mail", email)
        baraka.fill("Password", PASSWORD)
        baraka.page.get_by_role("button", name="Sign in").click()
        if not script:
            baraka.sees("It is not saved yet.")
            baraka.press("Send it now")
        baraka.sees("2 of 10")
        if script:
            expect(baraka.page.locator(".answers .says.saved")).to_have_count(1)

    with live.site.reading() as session:
        # With script each part of an answer is saved as it is given.
        saved = session.scalar(
            select(func.count(AnswerEvent.question_position.distinct()))
            .select_from(AnswerEvent)
            .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
            .where(Attempt.person_id == person.id)
        )
    assert saved == 1


def tab_to(person: Phone, words: str) -> None:
    """Press Tab until the focus is on what has these words, its label's included."""
    for _ in range(80):
        person.page.keyboard.press("Tab")
        focused = person.page.evaluate(
            """() => { const e = document.activeElement;
              return [e.innerText, ...[...(e.labels || [])].map(l => l.innerText)].join(' ') }"""
        )
        if words in focused:
            return
    raise AssertionError(f"Tab never reaches {words!r} on {person.path()}")


def test_the_keyboard_alone_signs_in_reads_and_answers(chromium: Browser, live: Live) -> None:
    live.person("keys@example.org")
    with phone(chromium, live) as zuri:
        press = zuri.page.keyboard.press
        zuri.open("/sign-in")
        tab_to(zuri, "E-mail")
        zuri.page.keyboard.type("keys@example.org")
        tab_to(zuri, "Password")
        zuri.page.keyboard.type(PASSWORD)
        press("Enter")
        expect(zuri.page.get_by_role("link", name="Account", exact=True)).to_be_visible()
        zuri.open(f"/courses/{COURSE}")
        tab_to(zuri, "Enrol, it costs nothing")
        press("Space")
        zuri.sees("You are enrolled.")
        tab_to(zuri, zuri.page.locator(".band .go").first.inner_text().split("\n")[0])
        press("Enter")
        zuri.sees("Mark as done and go on")
        lesson = zuri.path()
        tab_to(zuri, "Mark as done and go on")
        press("Enter")
        expect(zuri.page).not_to_have_url(live.base + lesson)
        zuri.open(f"/quizzes/{COURSE}/{MODULE}/quiz")
        tab_to(zuri, "Begin the quiz")
        press("Enter")
        zuri.sees("1 of 10")
        answer_by_keys(zuri)
        tab_to(zuri, "Save and go on")
        press("Enter")
        zuri.sees("2 of 10")

    with live.site.reading() as session:
        answers = session.scalars(
            select(AnswerEvent.answer)
            .join(Attempt, Attempt.id == AnswerEvent.attempt_id)
            .join(Person, Person.id == Attempt.person_id)
            .where(Person.email == "keys@example.org")
        ).all()
    assert answers
    assert any(answers[0].values()) if isinstance(answers[0], dict) else answers[0]


def answer_by_keys(person: Phone) -> None:
    question = asked(person)
    if question["kind"] not in ("single_choice", "multiple_choice", "true_false"):
        for _ in range(40):
            person.page.keyboard.press("Tab")
            if person.page.evaluate("document.activeElement.id") == "answer":
                break
        chosen = person.page.evaluate("document.activeElement.tagName") == "SELECT"
        person.page.keyboard.press("ArrowDown") if chosen else person.page.keyboard.type("1978")
        return
    for _ in range(40):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement.name") == "choice":
            break
    person.page.keyboard.press("Space")
    assert person.page.locator("input[name=choice]:checked").count() == 1
