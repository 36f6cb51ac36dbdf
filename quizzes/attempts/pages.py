"""What the pages of attempts print: frozen values, worked out once, with every address in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.values import quick_dataclass
from lms.web.forms import Form
from lms.web.languages import ngettext
from lms.web.rendering import localised, macros, same_for_all, slot, token_left_open
from quizzes.activity import QuizPlace
from quizzes.asking import Asked, ask, current_spec
from quizzes.attempts.journal import Answers, Journal, StoredEvent
from quizzes.attempts.models import TimeRequest
from quizzes.attempts.receipts import shown
from quizzes.attempts.services import DrawnQuestion, QuizOverview, ReadAttempt, ReadResult, Standing
from quizzes.hooks import QuestionKind
from quizzes.marking.rules import counted
from quizzes.question_types.base import BadSpec
from quizzes.question_types.seeds import question_seed

LITTLE_TIME = timedelta(minutes=5)
ATTEMPT = "attempt"  # the slot of an attempt's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a page turns message ids and language maps into words of the person who asks."""

    language: str
    translate: Callable[..., str]

    def __call__(self, message: str, **values: object) -> str:
        return self.translate(message, **values)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the words that fit a number, which is ``%(num)s`` in them: 1 try, 2 tries."""
        return ngettext(singular, plural, number) % {"num": number}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the person reads, the best first."""
        return (self.language,)

    def said(self, text: Text) -> Localised:
        """Return a text in the person's language."""
        return pick(text, self.languages)


def html_of(text: Localised, words: Words) -> Markup:
    """Return a text as safe HTML, marked with its language where it is not the page's."""
    if text.message:
        return Markup.escape(words(text.text))
    return localised(text, words.language)


def paragraphs(text: Text | None, words: Words) -> tuple[Markup, ...]:
    """Return a text of several paragraphs, with empty lines between them, as safe HTML."""
    if not text:
        return ()
    said = words.said(text)
    parts = (part.strip() for part in said.text.split("\n\n"))
    return tuple(html_of(Localised(part, said.language), words) for part in parts if part)


Crumbs = tuple[tuple[str, str | None], ...]


def crumbs(place: QuizPlace, title: Text, words: Words, *, here: str | None = None) -> Crumbs:
    """Return the way up from a quiz, or from a page below it that is called ``here``."""
    course = f"/courses/{place.course_slug}"
    up: Crumbs = ((words.said(place.course_title).text, course),)
    if not place.is_pretest:
        up = (*up, (words.said(place.module_title).text, f"{course}/{place.module_slug}"))
    if here is None:
        return (*up, (words.said(title).text, None))
    return (*up, (words.said(title).text, quiz_address(place)), (here, None))


