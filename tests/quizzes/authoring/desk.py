"""A trainer at work: what a browser without script reads from a form and sends back."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select

from courses.authoring import services as trainers
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser
from quizzes.bank.models import DRAFT, PUBLISHED, Question, QuestionVersion
from tests.quizzes.school import School

BANK = "/quizzes/trade/basics/quiz/edit"


class _Reader(HTMLParser):
    """Collects what a browser would send of the form whose action is ``action``."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.inside = False
        self.fields: dict[str, list[str]] = {}
        self.textarea: str | None = None
        self.select: str | None = None
        self.first_option = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.inside = said.get("action") == self.action
        if not self.inside:
            return
        name = said.get("name") or ""
        if tag == "input" and name:
            kind = said.get("type", "text")
            if kind not in ("radio", "checkbox") or "checked" in said:
                value = said.get("value")
                self.add(name, ("y" if kind == "checkbox" else "") if value is None else value)
        elif tag == "textarea":
            self.textarea = name
            self.add(name, "")
        elif tag == "select":
            self.select, self.first_option = name, ""
        elif tag == "option" and self.select:
            value = said.get("value") or ""
            if self.select not in self.fields or "selected" in said:
                self.fields[self.select] = [value]

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea is not None:
            self.fields[self.textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.textarea is not None:
            # HTML drops the first line break after the tag.
            self.fields[self.textarea][-1] = self.fields[self.textarea][-1].lstrip("\r\n")
            self.textarea = None
        if tag == "select":
            self.select = None
        if tag == "form":
            self.inside = False

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


def fields_of(page: str, action: str) -> dict[str, Any]:
    """What the form of a page with this action sends if nobody touches it; the token is the browser's to add."""
    reader = _Reader(action)
    reader.feed(page)
    assert reader.fields, page
    return {name: values for name, values in reader.fields.items() if name != "csrf_token"}


@dataclass
class Desk:
    """A trainer of the school's course, in a browser."""

    school: School
    person: Person = field(init=False)
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.person, self.browser = self.trainer()

    def trainer(self, *, course: str | None = "trade") -> tuple[Person, Browser]:
        """Another trainer, of ``course`` or of none."""
        person = self.school.site.person(role="trainer")
        if course is not None:
            with self.school.site.writing() as session:
                trainers.grant(session, person_id=person.id, scope=course, now=clock.now())
        return person, self.school.site.browser(person)

    def page(self, uid: str, browser: Browser | None = None) -> str:
        """The editor's page of a question."""
        answer = (browser or self.browser).get(f"{BANK}/{uid}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def form(self, uid: str, browser: Browser | None = None) -> dict[str, Any]:
        """What the editor's form of a question holds."""
        return fields_of(self.page(uid, browser), f"{BANK}/{uid}")

    def save(self, uid: str, changes: dict[str, Any] | None = None) -> Any:
        """Open a question, change fields and press "Save the draft"."""
        return self.browser.post(f"{BANK}/{uid}", {**self.form(uid), **(changes or {})})

    def publish(self, uid: str, changes: dict[str, Any] | None = None) -> Any:
        """Open a question, change fields and press "Publish"."""
        return self.browser.post(f"{BANK}/{uid}/publish", {**self.form(uid), **(changes or {})})

    def versions(self, uid: str) -> list[tuple[int, str]]:
        """The number and state of every version of a question."""
        with self.school.site.reading() as session:
            rows = session.execute(
                select(QuestionVersion.number, QuestionVersion.state)
                .join(Question, Question.id == QuestionVersion.question_id)
                .where(Question.uid == uid)
                .order_by(QuestionVersion.number)
            )
            return [(row.number, row.state) for row in rows]

    def draft(self, uid: str) -> Any:
        """The spec of a question's draft, None without one."""
        return self._spec(uid, DRAFT)

    def published(self, uid: str) -> Any:
        """The spec of what is published, None without one."""
        return self._spec(uid, PUBLISHED)

    def question(self, uid: str) -> Question:
        with self.school.site.reading() as session:
            return session.scalars(select(Question).where(Question.uid == uid)).one()

    def _spec(self, uid: str, state: str) -> Any:
        with self.school.site.reading() as session:
            return session.scalar(
                select(QuestionVersion.spec)
                .join(Question, Question.id == QuestionVersion.question_id)
                .where(Question.uid == uid, QuestionVersion.state == state)
            )
