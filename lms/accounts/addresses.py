"""E-mail addresses: one spelling for one mailbox."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from lms.errors import N_, Invalid

LONGEST = 254  # RFC 5321, section 4.5.3.1.3, without the brackets


def normalise(address: str, *, field: str = "email") -> str:
    """The one spelling under which ``address`` is stored: lower case, the domain in its ASCII form.

    Nothing is asked of the network. Raises Invalid for what cannot be an address.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        raise Invalid(N_("This is not yet an e-mail address. It looks like name@example.org."), field=field) from None
    normal = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(normal) > LONGEST:
        raise Invalid(N_("This is not yet an e-mail address. It looks like name@example.org."), field=field)
    return normal


def normalise_or_none(address: str) -> str | None:
    """The same, or None: for doors at which an unknown address and an impossible one are answered alike."""
    try:
        return normalise(address)
    except Invalid:
        return None
