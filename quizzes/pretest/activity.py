"""The pre-test as an activity of a course, of which a course has one at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from courses.hooks import ActivityType
from courses.outline import PRETEST
from lms.errors import N_
from quizzes import activity
from quizzes.bank.definitions import Fault
from quizzes.pretest import definition as definitions


class PretestChecker:
    """What a pre-test says about its file beside the envelope of its questions."""

    def check(self, definition: Mapping[str, object], *, lessons: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
        """Give each fault as (path, message id, values)."""
        del lessons
        yield from definitions.faults(definition)
        yield from activity.spec_faults(definition)


def install(
    session: Session,
    *,
    activity_id: int,
    definition: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    now: datetime,
) -> str | None:
    """Write a package's pre-test to the bank, as the quiz that it comes to; a line on what changed."""
    return activity.install(
        session,
        activity_id=activity_id,
        definition=definitions.as_quiz(definition),
        before=definitions.as_quiz(before) if before else None,
        now=now,
    )


pretest_activity = ActivityType(
    kind=PRETEST,
    label=N_("Pre-test"),
    endpoint="quizzes.pretest.overview",
    trainer_endpoint="quizzes.authoring.bank",
    checker=PretestChecker(),
    install=install,
)
