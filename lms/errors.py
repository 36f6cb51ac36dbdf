"""The errors that services raise: a message id for gettext and its values; `lms.web.errors` turns them into pages."""

from __future__ import annotations


def N_(message: str) -> str:
    """Mark a message id for extraction and return it unchanged; it is translated where a person reads it."""
    return message


class LmsError(Exception):
    """An error with a sentence for the person: a message id and the values that belong in it."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class NotFound(LmsError):
    """What was asked for does not exist for the person who asks."""

    def __init__(
        self, message: str = N_("The address may be mistyped, or the page may have moved."), **values: object
    ) -> None:
        super().__init__(message, **values)


class Forbidden(LmsError):
    """The person is known and may not do this."""

    def __init__(
        self, message: str = N_("Another account may be allowed to open it. Nothing was changed."), **values: object
    ) -> None:
        super().__init__(message, **values)


class Refused(LmsError):
    """The request is understood and not allowed now; the message is for the person."""


class Invalid(LmsError):
    """What was sent cannot be read; ``field`` names the input it belongs to, if one does."""

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class StartRefused(LmsError):
    """Lantern cannot start (or a command cannot run); the message is one sentence for the operator."""


class AskerChanged(Exception):
    """The sign-in of somebody whom a process knew ended, or they are another one by now: look up who asks."""
