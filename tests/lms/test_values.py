"""Values that are made quickly are as frozen as others, to the type checker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mypy import api

from lms.values import quick_dataclass


@quick_dataclass(frozen=True, slots=True)
class Pair:
    first: str
    second: str = "b"


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str


def test_they_are_equal_and_hashed_by_what_they_hold() -> None:
    assert Pair("a") == Pair("a", "b")
    assert {Pair("a"): 1}[Pair("a", "b")] == 1
    assert replace(Pair("a"), second="c") == Pair("a", "c")
    assert not hasattr(Pair("a"), "__dict__")
    by_place: Any = Named
    with pytest.raises(TypeError):
        by_place("a")


CHANGED = """
from lms.values import quick_dataclass

@quick_dataclass(frozen=True, slots=True)
class Pair:
    first: str

def change(pair: Pair) -> None:
    pair.first = "c"
"""


def test_the_type_checker_refuses_a_change(tmp_path: Path) -> None:
    (tmp_path / "changed.py").write_text(CHANGED)

    said, _, _ = api.run(["--follow-imports=silent", f"--cache-dir={tmp_path}", str(tmp_path / "changed.py")])

    assert 'Property "first" defined in "Pair" is read-only' in said
    assert "Found 1 error" in said
