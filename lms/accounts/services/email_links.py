"""Links in mails: to verify an address, to change it, to choose a new password. Each works once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts.letters import LetterWriter
from lms.accounts.models import EmailToken, Person
from lms.accounts.services.people import about, by_id, end_sign_ins
from lms.accounts.tokens import hash_of, new_token
from lms.audit import services as audit
from lms.errors import N_, Invalid, Refused
from lms.mail import services as mail

LASTS: Final = {"verify": timedelta(days=7), "change": timedelta(days=1), "reset": timedelta(hours=1)}
DEAD = N_("This link does not work any more. Ask for a new one.")
TAKEN = N_("This address belongs to another account.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailLink:
    """A link that still works: what it is for, for which address and whose account."""

    purpose: str
    email: str
    name: str


def send_verification(session: Session, person: Person, *, write: LetterWriter, now: datetime) -> None:
    """Write the mail with the link that verifies a person's address; links of earlier mails are dead."""
    token = _new_token(session, person.id, purpose="verify", email=person.email, now=now)
    letter = write("verify", language=person.language, name=person.name, token=token)
    mail.write(session, to=person.email, subject=letter.subject, body=letter.body, now=now, person_id=person.id)


def ask_verification(session: Session, *, person_id: int, write: LetterWriter, now: datetime) -> bool:
    """Send the verifying link anew; False where the address is verified already."""
    person = by_id(session, person_id)
    if person.email_verified_at is not None:
        return False
    send_verification(session, person, write=write, now=now)
    return True


def open_link(session: Session, *, token: str, purposes: tuple[str, ...], now: datetime) -> EmailLink | None:
    """What a link is for, if it still works; nothing is changed."""
    found = _living(session, token=token, purposes=purposes, now=now)
    if found is None:
        return None
    row, person = found
    return EmailLink(purpose=row.purpose, email=row.email, name=person.name)


def follow_link(session: Session, *, token: str, write: LetterWriter, now: datetime) -> None:
    """Verify the address that the link speaks for, or make it the account's address. Raises Refused if it is dead."""
    row, person = _use(session, token=token, purposes=("verify", "change"), now=now)
    if row.purpose == "verify":
        person.email_verified_at = now
        return
    before = person.email
    try:
        with session.begin_nested():
            person.email = row.email
            person.email_verified_at = now
            session.flush()
    except IntegrityError:
        raise Refused(TAKEN) from None
    session.execute(delete(EmailToken).where(EmailToken.person_id == person.id, EmailToken.id != row.id))
    facts = {"from": before, "to": row.email}
    audit.record(session, actor_id=person.id, act="person.email_changed", about=about(person.id), now=now, facts=facts)
    letter = write("address_changed", language=person.language, name=person.name, address=person.email)
    mail.write(session, to=before, subject=letter.subject, body=letter.body, now=now, person_id=person.id)


def ask_email_change(
    session: Session, *, person_id: int, password_hash: str, new_email: str, write: LetterWriter, now: datetime
) -> None:
    """Send the confirming link to the new (normalised) address and word of it to the old one.

    The account keeps its address until the link is opened. An address that has an account gets a mail that says so, and
    the caller is answered alike. ``password_hash`` is the one against which the password was checked. Raises Invalid if
    it changed since, or if the address is the account's already.
    """
    person = by_id(session, person_id)
    if person.password_hash != password_hash:
        raise Invalid(N_("This is not your present password."), field="password")
    if person.email == new_email:
        raise Invalid(N_("This is your address already."), field="email")
    owner = session.scalar(select(Person).where(Person.email == new_email))
    # A known address gets no link; its token is made and forgotten, so that both cases write alike.
    token = _new_token(session, person.id, purpose="change", email=new_email, now=now)
    if owner is None:
        confirm = write("change_confirm", language=person.language, name=person.name, token=token, address=new_email)
    else:
        confirm = write("change_taken", language=owner.language, name=owner.name)
    told = write("change_asked", language=person.language, name=person.name, address=new_email)
    mail.write(session, to=new_email, subject=confirm.subject, body=confirm.body, now=now)
    mail.write(session, to=person.email, subject=told.subject, body=told.body, now=now, person_id=person.id)


def person_to_reset(session: Session, *, email: str | None) -> int | None:
    """Whose password may be reset by a mail to this (normalised) address; None for nobody's."""
    if not email:
        return None
    return session.scalar(select(Person.id).where(Person.email == email, Person.suspended_at.is_(None)))


def send_reset_link(session: Session, *, person_id: int, write: LetterWriter, now: datetime) -> None:
    """Write the mail with the link to a new password; links of earlier mails are dead."""
    person = by_id(session, person_id)
    if person.suspended_at is not None:
        return
    token = _new_token(session, person.id, purpose="reset", email=person.email, now=now)
    letter = write("reset", language=person.language, name=person.name, token=token)
    mail.write(session, to=person.email, subject=letter.subject, body=letter.body, now=now, person_id=person.id)


def reset_password(session: Session, *, token: str, password_hash: str, write: LetterWriter, now: datetime) -> None:
    """Set the new password of the account that the link speaks for, end its sign-ins and tell its address.

    The link came by mail, so the address is verified too. Raises Refused if the link is dead.
    """
    _, person = _use(session, token=token, purposes=("reset",), now=now)
    person.password_hash = password_hash
    person.email_verified_at = person.email_verified_at or now
    end_sign_ins(session, person.id)
    session.execute(delete(EmailToken).where(EmailToken.person_id == person.id, EmailToken.used_at.is_(None)))
    audit.record(session, actor_id=person.id, act="person.password_reset", about=about(person.id), now=now)
    letter = write("password_changed", language=person.language, name=person.name)
    mail.write(session, to=person.email, subject=letter.subject, body=letter.body, now=now, person_id=person.id)


def _new_token(session: Session, person_id: int, *, purpose: str, email: str, now: datetime) -> str:
    # One living link a purpose; rows that say nothing any more go with it.
    session.execute(
        delete(EmailToken).where(
            EmailToken.person_id == person_id, (EmailToken.purpose == purpose) | (EmailToken.expires_at <= now)
        )
    )
    token = new_token()
    session.add(
        EmailToken(
            token_hash=hash_of(token),
            purpose=purpose,
            person_id=person_id,
            email=email,
            created_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    session.flush()
    return token


def _living(
    session: Session, *, token: str, purposes: tuple[str, ...], now: datetime
) -> tuple[EmailToken, Person] | None:
    row = session.execute(
        select(EmailToken, Person)
        .join(Person, Person.id == EmailToken.person_id)
        .where(
            EmailToken.token_hash == hash_of(token),
            EmailToken.purpose.in_(purposes),
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > now,
            Person.suspended_at.is_(None),
            # Bound to the address too: a link that was sent to an earlier one speaks for nobody.
            (EmailToken.purpose == "change") | (EmailToken.email == Person.email),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _use(session: Session, *, token: str, purposes: tuple[str, ...], now: datetime) -> tuple[EmailToken, Person]:
    found = _living(session, token=token, purposes=purposes, now=now)
    if found is None:
        raise Refused(DEAD)
    # Two that follow one link at once: the row is theirs whose UPDATE finds it unused.
    used = session.execute(
        update(EmailToken).where(EmailToken.id == found[0].id, EmailToken.used_at.is_(None)).values(used_at=now)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(DEAD)
    return found
