"""What a demo site gets from courses: the courses that ship, and the demo's trainer as their trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask, current_app

from courses.authoring import services as trainers
from courses.commands import install_shipped
from lms import clock
from lms.database.session import transaction


def prepare(people: Mapping[str, int], say: Callable[[str], None]) -> None:
    """Install the shipped courses and make the demo's trainer their trainer; a second time changes nothing."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    for installed in install_shipped(app):
        if installed.lines:
            say(f"The course {installed.slug} is installed.")
        if "trainer" in people:
            with transaction() as session:
                trainers.grant(session, person_id=people["trainer"], scope=installed.slug, now=clock.now())
