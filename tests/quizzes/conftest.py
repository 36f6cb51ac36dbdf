"""Fixtures of the tests of quizzes."""

from __future__ import annotations

import pytest

from lms.testing import Site
from tests.quizzes.school import School


@pytest.fixture
def school(site: Site) -> School:
    """A course without a quiz yet; ``school.install()`` gives it one."""
    return School.found(site)
