"""What a trainer's pages about time, receipts and late answers print: frozen values with every address in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from lms.errors import N_
from lms.text.localised import Localised
from lms.text.markdown import words_only
from quizzes.asking import current_spec
from quizzes.attempts.afterwards import StoredAnswer
from quizzes.attempts.allowances import AskedFor, SetAllowance, mark_of
from quizzes.attempts.pages import Crumbs, Words
from quizzes.attempts.receipts import shown
from quizzes.authoring.services import Room
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import BadSpec
from quizzes.supervision.forms import AllowanceForm, AnswerForm, DecisionForm


def address(room: Room, view: str, **values: object) -> str:
    """Return the address of a page of this slice."""
    return url_for(f"quizzes.supervision.{view}", **room.address, **values)  # type: ignore[arg-type]


def _crumbs(room: Room, words: Words, *here: tuple[str, str | None]) -> Crumbs:
    return (
        (words(N_("My courses")), url_for("courses.authoring.my_courses")),
        (words.said(room.course_title).text, url_for("courses.learning.course", course_slug=room.course_slug)),
        (words.said(room.title).text, url_for("quizzes.authoring.bank", **room.address)),  # type: ignore[arg-type]
        *here,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody who asks for more time."""

    name: str
    words: str
    asked_at: datetime
    ends_at: datetime | None
    form: AnswerForm
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceRow:
    """What one person has more of, in words."""

    name: str
    says: str
    reason: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePage:
    """Who asks for more time, and who has more of something. ``unknown``: an address that nobody here has."""

    title: Localised
    crumbs: Crumbs
    requests: tuple[Request, ...]
    rows: tuple[AllowanceRow, ...]
    unknown: str
    action: str
    receipts: str


def time_page(
    room: Room,
    requests: Sequence[AskedFor],
    allowances: Sequence[SetAllowance],
    words: Words,
    *,
    unknown: str = "",
    refused: tuple[int, AnswerForm] | None = None,
) -> TimePage:
    """Build the page; ``refused``: the form of one request as it was sent."""
    return TimePage(
        title=words.said(room.title),
        crumbs=_crumbs(room, words, (words(N_("Time and tries")), None)),
        requests=tuple(
            Request(
                name=one.name,
                words=one.request.words,
                asked_at=one.request.asked_at,
                ends_at=one.ends_at,
                form=refused[1]
                if refused is not None and refused[0] == one.request.id
                else AnswerForm(formdata=None, prefix=f"r{one.request.id}-"),
                action=address(room, "answer_request", request_id=one.request.id),
            )
            for one in requests
        ),
        rows=tuple(_row(room, one, words) for one in allowances),
        unknown=unknown,
        action=address(room, "time"),
        receipts=address(room, "receipts"),
    )


def _row(room: Room, one: SetAllowance, words: Words) -> AllowanceRow:
    allowance = one.allowance
    assert allowance is not None  # the list holds those that have one
    parts = [
        words(N_("time times %(factor)s"), factor=f"{allowance.factor:g}") if allowance.factor > 1 else "",
        words(N_("%(minutes)s minutes more"), minutes=allowance.minutes) if allowance.minutes else "",
        words.ngettext("%(num)s try more", "%(num)s tries more", allowance.tries) if allowance.tries else "",
    ]
    return AllowanceRow(
        name=one.name,
        says=", ".join(part for part in parts if part) or words(N_("nothing more than others")),
        reason=allowance.reason,
        href=address(room, "allowance", person_id=one.person_id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowancePage:
    """What one person gets more of, to be set."""

    title: Localised
    crumbs: Crumbs
    name: str
    is_set: bool
    set_at: datetime | None
    form: AllowanceForm
    action: str
    back: str


def allowance_page(room: Room, found: SetAllowance, words: Words, form: AllowanceForm | None = None) -> AllowancePage:
    """Build the page, with what was sent if that was refused."""
    allowance = found.allowance
    here = ((words(N_("Time and tries")), address(room, "time")), (found.name, None))
    return AllowancePage(
        title=words.said(room.title),
        crumbs=_crumbs(room, words, *here),
        name=found.name,
        is_set=allowance is not None,
        set_at=None if allowance is None else allowance.set_at,
        form=form or AllowanceForm.of(allowance, began_from=mark_of(allowance)),
        action=address(room, "allowance", person_id=found.person_id),
        back=address(room, "time"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """A stored answer in words; ``form`` is there where a trainer may decide."""

    name: str
    quiz: str
    attempt: int
    position: int
    prompt: Localised
    answer: str
    made_at: datetime
    receipt: str
    late: bool
    decided: bool
    counts: bool
    reason: str
    form: DecisionForm | None
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsPage:
    """Late answers of a quiz, and the answers that a receipt belongs to. ``asked``: what was looked for."""

    title: Localised
    crumbs: Crumbs
    asked: str
    found: tuple[AnswerRow, ...]
    late: tuple[AnswerRow, ...]
    action: str
    time: str


def receipts_page(
    room: Room,
    asked: str,
    found: Sequence[StoredAnswer],
    late: Sequence[StoredAnswer],
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    refused: tuple[int, DecisionForm] | None = None,
) -> ReceiptsPage:
    """Build the page; ``refused``: the form of one answer as it was sent."""

    def row(one: StoredAnswer, *, decide: bool) -> AnswerRow:
        form = None
        if decide:
            sent = refused is not None and refused[0] == one.event_id
            form = refused[1] if sent and refused else DecisionForm(formdata=None, prefix=f"e{one.event_id}-")
        return AnswerRow(
            name=one.name,
            quiz=words.said(one.quiz_title).text,
            attempt=one.attempt_number,
            position=one.position,
            prompt=_prompt(one, words),
            answer=_summary(one, kinds, words),
            made_at=one.made_at,
            receipt=shown(one.receipt),
            late=one.late,
            decided=one.decision is not None,
            counts=one.decision.counts if one.decision is not None else not one.late,
            reason="" if one.decision is None else one.decision.reason,
            form=form,
            action=address(room, "decide", event_id=one.event_id) if decide else "",
        )

    return ReceiptsPage(
        title=words.said(room.title),
        crumbs=_crumbs(room, words, (words(N_("Receipts and late answers")), None)),
        asked=asked,
        found=tuple(row(one, decide=False) for one in found),
        late=tuple(row(one, decide=True) for one in late),
        action=address(room, "receipts"),
        time=address(room, "time"),
    )


def _prompt(one: StoredAnswer, words: Words) -> Localised:
    prompt = one.spec.get("prompt")
    said = words.said(prompt) if isinstance(prompt, Mapping) else Localised("", "")
    return Localised(" ".join(words_only(said.text).split())[:240], said.language)


def _summary(one: StoredAnswer, kinds: Mapping[str, QuestionKind], words: Words) -> str:
    kind = kinds.get(one.kind)
    if not one.answer:
        return words(N_("no answer"))
    try:
        if kind is not None:
            return kind.type.summarise(current_spec(kind.type, one.spec, one.spec_version), one.answer)
    except BadSpec:
        pass
    return words(N_("This site cannot show this answer now."))
