"""What the pages of results print: frozen values, worked out once, with every address in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import url_for
from markupsafe import Markup

from lms.errors import N_
from lms.text.localised import Localised
from lms.text.markdown import words_only
from quizzes.asking import Asked, ask, current_spec
from quizzes.attempts.journal import WEB, StoredEvent
from quizzes.attempts.models import LateDecision
from quizzes.attempts.pages import Crumbs, Words, paragraphs, summary
from quizzes.attempts.receipts import shown
from quizzes.attempts.services import DrawnQuestion
from quizzes.authoring.services import Room
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import BadSpec
from quizzes.question_types.seeds import question_seed
from quizzes.reports.services import (
    PAGE_ROWS,
    ExportedTry,
    ExportedVersion,
    ObjectiveFigures,
    Taker,
    Takers,
    Try,
    WholeQuiz,
    WholeTry,
)
from quizzes.reports.sheets import Cell
from quizzes.results.pages import state_of

SHORTENED = 160  # letters of a prompt in a list


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to one of the pages about a quiz."""

    label: str
    href: str
    current: bool


_TABS = (
    ("people", "quizzes.reports.people", N_("People")),
    ("objectives", "quizzes.reports.objectives", N_("Objectives")),
    ("questions", "quizzes.analysis.questions", N_("Questions in figures")),
    ("marking", "quizzes.queue.waiting", N_("Open answers")),
    ("regrades", "quizzes.regrading.regrades", N_("Changed keys")),
    ("export", "quizzes.reports.export", N_("Export")),
    ("time", "quizzes.supervision.time", N_("Time and tries")),
    ("receipts", "quizzes.supervision.receipts", N_("Receipts and late answers")),
    ("bank", "quizzes.authoring.bank", N_("Edit the questions")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page about a quiz's results has: its title, the way up, and links to the others."""

    title: Localised
    heading: str
    crumbs: Crumbs
    tabs: tuple[Tab, ...]


def frame(room: Room, words: Words, *, tab: str, heading: str, up: Sequence[tuple[str, str]] = ()) -> Frame:
    """Build the frame of the page ``heading`` below a tab; ``up``: what stands between them."""
    addresses: dict[str, Any] = dict(room.address)
    return Frame(
        title=words.said(room.title),
        heading=heading,
        crumbs=(
            (words(N_("My courses")), url_for("courses.authoring.my_courses")),
            (words.said(room.course_title).text, url_for("courses.learning.course", course_slug=room.course_slug)),
            (words.said(room.title).text, url_for("quizzes.reports.people", **addresses)),
            *up,
            (heading, None),
        ),
        tabs=tuple(Tab(words(label), url_for(endpoint, **addresses), name == tab) for name, endpoint, label in _TABS),
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in a long list."""

    summary: str
    previous: str | None
    next: str | None


def paging(
    endpoint: str,
    room: Room,
    words: Words,
    *,
    number: int,
    of: int,
    size: int = PAGE_ROWS,
    query: Mapping[str, str] | None = None,
) -> Pages | None:
    """Link the pages before and after; None where one page holds all."""
    pages = max(1, -(-of // size))
    if pages == 1:
        return None

    def to(page: int) -> str | None:
        kept: dict[str, Any] = {**room.address, **{name: value for name, value in (query or {}).items() if value}}
        return url_for(endpoint, **kept, page=page) if 1 <= page <= pages else None

    first = (number - 1) * size + 1
    said = words(N_("%(first)s to %(last)s of %(of)s"), first=first, last=min(first + size - 1, of), of=of)
    return Pages(said, to(number - 1), to(number + 1))


# --- people ----------------------------------------------------------------------------------------------------------

State = Literal["passed", "not_passed", "waits", "open", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRow:
    """One try in a list."""

    number: int
    opened_at: datetime
    closed_at: datetime | None
    score: float | None
    state: State
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakerRow:
    """One person: the try that counts, and how many there are."""

    name: str
    email: str
    tries: int
    last_at: datetime
    score: float | None
    state: State
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Who took the quiz."""

    frame: Frame
    quiz: WholeQuiz
    rows: tuple[TakerRow, ...]
    of: int
    search: str
    pages: Pages | None
    action: str


def people_page(room: Room, quiz: WholeQuiz, found: Takers, search: str, words: Words, *, now: datetime) -> PeoplePage:
    """Build the list of people."""
    addresses: dict[str, Any] = dict(room.address)
    return PeoplePage(
        frame=frame(room, words, tab="people", heading=words(N_("Results"))),
        quiz=quiz,
        rows=tuple(
            TakerRow(
                name=one.name,
                email=one.email,
                tries=len(one.tries),
                last_at=one.tries[-1].opened_at,
                score=None if one.counted is None else one.counted.score,
                state=_state(one.counted or one.tries[-1], now),
                href=url_for("quizzes.reports.person", **addresses, person_id=one.person_id),
            )
            for one in found.rows
        ),
        of=found.of,
        search=search,
        pages=paging("quizzes.reports.people", room, words, number=found.number, of=found.of, query={"words": search}),
        action=url_for("quizzes.reports.people", **addresses),
    )


def _state(one: Try, now: datetime) -> State:
    if one.score is None:
        return "over" if one.deadline is not None and now >= one.deadline else "open"
    if one.waits:
        return "waits"
    return "passed" if one.passed else "not_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """All tries of one person."""

    frame: Frame
    name: str
    email: str
    counts: str
    rows: tuple[TryRow, ...]
    counted: int | None  # the number of the try that counts


def person_page(room: Room, quiz: WholeQuiz, found: Taker, words: Words, *, now: datetime) -> PersonPage:
    """Build the page of one person."""
    addresses: dict[str, Any] = dict(room.address)
    return PersonPage(
        frame=frame(room, words, tab="people", heading=found.name),
        name=found.name,
        email=found.email,
        counts=quiz.counts,
        rows=tuple(
            TryRow(
                number=one.number,
                opened_at=one.opened_at,
                closed_at=one.closed_at,
                score=one.score,
                state=_state(one, now),
                href=url_for("quizzes.reports.attempt", **addresses, attempt_id=one.attempt_id),
            )
            for one in reversed(found.tries)
        ),
        counted=None if found.counted is None else found.counted.number,
    )


# --- one try ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One answer that reached us. ``state``: counted, replaced (a newer one counts), late, admitted."""

    answer: str
    made_at: datetime
    device: str  # "": a page without script
    counter: int
    receipt: str
    state: Literal["counted", "replaced", "late", "admitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One question of a try: what was answered, and what it came to."""

    position: int
    prompt: Localised
    answer: str
    state: Literal["right", "partly", "wrong", "none", "open"] | None  # None: the try is open
    mark: float | None
    hint: bool
    events: tuple[EventRow, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One result of a try; the last one stands."""

    number: int
    made_at: datetime
    score: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """A try in all its parts."""

    frame: Frame
    name: str
    number: int
    opened_at: datetime
    closed_at: datetime | None
    ran_out: bool
    pass_mark: float
    results: tuple[ResultRow, ...]
    waits: bool
    rows: tuple[QuestionRow, ...]


def attempt_page(room: Room, found: WholeTry, kinds: Mapping[str, QuestionKind], words: Words) -> AttemptPage:
    """Build the page of a try."""
    attempt = found.attempt
    marks = found.marks
    return AttemptPage(
        frame=frame(
            room,
            words,
            tab="people",
            heading=words(N_("Try %(number)s"), number=attempt.number),
            up=((found.name, _person_address(room, found)),),
        ),
        name=found.name,
        number=attempt.number,
        opened_at=attempt.opened_at,
        closed_at=attempt.closed_at,
        ran_out=attempt.closed_at is not None and attempt.submitted_at is None,
        pass_mark=attempt.pass_mark,
        results=tuple(
            ResultRow(number=one.number, made_at=one.made_at, score=one.score, passed=one.passed)
            for one in found.results
        ),
        waits=None in marks.values(),
        rows=tuple(_question_row(room, found, question, kinds, words) for question in found.questions),
    )


def _person_address(room: Room, found: WholeTry) -> str:
    return url_for("quizzes.reports.person", **room.address, person_id=found.person_id)  # type: ignore[arg-type]


def _question_row(
    room: Room, found: WholeTry, question: DrawnQuestion, kinds: Mapping[str, QuestionKind], words: Words
) -> QuestionRow:
    kind = kinds.get(question.kind)
    answers = found.answers.at(question.position)
    mark = found.marks.get(question.position)
    return QuestionRow(
        position=question.position,
        prompt=prompt_of(question.spec, words),
        answer=said_answer(kind, question, answers.counted, words),
        state=state_of(mark, answered=answers.response is not None) if found.results else None,
        mark=mark,
        hint=question.cost is not None,
        events=tuple(
            EventRow(
                answer=said_answer(kind, question, event, words),
                made_at=event.made_at,
                device="" if event.client == WEB else event.client,
                counter=event.counter,
                receipt=shown(event.receipt),
                state=_event_state(event, decision, answers.counted),
            )
            for event, decision in found.events
            if event.question_position == question.position
        ),
        href=url_for(
            "quizzes.reports.seen",
            **room.address,  # type: ignore[arg-type]
            attempt_id=found.attempt.id,
            position=question.position,
        ),
    )


def _event_state(
    event: StoredEvent, decision: LateDecision | None, counted: StoredEvent | None
) -> Literal["counted", "replaced", "late", "admitted"]:
    if event.late and (decision is None or not decision.counts):
        return "late"
    if counted is not None and event.id == counted.id:
        return "admitted" if event.late else "counted"
    return "replaced"


def prompt_of(spec: Mapping[str, Any], words: Words) -> Localised:
    """Return what a question asks, as plain words in one line."""
    prompt = spec.get("prompt")
    said = words.said(prompt) if isinstance(prompt, Mapping) else Localised("", "")
    return Localised(" ".join(words_only(said.text).split())[:SHORTENED], said.language)


def said_answer(kind: QuestionKind | None, question: DrawnQuestion, event: StoredEvent | None, words: Words) -> str:
    """Put an answer into words; empty for none."""
    if event is None:
        return ""
    try:
        said = summary(kind, question, event, words)
    except (KeyError, TypeError, ValueError):
        said = None
    return words(N_("This site cannot show this answer now.")) if said is None else said


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPage:
    """One question of a try as the person saw it. ``asked`` None: this site cannot show its kind now."""

    frame: Frame
    name: str
    of: int
    row: QuestionRow
    asked: Asked | None
    stem: tuple[Markup, ...]
    hint: tuple[Markup, ...]
    other_key: bool  # it is marked by the key of a later version
    previous: str | None
    next: str | None


def seen_page(
    room: Room, found: WholeTry, question: DrawnQuestion, kinds: Mapping[str, QuestionKind], words: Words
) -> SeenPage:
    """Build the page: the same seed gives the same order, and the version is the one that was drawn."""
    kind = kinds.get(question.kind)
    attempt_id, position, of = found.attempt.id, question.position, len(found.questions)
    attempt = url_for("quizzes.reports.attempt", **room.address, attempt_id=attempt_id)  # type: ignore[arg-type]

    def to(place: int) -> str | None:
        if not 1 <= place <= of:
            return None
        values: dict[str, Any] = {**room.address, "attempt_id": attempt_id, "position": place}
        return url_for("quizzes.reports.seen", **values)

    return SeenPage(
        frame=frame(
            room,
            words,
            tab="people",
            heading=words(N_("Question %(number)s"), number=position),
            up=(
                (found.name, _person_address(room, found)),
                (words(N_("Try %(number)s"), number=found.attempt.number), attempt),
            ),
        ),
        name=found.name,
        of=of,
        row=_question_row(room, found, question, kinds, words),
        asked=ask(
            kind,
            question.spec,
            question.spec_version,
            seed=question_seed(found.attempt.seed, position),
            languages=words.languages,
            response=found.answers.at(position).response,
        ),
        stem=paragraphs(question.stem, words),
        hint=paragraphs(question.spec.get("hint"), words) if question.cost is not None else (),
        other_key=question.key_spec is not None,
        previous=to(position - 1),
        next=to(position + 1),
    )


# --- objectives ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRow:
    """One objective; ``share`` None: nothing was marked yet."""

    text: Localised
    questions: int
    answers: int
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectivesPage:
    """How each objective of the module went."""

    frame: Frame
    rows: tuple[ObjectiveRow, ...]
    any_answers: bool


def objectives_page(room: Room, found: Mapping[str | None, ObjectiveFigures], words: Words) -> ObjectivesPage:
    """Build the page: the module's objectives in their order, then what belongs to none of them."""

    def row(objective: str | None, text: Localised) -> ObjectiveRow:
        figures = found.get(objective)
        return ObjectiveRow(
            text=text,
            questions=0 if figures is None else figures.questions,
            answers=0 if figures is None else figures.answers,
            share=None if figures is None else figures.share,
        )

    rows = [row(objective, words.said(text)) for objective, text in room.objectives.items()]
    rows += [
        row(objective, Localised(objective or words(N_("Questions without an objective")), words.language))
        for objective in found
        if objective not in room.objectives
    ]
    return ObjectivesPage(
        frame=frame(room, words, tab="objectives", heading=words(N_("Results by objective"))),
        rows=tuple(rows),
        any_answers=bool(found),
    )


# --- export ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """What can be taken away as a file. ``too_many``: more answers than one workbook is made of."""

    frame: Frame
    tries: int
    answers: int
    most: int
    too_many: bool
    action: str


def export_page(room: Room, *, tries: int, answers: int, most: int, words: Words) -> ExportPage:
    """Build the page."""
    return ExportPage(
        frame=frame(room, words, tab="export", heading=words(N_("Export"))),
        tries=tries,
        answers=answers,
        most=most,
        too_many=answers > most,
        action=url_for("quizzes.reports.export", **room.address),  # type: ignore[arg-type]
    )


def tries_sheet(tries: Iterator[ExportedTry], words: Words) -> Iterator[Sequence[Cell]]:
    """Give a row a try, under a row of headings."""
    headings = (
        N_("Name"),
        N_("E-mail"),
        N_("Try"),
        N_("Begun"),
        N_("Ended"),
        N_("Submitted by the person"),
        N_("Score"),
        N_("Passed"),
        N_("A trainer still marks"),
        N_("Number of the result"),
    )
    yield [words(heading) for heading in headings]
    for one in tries:
        result = one.result
        yield (
            one.name,
            one.email,
            one.attempt.number,
            one.attempt.opened_at,
            one.attempt.closed_at,
            one.attempt.submitted_at is not None,
            None if result is None else round(result.score, 4),
            None if result is None else result.passed,
            None if result is None else any(mark["score"] is None for mark in result.marks),
            None if result is None else result.number,
        )


def answers_sheet(
    tries: Iterator[ExportedTry],
    versions: Mapping[int, ExportedVersion],
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    as_stored: Any,
) -> Iterator[Sequence[Cell]]:
    """Give a row an answer that reached us and a row a question that nobody answered, under a row of headings."""
    headings = (
        N_("Name"),
        N_("E-mail"),
        N_("Try"),
        N_("Place in the try"),
        N_("Question"),
        N_("Version"),
        N_("Kind"),
        N_("Objective"),
        N_("Text of the question"),
        N_("Answer"),
        N_("Answer as stored"),
        N_("Arrived"),
        N_("Device"),
        N_("Number on the device"),
        N_("After the end"),
        N_("Counts"),
        N_("Hint taken"),
        N_("Mark"),
        N_("Receipt"),
    )
    yield [words(heading) for heading in headings]
    for one in tries:
        for answer in one.answers:
            version = versions.get(answer.version_id)
            event = answer.event
            yield (
                one.name,
                one.email,
                one.attempt.number,
                answer.position,
                version.uid if version else "",
                version.number if version else None,
                version.kind if version else "",
                version.objective if version else "",
                prompt_of(version.spec, words).text if version else "",
                _exported(version, event, kinds, words),
                "" if event is None else as_stored(event.answer),
                None if event is None else event.made_at,
                "" if event is None else event.client,
                None if event is None else event.counter,
                None if event is None else event.late,
                answer.counts,
                answer.hint,
                None if answer.mark is None else round(answer.mark, 4),
                "" if event is None else shown(event.receipt),
            )


def _exported(
    version: ExportedVersion | None, event: StoredEvent | None, kinds: Mapping[str, QuestionKind], words: Words
) -> str:
    """Return an answer in words; one in somebody's own words as a whole."""
    if event is None or version is None or not event.answer:
        return ""
    text = event.answer.get("text")
    if isinstance(text, str):
        return text
    kind = kinds.get(version.kind)
    if kind is None:
        return ""
    try:
        return kind.type.summarise(current_spec(kind.type, version.spec, version.spec_version), event.answer)
    except (BadSpec, KeyError, TypeError, ValueError):
        return words(N_("This site cannot show this answer now."))