def quiz_address(place: QuizPlace) -> str:
    """Return the address of a quiz's first page."""
    if place.is_pretest:
        return url_for("quizzes.pretest.overview", course_slug=place.course_slug)
    return f"/quizzes/{place.course_slug}/{place.module_slug}/{place.activity_slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """A row of the list of tries; ``state``: open, passed, not_passed; without a mark to show: over, submitted."""

    number: int
    opened_at: datetime
    state: Literal["open", "passed", "not_passed", "over", "submitted"]
    score: float | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroPage:
    """The rules of a quiz in plain words, and the button that begins. ``ends_at``: when, if one began
    now, to the minute.

    ``extra``: what this person gets more of, in words. ``practice``: the address where one practises, "" where one
    cannot now.
    """

    title: Localised
    crumbs: Crumbs
    questions: int
    pass_mark: float
    tries: int | None
    tries_left: int | None
    minutes: int | None
    ends_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    counts: str
    review: str
    hint_cost: float
    extra: str
    attempts: tuple[PastAttempt, ...]
    counted: float | None  # the score that counts so far
    act: Literal["start", "continue", "enrol", "none", "early", "closed"]
    action: str
    practice: str
    course_href: str


def intro_page(found: QuizOverview, words: Words, *, now: datetime) -> IntroPage:
    """Build the page that a person sees before they begin."""
    quiz, place = found.quiz, found.place
    going_on = found.open_attempt(now)
    limit = quiz.time_limit_seconds
    results = [result for _, result in reversed(found.attempts) if result is not None] if found.review_open else []
    counts = counted(results, counts=quiz.counts, by=lambda result: result.score)
    ends_at = found.ends_at if going_on is not None else found.end_if_begun(now)
    return IntroPage(
        title=words.said(quiz.title),
        crumbs=crumbs(place, quiz.title, words),
        questions=found.questions,
        pass_mark=quiz.pass_mark,
        tries=found.tries,
        tries_left=found.tries_left,
        minutes=None if limit is None else max(1, limit // 60),
        ends_at=None if ends_at is None else ends_at.replace(second=0, microsecond=0),
        opens_at=quiz.opens_at,
        closes_at=quiz.closes_at,
        counts=quiz.counts,
        review=quiz.review,
        hint_cost=quiz.hint_cost,
        extra=_extra(found, words),
        attempts=tuple(
            PastAttempt(
                number=attempt.number,
                opened_at=attempt.opened_at,
                state=_state_of_attempt(attempt, result if found.review_open else None, is_open=attempt is going_on),
                score=result.score if result is not None and found.review_open else None,
                href=address_of(attempt.id),
            )
            for attempt, result in found.attempts
        ),
        counted=None if counts is None else counts.score,
        act=_act(found, now),
        action=quiz_address(place),
        practice=practice_address(place) if found.practice and place.enrolled and going_on is None else "",
        course_href=f"/courses/{place.course_slug}",
    )


def practice_address(place: QuizPlace) -> str:
    """Return the address where a quiz is practised."""
    return f"{quiz_address(place)}/practice"


def _act(found: QuizOverview, now: datetime) -> Literal["start", "continue", "enrol", "none", "early", "closed"]:
    quiz = found.quiz
    if not found.place.enrolled:
        return "enrol"
    if found.open_attempt(now) is not None:
        return "continue"
    if quiz.opens_at is not None and now < quiz.opens_at:
        return "early"
    if quiz.closes_at is not None and now >= quiz.closes_at:
        return "closed"
    return "none" if found.tries_left == 0 or not found.questions else "start"


def _state_of_attempt(
    attempt: ReadAttempt, result: ReadResult | None, *, is_open: bool
) -> Literal["open", "passed", "not_passed", "over", "submitted"]:
    if result is not None:
        return "passed" if result.passed else "not_passed"
    if is_open:
        return "open"
    return "over" if attempt.submitted_at is None else "submitted"


def _extra(found: QuizOverview, words: Words) -> str:
    """What a person gets more of than others, in a sentence or two; empty for nothing."""
    more, limit = found.more, found.quiz.time_limit_seconds
    minutes = more.minutes + (0 if limit is None else round(limit * (more.factor - 1) / 60))
    said = []
    if minutes and (limit is not None or found.quiz.closes_at is not None):
        said.append(
            words.ngettext(
                "You have %(num)s minute more than others.", "You have %(num)s minutes more than others.", minutes
            )
        )
    if more.tries and found.quiz.tries is not None:
        said.append(words(N_("You have more tries than others: %(number)s."), number=more.tries))
    return " ".join(said)


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
    attempt: ReadAttempt, positions: Sequence[int], answers: Journal, words: Words
) -> tuple[AnswerLine, ...]:
    """Say of each question whether its answer is saved."""
    return tuple(
        AnswerLine(
            label=words(N_("Question %(number)s"), number=position),
            href=address_of(attempt.id, position),
            state=state_of(answers.at(position)),
            receipt=receipt_of(answers.at(position)),
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


@quick_dataclass(frozen=True, slots=True)
class QuestionFrame:
    """What the page of a question has in common with everybody's at the same place of the same quiz.

    The addresses have `ATTEMPT` in place of the attempt's number.
    """

    title: Localised
    crumbs: Crumbs
    position: int
    of: int
    timed: bool

    @property
    def action(self) -> str:
        """Return where the form goes."""
        return f"{self._attempt}/{self.position}"

    @property
    def save_url(self) -> str:
        """Return where our script sends an answer."""
        return f"{self._attempt}/answers"

    @property
    def more_time(self) -> str:
        """Return where more time is asked for."""
        return f"{self._attempt}/more-time"

    @property
    def ahead(self) -> str:
        """Return where our script gets the other pages; empty where there are none."""
        return f"{self._attempt}/ahead/{self.position}" if self.of > 1 else ""

    @property
    def _attempt(self) -> str:
        return address_of(slot(ATTEMPT))


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How an attempt stands at one moment: what the pages of all its questions say alike. ``now`` is for our script."""

    ends_at: datetime | None
    minutes_left: int | None
    little_time: bool
    minutes_away: int
    request: TimeRequest | None
    now: datetime

    @classmethod
    def of(cls, found: Standing, *, now: datetime) -> Moment:
        """Return how an attempt stands."""
        left = None if found.ends_at is None else found.ends_at - now
        return cls(
            ends_at=found.ends_at,
            minutes_left=None if left is None else max(0, -(-left // timedelta(minutes=1))),
            little_time=left is not None and left < LITTLE_TIME,
            minutes_away=round(found.away / timedelta(minutes=1)) or int(bool(found.away)),
            request=found.asked,
            now=now,
        )


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """What is one person's own on the page of a question. ``asked`` None: its kind cannot be shown now.

    ``hint``: "" (there is none), "offered" or "given", with its text.
    """

    asked: Asked | None
    state: Literal["saved", "none", "late"]
    receipt: str
    elsewhere: tuple[str, ...]  # what other devices answered, in words
    stem: tuple[Markup, ...]  # of the case that the question belongs to
    stem_goes_on: bool  # the question before it has the same
    hint: Literal["", "offered", "given"]
    hint_text: tuple[Markup, ...]
    hint_cost: float
    hint_action: str


class QuestionPages:
    """Makes the pages of an attempt's questions at one moment; what they have in common is worked out once."""

    def __init__(
        self,
        found: Standing,
        of: int,
        answers: Journal,
        kinds: Mapping[str, QuestionKind],
        words: Words,
        *,
        person_id: int,
        now: datetime,
    ) -> None:
        self._attempt = found.attempt
        self._of = of
        self._answers = answers
        self._kinds = kinds
        self._words = words
        self._piece = macros("quizzes/attempts/pieces.html")
        self._title = words.said(found.title)
        self._way = crumbs(found.place, found.title, words, here="")[:-1]
        self._timed = found.ends_at is not None
        self._lines = [self._line(position, current=False) for position in range(1, of + 1)]
        self._slots = {
            ATTEMPT: str(found.attempt.id),
            "person": str(person_id),
            "seen": str(answers.highest),  # goes back with the answer
            **self._slots_of_time(Moment.of(found, now=now)),
        }

    def frame(self, position: int) -> QuestionFrame:
        """Return what everybody's page at a position has in common."""
        here = self._words(N_("Question %(number)s"), number=position)
        return QuestionFrame(self._title, (*self._way, (here, None)), position, self._of, self._timed)

    def slots(
        self,
        question: DrawnQuestion,
        *,
        given: Mapping[str, Sequence[str]] | None = None,
        error: str | None = None,
        error_fields: Sequence[str] = (),
    ) -> dict[str, str]:
        """Return what the `frame` of a question leaves open, by slot.

        With what was ``given`` and the sentence about it if it was refused.
        """
        page = self._page(question, given, error, error_fields)
        here = question.position
        if page.hint:
            with token_left_open():
                hint = self._piece.hint(page)
        return {
            **self._slots,
            "above": self._piece.above(page) if page.stem or error else "",
            "asked": self._piece.asked(page),
            "hint": hint if page.hint else "",
            "lines": "".join((*self._lines[: here - 1], self._line(here, current=True), *self._lines[here:])),
        }

    def _page(
        self,
        question: DrawnQuestion,
        given: Mapping[str, Sequence[str]] | None,
        error: str | None,
        error_fields: Sequence[str],
    ) -> QuestionPage:
        attempt, position, words = self._attempt, question.position, self._words
        answers = self._answers.at(position)
        kind = self._kinds.get(question.kind)
        offered = question.spec.get("hint") if kind is not None else None
        return QuestionPage(
            asked=ask(
                kind,
                question.spec,
                question.spec_version,
                seed=question_seed(attempt.seed, position),
                languages=words.languages,
                response=answers.response,
                given=given,
                error=error,
                error_fields=error_fields,
            ),
            state=state_of(answers),
            receipt=receipt_of(answers),
            elsewhere=tuple(
                text for event in answers.elsewhere if (text := summary(kind, question, event, words)) is not None
            ),
            stem=paragraphs(question.stem, words),
            stem_goes_on=question.stem_goes_on,
            hint="" if not offered else "offered" if question.cost is None else "given",
            hint_text=paragraphs(offered, words) if question.cost is not None else (),
            hint_cost=attempt.hint_cost,
            hint_action=f"{address_of(attempt.id, position)}/hint",
        )

    def _slots_of_time(self, moment: Moment) -> dict[str, str]:
        if moment.ends_at is None:
            return {}
        return {
            "now": moment.now.isoformat(),
            "ends-at": moment.ends_at.isoformat(),
            "time": self._piece.time(moment),
            "end": self._piece.end(moment),
        }

    def _line(self, position: int, *, current: bool) -> str:
        """Make a line of the list of all answers: only the attempt's number and the receipt are one person's own."""
        answers = self._answers.at(position)
        state = state_of(answers)
        line = same_for_all("quizzes/attempts/line.html", position=position, state=state, current=current)
        own = str.replace(line, "{attempt}", str(self._attempt.id))
        return own if state == "none" else own.replace("{receipt}", receipt_of(answers))


def address_of(attempt: int | str, position: int | None = None) -> str:
    """Return the address of an attempt, or of one of its questions."""
    return f"/quizzes/attempts/{attempt}" if position is None else f"/quizzes/attempts/{attempt}/{position}"


def summary(kind: QuestionKind | None, question: DrawnQuestion, event: StoredEvent, words: Words) -> str | None:
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
        ends_at=found.ends_at,
        action=f"{address_of(attempt.id)}/submit",
        back=lines[-1].href,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimePage:
    """Where more time is asked for. ``request``: what was asked last, and its answer."""

    title: Localised
    crumbs: Crumbs
    form: Form
    ends_at: datetime | None
    request: TimeRequest | None
    action: str
    back: str


def more_time_page(found: Standing, form: Form, words: Words) -> MoreTimePage:
    """Build the page on which more time is asked for."""
    return MoreTimePage(
        title=words.said(found.title),
        crumbs=crumbs(found.place, found.title, words, here=words(N_("Ask for more time"))),
        form=form,
        ends_at=found.ends_at,
        request=found.asked,
        action=url_for("quizzes.attempts.more_time", attempt_id=found.attempt.id),
        back=url_for("quizzes.results.result", attempt_id=found.attempt.id),
    )
