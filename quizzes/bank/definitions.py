"""What quiz.yaml says of a quiz's rules: its faults, its columns, and the way back. Pure: no session."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lms.errors import N_
from lms.text.localised import Text
from quizzes.bank.models import Question, Quiz
from quizzes.marking.drawing import Candidate, Row, Unmet, draw_rows, draw_some
from quizzes.question_types.specs import SpecCheck, printable, under

DIFFICULTIES = ("easy", "medium", "hard")
SKILLS = ("recall", "understand", "apply", "calculate", "judge", "order")
COUNTS = ("best", "last", "first")
REVIEWS = ("at_once", "after_close", "never")

Fault = tuple[str, str, Mapping[str, object]]

_UID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
_MOST_ROWS, _MOST_DRAWN, _MOST_CASES = 60, 500, 60
_OPTIONAL = ("objective", "explains", "difficulty", "skill", "practice_only", "case")


def rules_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a quiz from its definition, which has no faults."""
    minutes = definition.get("time_limit_minutes")
    title: Text = definition["title"]
    return {
        "title": dict(title),
        "pass_mark": float(definition["pass_mark"]),
        "tries": definition.get("tries"),
        "draw": definition.get("draw"),
        "blueprint": [
            {"objective": row["objective"], "difficulty": row.get("difficulty"), "draw": row["draw"]}
            for row in definition.get("blueprint") or ()
        ],
        "time_limit_seconds": None if minutes is None else round(minutes * 60),
        "opens_at": _moment(definition.get("opens_at")),
        "closes_at": _moment(definition.get("closes_at")),
        "counts": definition.get("counts") or "best",
        "review": definition.get("review") or "at_once",
        "practice": definition.get("practice") is not False,
        "hint_cost": float(definition.get("hint_cost") or 0),
        "second_marker": definition.get("second_marker") is True,
    }


def written_rules(quiz: Quiz) -> dict[str, Any]:
    """Return the rules of a quiz as quiz.yaml writes them; what is as usual is left out."""
    limit = quiz.time_limit_seconds
    window = {"opens_at": quiz.opens_at, "closes_at": quiz.closes_at}
    return {
        "title": dict(quiz.title),
        "pass_mark": quiz.pass_mark,
        "tries": quiz.tries,
        "draw": quiz.draw,
        **(
            {"blueprint": [{name: value for name, value in row.items() if value} for row in quiz.blueprint]}
            if quiz.blueprint
            else {}
        ),
        "time_limit_minutes": None if limit is None else limit // 60 if limit % 60 == 0 else limit / 60,
        **{name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in window.items() if moment is not None},
        **({"counts": quiz.counts} if quiz.counts != "best" else {}),
        **({"review": quiz.review} if quiz.review != "at_once" else {}),
        **({} if quiz.practice else {"practice": False}),
        **({"hint_cost": quiz.hint_cost} if quiz.hint_cost else {}),
        **({"second_marker": True} if quiz.second_marker else {}),
    }


def placed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that say where a question of a definition belongs."""
    return {
        "objective": item.get("objective"),
        "explains": item.get("explains"),
        "difficulty": item.get("difficulty"),
        "skill": item.get("skill"),
        "practice_only": item.get("practice_only") is True,
        "case_uid": item.get("case"),
    }


def written_place(question: Question | Any) -> dict[str, Any]:
    """Return the same as quiz.yaml writes it; what is not said is left out."""
    values = (
        question.objective,
        question.explains,
        question.difficulty,
        question.skill,
        question.practice_only,
        question.case_uid,
    )
    return {name: value for name, value in zip(_OPTIONAL, values, strict=True) if value}


def rows_of(blueprint: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return a blueprint as `quizzes.marking.drawing` wants it."""
    return [Row(objective=row["objective"], difficulty=row["difficulty"], draw=row["draw"]) for row in blueprint]


