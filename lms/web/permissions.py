"""Who may open a page: each view names its permission; the rows that it shows are for its service to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from lms.errors import StartRefused
from lms.plugins.contributions import Permission, Who
from lms.plugins.loading import Plugins

View = TypeVar("View", bound=Callable[..., object])

CORE = (
    Permission(name="lms.anyone", who="anyone"),
    Permission(name="lms.signed_in", who="signed_in"),
    Permission(name="lms.administer", who="admin"),
)


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view with the permission that it needs; a view without one is refused when the app is built."""

    def mark(view: View) -> View:
        view.__permission__ = permission  # type: ignore[attr-defined]
        return view

    return mark


def allows(who: Who, role: str | None) -> bool:
    """Whether somebody with ``role`` (None: a guest) is among ``who``; what is unknown is denied."""
    if who == "anyone":
        return True
    if role is None:
        return who == "guest"
    return {
        "signed_in": True,
        "trainer": role in ("trainer", "admin"),
        "admin": role == "admin",
    }.get(who, False)


def belongs_to(app: Flask, blueprint: str, plugin: str) -> None:
    """Note which plugin brought a blueprint: its fault is then laid at the right door."""
    app.extensions.setdefault("lms.blueprint_owners", {})[blueprint] = plugin


def install(app: Flask, plugins: Plugins) -> None:
    """Work out, once, who may open each endpoint; one that is in nobody's table is closed to everybody.

    A built-in page without a known permission refuses the start; a third party's puts its plugin out of use.
    """
    known: dict[str, Who] = {permission.name: permission.who for permission in CORE}
    known.update({permission.name: permission.who for permission in plugins.collect("lms_permissions")})
    owners: dict[str, str] = app.extensions.get("lms.blueprint_owners", {})
    table: dict[str, Who] = {}
    for endpoint, view in app.view_functions.items():
        name = getattr(view, "__permission__", None)
        if name in known:
            table[endpoint] = known[name]
            continue
        reason = (
            f"the page {endpoint} requires {name!r}, which is no permission."
            if name
            else (f"the page {endpoint} does not say with @requires whom it is for.")
        )
        owner = owners.get(endpoint.split(".")[0], "")
        if not plugins.is_third_party(owner):
            raise StartRefused(f"The built-in pages are faulty: {reason}")
        plugins.drop(owner, reason)
    in_use = {about.name for about in plugins.loaded}
    app.extensions["lms.permissions"] = {
        endpoint: who for endpoint, who in table.items() if owners.get(endpoint.split(".")[0], "lms") in in_use
    }
