"""The contract of a kind of question as one check, for the tests of Lantern and of any plugin.

    def test_essays_keep_the_contract():
        check_contract(Essay(), samples=[ESSAY], answers=[{"answer": ["A few words."]}])

It needs no test framework: what is broken raises AssertionError with a sentence that says what.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from lms.text.localised import Localised
from quizzes.question_types.base import (
    ANSWER,
    CHOICE,
    PART,
    Advice,
    Advises,
    BadAnswer,
    BadSpec,
    Given,
    Mark,
    PresentedPart,
    Problem,
    QuestionType,
    Response,
    Spec,
    as_presented,
)

SEEDS = (0, 1, 7, 2**63 - 1, -5)
LOCALES = ("en", "de", "fr", "ar", "fa", "hi", "pt-BR", "xx-nowhere")
LANGUAGES: tuple[Sequence[str], ...] = (("en",), ("fr", "en"), ("zz",), ())

HOSTILE_TEXTS = (
    "\0",
    "\ud800",
    "\u202e321\u202c",
    "\u200d",
    "1e999",
    "-1e-999",
    "NaN",
    "Infinity",
    "٣٫٥",
    "9" * 41,
    "9" * 5000,
    "x" * 2001,
    "\ufdfa" * 2000,
    "x" * 10_000_000,
    "<script>alert(1)</script>",
    "{{7*7}}",
    "../../etc/passwd",
    "1,2,3",
    "1.2.3,4,5",
    ".",
    "²",
    "Ⅷ",
)
HOSTILE_FORMS: tuple[Any, ...] = (
    *({field: [text]} for field in (CHOICE, ANSWER) for text in HOSTILE_TEXTS),
    *({field: ["x", "x"]} for field in (CHOICE, ANSWER)),
    *({field: ["a"] * 100_000} for field in (CHOICE, ANSWER)),
    *({field: hostile} for field in (CHOICE, ANSWER) for hostile in ("text", None, 7, {"a": 1}, [1], [None], [["a"]])),
    {"\ud800": ["a"], "": [""]},
)
HOSTILE_SPECS: tuple[Any, ...] = (
    None,
    7,
    "text",
    [],
    {},
    {"prompt": 1},
    {"prompt": {1: 2, None: [], "\ud800": "\ud800", "en": "\0"}},
    {1: 1, None: [], "\ud800\n": {}},
)
HOSTILE_PARTS: tuple[Any, ...] = (
    None,
    True,
    7,
    -0.5,
    float("nan"),
    "",
    " ",
    "\0",
    "\ud800",
    "1e999",
    "9" * 5000,
    [],
    [None],
    [[]],
    [{}],
    [{"id": [], "text": 1, "right": "yes", "why": {"en": None}}] * 3,
    [{"id": "a"}] * 1000,
    ["x"] * 1000,
    {},
    {"en": {}},
    {"kind": [], "amount": {}},
)
HOSTILE_RESPONSES: tuple[Any, ...] = (
    {},
    {"chosen": None, "text": None, "number": None, "typed": None},
    {"chosen": "a", "text": 7, "number": 7, "typed": 7},
    {"chosen": [["a"], None, 7, "nobody"], "text": ["x"], "number": "NaN", "typed": "\ud800"},
    {"chosen": {"a": 1}, "text": {}, "number": "1e999", "typed": []},
    {"number": "9" * 5000},
    {"chosen": ["a:b", "a:1", "a:1", ":", "a:", 7] * 1000, "typed": {"a": 7, "\ud800": "\ud800", "b": ["x"]}},
)


def check_contract(
    question_type: QuestionType,
    samples: Sequence[Spec],
    *,
    alike: Sequence[tuple[Spec, Spec]] = (),
    answers: Sequence[Given] = (),
) -> None:
    """Check a kind against everything that Lantern relies on; raises AssertionError with a sentence.

    ``samples`` are specs without problems. Each pair in ``alike`` differs only in what is right. ``answers`` are forms
    that can be read for every sample, in English; forms for options and parts are made from the presentation. Every
    sample is also checked with an author's hint.
    """
    assert samples, "The contract needs at least one sample."
    for spec in samples:
        _check_versions(question_type, spec)
        _check_presentation(question_type, spec)
        for form in (
            *answers,
            *_forms_from_options(question_type, spec, seed=SEEDS[0]),
            *_forms_from_parts(question_type, spec, seed=SEEDS[0]),
        ):
            response = question_type.read(spec, form, seed=SEEDS[0], locale="en")
            assert response is not None, f"This answer is read as no answer: {form!r}."
            _check_response(question_type, spec, response)
        _check_response(question_type, spec, None)
        _check_hostile_forms(question_type, spec)
        _check_hostile_responses(question_type, spec)
        _check_hostile_specs(question_type, _broken(spec))
        _check_hint(question_type, spec)
    _check_hostile_specs(question_type, HOSTILE_SPECS)
    for first, second in alike:
        assert first != second, "Two specs that must present alike are the same spec."
        for seed in SEEDS:
            for languages in LANGUAGES:
                shown = [question_type.present(spec, seed=seed, languages=languages) for spec in (first, second)]
                assert shown[0] == shown[1], f"The presentation shows what is right: {shown[0]!r} and {shown[1]!r}."


def _check_versions(question_type: QuestionType, spec: Spec) -> None:
    newest = question_type.spec_version
    assert newest >= 1, "Versions of a spec count from 1."
    assert _through_json(spec) == spec, "A spec is JSON."
    assert question_type.check(spec) == [], f"A sample has problems: {list(map(str, question_type.check(spec)))}."
    assert question_type.upgrade(spec, newest) == spec, "An upgrade from the present version changes nothing."
    for unknown in (newest + 1, 0, -1):
        try:
            question_type.upgrade(spec, unknown)
        except BadSpec as error:
            assert str(error), "The error for an unknown version says nothing."
        else:
            raise AssertionError(f"A spec of the unknown version {unknown} is upgraded.")


def _check_presentation(question_type: QuestionType, spec: Spec) -> None:
    stable = {choice.id for choice in question_type.choices_for_statistics(spec)}
    for seed in SEEDS:
        for languages in LANGUAGES:
            shown = question_type.present(spec, seed=seed, languages=languages)
            again = question_type.present(_through_json(spec), seed=seed, languages=languages)
            ids = [option.id for option in shown.options]
            assert shown == again, "One seed presents one question in two ways."
            assert shown.kind == question_type.kind, "A presentation names its kind."
            assert shown.prompt.text, "A presentation has no prompt."
            assert len(set(ids)) == len(ids), "Two options have one id."
            assert not stable & set(ids), "A presentation shows stable ids."
            json.dumps(asdict(shown))
            feedback = question_type.feedback(spec, None, languages=languages)
            rows = as_presented(feedback, presentation=shown, seed=seed).options
            assert not rows or [row.id for row in rows] == ids, "Feedback has other options than the presentation."
            _check_parts(question_type, spec, shown.parts, shown.around)
            told = as_presented(feedback, presentation=shown, seed=seed).parts
            if told and all(part.input == "place" for part in shown.parts):  # in the order that is right
                told = tuple(sorted(told, key=lambda row: [part.id for part in shown.parts].index(row.id)))
            expected = [(part.id, part.label) for part in shown.parts]
            assert not told or [(row.id, row.label) for row in told] == expected, "Feedback has other parts."
            assert question_type.solution(spec, languages=languages), "There is no solution."
    ids_per_seed = [
        {option.id for option in question_type.present(spec, seed=seed, languages=()).options} for seed in SEEDS
    ]
    for number, seed in enumerate(SEEDS):
        for part in question_type.present(spec, seed=seed, languages=()).parts:
            ids_per_seed[number] |= {part.id, *_drawn_answers(part)}
    for number, drawn in enumerate(ids_per_seed):
        assert not drawn & set().union(*ids_per_seed[:number]), "Two seeds share the id of an option."


def _check_parts(
    question_type: QuestionType, spec: Spec, parts: Sequence[PresentedPart], around: Sequence[Localised]
) -> None:
    choices = {choice.id for choice in question_type.choices_for_statistics(spec)}
    stable = choices | {piece for choice in choices for piece in choice.split(":")}
    stable |= {row.id for row in question_type.feedback(spec, None, languages=()).parts}
    ids = [part.id for part in parts]
    assert len(set(ids)) == len(ids), "Two parts have one id."
    assert not stable & set(ids), "A presentation shows stable ids of parts."
    assert len(around) in (0, len(parts) + 1), "The text around the parts is not cut at each of them."
    for part in parts:
        offered = [option.id for option in part.options]
        assert len(set(offered)) == len(offered), "Two options of a part have one id."
        assert bool(offered) == (part.input != "text"), "A part is chosen from options, or typed without."
        drawn = set(_drawn_answers(part))
        assert not drawn & (stable | set(ids)), "The id of an option says to which part it belongs."
        assert part.input != "place" or offered == [str(place + 1) for place in range(len(offered))], (
            "Places are numbered from 1."
        )
        assert part.name == f"{PART}{part.id}", "A part has a field of its own."


def _drawn_answers(part: PresentedPart) -> Iterable[str]:
    return () if part.input == "place" else (option.id for option in part.options)


def _check_hint(question_type: QuestionType, spec: Spec) -> None:
    """An author's hint may stand in a spec of any kind."""
    words = "Look at the second page."
    hinted = {**spec, "hint": {"en": words}}
    assert question_type.check(hinted) == [], "An author's hint is taken for a problem."
    assert question_type.check({**spec, "hint": 7}), "A hint that is no text is not noticed."
    shown = question_type.present(hinted, seed=SEEDS[0], languages=("en",))
    assert shown.hint is not None, "An author's hint is not presented."
    assert shown.hint.text == words, "An author's hint is not presented as it was written."
    plain = question_type.present({**spec, "hint": None}, seed=SEEDS[0], languages=("en",))
    assert replace(shown, hint=None) == plain, "A hint changes the question."


