"""Who asks, as a process knows them from before, and how a statement makes sure of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Label, bindparam, select

from lms.accounts.models import Person, SignIn


@dataclass(frozen=True, slots=True)
class KnownAsker:
    """Who asks, as a process knows them from before: a statement with `still_asks` makes sure of each of these."""

    token_hash: str
    person_id: int
    language: str
    time_zone: str
    role: str

    def values(self) -> dict[str, object]:
        """Return them as the statement takes them."""
        return {
            "token_hash": self.token_hash,
            "person_id": self.person_id,
            "language": self.language,
            "time_zone": self.time_zone,
            "role": self.role,
        }


def values_of(person_id: int | None, asker: KnownAsker | None, *, now: datetime | None) -> dict[str, object]:
    """The parameters of a statement about somebody: with those of `still_asks` where it makes sure of them."""
    return {"person_id": person_id or 0} if asker is None else asker.values() | {"now": now}


def stands() -> Label[bool]:
    """`still_asks` as a column “stands”."""
    return still_asks().label("stands")


def still_asks() -> ColumnElement[bool]:
    """Whether a sign-in still stands and its person is as a process knew them, as a condition in another statement.

    Its parameters are those of a `KnownAsker`, and ``now``.
    """
    return (
        select(SignIn.id)
        .join(Person, Person.id == SignIn.person_id)
        .where(
            SignIn.token_hash == bindparam("token_hash"),
            SignIn.expires_at > bindparam("now", type_=SignIn.__table__.c.expires_at.type),
            Person.id == bindparam("person_id"),
            Person.suspended_at.is_(None),
            Person.language == bindparam("language"),
            Person.time_zone == bindparam("time_zone"),
            Person.role == bindparam("role"),
        )
        .exists()
    )
