"""What quizzes adds to the LMS: its table of contents toward the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from flask import Blueprint
from sqlalchemy.orm import Session

from courses.hooks import ActivityType, CourseLink, CourseOffer, SelfChecks
from lms import clock
from lms.errors import N_
from lms.plugins import About, Erasure, JobKind, Permission, hookimpl
from quizzes import kinds
from quizzes.activity import quiz_activity
from quizzes.analysis import views as analysis
from quizzes.attempts import services as attempts_services
from quizzes.attempts import views as attempts
from quizzes.authoring import views as authoring
from quizzes.authoring.forms import (
    GapTextForm,
    MatchingForm,
    MultipleChoiceForm,
    NumericForm,
    OpenAnswerForm,
    OrderingForm,
    ShortTextForm,
    SingleChoiceForm,
    TrueFalseForm,
)
from quizzes.bank.models import Quiz
from quizzes.hooks import QuestionKind
from quizzes.mistakes import views as mistakes
from quizzes.practice import views as practice
from quizzes.pretest import views as pretest
from quizzes.pretest.activity import pretest_activity
from quizzes.question_types import (
    GapText,
    Matching,
    MultipleChoice,
    Numeric,
    OpenAnswer,
    Ordering,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from quizzes.queue import views as queue
from quizzes.regrading import services as regrading_services
from quizzes.regrading import views as regrading
from quizzes.reports import views as reports
from quizzes.results import views as results
from quizzes.self_checks.questions import QuestionChecks
from quizzes.supervision import views as supervision

about = About(name="quizzes", title="Quizzes", version="0.1.0")

pages = Blueprint("quizzes", __name__)
for _part in (
    attempts,
    results,
    pretest,
    practice,
    mistakes,
    authoring,
    supervision,
    reports,
    analysis,
    regrading,
    queue,
):
    pages.register_blueprint(_part.bp)


@hookimpl
def lms_blueprints() -> list[Blueprint]:
    return [pages]


@hookimpl
def lms_permissions() -> list[Permission]:
    return [
        Permission(name="quizzes.take", who="signed_in"),
        Permission(name="quizzes.author", who="trainer"),
    ]


@hookimpl
def lms_jobs() -> list[JobKind]:
    return [
        JobKind(name=attempts_services.CLOSE_JOB, run=_close_attempt),
        JobKind(name=attempts_services.RECORD_JOB, run=_record_counted),
        JobKind(name=regrading_services.JOB, run=_regrade),
    ]


@hookimpl
def lms_erasures() -> list[Erasure]:
    return [Erasure(name="quizzes.facts", run=attempts_services.take_out_of_facts)]


@hookimpl
def lms_commands() -> list[click.Command]:
    from quizzes.commands import quizzes

    return [quizzes]


@hookimpl
def course_activity_types() -> list[ActivityType]:
    return [quiz_activity, pretest_activity]


@hookimpl
def course_links() -> list[CourseLink]:
    return [
        CourseLink(
            name="quizzes.mistakes",
            label=N_("Practise your mistakes"),
            note=N_("Ten questions a day that you missed in a quiz"),
            endpoint="quizzes.mistakes.overview",
        )
    ]


@hookimpl
def course_offers() -> list[CourseOffer]:
    return [CourseOffer(name="quizzes.pretest", offer=pretest.offer)]


@hookimpl
def course_self_checks() -> list[SelfChecks]:
    return [QuestionChecks()]


@hookimpl
def quiz_question_types() -> list[QuestionKind]:
    folder = "quizzes/question_types"
    return [
        QuestionKind(SingleChoice(), form=SingleChoiceForm, template=f"{folder}/single_choice.html", order=10),
        QuestionKind(MultipleChoice(), form=MultipleChoiceForm, template=f"{folder}/multiple_choice.html", order=20),
        QuestionKind(TrueFalse(), form=TrueFalseForm, template=f"{folder}/true_false.html", order=30),
        QuestionKind(ShortText(), form=ShortTextForm, template=f"{folder}/short_text.html", order=40),
        QuestionKind(Numeric(), form=NumericForm, template=f"{folder}/numeric.html", order=50),
        QuestionKind(Matching(), form=MatchingForm, template=f"{folder}/matching.html", order=60),
        QuestionKind(Ordering(), form=OrderingForm, template=f"{folder}/ordering.html", order=70),
        QuestionKind(GapText(), form=GapTextForm, template=f"{folder}/gap_text.html", order=80),
        QuestionKind(OpenAnswer(), form=OpenAnswerForm, template=f"{folder}/open.html", order=90),
    ]


def _close_attempt(session: Session, payload: Mapping[str, Any]) -> None:
    """Close one attempt whose time ran out; done by somebody else before, it does nothing."""
    attempts_services.close_if_over(
        session, attempt_id=int(payload["attempt_id"]), types=kinds.types(), now=clock.now()
    )


def _record_counted(session: Session, payload: Mapping[str, Any]) -> None:
    """Tell the course what counts of a person's tries, once the quiz that kept it to itself has closed."""
    quiz = session.get(Quiz, int(payload["quiz_id"]))
    if quiz is not None:
        rules = attempts_services.Rules.of(quiz)
        attempts_services.record_when_shown(session, rules=rules, person_id=int(payload["person_id"]), now=clock.now())


def _regrade(session: Session, payload: Mapping[str, Any]) -> None:
    """Look at the next people whom a changed key touches, or mark them by it."""
    regrading_services.step(session, regrade_id=int(payload["regrade_id"]), types=kinds.types(), now=clock.now())
