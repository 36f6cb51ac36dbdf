"""What the pages about changed keys print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from lms.errors import N_
from lms.text.localised import Localised
from quizzes.attempts.pages import Words
from quizzes.authoring.services import Room
from quizzes.regrading.forms import ReasonForm
from quizzes.regrading.services import (
    APPLYING,
    DONE,
    LEFT,
    LOOKING,
    OPEN,
    PAGE_ROWS,
    READY,
    Consequences,
    Key,
    ListedRegrade,
    OlderVersion,
    ReviewedCertificate,
)
from quizzes.reports.pages import Frame, Pages, frame, prompt_of

STATES: Mapping[str, str] = {
    LOOKING: N_("We look at what it changes."),
    READY: N_("It waits for your decision."),
    LEFT: N_("Left. Nothing was changed."),
    APPLYING: N_("It is being applied."),
    DONE: N_("Applied."),
}


def address(room: Room, view: str, **values: object) -> str:
    """Return the address of a page of this slice."""
    every: dict[str, Any] = {**room.address, **values}
    return url_for(f"quizzes.regrading.{view}", **every)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradeRow:
    """One change of a key in the list."""

    prompt: Localised
    version: int
    state: str
    asked_at: datetime
    by: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One certificate to look at; ``form`` where that is to be decided."""

    name: str
    serial: str
    href: str
    regrade: str
    revoked: bool
    open: bool
    reason: str
    form: ReasonForm | None
    action: str
    revoke: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradesPage:
    """Changes of keys in this quiz, and certificates of its course to look at."""

    frame: Frame
    rows: tuple[RegradeRow, ...]
    reviews: tuple[ReviewRow, ...]
    figures: str


def regrades_page(
    room: Room,
    found: Sequence[ListedRegrade],
    reviews: Sequence[ReviewedCertificate],
    words: Words,
    *,
    is_admin: bool,
    refused: tuple[int, ReasonForm] | None = None,
) -> RegradesPage:
    """Build the page; ``refused``: the form of one certificate as it was sent."""

    def review_row(one: ReviewedCertificate) -> ReviewRow:
        is_open = one.review.state == OPEN and not one.revoked
        form = None
        if is_open:
            sent = refused is not None and refused[0] == one.review.id
            form = refused[1] if sent and refused else ReasonForm(formdata=None, prefix=f"c{one.review.id}-")
        return ReviewRow(
            name=one.name or words(N_("A person whose account is gone")),
            serial=one.serial,
            href=url_for("lms.certificates.certificate", serial=one.serial),
            regrade=address(room, "regrade", regrade_id=one.regrade_id),
            revoked=one.revoked,
            open=is_open,
            reason=one.review.reason,
            form=form,
            action=address(room, "let_stand", review_id=one.review.id),
            revoke=url_for("lms.administration.revoke_certificate", serial=one.serial) if is_admin else "",
        )

    return RegradesPage(
        frame=frame(room, words, tab="regrades", heading=words(N_("Changed keys"))),
        rows=tuple(
            RegradeRow(
                prompt=prompt_of(one.spec, words),
                version=one.version,
                state=words(STATES[one.regrade.state]),
                asked_at=one.regrade.asked_at,
                by=one.by or "",
                href=address(room, "regrade", regrade_id=one.regrade.id),
            )
            for one in found
        ),
        reviews=tuple(review_row(one) for one in reviews),
        figures=url_for("quizzes.analysis.questions", **dict[str, Any](room.address)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage:
    """The published key, and the earlier versions that it could mark."""

    frame: Frame
    prompt: Localised
    version: int
    solution: tuple[str, ...]
    older: tuple[OlderVersion, ...]
    can: bool
    tries: int
    form: ReasonForm
    action: str
    edit: str


def key_page(room: Room, key: Key, solution: Sequence[str], form: ReasonForm, words: Words) -> KeyPage:
    """Build the page on which a change is looked for."""
    values: dict[str, Any] = {**room.address, "question_uid": key.uid}
    return KeyPage(
        frame=frame(
            room,
            words,
            tab="questions",
            heading=words(N_("Change the key for answers that were given already")),
            up=((words(N_("Figures")), url_for("quizzes.analysis.question", **values)),),
        ),
        prompt=prompt_of(key.version.spec, words),
        version=key.version.number,
        solution=tuple(solution),
        older=key.older,
        can=bool(key.to_mark),
        tries=sum(one.tries for one in key.older if one.version_id in key.to_mark),
        form=form,
        action=address(room, "look", question_uid=key.uid),
        edit=url_for("quizzes.authoring.edit", **values),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What changes for one person."""

    name: str
    href: str
    tries: int
    score_before: float
    score_after: float
    passes: bool  # now, and not before
    falls: bool
    certificate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradePage:
    """What a change of a key does, before or after it is applied."""

    frame: Frame
    prompt: Localised
    version: int
    state: str
    says: str
    reason: str
    asked_at: datetime
    by: str
    seen: int
    of: int
    changed: int
    pass_now: int
    fall_below: int
    certificates: int
    rows: tuple[ChangeRow, ...]
    pages: Pages | None
    apply: str
    leave: str
    again: str
    all: str


def regrade_page(room: Room, found: Consequences, words: Words) -> RegradePage:
    """Build the page."""
    regrade = found.listed.regrade
    values: dict[str, Any] = dict(room.address)
    here = address(room, "regrade", regrade_id=regrade.id)
    return RegradePage(
        frame=frame(
            room,
            words,
            tab="regrades",
            heading=words(N_("What the changed key does")),
            up=((words(N_("Changed keys")), address(room, "regrades")),),
        ),
        prompt=prompt_of(found.listed.spec, words),
        version=found.listed.version,
        state=regrade.state,
        says=words(STATES[regrade.state]),
        reason=regrade.reason,
        asked_at=regrade.asked_at,
        by=found.listed.by or "",
        seen=regrade.seen,
        of=max(regrade.of, regrade.seen),
        changed=found.changed,
        pass_now=found.pass_now,
        fall_below=found.fall_below,
        certificates=found.certificates,
        rows=tuple(
            ChangeRow(
                name=name,
                href=url_for("quizzes.reports.person", **values, person_id=change.person_id),
                tries=change.tries,
                score_before=change.score_before,
                score_after=change.score_after,
                passes=change.passed_after and not change.passed_before,
                falls=change.passed_before and not change.passed_after,
                certificate=change.certificate_id is not None,
            )
            for change, name in found.rows
        ),
        pages=_paging(here, found, words),
        apply=address(room, "apply", regrade_id=regrade.id),
        leave=address(room, "leave", regrade_id=regrade.id),
        again=here,
        all=address(room, "regrades"),
    )


def _paging(here: str, found: Consequences, words: Words) -> Pages | None:
    pages = max(1, -(-found.changed // PAGE_ROWS))
    if pages == 1:
        return None
    number = found.number
    said = words(N_("Page %(number)s of %(pages)s."), number=number, pages=pages)
    return Pages(
        said,
        f"{here}?page={number - 1}" if number > 1 else None,
        f"{here}?page={number + 1}" if number < pages else None,
    )
