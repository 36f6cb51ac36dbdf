"""What the pages of attempts print: frozen values, worked out once, with every address in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import url_for

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from quizzes.activity import QuizPlace
from quizzes.asking import Asked, ask, current_spec
from quizzes.attempts.journal import Answers, Journal
from quizzes.attempts.models import AnswerEvent, Attempt
from quizzes.attempts.receipts import shown
from quizzes.attempts.services import DrawnQuestion, QuizOverview, Standing
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import BadSpec
from quizzes.question_types.seeds import question_seed

LITTLE_TIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a page turns message ids and language maps into words of the person who asks."""

    language: str
    translate: Callable[..., str]

    def __call__(self, message: str, **values: object) -> str:
        return self.translate(message, **values)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the person reads, the best first."""
        return (self.language,)

    def said(self, text: Text) -> Localised:
        """Return a text in the person's language."""
        return pick(text, self.languages)


Crumbs = tuple[tuple[str, str | None], ...]


def crumbs(place: QuizPlace, title: Text, words: Words, *, here: str | None = None) -> Crumbs:
    """Return the way up from a quiz, or from a page below it that is called ``here``."""
    course = url_for("courses.learning.course", course_slug=place.course_slug)
    module = url_for("courses.learning.module", course_slug=place.course_slug, module_slug=place.module_slug)
    up: Crumbs = (
        (words.said(place.course_title).text, course),
        (words.said(place.module_title).text, module),
    )
    if here is None:
        return (*up, (words.said(title).text, None))
    return (*up, (words.said(title).text, quiz_address(place)), (here, None))


