"""What the pages of the trainer's room print: frozen values, worked out once, with every address in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from markupsafe import Markup
from wtforms import SelectField

from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.text.markdown import words_only
from lms.web.forms import Form, choices
from lms.web.languages import lazy
from quizzes.asking import Asked, ask, current_spec
from quizzes.attempts.pages import Crumbs, Words, html_of
from quizzes.authoring.forms import QuestionForm
from quizzes.authoring.services import (
    MOST_COUNTED,
    PAGE_ROWS,
    Explanation,
    Holding,
    Listing,
    Retirement,
    Room,
    Turn,
    Wanted,
    mark_of,
)
from quizzes.bank.models import QuestionVersion
from quizzes.bank.services import BankQuestion
from quizzes.hooks import QuestionKind
from quizzes.question_types.base import BadSpec, Problem, QuestionType, Spec, as_presented
from quizzes.results.pages import Explained, Row, explain

PREVIEW_SEED = 20220325  # any number: every preview of a question draws alike
SHORTENED = 240  # letters of a prompt in the bank

KIND_NAMES: Mapping[str, str] = {
    "single_choice": N_("Single choice"),
    "multiple_choice": N_("Multiple choice"),
    "true_false": N_("True or false"),
    "short_text": N_("Short text"),
    "numeric": N_("Number"),
    "matching": N_("Matching"),
    "ordering": N_("Ordering"),
    "gap_text": N_("Text with gaps"),
    "open": N_("Open answer"),
}
_STATES = (
    ("", N_("All in use")),
    ("published", N_("Published")),
    ("draft", N_("With a draft")),
    ("new", N_("Not published yet")),
    ("retired", N_("Retired")),
)


def kind_name(kind: str, words: Words) -> str:
    """Return a kind in words; one that a plugin brings goes by its id."""
    return words(KIND_NAMES[kind]) if kind in KIND_NAMES else kind.replace("_", " ")


def address(room: Room, view: str, uid: str | None = None, **query: Any) -> str:
    """Return the address of a page of this room: the bank, or a page of the question ``uid``."""
    values = {**room.address, **query} if uid is None else {**room.address, "question_uid": uid, **query}
    return url_for(f"quizzes.authoring.{view}", **values)


def _crumbs(room: Room, words: Words, *here: tuple[str, str | None]) -> Crumbs:
    return (
        (words(N_("My courses")), url_for("courses.authoring.my_courses")),
        (words.said(room.course_title).text, url_for("courses.learning.course", course_slug=room.course_slug)),
        (words.said(room.module_title).text, None),
        *here,
    )


# --- the bank --------------------------------------------------------------------------------------------------------


class Filters(Form):
    """Which questions to list; it stands in the address."""

    kind = SelectField(lazy(N_("Kind")))
    objective = SelectField(lazy(N_("Objective")))
    state = SelectField(lazy(N_("State")))

    def wanted(self) -> Wanted:
        """Give what was chosen; a value that is not offered stands for all."""
        chosen = {
            field.name: field.data if field.data in {choice.value for choice in field.choices} else ""
            for field in (self.kind, self.objective, self.state)
        }
        return Wanted(**chosen)


def filters(given: Any, room: Room, kinds: Mapping[str, QuestionKind], words: Words) -> Filters:
    """Make the form of the filters from the address's query."""
    form = Filters(formdata=given)
    form.kind.choices = choices([("", words(N_("All kinds"))), *((kind, kind_name(kind, words)) for kind in kinds)])
    form.objective.choices = choices([("", words(N_("All objectives"))), *objectives(room, words)])
    form.state.choices = choices((state, words(label)) for state, label in _STATES)
    for field in (form.kind, form.objective, form.state):
        if field.data not in {choice.value for choice in field.choices}:
            field.data = ""
    return form


def objectives(room: Room, words: Words) -> list[tuple[str, str]]:
    """List the module's objectives as (id, words)."""
    return [
        (objective, f"{number}. {pick(text, words.languages).text}")
        for number, (objective, text) in enumerate(room.objectives.items(), start=1)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One question of the list. ``bring_back``: the address that does so, for a retired one."""

    prompt: Localised
    kind: str
    objective: str
    published: int | None
    draft: int | None
    href: str
    bring_back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where in a long list a page stands."""

    summary: str
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPage:
    """The questions of a quiz."""

    title: Localised
    crumbs: Crumbs
    filters: Filters
    filtered: bool
    action: str
    rows: tuple[BankRow, ...]
    of: int | None  # None: more than ``most``
    most: int
    pages: Pages | None
    kinds: tuple[tuple[str, str], ...]  # what can be added: (id, words)
    add: str
    time: str  # the pages of supervision
    receipts: str
    results: str


_TURN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})", re.ASCII)


