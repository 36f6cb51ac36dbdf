"""Licences as people read them."""

from __future__ import annotations

import pytest

from lms.text.licences import licence_words


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("CC-BY-4.0", "CC BY 4.0"),
        ("CC-BY-NC-SA-3.0", "CC BY-NC-SA 3.0"),
        ("CC0-1.0", "CC0 1.0"),
        ("Apache-2.0", "Apache-2.0"),
        ("All rights reserved", "All rights reserved"),
        ("", ""),
    ],
)
def test_a_creative_commons_licence_is_read_in_words(licence: str, words: str) -> None:
    assert licence_words(licence) == words
