"""A quiz as an activity: what its checker finds, what it installs, what it gives back."""

from __future__ import annotations

from courses.hooks import ActivityType
from lms import clock
from quizzes.activity import quiz_activity
from quizzes.bank.models import Question
from tests.quizzes.school import ALL_KINDS, MONDAY, School, choice

DEFINITION = {"title": {"en": "Quiz"}, "pass_mark": 0.7, "questions": list(ALL_KINDS)}


def faults(school: School, definition: dict[str, object]) -> list[tuple[str, str]]:
    with school.site.app.app_context():
        found = quiz_activity.checker.check(definition, lessons={})
        return [(path, message % values if values else message) for path, message, values in found]


def test_quizzes_come_in_by_the_plugin_door(school: School) -> None:
    types: list[ActivityType] = school.site.app.extensions["lms.plugins"].collect("course_activity_types")

    found = {one.kind: one.endpoint in school.site.app.view_functions for one in types}

    assert found["quiz"]


def test_a_good_quiz_has_no_fault(school: School) -> None:
    assert faults(school, DEFINITION) == []


def test_faults_of_a_spec_are_named_by_their_path(school: School) -> None:
    faulty = choice("one")
    faulty["spec"]["options"][0]["right"] = True
    faulty["spec"]["options"][2]["text"] = {"en": " "}

    found = faults(school, {**DEFINITION, "questions": [ALL_KINDS[1], faulty]})

    assert [path for path, _ in found] == ["questions.1.spec.options.2.text.en", "questions.1.spec.options"]


def test_an_unknown_kind_and_a_missing_pass_mark_are_faults(school: School) -> None:
    found = faults(school, {"title": {"en": "Quiz"}, "questions": [{**choice("one"), "kind": "essay"}]})

    assert found == [
        ("", "A quiz says its pass mark, for example pass_mark: 0.7."),
        ("questions.0.kind", "This site knows no questions of kind “essay”."),
    ]


def test_whatever_stands_in_a_file_is_survived(school: School) -> None:
    for questions in (None, "text", [None, 3, "x", {}, {"kind": ["single_choice"]}, {"kind": "numeric", "spec": 7}]):
        assert isinstance(faults(school, {"questions": questions}), list)


def test_it_installs_and_gives_back_what_a_package_says(school: School) -> None:
    with clock.fixed(MONDAY), school.site.writing() as session:
        line = quiz_activity.install(session, activity_id=school.activity_id, definition=DEFINITION, now=MONDAY)
        assert quiz_activity.definition_of is not None
        given_back = quiz_activity.definition_of(session, activity_id=school.activity_id)

    assert line == "questions: 5 added; the quiz's rules changed"
    assert given_back["questions"] == DEFINITION["questions"]
    assert school.count(Question) == 5
