"""A blueprint is met exactly, cases come whole, and one seed draws one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.marking.drawing import Candidate, Row, Unmet, draw_rows, draw_some


def bank(*kinds: tuple[str, str, int], case: str | None = None, first: int = 1) -> list[Candidate]:
    """Candidates by (objective, difficulty, how many)."""
    found: list[Candidate] = []
    for objective, difficulty, number in kinds:
        for _ in range(number):
            found.append(
                Candidate(id=first + len(found), objective=objective, difficulty=difficulty or None, case=case)
            )
    return found


def row(objective: str | None, difficulty: str | None, number: int) -> Row:
    return Row(objective=objective, difficulty=difficulty, draw=number)


SMALL = bank(("o1", "easy", 4), ("o1", "hard", 3), ("o2", "easy", 5), ("o2", "medium", 2), ("o3", "", 3))
ROWS = [row("o1", "easy", 2), row("o1", "hard", 1), row("o2", None, 3), row("o3", None, 2)]


@pytest.mark.parametrize("seed", range(40))
def test_each_row_of_a_blueprint_gets_exactly_its_number(seed: int) -> None:
    by_id = {one.id: one for one in SMALL}

    drawn = [by_id[one] for one in draw_rows(SMALL, ROWS, rng_seed=seed)]

    assert Counter((one.objective, one.difficulty) for one in drawn if one.objective == "o1") == {
        ("o1", "easy"): 2,
        ("o1", "hard"): 1,
    }
    assert Counter(one.objective for one in drawn) == {"o1": 3, "o2": 3, "o3": 2}
    assert len({one.id for one in drawn}) == len(drawn)


def test_one_seed_draws_one_list_and_another_seed_another() -> None:
    lists = [draw_rows(SMALL, ROWS, rng_seed=seed) for seed in range(20)]

    assert lists == [draw_rows(SMALL, ROWS, rng_seed=seed) for seed in range(20)]
    assert len({tuple(one) for one in lists}) == 20
    assert set().union(*lists) == {one.id for one in SMALL}  # no question is never drawn


def test_a_new_question_in_the_bank_changes_no_more_than_it_must() -> None:
    """Which are drawn follows from the seed and the ids: the others keep their order among themselves."""
    more = [*SMALL, Candidate(id=99, objective="o3", difficulty=None)]

    for seed in range(20):
        before, after = draw_rows(SMALL, ROWS, rng_seed=seed), draw_rows(more, ROWS, rng_seed=seed)

        kept = [one for one in after if one in before]
        assert kept == [one for one in before if one in after]
        assert len(set(before) - set(after)) == (1 if 99 in after else 0)


@pytest.mark.parametrize(
    ("rows", "short", "there"),
    [
        ([row("o1", "easy", 5)], 0, 4),
        ([row("o1", "easy", 4), row("o2", "medium", 3)], 1, 2),
        ([row("o9", None, 1)], 0, 0),
        ([row("o2", None, 8)], 0, 7),
    ],
    ids=["one too few", "the second row", "no such objective", "any difficulty"],
)
def test_a_bank_that_is_too_small_says_which_row_and_how_many_there_are(
    rows: list[Row], short: int, there: int
) -> None:
    with pytest.raises(Unmet) as unmet:
        draw_rows(SMALL, rows, rng_seed=1)

    assert (unmet.value.row, unmet.value.there) == (short, there)


CASES = [
    *bank(("o1", "easy", 3)),
    *bank(("o1", "easy", 2), case="harbour", first=11),
    *bank(("o1", "easy", 1), ("o2", "hard", 2), case="customs", first=21),
    *bank(("o2", "hard", 3), first=31),
]


@pytest.mark.parametrize("seed", range(60))
def test_a_case_comes_whole_or_not_at_all_and_its_questions_stand_together(seed: int) -> None:
    drawn = draw_rows(CASES, [row("o1", None, 3), row("o2", None, 2)], rng_seed=seed)

    for of_case in ((11, 12), (21, 22, 23)):
        places = [drawn.index(one) for one in of_case if one in drawn]
        assert places in ([], list(range(min(places, default=0), min(places, default=0) + len(of_case))))
    by_id = {one.id: one for one in CASES}
    assert Counter(by_id[one].objective for one in drawn) == {"o1": 3, "o2": 2}


def test_a_case_that_would_overfill_a_row_is_left_out_and_cases_are_drawn_at_times() -> None:
    rows = [row("o1", None, 1), row("o2", None, 1)]

    assert {len(draw_rows(CASES, rows, rng_seed=seed)) for seed in range(40)} == {2}
    assert all(one < 11 or one > 30 for seed in range(40) for one in draw_rows(CASES, rows, rng_seed=seed))
    room = [row("o1", None, 3), row("o2", None, 2)]
    with_cases = [seed for seed in range(40) if set(draw_rows(CASES, room, rng_seed=seed)) & {11, 21}]
    assert 10 < len(with_cases) < 40


def test_a_quiz_with_one_case_has_it_in_half_of_all_attempts() -> None:
    banked = [
        *bank(("o1", "easy", 3), ("o2", "hard", 3)),
        *bank(("o1", "easy", 1), ("o2", "hard", 1), case="a", first=50),
    ]
    rows = [row("o1", "easy", 1), row("o2", "hard", 1)]

    with_it = sum(50 in draw_rows(banked, rows, rng_seed=seed) for seed in range(2_000))

    assert 850 < with_it < 1_150


def test_a_case_that_alone_can_fill_a_row_is_always_there() -> None:
    banked = [*bank(("o1", "easy", 3)), *bank(("o1", "easy", 1), ("o2", "hard", 1), case="a", first=50)]
    rows = [row("o1", "easy", 1), row("o2", "hard", 1)]

    assert {tuple(sorted(draw_rows(banked, rows, rng_seed=seed))) for seed in range(40)} == {(50, 51)}


def test_cases_that_cannot_add_up_are_told_apart_from_a_bank_that_is_too_small() -> None:
    pairs = [*bank(("o1", "", 2), case="one"), *bank(("o1", "", 2), case="two", first=11)]

    with pytest.raises(Unmet) as unmet:
        draw_rows(pairs, [row("o1", None, 3)], rng_seed=1)

    assert (unmet.value.row, unmet.value.many) == (None, False)
    assert len(draw_some(pairs, count=3, rng_seed=1)) == 2  # without a blueprint: as many as whole cases give


@st.composite
def banks(draw: st.DrawFn) -> tuple[list[Candidate], list[Row]]:
    sizes = draw(st.lists(st.integers(1, 3), max_size=5))
    levels = st.sampled_from(["easy", "hard", None])
    objectives = st.sampled_from(["o1", "o2"])
    found: list[Candidate] = []
    for case, size in enumerate(sizes):
        for _ in range(size):
            found.append(
                Candidate(id=len(found), objective=draw(objectives), difficulty=draw(levels), case=f"case {case}")
            )
    for _ in range(draw(st.integers(0, 6))):
        found.append(Candidate(id=len(found), objective=draw(objectives), difficulty=draw(levels)))
    rows = [row("o1", "easy", draw(st.integers(1, 3))), row("o2", None, draw(st.integers(1, 3)))]
    return found, rows


@settings(max_examples=300)
@given(banks(), st.integers(0, 2**63 - 1))
def test_whatever_the_bank_a_draw_meets_its_rows_or_none_could(
    made: tuple[list[Candidate], list[Row]], seed: int
) -> None:
    candidates, rows = made
    try:
        drawn = draw_rows(candidates, rows, rng_seed=seed)
    except Unmet:
        assert not can_be_met(candidates, rows)
        return

    by_id = {one.id: one for one in candidates}
    chosen = [by_id[one] for one in drawn]
    assert [sum(one.takes(candidate) for candidate in chosen) for one in rows] == [one.draw for one in rows]
    for case in {one.case for one in chosen if one.case}:
        whole = [one.id for one in candidates if one.case == case]
        first = drawn.index(whole[0])
        assert drawn[first : first + len(whole)] == whole


def can_be_met(candidates: Sequence[Candidate], rows: Sequence[Row]) -> bool:
    """Try every set of cases: slow, and right without any search of its own."""

    def counts(some: Sequence[Candidate]) -> list[int]:
        return [sum(one.takes(candidate) for candidate in some) for one in rows]

    singles = counts([one for one in candidates if one.case is None])
    cases = sorted({one.case for one in candidates if one.case is not None})
    for bits in range(2 ** len(cases)):
        taken = [one for one in candidates if one.case in {case for n, case in enumerate(cases) if bits >> n & 1}]
        if any(not any(one.takes(candidate) for one in rows) for candidate in taken):
            continue
        held = counts(taken)
        if all(0 <= one.draw - there <= more for one, there, more in zip(rows, held, singles, strict=True)):
            return True
    return False
