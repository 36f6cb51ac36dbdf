"""Header and footer: what is the same for everybody of a role is rendered once for each language and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from lms.plugins.contributions import NavigationItem
from lms.plugins.loading import Plugins, in_safety
from lms.web.current import CurrentPerson
from lms.web.languages import direction, gettext, language
from lms.web.permissions import allows


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words; ``current`` marks the room in which the page lies."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """What stands around every page."""

    language: str
    direction: str
    person: CurrentPerson | None
    navigation: tuple[Link, ...]
    footer: tuple[Link, ...]
    notices: Sequence[Any] = ()  # (kind, text)
    skip: str = ""
    header: Markup | None = None  # rendered before, from the cache
    footer_html: Markup | None = None


def install(app: Flask, plugins: Plugins) -> None:
    """Collect the links; one whose endpoint does not exist is its plugin's fault."""
    app.extensions["lms.navigation"] = items = []
    for about, item in plugins.collect_by_plugin("lms_navigation"):

        def join(item: NavigationItem = item) -> None:
            if item.endpoint not in app.view_functions:
                raise LookupError(f"navigation {item.name!r} leads to {item.endpoint!r}, which no view has")
            items.append(item)

        in_safety(plugins, about, join)
    app.extensions["lms.chrome"] = lru_cache(maxsize=256)(_render)


def links(place: str, role: str | None, *, current: str = "") -> tuple[Link, ...]:
    """The links of one place for somebody with ``role``; the longest one that ``current`` begins with is marked."""
    found = [
        (gettext(item.label), url_for(item.endpoint, **(item.values or {})))
        for item in current_app.extensions["lms.navigation"]
        if item.place == place and allows(item.who, role)
    ]
    here = max((href for _, href in found if _lies_in(current, href)), key=len, default=None)
    return tuple(Link(label, href, href == here) for label, href in found)


def chrome_html(person: CurrentPerson | None) -> tuple[Markup, Markup]:
    """The header and the footer of the page that is asked for, from the cache."""
    role = person.role if person else None
    found: tuple[Markup, Markup] = current_app.extensions["lms.chrome"](language(), role, _room(request.path))
    return found


def chrome(person: CurrentPerson | None, *, room: str = "") -> Chrome:
    """The same as plain values, for templates that print them."""
    role = person.role if person else None
    return Chrome(
        language=language(),
        direction=direction(language()),
        person=person,
        navigation=links("header", role, current=room),
        footer=links("footer", role, current=room),
    )


def _render(_language: str, role: str | None, room: str) -> tuple[Markup, Markup]:
    person = None if role is None else _ANYBODY[role]
    macros = current_app.jinja_env.get_template("macros/chrome.html").make_module({})
    seen = chrome(person, room=room)
    return macros.header(seen), macros.footer(seen)  # type: ignore[attr-defined]


def _room(path: str) -> str:
    """The room of a page by its address: two steps for staff rooms, one for the rest, so that the cache stays small."""
    steps = path.split("/", 3)[1:]
    known = {"courses", "certificates", "account", "sign-in", "register", "quizzes", "privacy", "help"}
    if steps[0] in known | {"admin", "trainer"}:
        return f"/{steps[0]}"
    return "/" if path == "/" else ""  # a page that is in no room, such as one that is not there


def _lies_in(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/")) or (href == "/" and path == "/courses")


_ANYBODY = {
    role: CurrentPerson(
        id=0, name="", email="", role=role, language="en", time_zone="UTC", email_verified_at=None, token=""
    )
    for role in ("participant", "trainer", "admin")
}
