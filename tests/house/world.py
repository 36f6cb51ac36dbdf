"""A site with everything in it that a route can name: a course, attempts, certificates, and one person per role."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from courses.authoring import services as trainers
from courses.outline import PRETEST
from courses.outline.models import Activity, Booklet, Course, Lesson, LessonText, Module, Picture, SelfCheck
from courses.worksheets import services as worksheets
from lms import clock
from lms.accounts.models import EmailToken, Person
from lms.accounts.tokens import hash_of, new_token
from lms.certificates.models import Certificate
from lms.mail import services as mail
from lms.testing import Browser, Site
from quizzes.pretest.activity import pretest_activity
from tests.quizzes.school import School, choice

# Participants take the same course; `outsider` is trainer of another course, `trainer` of this one.
ROLES = ("guest", "owner", "other", "outsider", "trainer", "admin")


@dataclass
class World:
    """One site; ids are those of what belongs to ``owner``."""

    site: Site
    people: dict[str, Person]
    attempt_id: int
    finished_id: int
    serial: str
    spare: Person
    message_id: int
    outcome: str
    picture: str

    @classmethod
    def make(cls, site: Site) -> World:
        school = School.found(site)
        school.install()
        School.found(site, slug="crafts")
        with site.writing() as session:
            for course in session.scalars(select(Course)):
                course.title = course.short_title = {"en": course.slug.title()}
                course.about = {name: {"en": "Made up."} for name in ("audience", "origin")}
                made_up = {"en": {"title": "Made up", "lead": "Words.", "html": "<p>More words.</p>"}}
                course.about["pages"] = {"welcome": made_up, "about": made_up}
            picture = picture_and_check(session)
            put_a_worksheet(session)
            put_a_pretest(session)
            put_a_booklet(session)
        owner, browser = school.participant()
        finished = school.begin(browser)
        school.answer_all_right(browser, finished)
        assert browser.post(f"/quizzes/attempts/{finished}/submit").status_code == 303
        answer = browser.post("/courses/trade/certificate", {"name": "Amina Otieno"})
        assert answer.status_code == 303, answer.text
        assert (
            browser.post("/worksheets/trade/basics/sheet", {"field:market": "Abroad", "go": "hand-in"}).status_code
            == 303
        )
        people = {
            "owner": owner,
            "other": school.participant()[0],
            "outsider": site.person(role="trainer"),
            "trainer": site.person(role="trainer"),
            "admin": site.person(role="admin"),
        }
        for address in ("/quizzes/trade/basics/quiz/practice", "/quizzes/trade/basics/quiz"):
            assert site.browser(people["other"]).post(address).status_code == 303
        spare, spares = school.participant()
        site.browser(people["admin"]).post(
            f"/admin/people/{spare.id}/name", {"name": "Spare Person", "reason": "Seen the passport."}
        )
        attempt = school.begin(spares)
        school.answer_all_right(spares, attempt)
        spares.post(f"/quizzes/attempts/{attempt}/submit")
        issued = site.browser(people["admin"]).post("/admin/certificates/issue", {"completion": ["1", "2"]})
        assert issued.status_code == 303, issued.text
        with site.writing() as session:
            for name, scope in (("trainer", "trade"), ("outsider", "crafts")):
                trainers.grant(session, person_id=people[name].id, scope=scope, now=clock.now())
            serial = session.scalars(select(Certificate.serial).where(Certificate.person_id == owner.id)).one()
            message = mail.write(session, to="somebody@example.org", subject="A letter", body="Words.", now=clock.now())
            assert message is not None
            message.state = "unknown"
            session.flush()
            message_id = message.id
        return cls(
            site=site,
            people=people,
            attempt_id=school.begin(browser),
            finished_id=finished,
            serial=serial,
            spare=spare,
            message_id=message_id,
            outcome=issued.location.split("/")[-1],
            picture=picture,
        )

    def browser(self, role: str) -> Browser:
        """A new browser of somebody in this role."""
        return self.site.browser(self.people.get(role))

    def link(self, purpose: str) -> str:
        """The token of a new link in a mail to the owner."""
        token, now = new_token(), clock.now()
        person = self.people["owner"]
        with self.site.writing() as session:
            session.add(
                EmailToken(
                    token_hash=hash_of(token),
                    purpose=purpose,
                    person_id=person.id,
                    email=person.email,
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )
        return token

    def values(self, endpoint: str) -> dict[str, Any]:
        """What the variable parts of an endpoint's address are."""
        return {
            "attempt_id": self.finished_id if endpoint.endswith((".result", ".submit")) else self.attempt_id,
            "position": 1,
            "course_slug": "trade",
            "module_slug": "basics",
            "lesson_slug": "first",
            "activity_slug": "sheet" if ".worksheets." in endpoint else "quiz",
            "check_slug": "practice",
            "picture_hash": self.picture,
            "language_tag": "en",
            "file_format": "pdf",
            "question_uid": "number" if endpoint.endswith((".retire_now", ".bring_back")) else "single",
            "serial": self.serial,
            "person_id": self.people["owner"].id if ".worksheets." in endpoint else self.spare.id,
            "role": "trainer",
            "message_id": self.message_id,
            "request_id": 1,
            "event_id": 1,
            "regrade_id": 1,
            "review_id": 1,
            "name": self.site.app.extensions["lms.assets"].by_name["css/lantern.css"],
            "token": {
                "lms.accounts.link": lambda: self.link("verify"),
                "lms.accounts.new_password": lambda: self.link("reset"),
            }.get(endpoint, lambda: self.outcome)(),
        }

    def address(self, rule: Rule, **changed: Any) -> str:
        """The path of a route with our values in it."""
        values = {name: value for name, value in self.values(rule.endpoint).items() if name in rule.arguments}
        return fill(rule.rule, {**values, **changed})


