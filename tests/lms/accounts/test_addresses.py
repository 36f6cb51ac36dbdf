"""One spelling for one mailbox."""

import pytest

from lms.accounts.addresses import normalise, normalise_or_none
from lms.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Asha@Example.ORG", "asha@example.org"),
        ("  asha@example.org ", "asha@example.org"),
        ("asha+course@example.org", "asha+course@example.org"),
        ("asha@bücher.example.com", "asha@xn--bcher-kva.example.com"),
        ("asha@XN--BCHER-KVA.example.com", "asha@xn--bcher-kva.example.com"),
        ("Люба@example.org", "люба@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert normalise(typed) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "asha",
        "asha@",
        "@example.org",
        "asha@localhost",
        "asha@127.0.0.1",
        "a b@example.org",
        "asha@example.org\r\nBcc: all@example.org",
        "asha@example.org\x00",
        "asha\u202e@example.org",
        "asha@exa\ud800mple.org",
        "a" * 300 + "@example.org",
        "asha@example.org, other@example.org",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise(typed)

    assert refused.value.field == "email"
    assert normalise_or_none(typed) is None
