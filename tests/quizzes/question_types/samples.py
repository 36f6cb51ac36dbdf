"""Specs of all kinds, with texts that no other part of a question holds, so that a leak can be found by search."""

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


MATCHING: dict[str, Any] = {
    "prompt": {"en": "Which paper does what?"},
    "pairs": [
        {
            "id": "stable-invoice",
            "left": {"en": "The invoice", "fr": "La facture"},
            "right": {"en": "names the price", "fr": "indique le prix"},
            "why": {"en": "WHY-INVOICE: it asks for money."},
        },
        {
            "id": "stable-list",
            "left": {"en": "The packing list"},
            "right": {"en": "names each *box*"},
            "why": {"en": "WHY-LIST: a box is opened with it."},
        },
        {
            "id": "stable-proof",
            "left": {"en": "The proof of origin"},
            "right": {"en": "names the country"},
            "why": {"en": "WHY-PROOF: a duty depends on it."},
        },
    ],
    "extra": [
        {"id": "stable-weather", "text": {"en": "names the weather"}, "why": {"en": "WHY-WEATHER: no paper does."}}
    ],
}

ORDERING: dict[str, Any] = {
    "prompt": {"en": "Put the way of a parcel in order."},
    "items": [
        {"id": "stable-pack", "text": {"en": "It is packed.", "fr": "Il est emballé."}},
        {"id": "stable-fetch", "text": {"en": "It is fetched."}},
        {"id": "stable-clear", "text": {"en": "It is *cleared*."}},
        {"id": "stable-bring", "text": {"en": "It is brought."}},
    ],
    "why": {"en": "WHY-WAY: customs come between the two roads."},
}

GAP_TEXT: dict[str, Any] = {
    "prompt": {"en": "Complete the sentence."},
    "text": {
        "en": "A buyer pays {{stable-when}} before the *parcel* moves; this protects the {{stable-whom}}.",
        "fr": "Ceci protège le {{stable-whom}} : on paie {{stable-when}}.",
    },
    "gaps": [
        {
            "id": "stable-when",
            "accepted": ["in advance", "beforehand"],
            "why": {"en": "WHY-WHEN: the seller waits for the money."},
            "near": [{"text": "before", "why": {"en": "WHY-BEFORE: say how."}}],
        },
        {
            "id": "stable-whom",
            "options": [
                {"id": "stable-a", "text": {"en": "seller"}, "right": True, "why": {"en": "WHY-SELLER"}},
                {"id": "stable-b", "text": {"en": "buyer"}, "right": False, "why": {"en": "WHY-BUYER"}},
                {"id": "stable-c", "text": {"en": "carrier"}, "right": False, "why": {"en": "WHY-CARRIER"}},
            ],
        },
    ],
}

OPEN: dict[str, Any] = {
    "prompt": {"en": "How would you sell to the neighbouring country?"},
    "words": {"least": 4, "most": 8},
    "rubric": [
        {
            "id": "stable-road",
            "text": {"en": "Names a way for the parcel"},
            "points": 2,
            "levels": [
                {"points": 0, "text": {"en": "WHY-NO-ROAD"}},
                {"points": 1, "text": {"en": "WHY-HALF-A-ROAD"}},
                {"points": 2, "text": {"en": "WHY-A-ROAD"}},
            ],
        }
    ],
    "model": {"en": "WHY-MODEL: by bus, paid on delivery."},
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


def with_rights(spec: dict[str, Any], *rights: str) -> dict[str, Any]:
    """Return a copy of a matching spec whose answers, named by their present pair or extra, are dealt out anew."""
    copy = deepcopy(spec)
    texts = {pair["id"]: pair["right"] for pair in spec["pairs"]} | {
        extra["id"]: extra["text"] for extra in spec.get("extra", ())
    }
    for pair, right in zip(copy["pairs"], rights, strict=False):
        pair["right"] = texts[right]
    for extra, right in zip(copy.get("extra", ()), rights[len(copy["pairs"]) :], strict=False):
        extra["text"] = texts[right]
    return copy


def with_gap(spec: dict[str, Any], number: int, **fields: Any) -> dict[str, Any]:
    """Return a copy of a gap text with other fields in one gap."""
    copy = deepcopy(spec)
    copy["gaps"][number].update(fields)
    return copy
