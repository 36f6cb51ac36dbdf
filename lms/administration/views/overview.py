"""The overview, and the plugins."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app

from lms.administration import services
from lms.administration.views.pages import bp, show
from lms.database.session import reading
from lms.plugins.loading import Plugins, Quarantined
from lms.web.permissions import requires


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """Numbers, and what needs an admin."""

    numbers: services.Overview
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginLine:
    """A plugin in use."""

    name: str
    title: str
    version: str
    third_party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginsPage:
    """The plugins that are in use, and those that are not and why."""

    loaded: tuple[PluginLine, ...]
    quarantined: tuple[Quarantined, ...]


@bp.get("")
@requires("lms.administer")
def overview() -> Response:
    """How the site stands."""
    with reading() as session:
        numbers = services.overview(session)
    return show("overview", OverviewPage(numbers=numbers, quarantined=len(_plugins().quarantined)))


@bp.get("/plugins")
@requires("lms.administer")
def plugins() -> Response:
    """The plugins in use, and those in quarantine with the reason."""
    found = _plugins()
    page = PluginsPage(
        loaded=tuple(
            PluginLine(
                name=about.name,
                title=about.title,
                version=about.version,
                third_party=found.is_third_party(about.name),
            )
            for about in found.loaded
        ),
        quarantined=tuple(found.quarantined),
    )
    return show("plugins", page)


def _plugins() -> Plugins:
    found: Plugins = current_app.extensions["lms.plugins"]
    return found
