"""The interface's texts are all marked, collected and translatable."""

from __future__ import annotations

import re

from tests.house.messages import extracted, kept, messages


def test_the_catalogue_has_every_text() -> None:
    """Run `make messages` after a text has changed."""
    assert messages(extracted()) == messages(kept())


def test_values_in_texts_are_named() -> None:
    """A translator must be able to change their order."""
    nameless = [text for text in messages(extracted()) if re.search(r"%[sd]|\{\d*\}", text)]

    assert nameless == []
