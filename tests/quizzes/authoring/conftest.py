"""Fixtures of the tests of the trainer's room."""

from __future__ import annotations

import pytest

from tests.quizzes.authoring.desk import Desk
from tests.quizzes.school import School


@pytest.fixture
def desk(school: School) -> Desk:
    """A trainer of a course whose quiz has a question of each kind."""
    school.install()
    return Desk(school)
