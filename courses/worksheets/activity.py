"""A worksheet as an activity of a course."""

from __future__ import annotations

from courses.hooks import ActivityType
from courses.worksheets import services
from courses.worksheets.definition import WorksheetChecker
from courses.worksheets.paper import paper
from lms.errors import N_

worksheet_activity = ActivityType(
    kind=services.KIND,
    label=N_("Worksheet"),
    endpoint="courses.worksheets.sheet",
    trainer_endpoint="courses.worksheets.handed_in",
    checker=WorksheetChecker(),
    install=services.install,
    definition_of=services.definition_of,
    paper=paper,
)