def turn_of(given: Mapping[str, str]) -> tuple[Turn | None, int]:
    """Where an address turns to, and the number of its page, which is for people; the first page where it says none."""
    for name in ("after", "before"):
        found, number = _TURN.fullmatch(given.get(name, "")), given.get("page", "")
        if found:
            is_number = number.isascii() and number.isdigit() and len(number) < 7
            return Turn(int(found[1]), int(found[2]), back=name == "before"), max(1, int(number) if is_number else 1)
    return None, 1


def bank_page(
    room: Room,
    found: Listing,
    form: Filters,
    wanted: Wanted,
    kinds: Mapping[str, QuestionKind],
    words: Words,
    *,
    number: int,
) -> BankPage:
    """Build the page that lists the questions of a quiz; ``number`` is the page's, as its address says."""
    named = dict(objectives(room, words))
    query = {name: value for name, value in query_of(wanted).items() if value}
    number = 1 if found.is_first else number

    def at(turn: Turn | None, page: int) -> str | None:
        if turn is None:
            return None
        place = {"before" if turn.back else "after": f"{turn.position}-{turn.question_id}"}
        return address(room, "bank", **query, **place, page=page)

    pages = Pages(
        summary=_summary(found, number, words),
        previous=address(room, "bank", **query) if number == 2 else at(found.previous, number - 1),
        next=at(found.next, number + 1),
    )
    return BankPage(
        title=words.said(room.title),
        crumbs=_crumbs(room, words, (words.said(room.title).text, None)),
        filters=form,
        filtered=bool(query),
        action=address(room, "bank"),
        rows=tuple(
            BankRow(
                prompt=_shortened(row.prompt, words),
                kind=kind_name(row.kind, words),
                objective=named.get(row.objective or "", row.objective or ""),
                published=row.published,
                draft=row.draft,
                href="" if row.retired else address(room, "edit", row.uid),
                bring_back=address(room, "bring_back", row.uid) if row.retired else "",
            )
            for row in found.rows
        ),
        of=found.of,
        most=MOST_COUNTED,
        pages=pages if pages.previous or pages.next else None,
        kinds=tuple((name, kind_name(name, words)) for name, kind in kinds.items() if form_of(kind)),
        add=address(room, "add"),
        time=url_for("quizzes.supervision.time", **room.address),  # type: ignore[arg-type]
        receipts=url_for("quizzes.supervision.receipts", **room.address),  # type: ignore[arg-type]
        results=url_for("quizzes.reports.people", **room.address),  # type: ignore[arg-type]
    )


def _summary(found: Listing, number: int, words: Words) -> str:
    first = (number - 1) * PAGE_ROWS + 1
    last = first + len(found.rows) - 1
    if found.of is None:
        return words(N_("Questions %(first)s to %(last)s"), first=first, last=last)
    return words(N_("Questions %(first)s to %(last)s of %(of)s"), first=first, last=last, of=found.of)


def query_of(wanted: Wanted) -> dict[str, str]:
    """Give the filters as the values of an address."""
    return {"kind": wanted.kind, "objective": wanted.objective, "state": wanted.state}


def _shortened(prompt: Text, words: Words) -> Localised:
    said = pick(prompt, words.languages)
    plain = " ".join(words_only(said.text).split())
    return Localised(plain if len(plain) <= SHORTENED else f"{plain[:SHORTENED].rstrip()}…", said.language)


# --- the editor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """Something that still needs a change: the field in words, the sentence, and the field's id on the page."""

    label: str
    sentence: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMeanwhile:
    """What somebody else saved while a trainer wrote: who, when, and how it reads."""

    name: str | None
    at: datetime
    shown: Shown
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage:
    """One question to edit. ``form`` None: questions of this kind cannot be written on this site."""

    title: str
    crumbs: Crumbs
    kind: str
    published: int | None
    draft: int | None
    next_version: int
    objective: str
    form: QuestionForm | None
    problems: tuple[ProblemLine, ...]
    refused: bool  # the problems stand in the way of what was just asked for
    meanwhile: SavedMeanwhile | None
    holdings: tuple[Holding, ...]
    other_languages: tuple[str, ...]  # of this question, beside the one that is edited
    language: str
    save: str
    publish: str
    preview: str
    retire: str
    figures: str
    bank: str


