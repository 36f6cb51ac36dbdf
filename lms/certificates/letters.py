"""The two letters about certificates: one brings it, one asks how the name is printed."""

from __future__ import annotations

from dataclasses import dataclass

from lms.certificates.design import CertificateFacts
from lms.certificates.words import Words, language_for
from lms.config import Config
from lms.errors import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in plain text."""

    subject: str
    body: str


def certificate_is_here(facts: CertificateFacts, *, config: Config) -> Letter:
    """The letter that goes out with a certificate, in its language; the links lead to the configured address."""
    say = Words(facts.language)
    title = say(N_("You completed “%(course)s”, and your certificate is issued."), course=facts.course_title)
    if facts.version > 1:
        title = say(N_("Your certificate for “%(course)s” was corrected."), course=facts.course_title)
    return _letter(
        say(N_("Your certificate: %(course)s"), course=facts.course_title),
        say(N_("Hello,")),
        title,
        say(N_("Anybody can check it on its public page, without an account:")) + "\n" + facts.address,
        say(N_("Sign in to get the PDF:")) + "\n" + _mine(config),
        facts.issuer,
    )


def name_is_missing(*, course_title: str, language: str, config: Config) -> Letter:
    """The letter that asks a person to confirm their name; without it nothing can be printed."""
    say = Words(language_for(language, site=config.languages))
    return _letter(
        say(N_("Your certificate waits for your name: %(course)s"), course=course_title),
        say(N_("Hello,")),
        say(N_("you completed “%(course)s”. One thing is missing: how your name is printed."))
        % {"course": course_title},
        say(N_("Sign in and confirm your name:")) + f"\n{config.base_url}/certificates/name",
        config.issuer,
    )


def _mine(config: Config) -> str:
    return f"{config.base_url}/certificates/mine"


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(subject=subject, body="\n\n".join(paragraphs) + "\n")