def _forms_from_parts(question_type: QuestionType, spec: Spec, *, seed: int) -> Iterable[Given]:
    """Give forms with some and with all parts answered, each part otherwise than the one before it."""
    parts = question_type.present(spec, seed=seed, languages=()).parts
    for turn in range(max((len(part.options) for part in parts), default=min(len(parts), 1))):
        form = {
            part.name: [part.options[(number + turn) % len(part.options)].id if part.options else "some words"]
            for number, part in enumerate(parts)
        }
        yield form
        yield dict(list(form.items())[:1])


def _forms_from_options(question_type: QuestionType, spec: Spec, *, seed: int) -> Iterable[Given]:
    shown = question_type.present(spec, seed=seed, languages=())
    ids = [option.id for option in shown.options]
    yield from ({CHOICE: [drawn]} for drawn in ids)
    if ids and shown.input == "many":
        yield {CHOICE: ids}


def _check_response(question_type: QuestionType, spec: Spec, response: Response | None) -> None:
    kept = _through_json(response)
    assert kept == response, f"A response is not JSON: {response!r}."
    mark = question_type.mark(spec, response)
    assert mark is None or (isinstance(mark, Mark) and 0 <= mark.score <= 1), f"A mark is not from 0 to 1: {mark!r}."
    assert question_type.mark(spec, kept) == mark, "Marking the same response again gives another mark."
    for languages in LANGUAGES:
        question_type.feedback(spec, response, languages=languages)
    if response is None:
        assert question_type.fill(spec, None, seed=1, locale="en") == {}, "A form is filled without an answer."
        return
    assert question_type.summarise(spec, response), "An answer has no summary."
    _check_advice(question_type, spec, response)
    for seed in SEEDS:
        for locale in LOCALES:
            form = question_type.fill(spec, response, seed=seed, locale=locale)
            again = question_type.read(spec, form, seed=seed, locale=locale)
            assert again is not None, f"What fill gives is read as no answer: {form!r}."
            assert question_type.mark(spec, again) == mark, f"An answer shown again in {locale} has another mark."
            assert question_type.summarise(spec, again) == question_type.summarise(spec, response), (
                f"An answer shown again in {locale} is another answer."
            )


