"""Self-checks in the page of a lesson: each one's HTML, kept where it is the same for many."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from flask import current_app

from courses.checks.services import Asker, KeptAnswer, seed_of
from courses.hooks import AnsweredCheck, AskedCheck, SelfChecks
from courses.learning.services import OpenLesson
from courses.outline.services import LessonCheck
from lms.errors import NotFound
from lms.web.rendering import token_left_open


class KeptForms:
    """The forms of self-checks that one process keeps, in ``most_bytes``; the one longest out of use goes first."""

    def __init__(self, most_bytes: int = 8_000_000) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._forms: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        found = self._forms.get(key)
        if found is not None:
            with suppress(KeyError):  # under a server with threads another one may have thrown it out by now
                self._forms.move_to_end(key)
        return found

    def put(self, key: Hashable, html: str) -> None:
        with self._lock:
            if self._forms.setdefault(key, html) is html:
                self.bytes += sys.getsizeof(html)
            while self.bytes > self.most_bytes:
                self.bytes -= sys.getsizeof(self._forms.popitem(last=False)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was sent to one self-check and cannot be an answer, and why, in the person's words."""

    slug: str
    given: Mapping[str, list[str]]
    order: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """What the template of one self-check prints; without ``controls`` and ``feedback`` it cannot be shown here."""

    slug: str
    action: str
    again: str
    order: int
    with_token: bool
    controls: str | None = None
    feedback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The self-checks of one lesson for who asks."""

    opened: OpenLesson
    asker: Asker
    language: str

    def check(self, slug: str) -> LessonCheck:
        """The lesson's self-check with this slug, or NotFound."""
        for check in self.opened.body.checks:
            if check.slug == slug:
                return check
        raise NotFound

    def slots(
        self, answers: Mapping[str, KeptAnswer], *, again: str = "", refusal: Refusal | None = None
    ) -> dict[str, str]:
        """The HTML of each self-check: its form, or the feedback to the answer that is kept.

        ``again`` is the slug of one whose form is asked for anew.
        """
        found = {}
        for check in self.opened.body.checks:
            answer = answers.get(check.slug)
            if refusal is not None and refusal.slug == check.slug:
                html = self._form(check, refusal.order, given=refusal.given, error=refusal.error)
            elif answer is not None and check.slug != again:
                html = self._feedback(check, answer)
            else:
                html = self._kept_form(check)
            found[f"check-{check.slug}"] = html
        return found

    def asked(self, check: LessonCheck, order: int) -> AskedCheck:
        """The question as `courses.hooks.SelfChecks` takes it."""
        return AskedCheck(
            kind=check.kind,
            spec=check.spec,
            spec_version=check.spec_version,
            seed=seed_of(check, order),
            prefix=f"check-{check.slug}-",
            explains=check.explains,
            links={
                lesson.slug: (lesson.titles, self._lesson_address(lesson.slug)) for lesson in self.opened.module.lessons
            },
        )

    def _lesson_address(self, slug: str) -> str:
        return f"/courses/{self.opened.outline.slug}/{self.opened.module.slug}/{slug}"

    def _kept_form(self, check: LessonCheck) -> str:
        kept: KeptForms = current_app.extensions.setdefault("courses.check_forms", KeptForms())
        place = (self.opened.outline.slug, self.opened.module.slug, self.opened.lesson.slug)
        key = (check.id, check.hash, place, self.asker.order, self.language)
        html = kept.get(key)
        if html is None:
            html = self._form(check, self.asker.order)
            kept.put(key, html)
        return html

    def _form(
        self,
        check: LessonCheck,
        order: int,
        *,
        given: Mapping[str, Sequence[str]] | None = None,
        error: str | None = None,
    ) -> str:
        controls = None
        server = server_of(check.kind)
        if server is not None:
            controls = server.form(self.asked(check, order), language=self.language, given=given, error=error)
        return self._html(check, order, controls=controls)

    def _feedback(self, check: LessonCheck, answer: KeptAnswer) -> str:
        feedback, server = None, server_of(check.kind)
        if server is not None:
            asked, answered = self.asked(check, self.asker.order), AnsweredCheck(answer.answer, answer.score)
            feedback = server.feedback(asked, answered, language=self.language)
        return self._html(check, self.asker.order, feedback=feedback)

    def _html(self, check: LessonCheck, order: int, *, controls: str | None = None, feedback: str | None = None) -> str:
        lesson = self._lesson_address(self.opened.lesson.slug)
        entry = CheckEntry(
            slug=check.slug,
            action=f"{lesson}/checks/{check.slug}#check-{check.slug}",
            again=f"?again={check.slug}#check-{check.slug}",
            order=order,
            with_token=self.asker.person_id is not None,
            controls=controls,
            feedback=feedback,
        )
        with token_left_open():
            return current_app.jinja_env.get_template("courses/learning/check.html").render(check=entry)


def server_of(kind: str) -> SelfChecks | None:
    """Who serves self-checks of this kind; None where their plugin is gone."""
    servers: dict[str, SelfChecks | None] = current_app.extensions.setdefault("courses.check_servers", {})
    if kind not in servers:
        known: list[SelfChecks] = current_app.extensions["lms.plugins"].collect("course_self_checks")
        servers[kind] = next((one for one in known if one.problems(kind, {}) is not None), None)
    return servers[kind]