def draw(
    candidates: Sequence[Candidate], *, blueprint: Sequence[Mapping[str, Any]], count: int | None, rng_seed: int
) -> list[int]:
    """Draw an attempt's questions by the rules of its quiz; raises Unmet where its blueprint cannot be met."""
    if blueprint:
        return draw_rows(candidates, rows_of(blueprint), rng_seed=rng_seed)
    return draw_some(candidates, count=count, rng_seed=rng_seed)


def shortage(unmet: Unmet, rows: Sequence[Row]) -> tuple[str, Mapping[str, object]]:
    """Say why rows cannot be met: a message id and its values."""
    if unmet.row is not None and rows[unmet.row].objective is not None:
        row = rows[unmet.row]
        values = {"number": unmet.row + 1, "want": row.draw, "have": unmet.there}
        return N_("Row %(number)s of the blueprint wants %(want)s questions; there are %(have)s that count."), values
    if unmet.many:
        return N_("The cases can be put together in too many ways. Use fewer cases, or smaller rows."), {}
    return N_("The cases do not fit: no choice of them gives exactly the number of questions that is wanted."), {}


# --- faults ----------------------------------------------------------------------------------------------------------


def faults(definition: Mapping[str, object]) -> Iterator[Fault]:
    """Give each fault of a definition's rules as (path, message id, values), whatever stands in it."""
    yield from _one_of(definition, "counts", COUNTS)
    yield from _one_of(definition, "review", REVIEWS)
    yield from _boolean(definition, "practice")
    yield from _boolean(definition, "second_marker")
    cost = definition.get("hint_cost")
    if cost is not None and (isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost <= 1):
        yield "hint_cost", N_("This is a number from 0 to 1: 0.2 is a fifth of the question's mark."), {}
    yield from _window(definition)
    cases, of_cases = _cases(definition.get("cases"))
    yield from of_cases
    questions = definition.get("questions")
    known = [one for one in questions if isinstance(one, Mapping)] if isinstance(questions, list | tuple) else []
    used: set[object] = set()
    for number, question in enumerate(questions if isinstance(questions, list | tuple) else ()):
        if isinstance(question, Mapping):
            path = f"questions.{number}"
            yield from _one_of(question, "difficulty", DIFFICULTIES, path)
            yield from _one_of(question, "skill", SKILLS, path)
            yield from _boolean(question, "practice_only", path)
            case = question.get("case")
            if case is not None and (not isinstance(case, str) or case not in cases):
                yield f"{path}.case", N_("There is no case “%(id)s” under “cases”."), {"id": printable(case)}
            elif case is not None:
                used.add(case)
    for name, path in cases.items():
        if name not in used:
            yield path, N_("No question belongs to this case."), {}
    yield from _blueprint(definition, known)


def _window(definition: Mapping[str, object]) -> Iterator[Fault]:
    moments = {}
    for name in ("opens_at", "closes_at"):
        value = definition.get(name)
        if value is None:
            continue
        try:
            moments[name] = _moment(value)
        except (TypeError, ValueError):
            yield name, N_("This is a moment in UTC, for example 2026-12-01T09:00:00Z."), {}
    opens, closes = moments.get("opens_at"), moments.get("closes_at")
    if opens and closes and closes <= opens:
        yield "closes_at", N_("A quiz closes after it opens."), {}
    if definition.get("review") == "after_close" and definition.get("closes_at") is None:
        yield "review", N_("“after_close” needs “closes_at”: the quiz never closes."), {}