def put_a_booklet(session: Session, *, language: str = "en", file_format: str = "pdf") -> None:
    """Keep a booklet for the course “trade”; what it holds does not matter here."""
    course = session.scalars(select(Course).where(Course.slug == "trade")).one()
    what = {"course_id": course.id, "language": language, "format": file_format, "package_hash": course.package_hash}
    made = {"key": "1", "sha256": "0" * 64, "content": b"%PDF-1.7", "size_bytes": 8, "made_at": clock.now()}
    session.add(Booklet(**what, **made))


def picture_and_check(session: Session) -> str:
    """Put a self-check and a picture into the course “trade”; gives the picture's hash."""
    module = session.scalars(select(Module).join(Course).where(Course.slug == "trade")).one()
    spec = {"prompt": {"en": "It is so."}, "answer": True, "why_true": {"en": "Yes."}, "why_false": {"en": "No."}}
    session.add(
        SelfCheck(
            module_id=module.id,
            slug="practice",
            kind="true_false",
            spec_version=1,
            spec=spec,
            hash="0" * 64,
            objective="o1",
            explains="first",
            seed=1,
        )
    )
    session.add(Picture(course_id=module.course_id, hash="a" * 64, svg="<svg/>"))
    for text in session.scalars(select(LessonText).join(Lesson).where(Lesson.slug == "first")):
        text.html += '<section class="check" id="check-practice"></section>'
        text.checks = ["practice"]
    return "a" * 64


def put_a_worksheet(session: Session) -> None:
    """Put a worksheet with one field into the course “trade”."""
    module_id = session.scalars(select(Module.id).join(Course).where(Course.slug == "trade")).one()
    activity = Activity(module_id=module_id, slug="sheet", position=9, kind="worksheet", title={"en": "Sheet"})
    session.add(activity)
    session.flush()
    words = {"en": "Made up."}
    fields = [{"id": "market", "label": words, "kind": "line", "required": True}]
    definition = {
        "title": words,
        "intro": words,
        "example": words,
        "sections": [{"id": "plan", "heading": words, "fields": fields}],
    }
    worksheets.install(session, activity_id=activity.id, definition=definition, now=clock.now())


def put_a_pretest(session: Session) -> None:
    """Put a pre-test into the course “trade”: two questions of its module, of which one is asked at a time."""
    course_id = session.scalars(select(Course.id).where(Course.slug == "trade")).one()
    words = {"en": "Made up."}
    about = {"intro": words, "objectives": [{"id": "basics", "text": words}], "asked": 1}
    module = Module(course_id=course_id, slug=PRETEST, part="", position=9, ready=True, title=words, about=about)
    session.add(module)
    session.flush()
    activity = Activity(module_id=module.id, slug=PRETEST, position=1, kind=PRETEST, title=words)
    session.add(activity)
    session.flush()
    asked = [{**choice(name), "module": "basics", "difficulty": "easy", "explains": "first"} for name in ("p", "q")]
    definition = {"title": words, "intro": words, "questions": asked}
    pretest_activity.install(session, activity_id=activity.id, definition=definition, now=clock.now())


def fill(rule: str, values: dict[str, Any]) -> str:
    """A rule with its variable parts replaced as they are: an address that no router would build."""
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", lambda match: str(values[match[1]]), rule)


def rules(site: Site) -> list[Rule]:
    """Every route, in a fixed order."""
    return sorted(site.app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def routes(site: Site) -> list[tuple[Rule, str]]:
    """Every route with each of its methods; HEAD and OPTIONS follow GET by themselves."""
    return [(rule, method) for rule in rules(site) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
