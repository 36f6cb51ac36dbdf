"""`create_app()`: the whole wiring of Lantern, in reading order. It opens no connection and asks no question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask
from jinja2 import FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, MapAdapter, Rule

from lms.config import Config, from_environment
from lms.database import session as database
from lms.heartbeat import beating
from lms.jobs import waking
from lms.paths import TEMPLATES
from lms.plugins.loading import Plugins, in_safety
from lms.web import (
    assets,
    caching,
    current,
    errors,
    limits,
    navigation,
    permissions,
    rendering,
    requests,
    security,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.wrappers import Request

SIGNED_IN_FOR = timedelta(days=30)


class Route(Rule):
    """A route that compiles how its address is written when it is first written.

    All of them at once are most of what a start takes, and few commands write even one address.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: Callable[..., tuple[str, str]] | None = None

        def write(route: Rule, /, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            compiled = compiled or Rule._compile_builder(route, append_unknown)
            return compiled(route, **values)

        return write


class Routes(Map):
    """The routes, told that Flask has looked at the host: Werkzeug looks again, and writes it by IDNA each time.

    A host that is none is refused with all that are not ours (`lms.web.security`), on a page, and no page speaks
    WebSocket: neither is looked for here.
    """

    def bind_to_environ(
        self, environ: WSGIEnvironment | Request, server_name: str | None = None, subdomain: str | None = None
    ) -> MapAdapter:
        request = environ.get("werkzeug.request") if isinstance(environ, dict) else None
        if request is None or server_name is not None or subdomain != "":
            return super().bind_to_environ(environ, server_name, subdomain)
        return MapAdapter(
            self,
            _by_idna(request.host),
            request.root_path,
            subdomain,
            request.scheme,
            request.path,
            request.method,
            request.query_string.decode(errors="replace"),
        )


@lru_cache(maxsize=64)
def _by_idna(host: str) -> str:
    name, colon, port = host.lower().partition(":")
    try:
        return f"{name.encode('idna').decode('ascii')}{colon}{port}"
    except UnicodeError:
        return ""


class Lantern(Flask):
    """Flask, told that no view is a coroutine: asking each one at each request takes longer than it sounds."""

    url_map_class = Routes
    url_rule_class = Route
    jinja_environment = rendering.Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: Config | None = None, *, third_party: bool | None = None) -> Flask:
    """An app with its own engines and plugins; without ``config`` it is read from the environment.

    Raises StartRefused in one sentence where it cannot be built.
    """
    config = config or from_environment()
    app = Lantern("lms", static_folder=None, template_folder=None)
    _configure(app, config)
    if config.trusted_proxies:  # without them the header is the visitor's own claim
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    plugins = Plugins(
        third_party=config.third_party_plugins if third_party is None else third_party, without=config.without_plugins
    )
    app.extensions["lms.plugins"] = plugins
    database.install(app, config.database_url)
    app.extensions["lms.session_info"] = {"announce": plugins.tell, "wake": waking.install(app, config)}
    _templates(app, plugins)
    # The last of these registered runs first on the way out: caching must see the finished body before it is zipped.
    security.install(app, config)
    beating.install(app, config)
    caching.install(app)
    current.install(app)
    requests.install(app)
    rendering.install(app)
    limits.install(app, config)
    errors.install(app)
    assets.install(app)
    for about, blueprint in plugins.collect_by_plugin("lms_blueprints"):
        in_safety(plugins, about, partial(_join_pages, app, blueprint, about.name))
    navigation.install(app, plugins)
    permissions.install(app, plugins)
    return app


def _join_pages(app: Flask, blueprint: Blueprint, plugin: str) -> None:
    # Checked first: a third party that takes a name of ours must not become the owner of our pages.
    if blueprint.name in app.blueprints:
        raise ValueError(f"another blueprint is called {blueprint.name!r} already")
    permissions.belongs_to(app, blueprint.name, plugin)
    app.register_blueprint(blueprint)


def _configure(app: Flask, config: Config) -> None:
    app.extensions["lms.config"] = config
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="__Host-lantern" if config.is_https else "lantern",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SIGNED_IN_FOR,
        DEBUG=False,
    )


def _templates(app: Flask, plugins: Plugins) -> None:
    folders = [TEMPLATES, *(folder.path for folder in plugins.collect("lms_templates"))]
    app.jinja_loader = FileSystemLoader([str(folder) for folder in folders])
