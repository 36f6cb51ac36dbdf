"""The values with which a plugin adds to the core. All are frozen; ``order`` sorts them, then the plugin's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.orm import Session

Who = Literal["anyone", "guest", "signed_in", "trainer", "admin"]
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may open a page that is marked ``@requires(name)``; which rows they see there is for the service to check.

    "trainer" lets trainers of any course and admins in.
    """

    name: str
    who: Who


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """A link in the header (``place="header"``), the footer or the admin pages, shown to those whom ``who`` names."""

    name: str
    label: str  # a message id
    endpoint: str
    who: Who = "anyone"
    place: Literal["header", "footer", "admin"] = "header"
    order: int = 50
    values: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFolder:
    """A folder of templates; a plugin's own lie in a sub-folder with the plugin's name."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationHistory:
    """A plugin's own Alembic history: ``versions`` holds its revision files, on top of nobody else's."""

    versions: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """Work that the worker does, in one of two ways; it may run twice and must not mind.

    ``run(session, payload)`` works in one transaction, together with the note that the job is done: its rows are there
    once or not at all. ``run_in_steps(payload)`` opens its own transactions, for what reaches out of the database (a
    mail is noted as "sending" before it leaves). ``give_up(session, payload, fault)`` is told when the last try failed.
    With ``every`` the worker starts the work by itself about that often, with an empty payload.
    """

    name: str
    run: Callable[[Session, Payload], None] | None = None
    run_in_steps: Callable[[Payload], None] | None = None
    give_up: Callable[[Session, Payload, str], None] | None = None
    every: timedelta | None = None

    def __post_init__(self) -> None:
        if (self.run is None) == (self.run_in_steps is None):
            raise ValueError(f"the job {self.name!r} needs either run or run_in_steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestKeeping:
    """Something that a plugin keeps of guests: ``carry(session, guest=, person_id=, now=)`` gives it to a person.

    ``guest`` is the hash of the key in the guest's cookie (`lms.web.guests`); it is called when they sign in.
    """

    name: str
    carry: Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What a plugin does before a person is erased: ``run(session, person_id)``, in the same transaction.

    Rows whose foreign key to the person cascades go by themselves and need none.
    """

    name: str
    run: Callable[[Session, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStep:
    """What ``make run`` prepares at each start, after its people are there; a second time it changes nothing.

    ``prepare(people, say)`` runs in the app's context and opens its own transactions. ``people`` gives a person's id
    for each role; ``say`` shows the operator a line.
    """

    name: str
    prepare: Callable[[Mapping[str, int], Callable[[str], None]], None]
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedRole:
    """A role that a person holds for one thing (trainer of a course).

    ``scope`` names the command's option (``course``: ``--course SLUG``). ``grant`` and ``withdraw`` take the session,
    ``person_id`` and ``scope`` (the slug) and raise NotFound for an unknown one; ``held`` gives a person's slugs.
    """

    role: str
    scope: str
    grant: Callable[..., None]
    withdraw: Callable[..., None]
    held: Callable[..., list[str]]
