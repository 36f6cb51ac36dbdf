"""Every kind of question that marks itself, as a self-check of a lesson."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import current_app
from markupsafe import Markup

from courses.hooks import AnsweredCheck, AskedCheck, PaperItem, SelfChecks
from lms.errors import N_, Invalid
from lms.text.localised import Localised, pick
from lms.text.markdown import inline
from lms.web.languages import gettext
from quizzes.asking import ask, current_spec
from quizzes.kinds import kinds
from quizzes.paper import item
from quizzes.question_types import QuestionType
from quizzes.question_types.base import ANSWER, BadAnswer, Response, Spec, as_presented

log = logging.getLogger(__name__)

NOT_FOR_CHECKS = N_("A trainer marks questions of this kind, and a self-check answers at once.")
_ROUNDING = 1e-9  # thirds and tenths are not exact in a float
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_NAMES_IDS = re.compile(r'(\s(?:id|for|aria-labelledby|aria-describedby|list)=")([^"]+)"')


@dataclass(frozen=True, slots=True)
class Around:
    """What the kinds' templates ask of the page around them."""

    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the feedback: an option, or what was typed, or what would have been right."""

    text: Markup
    chosen: bool
    right: bool
    why: Markup
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A self-check after its answer; ``folded`` is shown on demand."""

    prompt: Markup
    state: Literal["right", "partly", "wrong"]
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]
    why: Markup
    href: str
    link: Localised


class QuestionChecks(SelfChecks):
    """The kinds of questions that this site knows."""

    name = "questions"

    def problems(self, kind: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, object]]] | None:
        """Give each fault of a question; None for a kind that this site does not know."""
        found = kinds().get(kind)
        return None if found is None else self._problems(found.type, spec)

    def _problems(self, of_kind: QuestionType, spec: Spec) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        problems = of_kind.check(spec)
        for problem in problems:
            yield problem.path, problem.message, problem.values
        if not problems and of_kind.mark(spec, None) is None:
            yield "", NOT_FOR_CHECKS, {}

    def spec_version(self, kind: str) -> int:
        """The version of specs that are installed now."""
        return kinds()[kind].type.spec_version

    def form(
        self, asked: AskedCheck, *, language: str, given: Mapping[str, Sequence[str]] | None, error: str | None
    ) -> str | None:
        """The question with its controls, as the kind's own template draws them."""
        put = ask(
            kinds().get(asked.kind),
            asked.spec,
            asked.spec_version,
            seed=asked.seed,
            languages=(language,),
            given=given,
            error=error,
        )
        if put is None:
            return None
        return with_prefix(_html("quizzes/self_checks/question.html", language, asked=put), asked.prefix)

    def read(self, asked: AskedCheck, given: Mapping[str, list[str]], *, language: str) -> AnsweredCheck | None:
        """Read and mark an answer; None for an empty form. Raises Invalid."""
        kind = kinds().get(asked.kind)
        if kind is None:
            raise Invalid(N_("This site cannot show this kind of question now."))
        spec = current_spec(kind.type, asked.spec, asked.spec_version)
        response = kind.type.read(spec, dict(given), seed=asked.seed, locale=language)
        if not response:
            return None
        mark = kind.type.mark(spec, response)
        if mark is None:
            raise Invalid(NOT_FOR_CHECKS)
        try:
            written = json.dumps(response, allow_nan=False, ensure_ascii=False)
            written.encode()
        except ValueError:
            raise BadAnswer(N_("This answer cannot be read.")) from None
        if "\\u0000" in written:  # PostgreSQL has no room for it
            raise BadAnswer(N_("This answer cannot be read."))
        return AnsweredCheck(json.loads(written), mark.score)

    def feedback(self, asked: AskedCheck, answered: AnsweredCheck, *, language: str) -> str | None:
        """The question, the answer and why it is right or not."""
        kind = kinds().get(asked.kind)
        if kind is None:
            return None
        try:
            outcome = _outcome(kind.type, asked, answered, language)
        except Exception:  # a faulty kind must not hide the lesson
            log.exception("kind %s failed to explain a self-check", asked.kind)
            return None
        return with_prefix(_html("quizzes/self_checks/feedback.html", language, outcome=outcome), asked.prefix)

    def paper(
        self, kind: str, spec: Mapping[str, Any], *, name: str, languages: Sequence[str], translate: Callable[..., str]
    ) -> PaperItem | None:
        """The question for the booklet, with its key."""
        return item(kind, spec, name=name, languages=languages, translate=translate)


def with_prefix(html: str, prefix: str) -> str:
    """Begin every id of our own HTML, and every mention of one, with ``prefix``: many questions stand on one page."""

    def in_tag(tag: re.Match[str]) -> str:
        return _NAMES_IDS.sub(_prefixed, tag[0])

    def _prefixed(names: re.Match[str]) -> str:
        return f'{names[1]}{" ".join(prefix + name for name in names[2].split())}"'

    return _TAG.sub(in_tag, html)


def _html(template: str, language: str, **values: object) -> str:
    return current_app.jinja_env.get_template(template).render(values, chrome=Around(language))


def _outcome(of_kind: QuestionType, asked: AskedCheck, answered: AnsweredCheck, language: str) -> Outcome:
    spec, languages = current_spec(of_kind, asked.spec, asked.spec_version), (language,)
    presentation = of_kind.present(spec, seed=asked.seed, languages=languages)
    response: Response = answered.answer
    found = as_presented(
        of_kind.feedback(spec, response, languages=languages), presentation=presentation, seed=asked.seed
    )
    right = answered.score + _ROUNDING >= 1
    why = Markup("") if found.text is None else _said(found.text, language)
    if found.options:
        rows = tuple(
            Row(
                text=_said(option.text, language),
                chosen=option.chosen,
                right=option.right,
                why=_said(option.why, language),
            )
            for option in found.options
        )
    else:
        typed = of_kind.fill(spec, response, seed=asked.seed, locale=language).get(ANSWER)
        text = typed[0] if typed else of_kind.summarise(spec, response)
        rows = (Row(text=_plain(text), chosen=True, right=right, why=why),)
        if not right:
            solutions = of_kind.solution(spec, languages=languages)[:1]
            rows += tuple(Row(text=_plain(one.text), chosen=False, right=True, why=Markup("")) for one in solutions)
        why = Markup("")
    lesson, _, anchor = asked.explains.partition("#")
    titles, address = asked.links.get(lesson, ({}, ""))
    return Outcome(
        prompt=_said(presentation.prompt, language),
        state="right" if right else "partly" if answered.score > 0 else "wrong",
        rows=tuple(row for row in rows if not right or row.chosen or row.right),
        folded=tuple(row for row in rows if right and not row.chosen and not row.right),
        why=why,
        href=f"{address}#{anchor}" if anchor and address else address,
        link=pick(titles, languages),
    )


def _plain(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text)


def _said(text: Localised, language: str) -> Markup:
    """A text as safe HTML, marked with its language where it is not the page's."""
    if text.message:
        return Markup.escape(gettext(text.text))
    html = Markup(inline(text.text))
    return html if text.language in ("", language) else Markup('<span lang="{}">{}</span>').format(text.language, html)
