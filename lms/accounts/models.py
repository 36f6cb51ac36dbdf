"""Rows of people and of what lets them in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.database.base import Model

ROLES = ("participant", "trainer", "admin")


class Person(Model):
    """Somebody with an account. ``role`` says which rooms they may enter; for which course is the feature's row."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # normalised, lower case
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    time_zone: Mapped[str] = mapped_column(String(64))  # IANA
    language: Mapped[str] = mapped_column(String(20))  # BCP 47
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20), default="participant")
    email_verified_at: Mapped[datetime | None]
    certificate_name: Mapped[str | None] = mapped_column(String(200))  # as it will be printed
    name_confirmed_at: Mapped[datetime | None]  # by the person, or attested by an admin
    registered_at: Mapped[datetime]
    consented_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]


class SignIn(Model):
    """One device that is signed in; the cookie holds the token, the row its SHA-256."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EmailToken(Model):
    """A link in a mail: for verifying an address or for a new password; used once, stored hashed."""

    __tablename__ = "email_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))  # verify, reset
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))  # the address that it speaks for; a changed one kills it
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