def _moment(value: object) -> datetime | None:
    """The moment that a text in UTC names; raises ValueError or TypeError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() is None or moment.utcoffset():
        raise ValueError
    return moment.astimezone(UTC)


def _cases(value: object) -> tuple[dict[str, str], list[Fault]]:
    """The path of each case by its id, and the faults."""
    found: dict[str, str] = {}
    notes: list[Fault] = []
    if value is None:
        return found, notes
    if not isinstance(value, list | tuple) or len(value) > _MOST_CASES:
        return found, [("cases", N_("This is a list of at most %(most)s cases."), {"most": _MOST_CASES})]
    for number, case in enumerate(value):
        path = f"cases.{number}"
        check = SpecCheck({}, required=())
        fields = check.fields(case, path, required=("id", "stem"))
        check.source = "en" if isinstance(fields.get("stem"), Mapping) and "en" in fields["stem"] else None  # type: ignore[operator]
        check.text(fields.get("stem"), under(path, "stem"))
        notes += [(problem.path, problem.message, problem.values) for problem in check.problems]
        name = fields.get("id")
        if name is None:
            continue
        if not isinstance(name, str) or not _UID.match(name):
            notes.append((f"{path}.id", N_("An id has small letters, digits and hyphens."), {}))
        elif name in found:
            notes.append((f"{path}.id", N_("Another case has the same id."), {}))
        else:
            found[name] = path
    return found, notes


def _blueprint(definition: Mapping[str, object], questions: Sequence[Mapping[str, object]]) -> Iterator[Fault]:
    value, count = definition.get("blueprint"), definition.get("draw")
    if value is None:
        if isinstance(count, int) and any(one.get("case") for one in questions):
            yield from _unmet("draw", [Row(objective=None, difficulty=None, draw=count)], questions)
        return
    if count is not None:
        yield "blueprint", N_("A quiz has either “draw” or “blueprint”."), {}
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= _MOST_ROWS:
        yield "blueprint", N_("This is a list of 1 to %(most)s rows."), {"most": _MOST_ROWS}
        return
    rows: list[Row] = []
    for number, one in enumerate(value):
        path = f"blueprint.{number}"
        check = SpecCheck({}, required=())
        fields = check.fields(one, path, required=("objective", "draw"), optional=("difficulty",))
        objective, drawn = fields.get("objective"), fields.get("draw")
        difficulty = check.one_of(fields.get("difficulty"), f"{path}.difficulty", DIFFICULTIES)
        if objective is not None and not isinstance(objective, str):
            check.add(f"{path}.objective", N_("This is the id of an objective."))
        if drawn is not None and (isinstance(drawn, bool) or not isinstance(drawn, int) or not 1 <= drawn <= 500):
            check.add(f"{path}.draw", N_("This is a whole number from 1 to %(most)s."), most=_MOST_DRAWN)
        if check.problems:
            yield from ((problem.path, problem.message, problem.values) for problem in check.problems)
        elif isinstance(objective, str) and isinstance(drawn, int):
            row = Row(objective=objective, difficulty=difficulty, draw=drawn)
            if any(_overlap(row, other) for other in rows):
                yield path, N_("Another row takes the same questions."), {}
            rows.append(row)
    if len(rows) == len(value):
        yield from _unmet("blueprint", rows, questions)


def _overlap(row: Row, other: Row) -> bool:
    same = None in (row.difficulty, other.difficulty) or row.difficulty == other.difficulty
    return row.objective == other.objective and same


def _unmet(path: str, rows: Sequence[Row], questions: Sequence[Mapping[str, object]]) -> Iterator[Fault]:
    candidates = [
        Candidate(
            id=number,
            objective=str(one.get("objective")),
            difficulty=str(one.get("difficulty")),
            case=None if one.get("case") is None else str(one.get("case")),
        )
        for number, one in enumerate(questions)
        if one.get("practice_only") is not True
    ]
    try:
        draw_rows(candidates, rows, rng_seed=0)
    except Unmet as unmet:
        if path == "draw" and unmet.row is not None:
            return  # more than there are: all of them are drawn
        row = unmet.row
        yield (path if row is None else f"{path}.{row}", *shortage(unmet, rows))


def _one_of(holder: Mapping[str, object], name: str, allowed: Sequence[str], path: str = "") -> Iterator[Fault]:
    value = holder.get(name)
    if value is not None and (not isinstance(value, str) or value not in allowed):
        yield under(path, name), N_("This is one of: %(allowed)s."), {"allowed": ", ".join(allowed)}


def _boolean(holder: Mapping[str, object], name: str, path: str = "") -> Iterator[Fault]:
    value = holder.get(name)
    if value is not None and not isinstance(value, bool):
        yield under(path, name), N_("This is either true or false."), {}