def editor_page(
    room: Room,
    question: BankQuestion,
    form: QuestionForm | None,
    words: Words,
    *,
    holdings: Sequence[Holding],
    problems: Sequence[ProblemLine] = (),
    refused: bool = False,
    meanwhile: SavedMeanwhile | None = None,
) -> EditorPage:
    """Build the page on which a question is edited."""
    newest = question.newest
    prompt = newest.spec.get("prompt") if newest is not None else None
    languages = sorted(prompt) if isinstance(prompt, Mapping) else []
    title = words(N_("Edit question"))
    return EditorPage(
        title=title,
        crumbs=_crumbs(room, words, (words.said(room.title).text, address(room, "bank")), (title, None)),
        kind=kind_name(question.kind, words),
        published=question.published.number if question.published else None,
        draft=question.draft.number if question.draft else None,
        next_version=question.draft.number if question.draft else (newest.number if newest else 0) + 1,
        objective=dict(objectives(room, words)).get(question.objective or "", question.objective or ""),
        form=form,
        problems=tuple(problems),
        refused=refused,
        meanwhile=meanwhile,
        holdings=tuple(holdings),
        other_languages=tuple(tag for tag in languages if tag != room.language),
        language=room.language,
        save=address(room, "save", question.uid),
        publish=address(room, "publish", question.uid),
        preview=address(room, "preview", question.uid),
        retire=address(room, "retire", question.uid),
        figures=url_for("quizzes.analysis.question", **room.address, question_uid=question.uid)  # type: ignore[arg-type]
        if question.published
        else "",
        bank=address(room, "bank"),
    )


def spec_to_edit(of_kind: QuestionType, version: QuestionVersion | None) -> Spec:
    """Return the spec of a version as its kind reads it today; raises BadSpec."""
    return {} if version is None else current_spec(of_kind, version.spec, version.spec_version)


def form_of(kind: QuestionKind | None) -> type[QuestionForm] | None:
    """Return the class of the form in which a kind is written here; None if it has none."""
    form = None if kind is None else kind.form
    return form if form is not None and issubclass(form, QuestionForm) else None


def filled_form(
    kind: QuestionKind | None, room: Room, question: BankQuestion, explanations: Sequence[Explanation], words: Words
) -> QuestionForm | None:
    """Make the form of a question, filled with what is saved; None where it cannot be written on this site."""
    of_kind = form_of(kind)
    if kind is None or of_kind is None:
        return None
    try:
        spec = spec_to_edit(kind.type, question.newest)
    except BadSpec:
        return None
    form = of_kind(
        formdata=None,
        data={
            **of_kind.from_spec(spec, language=room.language),
            "objective": question.objective or "",
            "explains": question.explains or "",
            "began_from": mark_of(question),
        },
    )
    offer(form, room, question, explanations, words)
    return form


def offer(
    form: QuestionForm, room: Room, question: BankQuestion, explanations: Sequence[Explanation], words: Words
) -> None:
    """Give the form its objectives and places; what is saved and no longer there stays on offer, and says so."""
    gone = words(N_("no longer in the module"))
    chosen: list[tuple[str, str]] = [("", words(N_("None"))), *objectives(room, words)]
    if question.objective and question.objective not in room.objectives:
        chosen.append((question.objective, f"{question.objective} ({gone})"))
    form.objective.choices = choices(chosen)
    places: dict[str, list[tuple[str, str]]] = {"": [("", words(N_("Nowhere")))]}
    for number, lesson in enumerate(explanations, start=1):
        places[f"{number}. {lesson.title}"] = [
            (lesson.slug, words(N_("The whole lesson: %(title)s"), title=lesson.title)),
            *((f"{lesson.slug}#{anchor}", title) for anchor, title in lesson.headings),
        ]
    if question.explains and question.explains not in {value for group in places.values() for value, _ in group}:
        places[""].append((question.explains, f"{question.explains} ({gone})"))
    form.explains.choices = [
        choice for label, group in places.items() for choice in choices(group, group=label or words(N_("No link")))
    ]


def problem_lines(form: QuestionForm, problems: Sequence[Problem], words: Words) -> tuple[ProblemLine, ...]:
    """Write each problem at its field, and list them all in words."""
    lines: list[ProblemLine] = []
    for problem in problems:
        path = problem.path.split(".")
        field = form.field_at(path)
        sentence = words(problem.message, **problem.values)
        if field is not None and sentence not in field.errors:
            field.errors = [*field.errors, sentence]
        line = ProblemLine(label=form.label_at(path), sentence=sentence, anchor="prompt" if field is None else field.id)
        if line not in lines:
            lines.append(line)
    return tuple(lines)


def refused_lines(form: QuestionForm) -> tuple[ProblemLine, ...]:
    """List what stands in the way of saving: the errors that the form found in itself."""
    return tuple(
        ProblemLine(label=str(field.label.text), sentence=str(message), anchor=field.id)
        for field in _leaves(form)
        for message in field.errors
    )


