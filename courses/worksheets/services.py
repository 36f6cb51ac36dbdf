"""Install worksheets, keep what people write in them, and hand it in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from courses.authoring.services import must_be_trainer
from courses.enrolment.models import Enrolment
from courses.learning.services import record_result
from courses.outline.models import Activity, Course, Module
from courses.outline.services import ActivityPlace
from courses.packages.content import content_hash
from courses.worksheets.definition import Field, Sheet, place_of, sheet_of
from courses.worksheets.models import Worksheet, WorksheetEvent
from lms.accounts.models import Person
from lms.errors import N_, Invalid, NotFound, Refused
from lms.text.localised import Text
from lms.text.markdown import RENDERING, document

KIND = "worksheet"
WEB = "web"
NO_LANGUAGE = ""
FARTHEST_LEAP = 100_000  # counters beyond the highest known one
MOST_EVENTS = 5_000  # of one person in one sheet

_CLIENT = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[-+−]?[\d\s.,'’٫٬]+%?")


def install(
    session: Session,
    *,
    activity_id: int,
    definition: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    now: datetime,
) -> str | None:
    """Write a package's worksheet; a line on what changed. What people wrote stays, whatever the sheet asks now."""
    del before, now
    made = content_hash([definition, RENDERING])
    sheet = session.scalar(select(Worksheet).where(Worksheet.activity_id == activity_id).with_for_update())
    if sheet is not None and sheet.hash == made:
        return None
    html = {
        "intro": _rendered(definition["intro"]),
        "example": _rendered(definition["example"]),
        "sections": {one["id"]: _rendered(one["text"]) for one in definition["sections"] if one.get("text")},
    }
    if sheet is None:
        session.add(Worksheet(activity_id=activity_id, definition=dict(definition), html=html, hash=made))
        session.flush()
        return "new"
    is_changed = sheet.definition != definition
    sheet.definition, sheet.html, sheet.hash = dict(definition), html, made
    session.flush()
    return "changed" if is_changed else None


def _rendered(text: Text) -> dict[str, str]:
    return {
        language: document(words, facts={}, glossary={}, languages=(language,)).html for language, words in text.items()
    }


