"""Self-checks in lessons, as guests and participants answer them, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from courses.checks import services
from courses.checks.models import CheckAnswer
from courses.outline.models import SelfCheck
from courses.packages.installing import Installed
from lms import clock
from lms.keeping import Keeping
from lms.testing import Browser, Site
from tests.factories.courses import SMALL, small_course, write_package
from tests.lms.accounts.doors import person_with_password, sign_in

pytestmark = pytest.mark.usefixtures("small")

COURSE = f"/courses/{SMALL}"
FIRST = f"{COURSE}/alpha/first"
KINDS = ("pick", "several", "statement", "words", "number")


@pytest.fixture
def learner(site: Site) -> Browser:
    browser = site.browser(site.person())
    assert browser.post(f"{COURSE}/enrol").status_code == 303
    browser.get(COURSE)  # the page that says so
    return browser


def check_of(page: str, slug: str) -> str:
    """The part of a page that holds one self-check."""
    found = re.search(rf'<section class="try" id="check-{slug}".*?</section>', page, re.S)
    assert found is not None, slug
    return found[0]


def option(page: str, slug: str, words: str) -> str:
    """What the form sends for the option with these words."""
    for value, label in re.findall(r'value="(\w+)"[^>]*><span>(.*?)</span>', check_of(page, slug)):
        if words in unescape(label):
            return value
    raise AssertionError(words)


def given(page: str, slug: str, *, right: bool) -> dict[str, str]:
    """The fields of a right or a wrong answer to a self-check of the small course."""
    order = re.search(r'name="order" value="(\d+)"', check_of(page, slug))
    assert order is not None
    if slug in ("pick", "several"):
        answer = {"choice": option(page, slug, "The right one" if right else "The wrong one")}
    elif slug == "statement":
        answer = {"choice": option(page, slug, "True" if right else "False")}
    else:
        answer = {"answer": {"words": ("Buenos Aires", "Bandung"), "number": ("150", "3")}[slug][not right]}
    return {"order": order[1], **answer}


def answer(browser: Browser, slug: str, *, right: bool = True) -> str:
    """Answer one self-check, and give the page that comes of it."""
    page = browser.get(FIRST).text
    response = browser.post(f"{FIRST}/checks/{slug}", given(page, slug, right=right))
    assert response.status_code == 303, response.text
    assert response.location == f"{FIRST}#check-{slug}"
    return browser.get(FIRST).text


def number_of_answers(site: Site) -> int:
    with site.reading() as session:
        return session.scalar(select(func.count()).select_from(CheckAnswer)) or 0


@pytest.mark.parametrize("slug", KINDS)
def test_each_kind_says_whether_the_answer_is_right(learner: Browser, slug: str) -> None:
    wrong = check_of(answer(learner, slug, right=False), slug)
    assert "Not right yet" in wrong
    assert "Explained in" in wrong
    again = learner.get(f"{FIRST}?again={slug}").text
    right = learner.post(f"{FIRST}/checks/{slug}", given(again, slug, right=True))

    assert right.status_code == 303
    assert ">Right<" in check_of(learner.get(FIRST).text, slug)


def test_what_is_right_is_not_in_the_page_before_the_answer(learner: Browser) -> None:
    page = learner.get(FIRST).text

    for key in ("It is right.", "It is wrong.", "why-", "Buenos Aires", "150"):
        assert key not in page


def test_the_page_has_each_id_once_and_each_label_its_field(learner: Browser) -> None:
    page = answer(learner, "words", right=False)
    ids = re.findall(r'\sid="([^"]+)"', page)

    assert sorted(ids) == sorted(set(ids))
    for names in re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page):
        assert set(names.split()) <= set(ids), names


def test_an_empty_form_is_refused_beside_its_question_and_nothing_is_kept(site: Site, learner: Browser) -> None:
    response = learner.post(f"{FIRST}/checks/pick", {"order": "1"})

    assert response.status_code == 422
    assert "Choose or write an answer first." in check_of(response.text, "pick")
    assert "Choose or write" not in check_of(response.text, "words")
    assert number_of_answers(site) == 0


def test_what_was_typed_is_kept_where_it_cannot_be_read(learner: Browser) -> None:
    response = learner.post(f"{FIRST}/checks/number", {"order": "0", "answer": "a hundred <b>"})

    assert response.status_code == 422
    assert 'value="a hundred &lt;b&gt;"' in check_of(response.text, "number")


@pytest.mark.parametrize(
    "sent", [{"choice": "a"}, {"choice": ["x", "y"]}, {"order": "99", "choice": "aaaaaaaaaa"}, {"order": "\u0661"}]
)
def test_an_option_that_was_not_offered_is_refused(learner: Browser, sent: dict[str, str]) -> None:
    assert learner.post(f"{FIRST}/checks/pick", sent).status_code == 422


def test_a_lesson_with_answers_costs_one_statement_and_writes_nothing(site: Site, learner: Browser) -> None:
    answer(learner, "pick")

    with site.statements() as statements:
        learner.get(FIRST)

    assert len(statements) == 1
    assert all(statement.lstrip().startswith("SELECT") for statement in statements)


def test_a_guest_without_answers_costs_one_statement_and_gets_no_cookie(site: Site) -> None:
    site.browser().get(FIRST)

    with site.statements() as statements:
        response = site.browser().get(FIRST)

    assert len(statements) == 1
    assert "Set-Cookie" not in response.headers
    assert "csrf_token" not in response.text


def test_an_answer_is_saved_by_five_statements_at_most(site: Site, learner: Browser) -> None:
    page = learner.get(FIRST).text
    for right in (False, True):
        with site.statements() as statements:
            learner.post(f"{FIRST}/checks/pick", given(page, "pick", right=right))
        assert len(statements) <= 5, statements


def test_a_guest_answers_and_sees_it_again(site: Site) -> None:
    guest = site.browser()

    page = answer(guest, "pick")

    assert ">Right<" in check_of(page, "pick")
    assert ">Right<" not in check_of(site.browser().get(FIRST).text, "pick")
    assert number_of_answers(site) == 1


def test_a_guest_answers_from_a_page_that_has_no_token(site: Site) -> None:
    guest = site.browser()
    page = guest.get(FIRST).text

    assert guest.post_without_token(f"{FIRST}/checks/words", given(page, "words", right=True)).status_code == 303


def test_a_signed_in_person_needs_the_token(learner: Browser) -> None:
    assert learner.post_without_token(f"{FIRST}/checks/pick", {"choice": "x"}).status_code == 400


def test_a_guest_takes_the_answers_into_the_account(site: Site) -> None:
    person, guest = person_with_password(site), site.browser()
    answer(guest, "pick", right=False)
    own = site.browser(person)
    answer(own, "words")

    assert sign_in(guest, person).status_code == 303

    page = own.get(FIRST).text
    assert "Not right yet" in check_of(page, "pick")
    assert ">Right<" in check_of(page, "words")
    with site.reading() as session:
        assert session.scalars(select(CheckAnswer.guest)).all() == [None, None]


def test_of_two_answers_the_newer_one_stays(site: Site) -> None:
    person = site.person()
    own, guest = site.browser(person), site.browser()
    answer(guest, "pick", right=False)
    answer(own, "pick", right=True)
    answer(own, "words", right=True)
    answer(guest, "words", right=False)
    with site.reading() as session:
        key = session.scalars(select(CheckAnswer.guest).where(CheckAnswer.guest.is_not(None))).first()

    with site.writing() as session:
        services.carry_over(session, guest=key, person_id=person.id, now=clock.now())

    with site.reading() as session:
        rows = session.execute(
            select(SelfCheck.slug, CheckAnswer.score, CheckAnswer.person_id).join(
                CheckAnswer, CheckAnswer.check_id == SelfCheck.id
            )
        ).all()
    assert sorted(rows) == [("pick", 1.0, person.id), ("words", 0.0, person.id)]


def test_an_answer_from_a_page_that_was_opened_as_a_guest_counts_after_signing_in(site: Site, learner: Browser) -> None:
    page = site.browser().get(FIRST).text

    assert learner.post(f"{FIRST}/checks/pick", given(page, "pick", right=True)).status_code == 303
    assert ">Right<" in check_of(learner.get(FIRST).text, "pick")


def test_a_guest_may_not_answer_in_a_lesson_that_they_may_not_read(site: Site) -> None:
    response = site.browser().post(f"{COURSE}/alpha/second/checks/pick", {"choice": "x"})

    assert response.status_code == 401
    assert number_of_answers(site) == 0


@pytest.mark.parametrize("address", [f"{FIRST}/checks/nothing", f"{COURSE}/beta/first/checks/pick"])
def test_a_check_that_is_not_in_the_lesson_is_not_there(learner: Browser, address: str) -> None:
    assert learner.post(address, {"choice": "x"}).status_code == 404


def test_what_guests_answered_is_forgotten_after_thirty_days(site: Site, learner: Browser) -> None:
    answer(site.browser(), "pick")
    answer(learner, "pick")
    with site.writing() as session:
        session.execute(update(CheckAnswer).values(answered_at=clock.now() - services.KEPT - timedelta(minutes=1)))

    with site.app.app_context(), site.writing() as session:
        services.forget_guests(session, {})

    assert number_of_answers(site) == 1


def test_an_answer_to_an_older_text_of_a_question_is_not_shown(
    small: Path, install: Callable[[Path], Installed], learner: Browser
) -> None:
    answer(learner, "words")
    files = small_course()
    files["alpha/checks.yaml"]["questions"][3]["spec"]["prompt"] = {"en": "Which town?"}
    write_package(small, files)

    assert install(small).lines == ("self-check alpha/words",)
    page = learner.get(FIRST).text
    assert "<form" in check_of(page, "words")
    assert "Which town?" in check_of(page, "words")


def test_what_another_process_installed_is_seen_by_one_that_has_read_the_lesson_before(
    small: Path, install: Callable[[Path], Installed], site: Site
) -> None:
    person = site.person()
    here, other = site.browser(person), Site(site.config)
    assert here.post(f"{COURSE}/enrol").status_code == 303
    answer(here, "words")
    answer(here, "pick")
    there = other.browser(person)
    for _ in range(2):
        assert "<form" not in check_of(there.get(FIRST).text, "words")
    files = small_course()
    files["alpha/checks.yaml"]["questions"][3]["spec"]["prompt"] = {"en": "Which town?"}
    write_package(small, files)
    assert install(small).lines == ("self-check alpha/words",)

    for _ in range(2):
        shown = there.get(FIRST).text
        assert "Which town?" in check_of(shown, "words")
        assert "<form" in check_of(shown, "words")
        assert "<form" not in check_of(shown, "pick")
    other.close()


def test_the_forms_of_a_lesson_are_kept_by_the_site(site: Site, learner: Browser) -> None:
    learner.get(FIRST)
    kept: Keeping[str] = site.app.extensions["courses.check_forms"]
    before = kept.size_bytes

    learner.get(FIRST)

    assert kept.size_bytes == before > 1_000
