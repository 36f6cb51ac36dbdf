"""``lms quizzes``: what operators do with quizzes."""

from __future__ import annotations

import click

from lms.commands.site import with_site


@click.group()
def quizzes() -> None:
    """Look after the figures of quizzes."""


@quizzes.group()
def facts() -> None:
    """The sums that item analysis is worked out from."""


@facts.command()
@with_site
def rebuild() -> None:
    """Work out the facts about all questions anew. They should be as before; people who submit wait meanwhile."""
    from sqlalchemy import select

    from lms.database.session import reading, transaction
    from quizzes.attempts.rebuilding import rebuild as rebuild_facts
    from quizzes.bank.models import Quiz
    from quizzes.facts.services import all_of
    from quizzes.kinds import types

    with reading() as session:
        quizzes = session.scalars(select(Quiz.id).order_by(Quiz.id)).all()
    changed = 0
    for quiz_id in quizzes:
        with transaction() as session:
            before = all_of(session, quiz_id)
            attempts = rebuild_facts(session, quiz_id=quiz_id, types=types())
            session.flush()
            same = all_of(session, quiz_id) == before
        changed += not same
        click.echo(f"quiz {quiz_id}: {attempts} tries, {'as before' if same else 'changed'}")
    click.echo(f"{len(quizzes)} quizzes, {changed} changed.")
