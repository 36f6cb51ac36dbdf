"""``lms mail``."""

from __future__ import annotations

import time

import click

from lms.commands.site import command_line, with_site

PATIENCE_SECONDS = 60


@click.group()
def mail() -> None:
    """Look after the mail that goes out."""


@mail.command()
@click.argument("address")
@with_site
def test(address: str) -> None:
    """Send a short mail to ADDRESS now, by the same way as all others, and say what became of it."""
    from lms import clock
    from lms.accounts.addresses import normalise
    from lms.database.session import reading, transaction
    from lms.errors import StartRefused
    from lms.mail import sending, services
    from lms.mail.models import Message

    config = command_line().config
    with transaction() as session:
        message = services.write(
            session,
            to=normalise(address),
            subject=f"A test from {config.issuer}",
            body=f"This mail was sent from {config.base_url} to see whether mail arrives.\n",
            now=clock.now(),
        )
        assert message is not None
        number = message.id
    end = time.monotonic() + PATIENCE_SECONDS
    state, fault = "queued", None
    while state in ("queued", "sending") and time.monotonic() < end:
        try:
            sending.send({"message": number})
        except sending.NotSent as error:
            raise StartRefused(f"The mail was not sent; the worker will try again. {error}") from None
        with reading() as session:
            row = session.get_one(Message, number)
            state, fault = row.state, row.fault
        if state == "sending":  # the worker was quicker
            time.sleep(0.5)
    if state != "sent":
        raise StartRefused(f"The mail is {state}. {fault or ''}".strip())
    where = "was taken by the mail server" if config.smtp_url else f"lies in {config.instance / 'mail'}"
    click.echo(f"The mail to {address} {where}.")
