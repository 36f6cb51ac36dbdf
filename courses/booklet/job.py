"""What the worker does for booklets: make one, and look each hour whether one is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from courses.booklet import services
from courses.packages.faults import BadPackage
from lms import clock
from lms.certificates.words import Words
from lms.database.session import reading, transaction
from lms.processes import in_a_process


class NotMade(RuntimeError):
    """A booklet could not be made; the message is for the admin who looks at the job."""


def plan(session: Session, _payload: Mapping[str, Any]) -> None:
    """Ask for every booklet that is missing: one that the address of the site or a new Lantern calls for."""
    services.plan(session, base_url=_base_url(), now=clock.now())


def build(payload: Mapping[str, Any]) -> None:
    """Make one booklet, outside of any transaction; overtaken or done before, it does nothing. Raises NotMade."""
    task = services.Task(
        course_id=int(payload["course_id"]),
        language=str(payload["language"]),
        format=str(payload["format"]),
        key=str(payload["key"]),
    )
    with reading() as session:
        slug = services.open_task(session, task, base_url=_base_url())
        if slug is None:
            return
        files, installed_at = services.kept_package(session, course_slug=slug)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def make() -> bytes:
        from courses import kinds  # here, so that what reads packages and sets books is never loaded by the worker
        from courses.booklet import building

        try:
            package = kinds.read(app, files)
            return building.build(
                package,
                language=task.language,
                format=task.format,
                base_url=_base_url(),
                made_at=installed_at,
                translate=Words(task.language),
                types=kinds.activity_types(app),
                checks=kinds.check_servers(app, package),
            )
        except BadPackage as bad:
            faults = "; ".join(map(str, bad.faults))
            raise NotMade(f"{slug}, {task.language}, {task.format}: {faults}") from bad

    content = in_a_process(make)  # a whole course in memory is as much as half a web process
    with transaction() as session:
        services.keep_booklet(session, task, content, base_url=_base_url(), now=clock.now())


def _base_url() -> str:
    return str(current_app.extensions["lms.config"].base_url)
