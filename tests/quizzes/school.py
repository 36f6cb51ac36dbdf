"""A small course with a quiz, and people who take it: what the tests of quizzes start from.

``ALL_KINDS`` has the five kinds with one answer, ``PART_KINDS`` those with several parts and the open one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

from sqlalchemy import func, select

from courses.enrolment.models import Enrolment
from courses.outline.models import Activity, Course, Lesson, LessonText, Module
from lms import clock
from lms.accounts.models import Person
from lms.testing import Browser, Site
from quizzes.attempts.models import AnswerEvent, Attempt, AttemptQuestion, Result
from quizzes.bank import services as bank
from quizzes.bank.models import Question, QuestionVersion
from quizzes.question_types import BUILT_IN

TYPES = {of_kind.kind: of_kind for of_kind in BUILT_IN}
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)


def choice(uid: str, *, right: str = "b", prompt: str = "", **more: Any) -> dict[str, Any]:
    """A single choice whose key words are nowhere else: ``why-<uid>-<option>``."""
    return {
        "id": uid,
        "kind": "single_choice",
        "objective": "o1",
        "explains": "first#here",
        "spec": {
            "prompt": {"en": prompt or f"What fits {uid}?"},
            "options": [
                {
                    "id": option,
                    "text": {"en": f"Option {letter} of {uid}"},
                    "right": option == right,
                    "why": {"en": f"why-{uid}-{option}"},
                }
                for option, letter in (("a", "one"), ("b", "two"), ("c", "three"))
            ],
            **more,
        },
    }


ALL_KINDS: Sequence[Mapping[str, Any]] = (
    choice("single"),
    {
        "id": "several",
        "kind": "multiple_choice",
        "objective": "o1",
        "explains": "first",
        "spec": {
            "prompt": {"en": "Which two fit?"},
            "options": [
                {"id": "a", "text": {"en": "Sea"}, "right": True, "why": {"en": "why-several-a"}},
                {"id": "b", "text": {"en": "Rail"}, "right": True, "why": {"en": "why-several-b"}},
                {"id": "c", "text": {"en": "Smoke"}, "right": False, "why": {"en": "why-several-c"}},
            ],
        },
    },
    {
        "id": "statement",
        "kind": "true_false",
        "objective": "o2",
        "explains": "second#there",
        "spec": {
            "prompt": {"en": "A bonded warehouse stands inside a zone."},
            "answer": True,
            "why_true": {"en": "why-statement-true"},
            "why_false": {"en": "why-statement-false"},
        },
    },
    {
        "id": "words",
        "kind": "short_text",
        "objective": "o2",
        "explains": "second",
        "spec": {
            "prompt": {"en": "Which city gave the plan its name?"},
            "accepted": ["Buenos Aires"],
            "why": {"en": "why-words"},
            "near": [{"text": "Bandung", "why": {"en": "why-words-near"}}],
        },
    },
    {
        "id": "number",
        "kind": "numeric",
        "objective": "o2",
        "explains": "second#there",
        "spec": {
            "prompt": {"en": "How many orders?"},
            "value": "150",
            "tolerance": {"kind": "absolute", "amount": "0.5"},
            "unit": {"en": "orders"},
            "why": {"en": "why-number"},
        },
    },
)


PART_KINDS: Sequence[Mapping[str, Any]] = (
    {
        "id": "papers",
        "kind": "matching",
        "objective": "o1",
        "explains": "first",
        "spec": {
            "prompt": {"en": "Which paper does what?"},
            "pairs": [
                {
                    "id": "invoice",
                    "left": {"en": "The invoice"},
                    "right": {"en": "names the *price*"},
                    "why": {"en": "why-papers-invoice"},
                },
                {
                    "id": "list",
                    "left": {"en": "The packing list"},
                    "right": {"en": "names each box"},
                    "why": {"en": "why-papers-list"},
                },
                {
                    "id": "proof",
                    "left": {"en": "The proof of origin"},
                    "right": {"en": "names the country"},
                    "why": {"en": "why-papers-proof"},
                },
            ],
            "extra": [{"id": "weather", "text": {"en": "names the weather"}, "why": {"en": "why-papers-weather"}}],
            "hint": {"en": "help-papers"},
        },
    },
    {
        "id": "way",
        "kind": "ordering",
        "objective": "o1",
        "explains": "first",
        "spec": {
            "prompt": {"en": "Put the way of a parcel in order."},
            "items": [
                {"id": "pack", "text": {"en": "It is packed."}},
                {"id": "fetch", "text": {"en": "The carrier fetches it."}},
                {"id": "clear", "text": {"en": "It is *cleared* by customs."}},
                {"id": "bring", "text": {"en": "It is brought to the door."}},
            ],
            "why": {"en": "why-way"},
        },
    },
    {
        "id": "sentence",
        "kind": "gap_text",
        "objective": "o2",
        "explains": "second",
        "spec": {
            "prompt": {"en": "Complete the sentence."},
            "text": {
                "en": "A buyer pays {{when}} before the *parcel* moves; this protects the {{whom}} and costs {{much}}."
            },
            "gaps": [
                {
                    "id": "when",
                    "accepted": ["in advance"],
                    "near": [{"text": "before", "why": {"en": "why-sentence-near"}}],
                    "why": {"en": "why-sentence-when"},
                },
                {
                    "id": "whom",
                    "options": [
                        {"id": "a", "text": {"en": "seller"}, "right": True, "why": {"en": "why-sentence-seller"}},
                        {"id": "b", "text": {"en": "buyer"}, "right": False, "why": {"en": "why-sentence-buyer"}},
                    ],
                },
                {"id": "much", "accepted": ["nothing"], "why": {"en": "why-sentence-much"}},
            ],
        },
    },
    {
        "id": "plan",
        "kind": "open",
        "objective": "o2",
        "explains": "second",
        "spec": {
            "prompt": {"en": "How would you sell to the neighbouring country?"},
            "words": {"least": 5, "most": 150},
            "rubric": [
                {
                    "id": "road",
                    "text": {"en": "Names a way for the parcel"},
                    "points": 2,
                    "levels": [
                        {"points": 0, "text": {"en": "level-none"}},
                        {"points": 1, "text": {"en": "level-half"}},
                        {"points": 2, "text": {"en": "level-full"}},
                    ],
                },
                {
                    "id": "money",
                    "text": {"en": "Says how the buyer pays"},
                    "points": 1,
                    "levels": [
                        {"points": 0, "text": {"en": "level-no-money"}},
                        {"points": 1, "text": {"en": "level-money"}},
                    ],
                },
            ],
            "model": {"en": "model-plan: by bus, paid on delivery."},
        },
    },
)


@dataclass
class School:
    """One course on one site; slugs are ``trade``, ``basics``, ``quiz``."""

    site: Site
    course_id: int
    module_id: int
    activity_id: int

    intro = "/quizzes/trade/basics/quiz"

    @classmethod
    def found(cls, site: Site, *, slug: str = "trade") -> School:
        """Write a published course with two lessons and an activity that holds no quiz yet."""
        with site.writing() as session:
            course = Course(
                slug=slug,
                revision=1,
                title={"en": "Trade"},
                short_title={"en": "Trade"},
                summary={"en": "About trade."},
                about={name: {"en": "Made up."} for name in ("audience", "origin")},
                parts=[{"id": "day-1", "title": {"en": "Day 1"}}],
                source_language="en",
                languages=["en"],
                papers=[
                    {
                        "id": "completion",
                        "title": {"en": "Certificate"},
                        "statement": {"en": "Took the course."},
                        "rules": [{"rule": "quizzes_passed", "modules": "ready"}],
                    }
                ],
                package_version="1",
                package_hash="0" * 64,
                published_at=MONDAY,
            )
            session.add(course)
            session.flush()
            objectives = [{"id": "o1", "text": {"en": "Name what fits"}}, {"id": "o2", "text": {"en": "Count orders"}}]
            module = Module(
                course_id=course.id,
                slug="basics",
                part="day-1",
                position=1,
                ready=True,
                title={"en": "Basics"},
                about={"objectives": objectives},
            )
            session.add(module)
            session.flush()
            for position, name in enumerate(("first", "second"), start=1):
                lesson = Lesson(module_id=module.id, slug=name, position=position, minutes=5)
                session.add(lesson)
                session.flush()
                session.add(
                    LessonText(
                        lesson_id=lesson.id,
                        language="en",
                        title=f"The {name} lesson",
                        lead="",
                        html="<p>Text.</p>",
                        headings=[],
                        hash="0" * 64,
                        source_hash="0" * 64,
                        revised_on=date(2026, 11, 23),
                    )
                )
            activity = Activity(module_id=module.id, slug="quiz", position=1, kind="quiz", title={"en": "Quiz"})
            session.add(activity)
            session.flush()
            return cls(site, course.id, module.id, activity.id)

    def install(self, questions: Sequence[Mapping[str, Any]] = ALL_KINDS, **rules: Any) -> str | None:
        """Install a quiz as its package would."""
        definition = {"title": {"en": "Quiz of the basics"}, "pass_mark": 0.7, "questions": list(questions), **rules}
        with self.site.writing() as session:
            return bank.install_quiz(
                session, activity_id=self.activity_id, definition=definition, types=TYPES, now=clock.now()
            )

    def participant(self, *, enrolled: bool = True, **values: Any) -> tuple[Person, Browser]:
        """Somebody who takes the course, with a browser that is signed in."""
        person = self.site.person(**values)
        if enrolled:
            with self.site.writing() as session:
                session.add(Enrolment(course_id=self.course_id, person_id=person.id, enrolled_at=clock.now()))
        return person, self.site.browser(person)

    def begin(self, browser: Browser) -> int:
        """Begin an attempt in a browser; its id."""
        answer = browser.post(self.intro)
        assert answer.status_code == 303, answer.text
        return int(answer.location.split("/")[-2])

    def count(self, model: type[Any]) -> int:
        """Count the rows of a table."""
        with self.site.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def rows(self, model: type[Any]) -> list[Any]:
        """All rows of a table by id."""
        with self.site.reading() as session:
            return list(session.scalars(select(model).order_by(*model.__table__.primary_key.columns)))

    def events(self) -> list[AnswerEvent]:
        return self.rows(AnswerEvent)

    def attempts(self) -> list[Attempt]:
        return self.rows(Attempt)

    def results(self) -> list[Result]:
        return self.rows(Result)

    def position_of(self, attempt_id: int, uid: str) -> int:
        """Where a question was drawn to."""
        with self.site.reading() as session:
            return session.scalars(
                select(AttemptQuestion.position)
                .join(QuestionVersion, QuestionVersion.id == AttemptQuestion.question_version_id)
                .join(Question, Question.id == QuestionVersion.question_id)
                .where(AttemptQuestion.attempt_id == attempt_id, Question.uid == uid)
            ).one()

    def answer(self, browser: Browser, attempt_id: int, uid: str, *texts: str, **fields: Any) -> Any:
        """Answer a question on its page: options by their words, anything else as typed."""
        address = f"/quizzes/attempts/{attempt_id}/{self.position_of(attempt_id, uid)}"
        page = browser.get(address).text
        offered = options_of(page)
        form: dict[str, Any] = {"seen": seen_by(page), **fields}
        if offered:
            form["choice"] = [offered[text] for text in texts]
        else:
            form["answer"] = list(texts)
        return browser.post(address, form)

    def answer_parts(self, browser: Browser, attempt_id: int, uid: str, answers: Mapping[str, str]) -> Any:
        """Answer the parts of a question by the words beside them: an option by its words, else as typed."""
        address = f"/quizzes/attempts/{attempt_id}/{self.position_of(attempt_id, uid)}"
        page = browser.get(address).text
        form = {"seen": seen_by(page)}
        for label, control in controls_of(page).items():
            answer = answers.get(label, "")
            form[control.name] = control.options.get(answer, answer)
        return browser.post(address, form)

    def answer_all_right(self, browser: Browser, attempt_id: int) -> None:
        """Answer every question of `ALL_KINDS` as it should be."""
        for uid, texts in RIGHT.items():
            assert self.answer(browser, attempt_id, uid, *texts).status_code == 303


RIGHT: Mapping[str, Sequence[str]] = {
    "single": ("Option two of single",),
    "several": ("Sea", "Rail"),
    "statement": ("True",),
    "words": ("buenos aires",),
    "number": ("150",),
}


def options_of(page: str) -> dict[str, str]:
    """The drawn ids of a question page's options by their words."""
    found = re.findall(r'name="choice"[^>]*? value="([^"]+)"[^>]*><span>(.*?)</span>\s*</label>', page, flags=re.S)
    return {unescape(re.sub(r"<[^>]+>", "", words)).strip(): drawn for drawn, words in found}


@dataclass
class Control:
    """A field of a question page: its name, and the values of its options by their words."""

    name: str
    options: dict[str, str]


def controls_of(page: str) -> dict[str, Control]:
    """The fields of a question's parts by the words that stand beside them, in the page's order."""
    labels = {
        found[1]: _plain(found[2]) for found in re.finditer(r'<label for="([^"]+)">(.*?)</label>', page, flags=re.S)
    }
    controls: dict[str, Control] = {}
    for tag, inside in re.findall(
        r'(<(?:select|input)[^>]*name="part-[^>]*>)((?:<option.*?</option>)*)', page, flags=re.S
    ):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        options = {
            _plain(words): value for value, words in re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', inside)
        }
        controls[said.get("aria-label") or labels[said["id"]]] = Control(said["name"], options)
    return controls


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def seen_by(page: str) -> str:
    """The counter that a question page carries."""
    match = re.search(r'name="seen" value="(\d+)"', page)
    assert match is not None, page
    return match[1]


def receipts_in(page: str) -> list[str]:
    """The receipts that a page shows, in order."""
    return re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", page)
