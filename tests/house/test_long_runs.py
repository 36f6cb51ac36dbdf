"""The long runs of ``make soak``."""

from __future__ import annotations

import pytest


def test_what_has_a_long_form_is_marked_as_such(soak: bool, request: pytest.FixtureRequest) -> None:
    """Where no test bears the mark, ``make soak`` runs nothing."""
    assert isinstance(soak, bool)
    assert request.node.get_closest_marker("soak") is not None