def quiz_address(place: QuizPlace) -> str:
    """Return the address of a quiz's first page."""
    return url_for(
        "quizzes.attempts.intro",
        course_slug=place.course_slug,
        module_slug=place.module_slug,
        activity_slug=place.activity_slug,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """A row of the list of tries; ``state``: open, passed, not_passed, over (not marked yet)."""

    number: int
    opened_at: datetime
    state: Literal["open", "passed", "not_passed", "over"]
    score: float | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroPage:
    """The rules of a quiz in plain words, and the button that begins. ``ends_at``: when, if one began now."""

    title: Localised
    crumbs: Crumbs
    questions: int
    pass_mark: float
    tries: int | None
    tries_left: int | None
    minutes: int | None
    ends_at: datetime | None
    attempts: tuple[PastAttempt, ...]
    best: float | None
    act: Literal["start", "continue", "enrol", "none"]
    action: str
    course_href: str


def intro_page(found: QuizOverview, words: Words, *, now: datetime) -> IntroPage:
    """Build the page that a person sees before they begin."""
    quiz, place = found.quiz, found.place
    going_on = found.open_attempt(now)
    limit = quiz.time_limit_seconds
    if not place.enrolled:
        act: Literal["start", "continue", "enrol", "none"] = "enrol"
    elif going_on is not None:
        act = "continue"
    else:
        act = "none" if found.tries_left == 0 or not found.questions else "start"
    ends_at = None if limit is None else now + timedelta(seconds=limit)
    scores = [result.score for _, result in found.attempts if result is not None]
    return IntroPage(
        title=words.said(quiz.title),
        crumbs=crumbs(place, quiz.title, words),
        questions=found.questions,
        pass_mark=quiz.pass_mark,
        tries=quiz.tries,
        tries_left=found.tries_left,
        minutes=None if limit is None else max(1, limit // 60),
        ends_at=going_on.deadline if going_on is not None else ends_at,
        attempts=tuple(
            PastAttempt(
                number=attempt.number,
                opened_at=attempt.opened_at,
                state=(
                    ("passed" if result.passed else "not_passed")
                    if result is not None
                    else ("open" if attempt.is_open(now) else "over")
                ),
                score=None if result is None else result.score,
                href=url_for("quizzes.results.result", attempt_id=attempt.id),
            )
            for attempt, result in found.attempts
        ),
        best=max(scores, default=None),
        act=act,
        action=quiz_address(place),
        course_href=url_for("courses.learning.course", course_slug=place.course_slug),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One question in the list "Your answers"."""

    label: str
    href: str
    state: Literal["saved", "none", "late"]
    receipt: str
    current: bool = False
    cause: str = ""


def answer_lines(
    attempt: Attempt, positions: Sequence[int], answers: Journal, words: Words, *, current: int | None = None
) -> tuple[AnswerLine, ...]:
    """Say of each question whether its answer is saved."""
    return tuple(
        AnswerLine(
            label=words(N_("Question %(number)s"), number=position),
            href=url_for("quizzes.attempts.question", attempt_id=attempt.id, position=position),
            state=state_of(answers.at(position)),
            receipt=receipt_of(answers.at(position)),
            current=position == current,
        )
        for position in positions
    )


def state_of(answers: Answers) -> Literal["saved", "none", "late"]:
    """Say where the answer to a question is."""
    if answers.response is not None:
        return "saved"
    return "late" if answers.late else "none"


def receipt_of(answers: Answers) -> str:
    """Return the receipt that goes with `state_of`."""
    if answers.response is not None and answers.counted is not None:
        return shown(answers.counted.receipt)
    return shown(answers.late[0].receipt) if answers.late else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """One question on its page. ``asked`` None: its kind cannot be shown now. ``seen`` goes back with the answer."""

    title: Localised
    crumbs: Crumbs
    position: int
    of: int
    asked: Asked | None
    state: Literal["saved", "none", "late"]
    receipt: str
    elsewhere: tuple[str, ...]  # what other devices answered, in words
    lines: tuple[AnswerLine, ...]
    unanswered: int
    ends_at: datetime | None
    minutes_left: int | None
    little_time: bool
    seen: int
    action: str


def question_page(
    found: Standing,
    question: DrawnQuestion,
    of: int,
    answers: Journal,
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    now: datetime,
    given: Mapping[str, Sequence[str]] | None = None,
    error: str | None = None,
    error_fields: Sequence[str] = (),
) -> QuestionPage:
    """Build the page of one question, with what was ``given`` and the sentence about it if it was refused."""
    attempt = found.attempt
    of_question = answers.at(question.position)
    kind = kinds.get(question.kind)
    left = None if attempt.deadline is None else attempt.deadline - now
    lines = answer_lines(attempt, range(1, of + 1), answers, words, current=question.position)
    return QuestionPage(
        title=words.said(found.title),
        crumbs=crumbs(found.place, found.title, words, here=words(N_("Question %(number)s"), number=question.position)),
        position=question.position,
        of=of,
        asked=ask(
            kind,
            question.spec,
            question.spec_version,
            seed=question_seed(attempt.seed, question.position),
            languages=words.languages,
            response=of_question.response,
            given=given,
            error=error,
            error_fields=error_fields,
        ),
        state=state_of(of_question),
        receipt=receipt_of(of_question),
        elsewhere=tuple(
            text for event in of_question.elsewhere if (text := summary(kind, question, event, words)) is not None
        ),
        lines=lines,
        unanswered=sum(line.state != "saved" for line in lines),
        ends_at=attempt.deadline,
        minutes_left=None if left is None else max(0, -(-left // timedelta(minutes=1))),
        little_time=left is not None and left < LITTLE_TIME,
        seen=answers.highest,
        action=url_for("quizzes.attempts.question", attempt_id=attempt.id, position=question.position),
    )


def summary(kind: QuestionKind | None, question: DrawnQuestion, event: AnswerEvent, words: Words) -> str | None:
    """Put an answer into a few words; None if its kind is not here."""
    if kind is None:
        return None
    if not event.answer:
        return words(N_("no answer"))
    try:
        return kind.type.summarise(current_spec(kind.type, question.spec, question.spec_version), event.answer)
    except BadSpec:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """All answers before they are submitted."""

    title: Localised
    crumbs: Crumbs
    lines: tuple[AnswerLine, ...]
    unanswered: tuple[AnswerLine, ...]
    ends_at: datetime | None
    action: str
    back: str


def check_page(found: Standing, positions: Sequence[int], answers: Journal, words: Words) -> CheckPage:
    """Build the page that lists what is answered and what is not."""
    attempt = found.attempt
    lines = answer_lines(attempt, positions, answers, words)
    return CheckPage(
        title=words.said(found.title),
        crumbs=crumbs(found.place, found.title, words, here=words(N_("Your answers"))),
        lines=lines,
        unanswered=tuple(line for line in lines if line.state != "saved"),
        ends_at=attempt.deadline,
        action=url_for("quizzes.attempts.submit", attempt_id=attempt.id),
        back=lines[-1].href,
    )
