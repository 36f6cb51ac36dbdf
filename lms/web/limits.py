"""Rate limits on the doors that strangers knock at: sign-in, registration, mails, the start of an attempt.

Counters lie in our own database (`lms.limiting`), so that they hold across processes. A class of forty behind one
address still works: what is narrow counts per account and address, what counts per address alone is wide.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from flask import Flask, current_app, request
from limits import RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from lms import clock
from lms.config import Config
from lms.database.session import engines
from lms.limiting.storage import DatabaseStorage
from lms.web.current import signed_in
from lms.web.errors import answer
from lms.web.languages import ngettext

View = TypeVar("View", bound=Callable[..., Any])

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most ``amount`` acts in ``seconds`` by one account, from one network address, or by one account from one."""

    amount: int
    seconds: int
    per: Literal["account", "address", "account and address"]


RULES: Mapping[str, tuple[Rule, ...]] = {
    "sign-in": (
        Rule(amount=10, seconds=5 * MINUTE, per="account and address"),
        Rule(amount=300, seconds=5 * MINUTE, per="address"),
    ),
    "register": (
        Rule(amount=5, seconds=HOUR, per="account"),
        Rule(amount=60, seconds=HOUR, per="address"),
    ),
    "reset": (
        Rule(amount=5, seconds=HOUR, per="account"),
        Rule(amount=60, seconds=HOUR, per="address"),
    ),
    "verify": (Rule(amount=5, seconds=HOUR, per="account"),),
    "password": (Rule(amount=10, seconds=5 * MINUTE, per="account"),),
    "email": (Rule(amount=5, seconds=HOUR, per="account"),),
    "link": (Rule(amount=300, seconds=5 * MINUTE, per="address"),),
}


class TooManyTries(TooManyRequests):
    """An act was done more often than its rule allows; ``retry_after`` (seconds) says how long to wait."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(retry_after=wait_seconds)
        self.wait_seconds = wait_seconds


def install(app: Flask, config: Config) -> None:
    """Limits for this app; with ``config.limits`` False nothing is counted."""
    app.extensions["lms.limits"] = _strategy(app, config) if config.limits else None
    app.register_error_handler(TooManyTries, _refused)


def count(act: str, *rules: Rule, account: str | int = "") -> None:
    """Count one ``act`` by ``account`` from the address that asks; raise TooManyTries beyond a rule.

    Without ``rules`` those of RULES hold. Call it outside any transaction.
    """
    strategy: FixedWindowRateLimiter | None = current_app.extensions["lms.limits"]
    if strategy is None:
        return
    waits = []
    for rule in rules or RULES[act]:
        item, who = _item(rule), _who(rule, account)
        if not strategy.hit(item, act, *who):
            ends = strategy.get_window_stats(item, act, *who).reset_time
            waits.append(max(1, round(ends - clock.now().timestamp())))
    if waits:
        raise TooManyTries(max(waits))


def forgive(act: str, *rules: Rule, account: str | int = "") -> None:
    """Forget the counts of ``account`` for ``act``: it has shown who it is. Counts of the address alone stay."""
    strategy: FixedWindowRateLimiter | None = current_app.extensions["lms.limits"]
    if strategy is None:
        return
    for rule in rules or RULES[act]:
        if rule.per != "address":
            strategy.clear(_item(rule), act, *_who(rule, account))


def limited(act: str, *rules: Rule) -> Callable[[View], View]:
    """Mark a view whose every call counts as one ``act`` by the person who asks (by the address for a guest).

    Put it under the route: ``@limited("quiz-start", Rule(amount=20, seconds=60, per="account"))``. Not for a view that
    `finds_out_who_asks`: it would count for somebody who may be signed out by now.
    """
    if not rules and act not in RULES:
        raise LookupError(f"no rule for {act!r}")

    def mark(view: View) -> View:
        if getattr(view, "__finds_out_who_asks__", False):
            raise TypeError(f"{view.__name__} is counted for who asks before it finds out who that is")

        @wraps(view)
        def counted(*args: Any, **values: Any) -> Any:
            person = signed_in()
            count(act, *rules, account=person.id if person else f"guest at {_address()}")
            return view(*args, **values)

        return cast(View, counted)

    return mark


def _strategy(app: Flask, config: Config) -> FixedWindowRateLimiter:
    with app.app_context():
        return FixedWindowRateLimiter(DatabaseStorage(engines(), secret=config.secret_key))


def _item(rule: Rule) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rule.amount, rule.seconds)


def _who(rule: Rule, account: str | int) -> tuple[str, str]:
    return (
        str(account) if "account" in rule.per else "",
        _address() if "address" in rule.per else "",
    )


def _address() -> str:
    """The address that asks; of IPv6 the network of one household (/64), since a machine has all of its addresses."""
    text = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _refused(error: TooManyTries) -> Response:
    minutes = -(-error.wait_seconds // 60)
    text = ngettext(
        "Wait %(num)d minute, then go on. Nothing that was saved is lost.",
        "Wait %(num)d minutes, then go on. Nothing that was saved is lost.",
        minutes,
    )
    response = answer(429, text=text % {"num": minutes})
    response.headers["Retry-After"] = str(error.wait_seconds)
    return response
