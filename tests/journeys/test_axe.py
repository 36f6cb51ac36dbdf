"""Every page passes axe and fits its screen: each template, as those see it who may, in light and dark, on every width.

The pages are the app's own answers; the browser gets them, their style and their script from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from courses.authoring import services as trainers
from courses.commands import install_shipped
from courses.outline.models import Activity, Course, Lesson, Module
from lms import clock
from lms.accounts.models import Person
from lms.accounts.passwords import passwords_at
from lms.database import migrating
from lms.database.session import Engines
from lms.keeping import Keeping
from lms.paths import TEMPLATES
from lms.testing import Site, config_for_tests
from lms.web.rendering import MOST_FRAME_BYTES, KeptPages
from tests.house.world import World, put_a_booklet
from tests.journeys.live import COURSE, MODULE
from tests.looks.showing import LOW_TARGETS, Window, answers_of, opened
from tests.quizzes.school import PART_KINDS, School, choice, controls_of

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")
QUIZ = "/quizzes/trade/basics/quiz"
ROOM = f"{QUIZ}/edit"
PARTS_QUIZ = "/quizzes/parts/basics/quiz"
PARTS_ROOM = f"{PARTS_QUIZ}/edit"
CLOCKS_QUIZ = "/quizzes/clocks/basics/quiz"
SHEET = "/worksheets/trade/basics/sheet"
PARTS = [question["id"] for question in PART_KINDS]


@dataclass(frozen=True)
class Shown:
    """One page: which template makes it, who asks, and how. ``{…}`` in the address is filled from the world."""

    template: str
    role: str
    address: str
    form: dict[str, Any] | None = None
    status: int = 200


def of_accounts() -> Iterator[Shown]:
    for name, address in (
        ("sign_in", "/sign-in"),
        ("register", "/register"),
        ("registered", "/register/done"),
        ("forgotten", "/reset"),
        ("link_sent", "/reset/sent"),
        ("link", "/verify/{verify}"),
        ("new_password", "/reset/{reset}"),
    ):
        yield Shown(f"lms/accounts/{name}.html", "guest", address)
    yield Shown("lms/accounts/dead_link.html", "guest", "/reset/nothing", status=404)
    yield Shown("lms/accounts/sign_in.html", "guest", "/sign-in", {"email": "x"}, 422)
    yield Shown("lms/accounts/register.html", "guest", "/register", {"name": "Amina"}, 422)
    yield Shown("lms/accounts/sign_in.html", "guest", "/quizzes/attempts/{attempt}/1", {"answer": "x"}, 401)
    for name in ("account", "verify", "change_email", "change_name", "change_password", "change_preferences"):
        path = {"account": "/account", "verify": "/verify"}.get(name, f"/account/{name.removeprefix('change_')}")
        yield Shown(f"lms/accounts/{name}.html", "owner", path)
    yield Shown("lms/accounts/verify.html", "unverified", "/verify")
    yield Shown("lms/accounts/account.html", "unverified", "/account")
    carried = {"email": "{unverified}", "password": "a lamp on a long road", "sent-to": "/quizzes/attempts/1/1"}
    yield Shown("lms/accounts/send_again.html", "guest", "/sign-in", {**carried, "sent:answer": "x"})


def of_courses() -> Iterator[Shown]:
    for role in ("guest", "owner", "trainer", "admin"):
        yield Shown("courses/learning/home.html", role, "/")
        yield Shown("courses/learning/course.html", role, f"/courses/{COURSE}")
    yield Shown("courses/learning/course.html", "reader", f"/courses/{COURSE}")
    for role in ("guest", "owner", "outsider", "trainer", "admin"):  # with its booklets
        yield Shown("courses/learning/course.html", role, "/courses/trade")
    yield Shown("courses/learning/page.html", "guest", f"/courses/{COURSE}/welcome")
    yield Shown("courses/learning/page.html", "guest", f"/courses/{COURSE}/about")
    yield Shown("courses/learning/module.html", "owner", f"/courses/{COURSE}/{MODULE}")
    yield Shown("courses/learning/module.html", "owner", "/courses/trade/basics")
    yield Shown("courses/learning/lesson.html", "guest", "{lesson 1}")
    for number in (1, 2, 5):
        yield Shown("courses/learning/lesson.html", "reader", f"{{lesson {number}}}")
    yield Shown("courses/learning/enrol_first.html", "outsider", "{lesson 2}", status=403)
    yield Shown("courses/learning/missing_activity.html", "owner", "/courses/trade/basics/gone")
    yield Shown("courses/learning/certificate.html", "owner", "/courses/trade/certificate")
    yield Shown("courses/learning/certificate.html", "reader", f"/courses/{COURSE}/certificate")
    yield Shown("courses/learning/certificate.html", "reader", f"/courses/{COURSE}/certificate", {"name": ""}, 422)
    yield Shown("courses/worksheets/sheet.html", "other", SHEET)
    yield Shown("courses/worksheets/sheet.html", "other", SHEET, {"field:market": "", "go": "hand-in"}, 422)
    yield Shown("courses/worksheets/sheet.html", "reader", f"/worksheets/{COURSE}/{MODULE}/worksheet")
    yield Shown("courses/worksheets/sheet.html", "trainer", f"{SHEET}/handed-in/{{owner}}")
    yield Shown("courses/worksheets/handed_in.html", "trainer", f"{SHEET}/handed-in")
    yield Shown("courses/authoring/my_courses.html", "trainer", "/trainer")
    yield Shown("courses/authoring/my_courses.html", "admin", "/trainer")


def of_quizzes() -> Iterator[Shown]:
    yield Shown("quizzes/attempts/intro.html", "owner", "/quizzes/trade/basics/quiz")
    yield Shown("quizzes/attempts/intro.html", "outsider", "/quizzes/trade/basics/quiz")
    for position in range(1, 6):
        yield Shown("quizzes/attempts/question.html", "owner", f"/quizzes/attempts/{{attempt}}/{position}")
    yield Shown("quizzes/attempts/question.html", "owner", "/quizzes/attempts/{attempt}/{number}", {"answer": "x"}, 422)
    yield Shown("quizzes/attempts/check.html", "owner", "/quizzes/attempts/{attempt}/check")
    yield Shown("quizzes/results/result.html", "owner", "/quizzes/attempts/{finished}")
    yield Shown("quizzes/results/result.html", "failed", "/quizzes/attempts/{failed}")
    yield Shown("quizzes/authoring/bank.html", "trainer", ROOM)
    for uid in ("single", "several", "statement", "words", "number"):
        yield Shown("quizzes/authoring/editor.html", "trainer", f"{ROOM}/{uid}")
    yield Shown("quizzes/authoring/editor.html", "trainer", f"{ROOM}/single/publish", {"prompt": ""}, 422)
    yield Shown("quizzes/authoring/editor.html", "trainer", f"{ROOM}/words/publish", {"prompt": "Other words"}, 409)
    yield Shown("quizzes/authoring/preview.html", "trainer", f"{ROOM}/several/preview")
    yield Shown("quizzes/authoring/retire.html", "trainer", f"{ROOM}/single/retire")


def of_quizzes_with_parts() -> Iterator[Shown]:
    for uid in PARTS:
        address = f"/quizzes/attempts/{{parts attempt}}/{{{uid}}}"
        yield Shown("quizzes/attempts/question.html", "matcher", address)
        field = "answer" if uid == "plan" else f"{{{uid} field}}"
        yield Shown("quizzes/attempts/question.html", "matcher", address, {field: "x" * 5_001}, 422)
        yield Shown("quizzes/authoring/editor.html", "trainer", f"{PARTS_ROOM}/{uid}")
        yield Shown("quizzes/authoring/editor.html", "trainer", f"{PARTS_ROOM}/{uid}/publish", {"prompt": ""}, 422)
        yield Shown("quizzes/authoring/preview.html", "trainer", f"{PARTS_ROOM}/{uid}/preview")
    yield Shown("quizzes/results/result.html", "matcher", "/quizzes/attempts/{parts finished}")


def of_pretest() -> Iterator[Shown]:
    for role in ("reader", "outsider"):
        yield Shown("quizzes/pretest/pretest.html", role, f"/quizzes/{COURSE}/pretest")
    yield Shown("quizzes/pretest/pretest.html", "owner", "/quizzes/trade/pretest")  # too late
    yield Shown("quizzes/pretest/pretest.html", "gainer", "/quizzes/trade/pretest")
    yield Shown("quizzes/results/result.html", "gainer", "/quizzes/attempts/{gained}")


def of_practice() -> Iterator[Shown]:
    yield Shown("quizzes/attempts/more_time.html", "hurried", "/quizzes/attempts/{timed attempt}/more-time")
    yield Shown("quizzes/attempts/question.html", "hurried", "/quizzes/attempts/{timed attempt}/1")
    yield Shown("quizzes/attempts/intro.html", "hurried", CLOCKS_QUIZ)
    yield Shown("quizzes/practice/question.html", "practiser", f"{QUIZ}/practice/1")
    yield Shown("quizzes/practice/question.html", "practiser", f"{QUIZ}/practice/2")  # answered
    yield Shown("quizzes/mistakes/overview.html", "failed", "/quizzes/trade/mistakes")
    yield Shown("quizzes/mistakes/overview.html", "other", "/quizzes/trade/mistakes")
    yield Shown("quizzes/mistakes/question.html", "failed", "/quizzes/trade/mistakes/1")


def of_what_trainers_see() -> Iterator[Shown]:
    for template, address in (
        ("analysis/questions", "figures"),
        ("analysis/question", "figures/single"),
        ("regrading/regrades", "regrades"),
        ("reports/people", "results"),
        ("reports/people", "results?words=nobody+at+all"),
        ("reports/person", "results/people/{owner}"),
        ("reports/attempt", "results/tries/{finished}"),
        ("reports/seen", "results/tries/{finished}/1"),
        ("reports/objectives", "results/objectives"),
        ("reports/export", "results/export"),
        ("supervision/time", "time"),
        ("supervision/allowance", "time/{owner}"),
        ("supervision/receipts", "receipts"),
        ("queue/waiting", "open-answers"),
    ):
        yield Shown(f"quizzes/{template}.html", "trainer", f"{QUIZ}/{address}")
    yield Shown("quizzes/analysis/questions.html", "trainer", f"{PARTS_QUIZ}/figures")
    for template, address in (
        ("key", "figures/first/key"),
        ("regrades", "regrades"),
        ("regrade", "regrades/{regrade}"),
    ):
        yield Shown(f"quizzes/regrading/{template}.html", "trainer", f"{CLOCKS_QUIZ}/{address}")
    yield Shown("quizzes/queue/waiting.html", "trainer", f"{PARTS_QUIZ}/open-answers")
    yield Shown("quizzes/queue/answer.html", "trainer", "{open answer}")
    yield Shown("quizzes/queue/answer.html", "trainer", "{open answer}", {"comment": "x"}, 422)
    yield Shown("quizzes/supervision/time.html", "trainer", f"{CLOCKS_QUIZ}/time")
    yield Shown("quizzes/supervision/allowance.html", "trainer", f"{QUIZ}/time/{{owner}}", {"percent": "x"}, 422)


def of_certificates() -> Iterator[Shown]:
    yield Shown("lms/certificates/certificate.html", "guest", "/certificates/{serial}")
    yield Shown("lms/certificates/certificate.html", "owner", "/certificates/{serial}")
    yield Shown("lms/certificates/certificate.html", "guest", "/certificates/{revoked}")
    yield Shown("lms/certificates/check.html", "guest", "/certificates")
    yield Shown("lms/certificates/unknown.html", "guest", "/certificates/none", status=404)
    yield Shown("lms/certificates/mine.html", "owner", "/certificates/mine")
    yield Shown("lms/certificates/mine.html", "reader", "/certificates/mine")
    yield Shown("lms/certificates/name.html", "reader", "/certificates/name")
    yield Shown("lms/certificates/name.html", "reader", "/certificates/name", {"name": ""}, 422)


def of_administration() -> Iterator[Shown]:
    for name, address in (
        ("overview", "/admin"),
        ("people", "/admin/people"),
        ("people", "/admin/people?words=nobody+at+all"),
        ("person", "/admin/people/{spare}"),
        ("certificates", "/admin/certificates"),
        ("audit_log", "/admin/audit"),
        ("mail", "/admin/mail"),
        ("jobs", "/admin/jobs"),
        ("plugins", "/admin/plugins"),
        ("issued", "/admin/certificates/issued/{outcome}"),
        ("issue", "/admin/certificates/issue?completion=1&completion=2"),
        *(("act", f"/admin/people/{{spare}}/{act}") for act in ("role", "name", "email", "suspend", "roles/trainer")),
        ("act", "/admin/certificates/{serial}/revoke"),
        ("act", "/admin/certificates/{serial}/correct"),
        ("act", "/admin/mail/{message}/send-again"),
    ):
        yield Shown(f"lms/administration/{name}.html", "admin", address)
    yield Shown("lms/administration/act.html", "admin", "/admin/certificates/{serial}/revoke", {"reason": ""}, 422)
    yield Shown("lms/administration/certificates.html", "admin", "/admin/certificates/issue", {"completion": "0"}, 422)


def of_the_site() -> Iterator[Shown]:
    for role in ("guest", "owner", "admin"):
        yield Shown("lms/web/help.html", role, "/help")
    yield Shown("lms/web/privacy.html", "guest", "/privacy")
    yield Shown("lms/web/offline.html", "guest", "/offline")
    yield Shown("lms/web/error.html", "guest", "/nowhere", status=404)
    yield Shown("lms/web/error.html", "owner", "/admin", status=403)
    yield Shown("lms/web/error.html", "guest", "/sign-out", status=405)


SHOWN = [
    *of_accounts(),
    *of_courses(),
    *of_quizzes(),
    *of_quizzes_with_parts(),
    *of_pretest(),
    *of_practice(),
    *of_what_trainers_see(),
    *of_certificates(),
    *of_administration(),
    *of_the_site(),
]

# On a wide screen axe looks at one page of each template: what differs there is where things stand.
WIDE = list({shown.template: shown for shown in reversed(SHOWN)}.values())


@dataclass
class Grounds:
    """The world, more people in it, and what addresses name."""

    world: World
    people: dict[str, Any]
    names: dict[str, str]

    @classmethod
    def make(cls, site: Site) -> Grounds:
        world = World.make(site)
        with site.app.app_context():
            install_shipped(site.app)
        with site.writing() as session:
            trade = session.scalars(select(Course).where(Course.slug == "trade")).one()
            module = session.scalars(select(Module).where(Module.course_id == trade.id, Module.part != "")).one()
            # An activity of a kind whose plugin is gone.
            session.add(Activity(module_id=module.id, slug="gone", position=2, kind="essay", title={"en": "An essay"}))
            put_a_booklet(session, language="ar", file_format="epub")
            trade.languages = ["en", "ar"]
            trade.revision += 1
        hashed = passwords_at("test").hash("a lamp on a long road")
        people = {
            **world.people,
            "unverified": site.person(verified=False, password_hash=hashed),
            "reader": site.person(name="Amina Wanjirũ Otieno-Mwangi of the Northern Lakes"),
            "failed": site.person(name="N" * 200, email=f"{'l' * 60}@{'d' * 60}.example.org"),
            "practiser": site.person(),
        }
        people["matcher"], parts = with_parts(site, people["trainer"])
        people["hurried"], timed = with_an_end(site, people["trainer"])
        people["gainer"], gained = with_both_times(site)
        reader, failed = site.browser(people["reader"]), site.browser(people["failed"])
        for browser, course in ((reader, COURSE), (failed, "trade")):
            assert browser.post(f"/courses/{course}/enrol").status_code == 303
        lost = failed.post("/quizzes/trade/basics/quiz").location.split("/")[-2]
        school = School(site, 0, 0, 0)
        school.answer(failed, int(lost), "single", "Option one of single")
        school.answer(failed, int(lost), "several", "Sea", "Smoke")
        school.answer(failed, int(lost), "words", "Bandung")
        assert failed.post(f"/quizzes/attempts/{lost}/submit").status_code == 303
        assert failed.post("/quizzes/trade/mistakes").status_code == 303
        practiser = site.browser(people["practiser"])
        for address in ("/courses/trade/enrol", f"{QUIZ}/practice"):
            assert practiser.post(address).status_code == 303
        assert practiser.post(f"{QUIZ}/practice/2").status_code == 303
        trainer = site.browser(people["trainer"])
        regrade = trainer.post(f"{CLOCKS_QUIZ}/figures/first/key", {"reason": "The law changed."})
        assert regrade.status_code == 303, regrade.text
        taken = trainer.post(f"{PARTS_QUIZ}/open-answers")
        assert taken.status_code == 303, taken.text
        with site.reading() as session:
            lessons = session.scalars(
                select(Lesson.slug)
                .join(Module, Module.id == Lesson.module_id)
                .where(Module.slug == MODULE)
                .order_by(Lesson.position)
            ).all()
        spares = site.browser(world.spare).get("/certificates/mine").text
        revoked = re.findall(r'href="/certificates/([0-9A-Z]{26})"', spares)[0]
        admin = site.browser(people["admin"])
        assert admin.post(f"/admin/certificates/{revoked}/revoke", {"reason": "A trial."}).status_code == 303
        names = {
            "attempt": str(world.attempt_id),
            "finished": str(world.finished_id),
            "owner": str(people["owner"].id),
            "regrade": regrade.location.split("/")[-1],
            "open answer": taken.location,
            "failed": lost,
            "number": str(school.position_of(world.attempt_id, "number")),
            "serial": world.serial,
            "revoked": revoked,
            "spare": str(world.spare.id),
            "message": str(world.message_id),
            "outcome": world.outcome,
            "verify": world.link("verify"),
            "reset": world.link("reset"),
            "unverified": people["unverified"].email,
            **parts,
            **timed,
            "gained": gained,
            **{f"lesson {number}": f"/courses/{COURSE}/{MODULE}/{slug}" for number, slug in enumerate(lessons, 1)},
        }
        return cls(world, people, names)

    def filled(self, text: str) -> str:
        return re.sub(r"\{([^{}]+)\}", lambda match: self.names[match[1]], text)

    def ask(self, shown: Shown) -> tuple[str, set[str]]:
        """The page, and the templates that made it."""
        site, used = self.world.site, set[str]()
        site.app.extensions["lms.kept_pages"] = KeptPages()  # so that every page is made anew
        site.app.extensions["lms.kept_frames"] = Keeping(most_bytes=MOST_FRAME_BYTES)
        environment = site.app.jinja_env
        find = environment.get_template

        def note(name: Any, *arguments: Any, **options: Any) -> Any:
            used.add(str(name))
            return find(name, *arguments, **options)

        browser = site.browser(self.people.get(shown.role))
        environment.get_template = note  # type: ignore[method-assign]
        try:
            if shown.form is None:
                response = browser.get(self.filled(shown.address))
            else:
                form = {self.filled(name): self.filled(value) for name, value in shown.form.items()}
                response = browser.post(self.filled(shown.address), form)
        finally:
            del environment.get_template
        assert response.status_code == shown.status, (shown, response.status_code)
        return response.text, used


def with_both_times(site: Site) -> tuple[Person, str]:
    """Somebody who has answered the pre-test of “trade” both times; and their second try."""
    person = site.person()
    browser = site.browser(person)
    attempt = ""
    for _ in range(2):
        assert browser.post("/courses/trade/enrol").status_code == 303
        begun = browser.post("/quizzes/trade/pretest")
        assert begun.status_code == 303, begun.text
        attempt = begun.location.split("/")[-2]
        assert browser.post(f"/quizzes/attempts/{attempt}/submit").status_code == 303
        with site.reading() as session:
            lessons = session.scalars(
                select(Lesson.slug).join(Module).join(Course).where(Course.slug == "trade", Lesson.retired_at.is_(None))
            ).all()
        for lesson in lessons:
            assert browser.post(f"/courses/trade/basics/{lesson}/done").status_code == 303
    return person, attempt


def with_an_end(site: Site, trainer: Person) -> tuple[Person, dict[str, str]]:
    """Somebody in the middle of a timed quiz, who has asked for more time; and what its addresses name.

    Somebody else has finished it, and since then one of its keys has changed.
    """
    school = School.found(site, slug="clocks")
    school.intro = CLOCKS_QUIZ
    school.install([choice("first"), choice("second")], time_limit_minutes=30, tries=2)
    settle(site, trainer, "clocks")
    person, browser = school.participant()
    attempt = school.begin(browser)
    asked = browser.post(f"/quizzes/attempts/{attempt}/more-time", {"words": "The power was cut."})
    assert asked.status_code == 303, asked.text
    _, quick = school.participant()
    done = school.begin(quick)
    school.answer(quick, done, "first", "Option one of first")
    assert quick.post(f"/quizzes/attempts/{done}/submit").status_code == 303
    school.install([choice("first", right="a"), choice("second")], time_limit_minutes=30, tries=2)
    return person, {"timed attempt": str(attempt)}


def settle(site: Site, trainer: Person, slug: str) -> None:
    """Give a school's course its own name and its trainer."""
    with site.writing() as session:
        trainers.grant(session, person_id=trainer.id, scope=slug, now=clock.now())
        for course in session.scalars(select(Course).where(Course.slug == slug)):
            course.title = course.short_title = {"en": slug.title()}
            course.about = {name: {"en": "Made up."} for name in ("audience", "origin")}


