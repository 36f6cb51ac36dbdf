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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFrame:
    """What the page of a question has in common with everybody's at the same place of the same quiz.

    The addresses have `ATTEMPT` in place of the attempt's number.
    """

    title: Localised
    crumbs: Crumbs
    position: int
    of: int
    timed: bool
    action: str
    save_url: str
    more_time: str
    ahead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """One question on its page. ``asked`` None: its kind cannot be shown now. ``seen`` goes back with the answer.

    ``hint``: "" (there is none), "offered" or "given", with its text. ``now`` is for our script.
    """

    frame: QuestionFrame
    attempt_id: int
    asked: Asked | None
    state: Literal["saved", "none", "late"]
    receipt: str
    elsewhere: tuple[str, ...]  # what other devices answered, in words
    answers: Journal
    ends_at: datetime | None
    minutes_left: int | None
    little_time: bool
    seen: int
    stem: tuple[Markup, ...]  # of the case that the question belongs to
    stem_goes_on: bool  # the question before it has the same
    hint: Literal["", "offered", "given"]
    hint_text: tuple[Markup, ...]
    hint_cost: float
    hint_action: str
    minutes_away: int
    request: TimeRequest | None
    now: datetime


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
    attempt, position = found.attempt, question.position
    of_question = answers.at(position)
    kind = kinds.get(question.kind)
    left = None if found.ends_at is None else found.ends_at - now
    offered = question.spec.get("hint") if kind is not None else None
    return QuestionPage(
        frame=_frame(found, position, of, words),
        attempt_id=attempt.id,
        asked=ask(
            kind,
            question.spec,
            question.spec_version,
            seed=question_seed(attempt.seed, position),
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
        answers=answers,
        ends_at=found.ends_at,
        minutes_left=None if left is None else max(0, -(-left // timedelta(minutes=1))),
        little_time=left is not None and left < LITTLE_TIME,
        seen=answers.highest,
        stem=paragraphs(question.stem, words),
        stem_goes_on=question.stem_goes_on,
        hint="" if not offered else "offered" if question.cost is None else "given",
        hint_text=paragraphs(offered, words) if question.cost is not None else (),
        hint_cost=attempt.hint_cost,
        hint_action=f"{address_of(attempt.id, position)}/hint",
        minutes_away=round(found.away / timedelta(minutes=1)) or int(bool(found.away)),
        request=found.asked,
        now=now,
    )


def _frame(found: Standing, position: int, of: int, words: Words) -> QuestionFrame:
    here = words(N_("Question %(number)s"), number=position)
    attempt = address_of(slot(ATTEMPT))
    return QuestionFrame(
        title=words.said(found.title),
        crumbs=crumbs(found.place, found.title, words, here=here),
        position=position,
        of=of,
        timed=found.ends_at is not None,
        action=f"{attempt}/{position}",
        save_url=f"{attempt}/answers",
        more_time=f"{attempt}/more-time",
        ahead=f"{attempt}/ahead/{position}" if of > 1 else "",
    )


def address_of(attempt: int | str, position: int | None = None) -> str:
    """Return the address of an attempt, or of one of its questions."""
    return f"/quizzes/attempts/{attempt}" if position is None else f"/quizzes/attempts/{attempt}/{position}"


def time_slots(page: QuestionPage) -> dict[str, str]:
    """Return what is the same on all pages of an attempt at one moment, by slot."""
    if page.ends_at is None:
        return {}
    piece = macros("quizzes/attempts/pieces.html")
    return {
        "now": page.now.isoformat(),
        "ends-at": page.ends_at.isoformat(),
        "time": piece.time(page),
        "end": piece.end(page),
    }


def question_slots(
    page: QuestionPage, person_id: int, time_slots: Mapping[str, str], lines: Sequence[str]
) -> dict[str, str]:
    """Return what the frame of a question's page leaves open, by slot; see `time_slots` and `lines_of`."""
    here = page.frame.position
    piece = macros("quizzes/attempts/pieces.html")
    with token_left_open():
        hint = piece.hint(page) if page.hint else ""
    return {
        ATTEMPT: str(page.attempt_id),
        "person": str(person_id),
        **time_slots,
        "seen": str(page.seen),
        "above": piece.above(page) if page.stem or (page.asked and page.asked.error) else "",
        "asked": piece.asked(page),
        "hint": hint,
        "lines": "".join((*lines[: here - 1], _line(page, here, current=True), *lines[here:])),
    }


def lines_of(page: QuestionPage) -> list[str]:
    """Return the list of all answers, a line a question: on the page of a question its own line alone is another."""
    return [_line(page, position, current=False) for position in range(1, page.frame.of + 1)]


def _line(page: QuestionPage, position: int, *, current: bool) -> str:
    """Make a line: only the attempt's number and the receipt differ from person to person."""
    answers = page.answers.at(position)
    line = same_for_all("quizzes/attempts/line.html", position=position, state=state_of(answers), current=current)
    return line.replace("{attempt}", str(page.attempt_id)).replace("{receipt}", receipt_of(answers))


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
