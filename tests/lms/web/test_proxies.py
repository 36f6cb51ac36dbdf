"""The visitor's address behind proxies: it is believed from our own proxies alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import request

from lms.testing import Site


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_the_address_is_taken_from_as_many_proxies_as_are_trusted(
    site_with: Callable[..., Site], proxies: int, seen: str
) -> None:
    site = site_with(trusted_proxies=proxies)
    addresses: list[str | None] = []
    site.app.before_request(lambda: addresses.append(request.remote_addr))

    site.browser().get("/healthz", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})

    assert addresses == [seen]