def _check_advice(question_type: QuestionType, spec: Spec, response: Response) -> None:
    if isinstance(question_type, Advises):
        advice = question_type.advice(spec, response)
        if advice is not None:
            assert isinstance(advice, Advice), "Advice is no Advice."
            assert advice.message % advice.values, "Advice says nothing."


def _check_hostile_forms(question_type: QuestionType, spec: Spec) -> None:
    parts = question_type.present(spec, seed=1, languages=()).parts
    forms: tuple[Given, ...] = (
        {},
        {CHOICE: []},
        {ANSWER: [""], CHOICE: [""], **{part.name: [""] for part in parts}},
    )
    for empty in forms:
        response = question_type.read(spec, empty, seed=1, locale="en")
        assert response is None, f"An empty form is read as an answer: {response!r}."
    for form in (*HOSTILE_FORMS, *_hostile_parts(parts)):
        for locale in LOCALES:
            try:
                response = question_type.read(spec, form, seed=1, locale=locale)
            except BadAnswer as error:
                assert str(error), "An answer is refused without a word."
                continue
            except Exception as error:
                raise AssertionError(
                    f"A hostile form raises {error!r} and not BadAnswer: {str(form)[:80]!a}."
                ) from error
            if response is not None:
                written = json.dumps(response, ensure_ascii=False)
                written.encode("utf-8")
                assert "\\u0000" not in written, "A response keeps NUL, which no database takes."
                question_type.mark(spec, response)