def with_parts(site: Site, trainer: Person) -> tuple[Person, dict[str, str]]:
    """Somebody with one attempt finished and one open at a quiz of the other kinds; and what its addresses name."""
    school = School.found(site, slug="parts")
    school.intro = PARTS_QUIZ
    school.install(PART_KINDS)
    settle(site, trainer, "parts")
    person, browser = school.participant()
    finished = school.begin(browser)
    school.answer_parts(
        browser, finished, "papers", {"The invoice": "names the price", "The packing list": "names the weather"}
    )
    school.answer_parts(browser, finished, "way", {"It is packed.": "2", "The carrier fetches it.": "1"})
    school.answer_parts(browser, finished, "sentence", {"Gap 1": "before", "Gap 2": "seller"})
    school.answer(browser, finished, "plan", "By bus.\r\n\r\nThe buyer pays.")
    assert browser.post(f"/quizzes/attempts/{finished}/submit").status_code == 303
    attempt = school.begin(browser)
    school.answer(browser, attempt, "plan", "By bus.")
    names = {"parts attempt": str(attempt), "parts finished": str(finished)}
    for uid in PARTS:
        names[uid] = str(school.position_of(attempt, uid))
        controls = list(controls_of(browser.get(f"/quizzes/attempts/{attempt}/{names[uid]}").text).values())
        if controls:
            names[f"{uid} field"] = controls[-1].name
    return person, names


