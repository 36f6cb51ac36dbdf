"""Specs of the five kinds, with texts that no other part of a question holds, so that a leak can be found by search."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

SINGLE: dict[str, Any] = {
    "prompt": {"en": "Where was the plan of 1978 adopted?", "fr": "Où le plan de 1978 a-t-il été adopté ?"},
    "options": [
        {
            "id": "stable-one",
            "text": {"en": "Buenos Aires", "fr": "Buenos Aires"},
            "right": True,
            "why": {"en": "WHY-ONE: the conference met there.", "fr": "WHY-ONE: la conférence."},
        },
        {
            "id": "stable-two",
            "text": {"en": "Nairobi", "fr": "Nairobi"},
            "right": False,
            "why": {"en": "WHY-TWO: that was in 2009.", "fr": "WHY-TWO: en 2009."},
        },
        {
            "id": "stable-three",
            "text": {"en": "Bandung", "fr": "Bandung"},
            "right": False,
            "why": {"en": "WHY-THREE: that was in 1955.", "fr": "WHY-THREE: en 1955."},
        },
    ],
}

MULTIPLE: dict[str, Any] = {
    "prompt": {"en": "Which are parts of an online sale?"},
    "options": [
        {"id": "stable-a", "text": {"en": "Payment"}, "right": True, "why": {"en": "WHY-A"}},
        {"id": "stable-b", "text": {"en": "Delivery"}, "right": True, "why": {"en": "WHY-B"}},
        {"id": "stable-c", "text": {"en": "Harvest"}, "right": False, "why": {"en": "WHY-C"}},
        {"id": "stable-d", "text": {"en": "Mining"}, "right": False, "why": {"en": "WHY-D"}},
    ],
    "shuffle": True,
}

TRUE_FALSE: dict[str, Any] = {
    "prompt": {"en": "A parcel that crosses a border meets customs."},
    "answer": True,
    "why_true": {"en": "WHY-YES: customs see every parcel."},
    "why_false": {"en": "WHY-NO: a parcel without duty is seen too."},
}

SHORT_TEXT: dict[str, Any] = {
    "prompt": {"en": "Name the plan of 1978."},
    "accepted": ["Buenos Aires Plan of Action", "BAPA"],
    "why": {"en": "WHY-PLAN: 138 states adopted it."},
    "near": [{"text": "BAPA+40", "why": {"en": "WHY-NEAR: that is of 2019."}}],
}

NUMERIC: dict[str, Any] = {
    "prompt": {"en": "Which part of the world's trade is it?"},
    "value": "41.5",
    "tolerance": {"kind": "absolute", "amount": "0.75"},
    "unit": {"en": "%"},
    "why": {"en": "WHY-NUMBER: the report says so."},
}


def changed(spec: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a copy of a spec with other fields."""
    return {**deepcopy(spec), **fields}


def with_right(spec: dict[str, Any], *rights: bool) -> dict[str, Any]:
    """Return a copy of a choice spec whose key is another one."""
    copy = deepcopy(spec)
    for option, right in zip(copy["options"], rights, strict=True):
        option["right"] = right
        option["why"] = {tag: f"{words} ({right})" for tag, words in option["why"].items()}
    return copy


def with_option(spec: dict[str, Any], number: int, **fields: Any) -> dict[str, Any]:
    """Return a copy of a choice spec with other fields in one option."""
    copy = deepcopy(spec)
    copy["options"][number].update(fields)
    return copy