def _hostile_parts(parts: Sequence[PresentedPart]) -> Iterable[Any]:
    """Give each kind of part what `HOSTILE_FORMS` gives the other fields, and parts that are not asked."""
    by_input = {part.input: part for part in parts}
    for part in by_input.values():
        yield from ({part.name: [text]} for text in (*HOSTILE_TEXTS, "\u0661", "0", "-1", "+1", "1.0", part.id))
        yield from ({part.name: hostile} for hostile in (["x", "x"], ["a"] * 100_000, "text", None, 7, [1], [["a"]]))
        yield {other.name: [option.id for option in part.options[:1]] for other in parts}
        yield {other.name: [option.id for option in part.options] for other in parts}
    if parts:
        yield from ({f"{PART}{name}": ["x"]} for name in ("", "x", "\0", "\ud800", "x" * 100_000))


def _check_hostile_responses(question_type: QuestionType, spec: Spec) -> None:
    for response in HOSTILE_RESPONSES:
        mark = question_type.mark(spec, response)
        assert mark is None or mark.score < 1, f"A response that means nothing counts as right: {response!a}."
        question_type.feedback(spec, response, languages=())
        question_type.summarise(spec, response)
        question_type.fill(spec, response, seed=1, locale="en")
        _check_advice(question_type, spec, response)


def _check_hostile_specs(question_type: QuestionType, specs: Iterable[Any]) -> None:
    for spec in specs:
        try:
            problems = question_type.check(spec)
        except Exception as error:
            raise AssertionError(f"A hostile spec raises {error!r}: {str(spec)[:200]!a}.") from error
        assert all(isinstance(problem, Problem) for problem in problems), "A problem is no Problem."
        if spec in HOSTILE_SPECS:
            assert problems, f"Nothing is wrong with a spec that means nothing: {spec!a}."
        for problem in problems:
            str(problem).encode("utf-8")


def _broken(spec: Spec) -> Iterable[Any]:
    """Give the spec with each of its parts, at any depth, replaced by each hostile part."""
    for place in _places(spec):
        for hostile in HOSTILE_PARTS:
            yield _replaced(spec, place, hostile)


def _places(value: Any) -> Iterable[tuple[Any, ...]]:
    steps: Iterable[Any] = ()
    if isinstance(value, Mapping):
        steps = value
    elif isinstance(value, list | tuple):
        steps = range(len(value))
    for step in steps:
        yield (step,)
        yield from ((step, *rest) for rest in _places(value[step]))


def _replaced(value: Any, place: tuple[Any, ...], hostile: object) -> Any:
    if not place:
        return hostile
    step, *rest = place
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[step] = _replaced(value[step], tuple(rest), hostile)
    return copy


def _through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