@pytest.fixture(scope="module")
def grounds(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    """On SQLite alone: how a page looks does not depend on the database."""
    url = f"sqlite:///{scratch / 'axe.db'}"
    engines = Engines(url)
    migrating.upgrade(engines)
    engines.dispose()
    site = Site(config_for_tests(url, tmp_path_factory.mktemp("instance")))
    yield Grounds.make(site)
    site.close()


def test_every_template_of_a_page_is_shown() -> None:
    extended = {
        path.relative_to(TEMPLATES).as_posix(): re.findall(r'{% extends "([^"]+)"', path.read_text(encoding="utf-8"))
        for path in TEMPLATES.rglob("*.html")
        if not path.name.startswith("_")
    }
    frames = {name for names in extended.values() for name in names}
    pages = {name for name, names in extended.items() if names} - frames

    assert sorted(pages - {shown.template for shown in SHOWN}) == []


@pytest.fixture(scope="module")
def window(chromium: Browser, grounds: Grounds) -> Iterator[Window]:
    with opened(chromium, answers_of(grounds.world.site)) as made:
        yield made


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.template}-{shown.role}-{shown.address}")
def test_a_page_passes_axe_and_fits_its_screen(
    window: Window, grounds: Grounds, shown: Shown, pictures: Path | None
) -> None:
    html, used = grounds.ask(shown)
    page = window.show(html, "light", WIDTHS[0])
    faults: list[tuple[object, ...]] = []
    for theme in THEMES:
        window.turn(theme, WIDTHS[0])
        faults += [(theme, WIDTHS[0], fault) for fault in window.found_by_axe()]
        if pictures:
            name = re.sub(r"\W+", "-", f"{shown.template} {shown.role} {shown.address} {shown.status} {theme}")
            page.screenshot(path=pictures / f"{name}.png", full_page=True)
    for width in WIDTHS:
        window.turn("light", width)
        if window.reach() > width:
            faults.append(("reaches over the edge", width, window.reach()))
        if low := page.evaluate(LOW_TARGETS):
            faults.append(("too low for a finger", width, low))
    if shown in WIDE:
        faults += [("light", WIDTHS[-1], fault) for fault in window.found_by_axe()]

    assert shown.template in used
    assert faults == []
