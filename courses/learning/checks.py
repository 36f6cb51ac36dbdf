"""Self-checks in the page of a lesson: each one's HTML, kept where it is the same for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app

from courses.checks.services import Asker, KeptAnswer, seed_of
from courses.hooks import AnsweredCheck, AskedCheck, SelfChecks
from courses.learning.services import OpenLesson
from courses.outline.services import LessonCheck
from lms.errors import NotFound
from lms.keeping import Keeping
from lms.web.rendering import token_left_open

MOST_BYTES = 4_000_000


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

    def slots(self, *, again: str = "", refusal: Refusal | None = None) -> dict[str, str]:
        """The HTML of each self-check: its form, or the feedback to the answer that is kept.

        ``again`` is the slug of one whose form is asked for anew.
        """
        found = {}
        for check in self.opened.body.checks:
            answer = self.opened.answers.get(check.slug)
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
        kept: Keeping[str] = current_app.extensions.setdefault("courses.check_forms", Keeping(most_bytes=MOST_BYTES))
        place = (self.opened.outline.slug, self.opened.module.slug, self.opened.lesson.slug)
        key = (check.id, check.hash, place, self.asker.order, self.language)
        form = kept.get(key)
        if form is None:
            form = self._form(check, self.asker.order)
            kept.keep(key, form, len(form))
        return form

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