def _leaves(form: Any) -> list[Any]:
    leaves = []
    for field in form:
        if hasattr(field, "entries"):
            leaves += [leaf for entry in field.entries for leaf in _leaves(entry.form)]
        else:
            leaves.append(field)
    return leaves


# --- the preview -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A question as a participant sees it (None: it is not ready to be shown), and what they see after it."""

    asked: Asked | None
    rows: tuple[Row, ...]
    explained: Explained | None = None


def shown(kind: QuestionKind | None, version: QuestionVersion | None, words: Words) -> Shown:
    """Put a version before a trainer as before a participant, always with the same order and ids."""
    if kind is None or version is None:
        return Shown(asked=None, rows=())
    try:
        spec = current_spec(kind.type, version.spec, version.spec_version)
        explained = explain(kind, spec, None, words, seed=PREVIEW_SEED, state="none")
        rows = () if explained.parts or explained.rubric else _afterwards(kind, spec, words)
    except BadSpec:  # a draft need not be ready
        return Shown(asked=None, rows=())
    return Shown(
        asked=ask(kind, version.spec, version.spec_version, seed=PREVIEW_SEED, languages=words.languages),
        rows=rows,
        explained=explained,
    )


def _afterwards(kind: QuestionKind, spec: Spec, words: Words) -> tuple[Row, ...]:
    of_kind = kind.type
    presentation = of_kind.present(spec, seed=PREVIEW_SEED, languages=words.languages)
    feedback = as_presented(
        of_kind.feedback(spec, None, languages=words.languages), presentation=presentation, seed=PREVIEW_SEED
    )
    if feedback.options:
        return tuple(
            Row(text=html_of(one.text, words), chosen=False, right=one.right, why=html_of(one.why, words))
            for one in feedback.options
        )
    why = Markup("") if feedback.text is None else html_of(feedback.text, words)
    rows = [
        Row(text=_typed(solution.text), chosen=False, right=True, why=Markup("") if number else why)
        for number, solution in enumerate(of_kind.solution(spec, languages=words.languages))
    ]
    form = form_of(kind)
    for text, response in () if form is None else form.samples(spec):
        said = of_kind.feedback(spec, response, languages=words.languages).text
        mark = of_kind.mark(spec, response)
        rows.append(
            Row(
                text=_typed(text),
                chosen=False,
                right=mark is not None and mark.score == 1,
                why=Markup("") if said is None else html_of(said, words),
            )
        )
    return tuple(rows)


def _typed(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """A question as a participant sees it, and what they see afterwards. ``explained``: the lesson's title."""

    title: str
    version: int | None
    is_draft: bool
    asked: Asked | None
    rows: tuple[Row, ...]
    afterwards: Explained | None
    explained: str
    explained_href: str
    editor: str
    began_from: str
    publish: str


def preview_page(
    room: Room,
    question: BankQuestion,
    kind: QuestionKind | None,
    links: Mapping[str, tuple[Text, str]],
    words: Words,
) -> PreviewPage:
    """Build the preview of the draft, or without one of what is published."""
    newest = question.newest
    seen = shown(kind, newest, words)
    lesson, _, anchor = (question.explains or "").partition("#")
    titles, href = links.get(lesson, ({}, ""))
    return PreviewPage(
        title=words(N_("Preview")),
        version=None if newest is None else newest.number,
        is_draft=question.draft is not None,
        asked=seen.asked,
        rows=seen.rows,
        afterwards=seen.explained,
        explained=words.said(titles).text,
        explained_href=f"{href}#{anchor}" if href and anchor else href,
        editor=address(room, "edit", question.uid),
        began_from=mark_of(question),
        publish=address(room, "publish", question.uid),
    )


# --- retiring --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirePage:
    """What follows if a question is retired. ``short``: an attempt wants ``draw`` questions and fewer are left."""

    title: str
    crumbs: Crumbs
    prompt: Localised
    published: bool
    left: int
    draw: int | None
    short: bool
    holdings: tuple[Holding, ...]
    action: str
    editor: str


def retire_page(room: Room, found: Retirement, words: Words) -> RetirePage:
    """Build the page that says what follows if a question is retired."""
    question = found.question
    editor = address(room, "edit", question.uid)
    spec: Mapping[str, Any] = question.newest.spec if question.newest is not None else {}
    prompt = spec.get("prompt")
    title = words(N_("Retire this question"))
    return RetirePage(
        title=title,
        crumbs=_crumbs(room, words, (words.said(room.title).text, address(room, "bank")), (title, None)),
        prompt=_shortened(prompt if isinstance(prompt, Mapping) else {}, words),
        published=question.published is not None,
        left=found.left,
        draw=room.draw,
        short=room.draw is not None and found.left < room.draw,
        holdings=found.holdings,
        action=address(room, "retire", question.uid),
        editor=editor,
    )
