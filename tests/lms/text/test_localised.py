"""The text of a question that a person reads, picked from its languages."""

from __future__ import annotations

import pytest

from lms.text.localised import Localised, Text, pick


@pytest.mark.parametrize(
    ("text", "languages", "picked"),
    [
        ({"en": "Trade", "fr": "Commerce"}, ["fr", "en"], Localised("Commerce", "fr")),
        ({"en": "Trade", "pt": "Comércio"}, ["pt-BR", "en"], Localised("Comércio", "pt")),
        ({"en": "Trade", "zh-Hans": "贸易"}, ["zh-hans-CN"], Localised("贸易", "zh-Hans")),
        ({"en": "Trade", "fr": "Commerce"}, ["de"], Localised("Trade", "en")),
        ({"en": "Trade", "fr": "  "}, ["fr"], Localised("Trade", "en")),
        ({"fr": "Commerce", "es": "Comercio"}, ["de"], Localised("Comercio", "es")),
        ({"en": "Trade"}, [], Localised("Trade", "en")),
        ({}, ["en"], Localised("", "")),
    ],
    ids=["wanted", "shorter tag", "letter case", "source", "blank", "first", "no wish", "nothing"],
)
def test_the_best_language_that_is_there_is_picked(text: Text, languages: list[str], picked: Localised) -> None:
    assert pick(text, languages) == picked
