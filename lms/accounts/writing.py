"""The texts of the mails about accounts: a subject, a template and the person's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts import services
from lms.accounts.letters import Letter
from lms.config import Config
from lms.errors import N_
from lms.web import languages

SUBJECTS: Mapping[str, str] = {
    "verify": N_("Verify your e-mail address"),
    "known_address": N_("You have an account already"),
    "reset": N_("Choose a new password"),
    "password_changed": N_("Your password was changed"),
    "change_asked": N_("A new e-mail address for your account"),
    "change_confirm": N_("Confirm your new e-mail address"),
    "change_taken": N_("Somebody wanted to use your e-mail address"),
    "address_changed": N_("Your e-mail address was changed"),
}
RESET_JOB = "lms.mail_reset_link"
_LINKS = {"verify": "lms.accounts.link", "change_confirm": "lms.accounts.link", "reset": "lms.accounts.new_password"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """What the template of a letter is given; every link begins with the configured address."""

    name: str
    address: str
    site: str
    link: str
    sign_in: str
    reset: str


def write_letter(kind: str, *, language: str, name: str, token: str = "", address: str = "") -> Letter:
    """The letter ``kind`` in ``language``; see `lms.accounts.letters.LetterWriter`. Needs an app's context."""
    config: Config = current_app.extensions["lms.config"]
    page = LetterPage(
        name=name,
        address=address,
        site=config.base_url,
        link=_link(config, _LINKS[kind], token=token) if kind in _LINKS else "",
        sign_in=_link(config, "lms.accounts.sign_in"),
        reset=_link(config, "lms.accounts.forgotten"),
    )
    with _in_language(language if language in config.languages else config.languages[0]):
        body = current_app.jinja_env.get_template(f"lms/accounts/mail/{kind}.txt").render(letter=page)
        return Letter(subject=languages.gettext(SUBJECTS[kind]), body=body.strip() + "\n")


def mail_reset_link(session: Session, payload: Mapping[str, Any]) -> None:
    """The job behind "I have forgotten my password".

    The page puts it into the queue for a known and for an unknown address (``person`` None) alike, so that neither the
    answer nor its time tells them apart.
    """
    if payload.get("person") is not None:
        services.send_reset_link(session, person_id=int(payload["person"]), write=write_letter, now=clock.now())


def _link(config: Config, endpoint: str, **values: str) -> str:
    # Without the request's own host: a mail must lead to the site, whatever address it was asked for under.
    return config.base_url + current_app.url_map.bind("").build(endpoint, values)


@contextmanager
def _in_language(language: str) -> Iterator[None]:
    before = g.get("language")
    languages.bind(language)
    try:
        yield
    finally:
        if before is not None:
            languages.bind(before)