def definition_of(session: Session, *, activity_id: int) -> Mapping[str, Any]:
    """Give a worksheet as its package writes it."""
    found = session.scalar(select(Worksheet.definition).where(Worksheet.activity_id == activity_id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Filled:
    """A person's sheet as it stands. ``values`` has a text by each key that is not empty.

    ``elsewhere`` has what another page wrote under a key without knowing of the text that counts. ``highest`` is the
    highest counter; ``changed_since`` says that something was changed after it was handed in.
    """

    values: Mapping[str, str]
    elsewhere: Mapping[str, str]
    highest: int
    saved_at: datetime | None
    handed_in_at: datetime | None
    changed_since: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSheet:
    """A worksheet with its place; ``borrowed`` has what the person wrote in other sheets, by ``from``, as a text.

    A choice is written there in every language that it has, other words (which are the person's) under no language.
    """

    worksheet_id: int
    person_id: int
    place: ActivityPlace
    enrolled: bool
    definition: Mapping[str, Any]
    html: Mapping[str, Any]
    sheet: Sheet
    filled: Filled
    borrowed: Mapping[str, Text]


def _order(row: WorksheetEvent) -> tuple[int, str]:
    return row.counter, row.client


def fold(events: Iterable[WorksheetEvent]) -> Filled:
    """The sheet that follows from a journal, in whatever order its rows come."""
    rows = sorted(events, key=_order)
    winners: dict[str, WorksheetEvent] = {}
    elsewhere: dict[str, str] = {}
    for row in rows:
        for key, text in row.changes.items():
            before = winners.get(key)
            if before is not None and before.changes[key] != text:
                elsewhere.pop(key, None)
                if row.seen < before.counter and before.changes[key]:
                    elsewhere[key] = before.changes[key]
            winners[key] = row
    last = next((row for row in reversed(rows) if row.handed_in), None)
    return Filled(
        values={key: row.changes[key] for key, row in winners.items() if row.changes[key]},
        elsewhere=elsewhere,
        highest=rows[-1].counter if rows else 0,
        saved_at=max((row.made_at for row in rows), default=None),
        handed_in_at=last.made_at if last else None,
        changed_since=last is not None and any(row.changes and _order(row) > _order(last) for row in rows),
    )


def _columns() -> tuple[Any, ...]:
    return (
        Worksheet.id.label("worksheet_id"),
        Worksheet.definition,
        Worksheet.html,
        Activity.id.label("activity_id"),
        Activity.kind,
        Activity.slug,
        Activity.title,
        Module.id.label("module_id"),
        Module.slug.label("module_slug"),
        Module.title.label("module_title"),
        Course.id.label("course_id"),
        Course.slug.label("course_slug"),
        Course.short_title.label("course_title"),
        Course.published_at.is_not(None).label("published"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    worksheet_id: int
    definition: Mapping[str, Any]
    html: Mapping[str, Any]
    enrolled: bool
    place: ActivityPlace


def _find(session: Session, *, person_id: int, course: str, module: str, activity: str) -> _Found:
    enrolled = exists().where(Enrolment.course_id == Course.id, Enrolment.person_id == person_id)
    row = session.execute(
        select(*_columns(), enrolled.label("enrolled"))
        .join(Activity, Activity.id == Worksheet.activity_id)
        .join(Module, Module.id == Activity.module_id)
        .join(Course, Course.id == Module.course_id)
        .where(
            Course.slug == course,
            Module.slug == module,
            Activity.slug == activity,
            Activity.kind == KIND,
            Activity.retired_at.is_(None),
            Course.published_at.is_not(None),
            Module.ready,
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    found = dict(row._mapping)
    own = {name: found.pop(name) for name in ("worksheet_id", "definition", "html", "enrolled")}
    place = ActivityPlace(**{**found, "published": bool(found["published"])})
    return _Found(**{**own, "enrolled": bool(own["enrolled"])}, place=place)


def _journal(session: Session, worksheet_id: int, person_id: int) -> Sequence[WorksheetEvent]:
    return session.scalars(
        select(WorksheetEvent).where(WorksheetEvent.worksheet_id == worksheet_id, WorksheetEvent.person_id == person_id)
    ).all()


def open_sheet(session: Session, *, person_id: int, course: str, module: str, activity: str) -> OpenSheet:
    """A worksheet with what the person wrote in it, in two statements, three if it shows other sheets; NotFound."""
    found = _find(session, person_id=person_id, course=course, module=module, activity=activity)
    sheet = sheet_of(found.definition)
    return OpenSheet(
        worksheet_id=found.worksheet_id,
        person_id=person_id,
        place=found.place,
        enrolled=found.enrolled,
        definition=found.definition,
        html=found.html,
        sheet=sheet,
        filled=fold(_journal(session, found.worksheet_id, person_id)),
        borrowed=_borrowed(session, sheet, person_id=person_id, course_id=found.place.course_id),
    )


def _borrowed(session: Session, sheet: Sheet, *, person_id: int, course_id: int) -> dict[str, Text]:
    """What a person wrote in the fields that a sheet shows of others, by ``from``; a table's rows are lines."""
    wanted = sheet.sources
    if not wanted:
        return {}
    places = or_(*(and_(Module.slug == module, Activity.slug == activity) for module, activity in sorted(wanted)))
    rows = session.execute(
        select(Module.slug, Activity.slug, Worksheet.definition, WorksheetEvent)
        .join(Activity, Activity.module_id == Module.id)
        .join(Worksheet, Worksheet.activity_id == Activity.id)
        .join(WorksheetEvent, WorksheetEvent.worksheet_id == Worksheet.id)
        .where(Module.course_id == course_id, WorksheetEvent.person_id == person_id, places)
    ).all()
    written: dict[str, Text] = {}
    for source in {field.source for field in sheet.fields if field.source}:
        module, activity, name = place_of(source)
        of_sheet = [row for row in rows if (row[0], row[1]) == (module, activity)]
        if of_sheet:
            field = next((one for one in sheet_of(of_sheet[0][2]).fields if one.id == name), None)
            written[source] = as_text(field, fold(row[3] for row in of_sheet).values) if field else {}
    return written


def as_text(field: Field, values: Mapping[str, str]) -> Text:
    """What was written in one field, of one or several lines; a choice in its languages, else under no language."""
    if field.kind == "choice":
        return dict(field.options).get(values.get(field.id, ""), {})
    if field.kind != "table":
        return {NO_LANGUAGE: values.get(field.id, "")}
    lines = (
        " · ".join(filter(None, (values.get(f"{field.id}:{row}:{column}", "") for column, _ in field.columns)))
        for row in range(1, field.rows + 1)
    )
    return {NO_LANGUAGE: "\n".join(filter(None, lines))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a sheet that was sent. ``missing``: the fields that keep it from being handed in, and why."""

    filled: Filled
    missing: Mapping[str, str]


def save(
    session: Session,
    *,
    person_id: int,
    course: str,
    module: str,
    activity: str,
    given: Mapping[str, str],
    seen: int | None,
    hand_in: bool,
    now: datetime,
) -> Saved:
    """Keep what a page sent, complete or not, and hand it in if it is asked and everything needed is there.

    ``given`` has clean texts by key; ``seen`` is the highest counter that the page knew (None: lost; it is compared
    with what is there now). Sending the same page again is the same event. Raises NotFound, and Refused for who does
    not take the course.
    """
    found = _find(session, person_id=person_id, course=course, module=module, activity=activity)
    sheet = sheet_of(found.definition)
    _take_turns(session, person_id=person_id, course_id=found.place.course_id)
    events = list(_journal(session, found.worksheet_id, person_id))
    before = fold(events)
    known = before if seen is None else fold(row for row in events if row.counter <= seen)
    own = known.highest
    keys = {key for field in sheet.fields for key in field.keys}
    changes = {key: text for key, text in given.items() if key in keys and text != known.values.get(key, "")}
    after = {**before.values, **changes}
    missing = faults_of_values(sheet, after) if hand_in else {}
    hands_in = hand_in and not missing
    last = max((row for row in events if row.client == WEB and row.seen == own), key=_order, default=None)
    is_resent = last is not None and last.changes == changes and last.handed_in == hands_in
    is_idle = not changes and not (hands_in and (before.handed_in_at is None or before.changed_since))
    if is_resent or is_idle:
        return Saved(filled=before, missing=missing)
    _must_have_room(events)
    made = WorksheetEvent(
        worksheet_id=found.worksheet_id,
        person_id=person_id,
        client=WEB,
        counter=before.highest + 1,
        seen=own,
        changes=changes,
        handed_in=hands_in,
        made_at=now,
    )
    session.add(made)
    session.flush()
    if hands_in:
        record_result(
            session, person_id=person_id, activity_id=found.place.activity_id, score=1.0, passed=True, now=now
        )
    return Saved(filled=fold([*events, made]), missing=missing)


def save_from_device(
    session: Session,
    *,
    person_id: int,
    course: str,
    module: str,
    activity: str,
    client: str,
    counter: int,
    seen: int,
    changes: Mapping[str, str],
    now: datetime,
) -> Filled:
    """Keep what a device sent under a number of its own; the same again is the same event.

    ``counter`` is a Lamport clock: higher than every one that the device has seen. Raises NotFound, Invalid for names
    and numbers that no device of ours sends, and Refused: for who does not take the course, and for other words under
    a number that this device has used.
    """
    if client == WEB or not _CLIENT.match(client):
        raise Invalid(N_("A device has a name of 1 to 32 letters, digits, hyphens or underscores."), field="client")
    found = _find(session, person_id=person_id, course=course, module=module, activity=activity)
    _take_turns(session, person_id=person_id, course_id=found.place.course_id)
    events = list(_journal(session, found.worksheet_id, person_id))
    keys = {key for field in sheet_of(found.definition).fields for key in field.keys}
    before = fold(events)
    same = next((row for row in events if (row.counter, row.client) == (counter, client)), None)
    if same is not None and any(same.changes.get(key, text) != text for key, text in changes.items()):
        raise Refused(N_("This device has sent other words under the same number."))
    kept = {key: text for key, text in changes.items() if key in keys and text != before.values.get(key, "")}
    if same is not None or not kept:
        return before
    if not 1 <= counter <= before.highest + FARTHEST_LEAP:
        raise Invalid(N_("This number is too far from the last one."), field="counter")
    _must_have_room(events)
    made = WorksheetEvent(
        worksheet_id=found.worksheet_id,
        person_id=person_id,
        client=client,
        counter=counter,
        seen=min(seen, counter - 1),
        changes=kept,
        handed_in=False,
        made_at=now,
    )
    session.add(made)
    session.flush()
    return fold([*events, made])


def _take_turns(session: Session, *, person_id: int, course_id: int) -> None:
    """Make two pages of one person wait for each other; raises Refused for who does not take the course."""
    enrolment = select(Enrolment.id).where(Enrolment.course_id == course_id, Enrolment.person_id == person_id)
    if session.scalar(enrolment.with_for_update()) is None:
        raise Refused(N_("Enrol in the course first; it costs nothing."))


def _must_have_room(events: Sequence[WorksheetEvent]) -> None:
    if len(events) >= MOST_EVENTS:
        raise Refused(N_("This worksheet was saved too often to be saved again. Tell the people who run this site."))


def faults_of_values(sheet: Sheet, values: Mapping[str, str]) -> dict[str, str]:
    """What keeps a sheet from being handed in: a message id by the id of its field."""
    faults = {}
    for field in sheet.fields:
        texts = [values.get(key, "") for key in field.keys]
        if field.required and field.kind and not any(texts):
            faults[field.id] = {
                "choice": N_("Choose one of these."),
                "table": N_("Fill at least one row."),
            }.get(field.kind, N_("Write something here."))
        elif field.kind == "number" and texts[0] and not is_number(texts[0]):
            faults[field.id] = N_("Write a number in digits, such as 1500 or 2.5.")
        elif field.kind == "date" and texts[0] and not is_day(texts[0]):
            faults[field.id] = N_("Write the day as year, month, day: 2026-12-31.")
        elif field.kind == "choice" and texts[0] and texts[0] not in dict(field.options):
            faults[field.id] = N_("Choose one of these.")
    return faults


def is_number(text: str) -> bool:
    """Whether people would read it as a number, in whatever digits and with whatever separators."""
    return _NUMBER.fullmatch(text) is not None and _DIGIT.search(text) is not None


def is_day(text: str) -> bool:
    """Whether it is a day as 2026-12-31."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A person who handed a sheet in, and when last."""

    person_id: int
    name: str
    at: datetime


def handed_in(
    session: Session, *, trainer_id: int, course: str, module: str, activity: str
) -> tuple[OpenSheet, list[HandedIn]]:
    """Who of a course's people handed in a sheet, the newest first; NotFound for who is not trainer of the course."""
    sheet = _for_trainer(session, trainer_id=trainer_id, course=course, module=module, activity=activity)
    rows = session.execute(
        select(Person.id, Person.name, func.max(WorksheetEvent.made_at).label("at"))
        .join(WorksheetEvent, WorksheetEvent.person_id == Person.id)
        .join(Enrolment, and_(Enrolment.person_id == Person.id, Enrolment.course_id == sheet.place.course_id))
        .where(WorksheetEvent.worksheet_id == sheet.worksheet_id, WorksheetEvent.handed_in)
        .group_by(Person.id, Person.name)
        .order_by(func.max(WorksheetEvent.made_at).desc(), Person.id)
    )
    return sheet, [HandedIn(person_id=row.id, name=row.name, at=row.at) for row in rows]


def sheet_handed_in(
    session: Session, *, trainer_id: int, course: str, module: str, activity: str, person_id: int
) -> tuple[OpenSheet, HandedIn]:
    """A sheet as a person handed it in, for a trainer of the course; what was changed since is not in it. NotFound."""
    found, people = handed_in(session, trainer_id=trainer_id, course=course, module=module, activity=activity)
    person = next((one for one in people if one.person_id == person_id), None)
    if person is None:
        raise NotFound
    events = _journal(session, found.worksheet_id, person_id)
    last = max((row for row in events if row.handed_in), key=_order)
    filled = fold(row for row in events if _order(row) <= _order(last))
    borrowed = _borrowed(session, found.sheet, person_id=person_id, course_id=found.place.course_id)
    return replace(found, filled=filled, borrowed=borrowed), person


def _for_trainer(session: Session, *, trainer_id: int, course: str, module: str, activity: str) -> OpenSheet:
    found = _find(session, person_id=trainer_id, course=course, module=module, activity=activity)
    must_be_trainer(session, person_id=trainer_id, course_id=found.place.course_id)
    return OpenSheet(
        worksheet_id=found.worksheet_id,
        person_id=trainer_id,
        place=found.place,
        enrolled=found.enrolled,
        definition=found.definition,
        html=found.html,
        sheet=sheet_of(found.definition),
        filled=fold(()),
        borrowed={},
    )
